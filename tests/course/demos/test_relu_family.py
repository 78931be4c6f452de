"""The family demo against the reference implementations, and its closed forms against numerical integration."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from autograder.reference import numpy_reference
from course.demos.relu_family import MEMBERS, ReluFamily, left_slope, mean_output, member


def expected(name: str, x: np.ndarray, parameter: float) -> tuple[np.ndarray, np.ndarray]:
    """Value and slope without torch; at 0 the slope from the left."""
    below = x <= 0
    if name == "relu":
        return np.maximum(x, 0), np.where(below, 0.0, 1.0)
    if name == "leaky_relu":
        return np.where(below, parameter * x, x), np.where(below, parameter, 1.0)
    return np.where(below, parameter * np.expm1(x), x), np.where(below, parameter * np.exp(np.minimum(x, 0)), 1.0)


@pytest.mark.parametrize(
    ("leak", "alpha", "x"), [(0.0, 0.0, -4.0), (0.1, 1.0, -1.5), (0.37, 1.7, 0.0), (1.0, 2.0, 4.0)]
)
def test_every_artist_follows_the_parameters(leak: float, alpha: float, x: float) -> None:
    demo = ReluFamily()
    demo.set(leak=leak, alpha=alpha, x=x)
    assert demo.error == ""
    for name, parameter in (("relu", 0.0), ("leaky_relu", leak), ("elu", alpha)):
        for index, panel in enumerate(("value", "slope")):
            drawn_x, drawn_y = demo.curves[panel][name].get_data()
            gap = np.isnan(drawn_y)
            np.testing.assert_allclose(drawn_y[~gap], expected(name, drawn_x[~gap], parameter)[index], atol=1e-12)
            assert list(drawn_x[gap]) == ([0.0] if panel == "slope" and left_slope(name, parameter) != 1 else [])
            (point,) = expected(name, np.array([x]), parameter)[index]
            np.testing.assert_allclose(demo.points[panel][name].get_data(), [[x], [point]], atol=1e-12)
    assert all(list(cursor.get_xdata()) == [x, x] for cursor in demo.cursors)


def test_with_the_usual_parameters_it_is_the_reference() -> None:
    x = np.linspace(-6, 6, 999)
    for name, parameter in (("relu", 0.0), ("leaky_relu", 0.01), ("elu", 1.0)):
        value, slope = member(name, x, parameter)
        np.testing.assert_allclose(value, getattr(numpy_reference, name)(x), rtol=1e-12, atol=1e-15)
        off = x != 0
        reference = getattr(numpy_reference, f"{name}_derivative")(x)
        np.testing.assert_allclose(slope[off], reference[off], rtol=1e-12)


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("parameter", [0.0, 0.25, 1.0, 1.6733])
def test_the_mean_output_is_the_integral(name: str, parameter: float) -> None:
    x = np.linspace(-12, 12, 480_001)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    integral = np.trapezoid(expected(name, x, parameter)[0] * density, x)
    assert mean_output(name, parameter) == pytest.approx(integral, abs=1e-8)


def test_the_alpha_of_selu_makes_the_mean_of_elu_zero() -> None:
    alpha = torch.nn.functional.selu(torch.tensor(-40.0, dtype=torch.float64)).item() / -1.0507009873554805
    assert mean_output("elu", alpha) == pytest.approx(0.0, abs=1e-6)


def test_the_kink_is_said() -> None:
    demo = ReluFamily()
    demo.set(alpha=1.0)
    assert "ELU, α = 1.00 (sky blue, dash-dot-dot) has no kink" in demo.alt_text
    demo.set(alpha=1.5)
    assert "the slope jumps from 1.50 to 1" in demo.alt_text

"""SiLU with β against the reference, torch, and its own scaling law."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.reference import numpy_reference
from course.demos.silu_beta import LOWEST, LOWEST_X, SiluBeta, X, dip
from course.widgets.markup import typeset


@pytest.mark.parametrize("beta", [0.0, 0.1, 1.0, 3.3, 10.0])
@pytest.mark.parametrize("x", [-6.0, -1.0, 0.0, 2.5])
def test_curves_and_trace_are_the_reference(beta: float, x: float) -> None:
    demo = SiluBeta()
    demo.set(beta=beta, x=x)
    for line, point, function in zip(
        demo.curves, demo.points, (numpy_reference.swish, numpy_reference.swish_derivative), strict=True
    ):
        np.testing.assert_allclose(line.get_ydata(), function(X, beta), rtol=1e-9, atol=1e-12)
        here = function(np.array([x]), beta)[0]
        np.testing.assert_allclose(np.ravel(point.get_data()), [x, here], rtol=1e-9, atol=1e-12)


def test_the_minimum_is_where_the_curve_is_lowest() -> None:
    demo = SiluBeta()
    for beta in (0.4, 1.0, 5.0):
        demo.set(beta=beta)
        (x,), (y,) = demo.lowest.get_data()
        near = torch.linspace(x - 0.1, x + 0.1, 20_001, dtype=torch.float64)
        values = near * torch.sigmoid(beta * near)
        assert values.min().item() == pytest.approx(y, abs=1e-9)
        assert near[values.argmin()].item() == pytest.approx(x, abs=2e-4)
        assert typeset(f"{y:.6f}") in demo.readout


def test_the_minimum_of_silu_is_that_of_the_syllabus() -> None:
    assert (round(LOWEST_X, 4), round(LOWEST, 6)) == (-1.2785, -0.278465)
    u = torch.tensor(-LOWEST_X, dtype=torch.float64)
    assert (u * torch.sigmoid(u)).item() == pytest.approx(1.0, abs=1e-12)


def test_a_straight_line_has_no_minimum() -> None:
    demo = SiluBeta()
    demo.set(beta=0.0)
    assert dip(0.0) is None
    assert len(demo.lowest.get_xdata()) == 0
    assert "no minimum" in demo.readout
    np.testing.assert_allclose(demo.curves[0].get_ydata(), X / 2)
    demo.set(beta=1.0)
    assert len(demo.lowest.get_xdata()) == 1


def test_the_distance_from_relu_is_the_depth_of_the_dip() -> None:
    wide = np.linspace(-60, 60, 240_001)
    for beta in (0.5, 1.0, 10.0):
        gap = np.abs(numpy_reference.swish(wide, beta) - np.maximum(wide, 0)).max()
        place_and_depth = dip(beta)
        assert place_and_depth is not None
        assert gap == pytest.approx(-place_and_depth[1], abs=1e-6)

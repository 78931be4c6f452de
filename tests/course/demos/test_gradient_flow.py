"""The gradient-flow demo draws what the signals module computes, for every setting."""

from __future__ import annotations

import numpy as np
import pytest

from course.computations.signals import (
    DEEPEST,
    Network,
    pre_activation_gradient_norms,
    propagate,
    update_ratios,
    weight_gradient_norms,
)
from course.demos.gradient_flow import HEALTHY, QUANTITIES, RATE, SHOWN, GradientFlow
from course.widgets.markup import typeset


def wanted(network: Network, quantity: str) -> np.ndarray:
    signals = propagate(network)
    if quantity == "weights":
        return weight_gradient_norms(signals)
    return pre_activation_gradient_norms(signals) if quantity != "ratio" else update_ratios(network, signals, RATE)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize(
    ("depth", "initialisation", "scale", "residual"),
    [(2, "default", 1.0, False), (12, "he", 0.5, True), (DEEPEST, "xavier", 2.5, False)],
)
def test_lines_and_bands_are_median_and_range(
    quantity: str, depth: int, initialisation: str, scale: float, residual: bool
) -> None:
    demo = GradientFlow()
    demo.set(quantity=quantity, depth=depth, initialisation=initialisation, scale=scale, residual=residual)
    assert demo.error == ""
    for name in SHOWN:
        y = wanted(Network(name, depth, initialisation, scale, residual), quantity)
        np.testing.assert_allclose(demo.lines[name].get_xdata(), np.arange(1, depth + 1))
        np.testing.assert_allclose(demo.lines[name].get_ydata(), np.median(y, axis=1), rtol=1e-6)
        corners = demo.bands[name].get_xy()
        np.testing.assert_allclose(corners[:depth, 1], y.min(axis=1), rtol=1e-6)
        np.testing.assert_allclose(corners[depth : 2 * depth, 1], y.max(axis=1)[::-1], rtol=1e-6)
        assert typeset(f"{np.median(y[0]):.1e}") in demo.readout
    assert demo.healthy.get_visible() == (quantity == "ratio")
    assert demo.healthy.get_ydata()[0] == HEALTHY


def test_a_box_shows_and_hides_an_activation() -> None:
    demo = GradientFlow()
    demo.set(depth=2, sigmoid=False, gelu=False)
    assert [name for name in SHOWN if demo.lines[name].get_visible()] == ["tanh", "relu"]
    assert [name for name in SHOWN if demo.bands[name].get_visible()] == ["tanh", "relu"]
    assert "sigmoid" not in demo.readout
    demo.set(tanh=False, relu=False)
    assert "No activation is ticked." in demo.readout
    demo.set(sigmoid=True)
    assert demo.lines["sigmoid"].get_visible()

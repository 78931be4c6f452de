"""Histograms and saturated shares against the signals they summarise."""

from __future__ import annotations

import numpy as np
import pytest

from course.computations.signals import Network, propagate, saturation
from course.demos.pre_activations import DEPTH, EDGES, HEIGHT, LAYERS, SHOWN, PreActivations


@pytest.mark.parametrize("activation", SHOWN)
@pytest.mark.parametrize(
    ("initialisation", "scale", "residual"), [("default", 1.0, False), ("xavier", 4.0, False), ("he", 4.0, True)]
)
def test_histograms_and_shares_are_those_of_the_signals(
    activation: str, initialisation: str, scale: float, residual: bool
) -> None:
    demo = PreActivations()
    demo.set(activation=activation, initialisation=initialisation, scale=scale, residual=residual)
    assert demo.error == ""
    network = Network(activation, DEPTH, initialisation, scale, residual)
    signals = propagate(network)
    for row, layer in enumerate(LAYERS):
        z = signals.pre_activations[layer - 1].numpy().ravel()
        counts = np.histogram(z, EDGES)[0] / z.size
        np.testing.assert_allclose(demo.summary.counts[row], counts)
        base = len(LAYERS) - 1 - row
        corners = demo.histograms[row].get_xy()
        drawn = corners[1:-2:2, 1] - base  # the left corner of each bar; the polygon ends where it began
        if counts.any():
            np.testing.assert_allclose(drawn, HEIGHT * counts / counts.max(), atol=1e-9)
    share = saturation(network, signals)
    np.testing.assert_allclose(demo.share.get_ydata(), np.median(share, axis=1))
    np.testing.assert_allclose(demo.band.get_xy()[:DEPTH, 1], share.min(axis=1))
    np.testing.assert_allclose(demo.band.get_xy()[DEPTH : 2 * DEPTH, 1], share.max(axis=1)[::-1])


def test_the_shaded_zones_are_where_the_slope_is_flat() -> None:
    demo = PreActivations()
    edge = np.arctanh(np.sqrt(0.9))  # 1 - tanh² = 0.1
    (left, right) = [(zone.get_x(), zone.get_x() + zone.get_width()) for zone in demo.zones]
    np.testing.assert_allclose([*left, *right], [-5, -edge, edge, 5], atol=1e-3)
    demo.set(activation="relu")
    (left, right) = [(zone.get_x(), zone.get_x() + zone.get_width()) for zone in demo.zones]
    np.testing.assert_allclose(left, [-5, 0], atol=0.006)
    assert right[0] == right[1]


def test_the_readout_says_how_much_lies_outside() -> None:
    demo = PreActivations()
    demo.set(activation="relu", initialisation="he", scale=4.0, residual=True)
    last = propagate(Network("relu", DEPTH, "he", 4.0, True)).pre_activations[-1].numpy()
    line = next(line for line in demo.readout.splitlines() if line.startswith("beyond"))
    assert line.endswith(f" {100 * np.mean(np.abs(last) > 5):.0f} %")

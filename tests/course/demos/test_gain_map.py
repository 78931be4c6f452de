"""The gain map against single networks, and the gains at which gradients neither vanish nor explode."""

from __future__ import annotations

import numpy as np
import pytest

from course.computations.signals import Network, pre_activation_gradient_norms, propagate
from course.demos.gain_map import DEPTH, GAINS, QUANTITIES, SEEDS_HERE, GainMap, table


@pytest.mark.parametrize(("activation", "residual"), [("tanh", False), ("relu", True)])
def test_columns_are_single_networks(activation: str, residual: bool) -> None:
    demo = GainMap()
    for gain in (0.4, 1.4, 3.0):
        signals = propagate(Network(activation, DEPTH, "xavier", gain, residual), SEEDS_HERE)
        expected = {
            "gradient": np.median(pre_activation_gradient_norms(signals), axis=1),
            "spread": np.median(signals.pre_activations.double().std(dim=(2, 3), correction=0).numpy(), axis=1),
        }
        for quantity in QUANTITIES:
            demo.set(activation=activation, residual=residual, quantity=quantity, gain=gain)
            np.testing.assert_allclose(demo.profile.get_ydata(), expected[quantity], rtol=1e-5)
            np.testing.assert_allclose(
                np.asarray(demo.image.get_array())[:, demo.column], np.log10(expected[quantity]), atol=1e-5
            )
            assert demo.cursor.get_xdata()[0] == pytest.approx(gain)


def test_the_image_has_a_column_for_each_gain_and_a_row_for_each_layer() -> None:
    demo = GainMap()
    assert np.asarray(demo.image.get_array()).shape == (DEPTH, len(GAINS))
    left, right, bottom, top = demo.image.get_extent()
    np.testing.assert_allclose([left, right, bottom, top], [0.35, 3.05, 0.5, 20.5])


def test_relu_keeps_the_gradient_at_the_gain_of_he_and_the_sigmoid_at_none() -> None:
    change = {name: table(name, False)["gradient"][[0, -1]] for name in ("relu", "sigmoid")}
    first, last = change["relu"]
    assert GAINS[np.argmin(np.abs(first - last))] == pytest.approx(2**0.5, abs=0.06)
    first, last = change["sigmoid"]
    assert (last - first > 3).all()

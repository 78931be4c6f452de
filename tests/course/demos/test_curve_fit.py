"""The curve-fit demo against NumPy's least squares on hidden outputs written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reference import numpy_reference
from course.demos.curve_fit import CHOICES, COUNTS, SAMPLES, SMALLEST, CurveFit, largest_error


def by_hand(x: np.ndarray, units: int, activation: str) -> np.ndarray:
    slope = 1 if activation in ("relu", "identity") else units
    function = getattr(numpy_reference, activation)
    return np.array([*(function(slope * (x - j / units)) for j in range(units)), np.ones_like(x)]).T


@pytest.mark.parametrize("activation", CHOICES.values())
@pytest.mark.parametrize(("units", "waves"), [(1, 0.5), (7, 1.5), (24, 4.0)])
def test_every_artist_follows(activation: str, units: int, waves: float) -> None:
    demo = CurveFit()
    demo.set(units=units, waves=waves, activation=activation)
    assert demo.error == ""
    x = np.linspace(0, 1, SAMPLES)
    wanted = np.sin(2 * np.pi * waves * x)
    weights, *_ = np.linalg.lstsq(by_hand(x, units, activation), wanted, rcond=None)
    shown_x, shown_y = demo.network.get_data()
    np.testing.assert_allclose(shown_y, by_hand(shown_x, units, activation) @ weights, atol=1e-6)
    np.testing.assert_allclose(demo.curve.get_ydata(), np.sin(2 * np.pi * waves * shown_x), atol=1e-12)
    missed = np.abs(by_hand(x, units, activation) @ weights - wanted).max()
    assert demo.here.get_ydata()[0] == pytest.approx(max(missed, SMALLEST), abs=1e-7)
    assert f"largest error on [0, 1]: {missed:.2g}" in demo.readout
    assert len(demo.switches.get_xdata()) == (0 if activation == "identity" else units)


def test_the_error_curve_has_the_error_of_each_number_of_units() -> None:
    demo = CurveFit()
    demo.set(waves=2.0, activation="tanh")
    drawn = dict(zip(*demo.worst.get_data(), strict=True))
    assert tuple(drawn) == COUNTS
    for count in COUNTS:
        demo.controls["units"].value = count
        assert drawn[count] == pytest.approx(demo.here.get_ydata()[0])


def test_what_the_lesson_says() -> None:
    """More ReLU units, smaller error, about a quarter for twice as many; without activation units do nothing."""
    assert largest_error(64, "relu", 1.5) == pytest.approx(largest_error(32, "relu", 1.5) / 4, rel=0.1)
    assert largest_error(64, "identity", 1.5) == pytest.approx(largest_error(1, "identity", 1.5))

"""The explorer's curves, points and zones against the reference implementations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.reference import numpy_reference
from course.computations.functions import ACTIVATIONS, evaluate, flat_zones, grid
from course.demos.activation_explorer import ActivationExplorer

NAMES = sorted(ACTIVATIONS)
# torch keeps the slope 1/6 of its hard sigmoid in float32, whatever the dtype of the input.
TOLERANCE = {"hard_sigmoid": 3e-8}


def expected(name: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return getattr(numpy_reference, name)(x), getattr(numpy_reference, f"{name}_derivative")(x)


@pytest.fixture(scope="module")
def explorer() -> ActivationExplorer:
    """All functions of the course, all ticked."""
    return ActivationExplorer(choices=list(ACTIVATIONS), shown=list(ACTIVATIONS))


@pytest.mark.parametrize("name", NAMES)
def test_values_and_slopes_are_those_of_the_reference(name: str) -> None:
    x = np.concatenate([np.linspace(-40, 40, 4001), [-1000.0, 1000.0]])
    x = x[~np.isin(x, ACTIVATIONS[name].jumps)]
    for ours, theirs in zip(evaluate(name, x), expected(name, x), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE.get(name, 1e-12), atol=1e-12)


def test_no_two_functions_look_the_same() -> None:
    looks = [(a.colour, a.dash) for a in ACTIVATIONS.values()]
    assert len(set(looks)) == len(looks)


@given(low=st.floats(-50, 40), width=st.floats(0.2, 60), share=st.floats(0, 1))
@settings(max_examples=12, deadline=None)
def test_every_artist_follows_range_and_position(
    explorer: ActivationExplorer, low: float, width: float, share: float
) -> None:
    explorer.set(low=low, high=low + width)
    explorer.controls["x"].value = low + share * width
    assert explorer.error == ""
    x = float(explorer.controls["x"].value)
    for name in NAMES:
        for panel, index in (("value", 0), ("slope", 1)):
            drawn_x, drawn_y = explorer.curves[panel][name].get_data()
            finite = ~np.isnan(drawn_y)
            assert finite.sum() >= 481 - len(ACTIVATIONS[name].jumps)
            np.testing.assert_allclose(
                drawn_y[finite], expected(name, drawn_x[finite])[index], rtol=TOLERANCE.get(name, 1e-9), atol=1e-12
            )
            band = np.asarray(explorer.bands[panel][name].get_ydata())
            flat = np.abs(expected(name, drawn_x)[1]) < 0.1
            agree = (~np.isnan(band) == flat) | np.isin(drawn_x, ACTIVATIONS[name].jumps)
            assert agree.all()
            if x not in ACTIVATIONS[name].jumps:
                np.testing.assert_allclose(
                    explorer.points[panel][name].get_data(),
                    [[x], expected(name, np.array([x]))[index]],
                    rtol=TOLERANCE.get(name, 1e-9),
                    atol=1e-12,
                )
    assert all(list(cursor.get_xdata()) == [x, x] for cursor in explorer.cursors)


def test_only_ticked_functions_are_visible_and_in_the_legend() -> None:
    explorer = ActivationExplorer(shown=["sigmoid"])
    explorer.controls["relu"].value = True
    visible = {name for name, line in explorer.curves["value"].items() if line.get_visible()}
    assert visible == {"sigmoid", "relu"}
    (legend,) = explorer.canvas.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["sigmoid", "ReLU", "flat: |f′| < 0.1"]


def test_flat_zone_of_the_sigmoid_ends_where_the_formula_says() -> None:
    x = grid(-6, 6)
    edge = np.log((1 + np.sqrt(0.6)) / (1 - np.sqrt(0.6)))  # s(1 - s) = 0.1 at s = (1 + √0.6)/2
    zones = flat_zones(x, evaluate("sigmoid", x)[1])
    np.testing.assert_allclose(zones, [(-6, -edge), (edge, 6)], atol=1e-3)
    assert f"{edge:.2f}" in ActivationExplorer().alt_text


def test_nothing_ticked_is_a_state_like_any_other() -> None:
    explorer = ActivationExplorer(shown=[])
    explorer.controls["x"].value = 1.0
    assert explorer.error == ""
    assert "No function is ticked." in explorer.readout


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (6.0, -6.0, "larger than the first"),
        (1.0, 1.0, "larger than the first"),
        (float("nan"), 1.0, "two ordinary numbers"),
        (0.0, float("inf"), "two ordinary numbers"),
        (0.0, 1e9, "ends at"),
    ],
)
def test_a_bad_range_is_explained_and_the_picture_stays(low: float, high: float, message: str) -> None:
    explorer = ActivationExplorer()
    before = explorer.png()
    explorer.set(low=low, high=high)
    assert message in explorer.error
    assert "\n" not in explorer.error
    assert explorer.png() == before
    explorer.set(low=-3.0, high=3.0, x=1.0)
    assert explorer.error == ""
    assert explorer.axes["value"].get_xlim() == (-3.0, 3.0)

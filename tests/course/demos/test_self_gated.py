"""Gates, products and slopes of the self-gated functions against the references."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reference import numpy_reference
from course.demos.self_gated import PANELS, SHOWN, SelfGated, X, gate, table


@pytest.mark.parametrize("name", SHOWN)
def test_x_times_the_gate_is_the_reference(name: str) -> None:
    wide = np.concatenate([np.linspace(-40, 40, 4001), [-1000.0, 1000.0]])
    value = getattr(numpy_reference, name)(wide)
    np.testing.assert_allclose(wide * gate(name, wide), value, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", SHOWN)
def test_curves_are_the_reference(name: str) -> None:
    demo = SelfGated()
    value, slope = getattr(numpy_reference, name)(X), getattr(numpy_reference, f"{name}_derivative")(X)
    np.testing.assert_allclose(demo.curves["value"][name].get_ydata(), value, rtol=1e-10, atol=1e-13)
    drawn = np.asarray(demo.curves["slope"][name].get_ydata())
    np.testing.assert_allclose(drawn[X != 0], slope[X != 0], rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(demo.curves["gate"][name].get_ydata(), table(name)["gate"])


@pytest.mark.parametrize("x", [-6.0, -1.25, 0.0, 3.3])
def test_points_follow_x(x: float) -> None:
    demo = SelfGated()
    demo.set(x=x)
    here = np.array([x])
    for name in SHOWN:
        assert demo.points["value"][name].get_ydata()[0] == pytest.approx(
            getattr(numpy_reference, name)(here)[0], abs=1e-12
        )
        assert demo.points["gate"][name].get_ydata()[0] == gate(name, here)[0]
        if x != 0:
            assert demo.points["slope"][name].get_ydata()[0] == pytest.approx(
                getattr(numpy_reference, f"{name}_derivative")(here)[0], abs=1e-12
            )
    assert all(list(cursor.get_xdata()) == [x, x] for cursor in demo.cursors)


def test_a_box_shows_and_hides_a_function() -> None:
    demo = SelfGated()
    demo.set(relu=False, mish=False)
    for panel in PANELS:
        assert [name for name in SHOWN if demo.curves[panel][name].get_visible()] == ["gelu", "silu"]
    assert "Mish" not in demo.readout
    demo.set(gelu=False, silu=False)
    assert "No function is ticked." in demo.readout
    demo.set(mish=True)
    assert demo.points["gate"]["mish"].get_visible()


def test_what_the_lesson_says_about_the_gate_of_mish() -> None:
    assert gate("mish", np.array([0.0]))[0] == pytest.approx(3 / 5)
    assert gate("gelu", np.array([0.0]))[0] == gate("silu", np.array([0.0]))[0] == 0.5

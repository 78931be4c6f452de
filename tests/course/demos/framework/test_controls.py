"""Controls: what a demo asks for is what the page gets."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import pytest

from course.demos.framework.controls import buttons, count_slider, line_up, menu, number, row, slider, tick

PAIRS = [("one", 1), ("two", 2)]


def test_a_slider_has_its_range_its_label_and_its_width() -> None:
    made = slider("rate", 0.1, 0.0, 2.0, 0.05, width=370, shown=".3f")
    assert isinstance(made, widgets.FloatSlider)
    assert (made.description, made.value, made.min, made.max, made.step) == ("rate", 0.1, 0.0, 2.0, 0.05)
    assert (made.readout_format, made.layout.width) == (".3f", "370px")


def test_a_count_slider_goes_by_ones() -> None:
    made = count_slider("bins", 10, 4, 25, width=300)
    assert isinstance(made, widgets.IntSlider)
    assert (made.description, made.value, made.min, made.max, made.step) == ("bins", 10, 4, 25, 1)
    assert made.layout.width == "300px"


def test_a_number_has_its_step() -> None:
    made = number("from", -6.0, 0.5, width=140)
    assert (made.description, made.value, made.step, made.layout.width) == ("from", -6.0, 0.5, "140px")


@pytest.mark.parametrize(("value", "chosen"), [(None, 1), (2, 2)])
def test_a_choice_is_the_value_or_the_first_option(value: int | None, chosen: int) -> None:
    assert menu("pick", PAIRS, value, width=200).value == chosen
    assert buttons("pick", PAIRS, value).value == chosen


def test_a_value_that_is_false_is_a_value_too() -> None:
    assert menu("pick", [("best", 1.0), ("each", 0.0)], 0.0, width=200).value == 0.0


def test_a_label_takes_the_room_it_needs_unless_it_is_to_be_aligned() -> None:
    made: list[Any] = [
        slider("a", 0, 0, 1, 0.1, width=1), count_slider("a", 0, 0, 1, width=1), number("a", 0, 1, width=1),
        menu("a", PAIRS, width=1), buttons("a", PAIRS),
    ]  # fmt: skip
    assert {control.style.description_width for control in made} == {"initial"}
    assert menu("a", PAIRS, width=1, aligned=True).style.description_width != "initial"


def test_a_tick_stands_close_to_its_label() -> None:
    made = tick("residual", True, margin="0 14px 0 0")
    assert (made.value, made.indent, made.layout.width, made.layout.margin) == (True, False, "auto", "0 14px 0 0")


def test_a_row_wraps_and_has_a_layout_of_its_own() -> None:
    one, two = row([tick("a", True)]), row(tick(name, True) for name in "ab")
    assert len(two.children) == 2
    assert one.layout.flex_flow == "row wrap"
    assert one.layout is not two.layout


def test_sliders_that_line_up_have_one_width_and_room_for_the_longest_label() -> None:
    made = [slider("x", 0, 0, 1, 0.1, width=280), count_slider("hidden layers", 3, 1, 9, width=300)]
    line_up(made)
    [width] = {one.layout.width for one in made}
    [room] = {one.style.description_width for one in made}
    assert float(room.removesuffix("ch")) > 0.9 * len("hidden layers")
    assert width.startswith(f"max(280px, 300px, {room} + ")
    alone = slider("x", 0, 0, 1, 0.1, width=280)
    line_up([alone])
    assert (alone.layout.width, alone.style.description_width) == ("280px", "initial")

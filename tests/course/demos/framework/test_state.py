"""The state of controls: as the page has it, the same whatever the roundings, another one otherwise."""

from __future__ import annotations

import json

import ipywidgets as widgets
from hypothesis import given
from hypothesis import strategies as st

from course.demos.framework.state import state_of


def test_it_names_what_the_pages_models_have() -> None:
    menu = widgets.Dropdown(options=[("a", "first"), ("b", "second")], value="second")
    tick, slider = widgets.Checkbox(value=True), widgets.FloatSlider(value=0.3, min=0, max=1, step=0.1)
    state = state_of([menu, tick, slider])
    assert state.values == {menu.model_id: 1, tick.model_id: True, slider.model_id: 0.3}
    json.dumps(state.values)
    menu.value = "first"
    assert state_of([menu, tick, slider]).key != state.key


@given(number=st.integers(0, 100), error=st.floats(-1e-9, 1e-9), other=st.integers(0, 100))
def test_a_slider_that_is_assumed_to_have_moved(number: int, error: float, other: int) -> None:
    slider = widgets.FloatSlider(value=0.5, min=-1, max=1, step=0.02)
    count = widgets.IntSlider(value=3, min=0, max=9)
    moved = state_of([slider, count]).after(slider, -1 + 0.02 * number + error)
    slider.value = -1 + 0.02 * number
    assert moved.key == state_of([slider, count]).key
    assert (moved.after(slider, -1 + 0.02 * other).key == moved.key) == (number == other)
    assert moved.after(count, 4).key != moved.key
    slider.close()
    count.close()

"""The next steps of the sliders are drawn ahead: exactly, without a trace, and only while nothing else is to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets
import numpy as np
import pytest

from course.demos import all_demos
from course.demos.framework.base import SLIDERS, Demo
from course.demos.framework.look_ahead import QUIET_S, LookAhead, neighbours
from tests.course.test_demos import artist_data
from tests.support.page import StubPage

DEMOS = all_demos()


@pytest.fixture(autouse=True)
def _widgets_closed() -> Iterator[None]:
    yield
    widgets.Widget.close_all()


def look_ahead(demo: Demo, page: StubPage) -> list[tuple[str, float, Any]]:
    """Come near and wait until everything has been drawn ahead."""

    async def wait() -> None:
        page.say(near=True)
        while demo.ahead.busy:
            await asyncio.sleep(0.01)

    asyncio.run(wait())
    return list(page.ahead)


def sliders_at(demo: Demo) -> dict[str, Any]:
    return {name: control.get_state() for name, control in demo.controls.items()}


@pytest.mark.parametrize("name", sorted(DEMOS))
def test_a_step_drawn_ahead_is_the_picture_that_the_step_gives(name: str) -> None:
    demo = DEMOS[name]()
    page = StubPage.of(demo)
    before = artist_data(demo), demo.readout, demo.alt_text, sliders_at(demo), page.picture, page.pictures
    ahead = look_ahead(demo, page)
    after = artist_data(demo), demo.readout, demo.alt_text, sliders_at(demo), page.picture, page.pictures
    for was, now in zip(before, after, strict=True):
        np.testing.assert_equal(now, was)

    names = {control.model_id: label for label, control in demo.controls.items()}
    start = {label: control.value for label, control in demo.controls.items()}
    drawn = {(names[model], value) for model, value, _ in ahead}
    assert drawn == set(neighbours(demo.foreseeable()))
    for model, value, picture in ahead:
        demo.set(**{names[model]: value})
        np.testing.assert_array_equal(page.picture, picture, err_msg=f"{names[model]} = {value}")
        demo.set(**start)


@pytest.mark.parametrize("name", sorted(DEMOS))
def test_every_slider_is_foreseen(name: str) -> None:
    demo = DEMOS[name]()
    sliders = {label for label, control in demo.controls.items() if isinstance(control, SLIDERS)}
    assert set(demo.foreseeable()) == sliders
    assert sliders


@pytest.mark.parametrize(
    ("name", "views"),
    [("dead_neurons", set()), ("decision_boundary", set()), ("double_softmax", {"margin"}),
     ("training_race", {"step", "seeds"})],
)  # fmt: skip
def test_what_has_been_trained_is_not_thrown_away(name: str, views: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    demo: Any = DEMOS[name]()
    page = StubPage.of(demo)
    demo.training.done = 5
    found = demo.foreseeable()
    message = demo.training.message
    assert set(found) == views
    assert {value for _, value, _ in look_ahead(demo, page)} == {value for _, value in neighbours(found)}
    assert (demo.training.done, demo.training.message) == (5, message)

    monkeypatch.setattr(type(demo.training), "running", True)
    assert demo.foreseeable() == {}


def test_nothing_is_drawn_ahead_of_bad_input() -> None:
    demo = DEMOS["activation_explorer"]()
    page = StubPage.of(demo)
    demo.controls["low"].value = 99.0
    assert demo.error
    assert look_ahead(demo, page) == []


def test_a_slider_is_foreseen_after_each_change_the_one_that_moved_first() -> None:
    async def move_and_wait() -> list[tuple[str, float]]:
        demo = DEMOS["one_neuron"]()
        page = StubPage.of(demo)
        demo.controls["bias"].value -= demo.controls["bias"].step
        assert demo.ahead.busy
        assert page.ahead == [], "first the page has its turn"
        while demo.ahead.busy:
            await asyncio.sleep(0.01)
        names = {control.model_id: label for label, control in demo.controls.items()}
        bias = demo.controls["bias"]
        assert [value for _, value, _ in page.ahead[:2]] == [bias.value - bias.step, bias.value + bias.step]
        return [(names[model], value) for model, value, _ in page.ahead]

    found = asyncio.run(move_and_wait())
    assert [name for name, _ in found] == ["bias", "bias", "weight", "weight", "x", "x"]


def test_a_change_stops_what_belongs_to_the_state_before() -> None:
    async def move_twice() -> list[float]:
        demo = DEMOS["dip"]()
        page = StubPage.of(demo)
        slider = demo.controls["level"]
        slider.value += slider.step
        await asyncio.sleep(QUIET_S / 2)
        slider.value += slider.step
        while demo.ahead.busy:
            await asyncio.sleep(0.01)
        values = [value for _, value, _ in page.ahead]
        assert sorted(values)[1] - sorted(values)[0] == pytest.approx(2 * slider.step)
        assert np.mean(values) == pytest.approx(slider.value)
        return values

    assert len(asyncio.run(move_twice())) == 2


def test_without_a_page_nothing_is_drawn_ahead() -> None:
    demo = DEMOS["dip"]()

    async def move() -> bool:
        demo.controls["level"].value = 0.0
        return demo.ahead.busy

    assert not asyncio.run(move())
    StubPage.of(demo)
    demo.controls["level"].value = 0.1  # and without an event loop neither
    assert not demo.ahead.busy


def test_one_at_a_time_so_that_messages_can_come_between() -> None:
    log: list[str] = []

    async def wait() -> None:
        ahead = LookAhead(lambda name, value: log.append(f"{name} {value:g}"))
        ahead.start({"n": widgets.IntSlider(value=2, min=0, max=9)})
        asyncio.get_running_loop().call_later(
            QUIET_S, lambda: asyncio.get_running_loop().call_soon(log.append, "message")
        )
        while ahead.busy:
            await asyncio.sleep(0.001)

    asyncio.run(wait())
    assert log == ["n 3", "message", "n 1"]


@pytest.mark.parametrize(
    ("slider", "direction", "values"),
    [
        (widgets.IntSlider(value=2, min=0, max=3), 1, [3, 1]),
        (widgets.IntSlider(value=2, min=0, max=3), -1, [1, 3]),
        (widgets.IntSlider(value=0, min=0, max=3), -1, [1]),
        (widgets.FloatSlider(value=0.9, min=0.0, max=1.0, step=0.1), 1, [1.0, 0.8]),
        (widgets.FloatSlider(value=1.0, min=0.0, max=1.0, step=0.1), 1, [0.9]),
    ],
)
def test_neighbours_end_where_the_slider_ends(slider: Any, direction: float, values: list[float]) -> None:
    assert [value for _, value in neighbours({"s": slider}, direction)] == pytest.approx(values)

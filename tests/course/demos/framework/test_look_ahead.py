"""Steps of the sliders are drawn ahead: exactly, without a trace, and only while nothing else is to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets as widgets
import numpy as np
import pytest

from course.demos import all_demos
from course.demos.framework.base import Demo
from course.demos.framework.kept import Kept
from course.demos.framework.look_ahead import SWITCH, LookAhead, plan_ahead
from course.demos.framework.pace import Pace
from course.demos.framework.state import SLIDERS
from tests.course.test_demos import artist_data
from tests.support.page import Sent, StubPage

DEMOS = all_demos()


@pytest.fixture(autouse=True)
def _widgets_closed() -> Iterator[None]:
    yield
    widgets.Widget.close_all()


FAR = 8
"""How many steps beyond the next ones a test waits for: every fourth is among them."""


def look_ahead(demo: Demo, page: StubPage, most: int) -> list[Sent]:
    """Come near and wait until all has been drawn ahead, or so many pictures."""

    async def wait() -> None:
        page.say(near=True)
        while demo.ahead.busy and len(page.ahead) < most:
            await asyncio.sleep(0.005)
        page.say(seen=False)

    asyncio.run(wait())
    return list(page.ahead)


def moves(demo: Demo, sent: list[Sent]) -> list[tuple[str, float]]:
    """Which slider each picture has moved, and where to."""
    return [
        (name, sent_.state[control.model_id])
        for sent_ in sent
        for name, control in demo.foreseeable().items()
        if sent_.state[control.model_id] != control.value
    ]


def sliders_at(demo: Demo) -> dict[str, Any]:
    return {name: control.get_state() for name, control in demo.controls.items()}


@pytest.mark.parametrize("name", sorted(DEMOS))
def test_a_step_drawn_ahead_is_the_picture_that_the_step_gives(name: str) -> None:
    demo = DEMOS[name]()
    page = StubPage.of(demo)
    before = artist_data(demo), demo.readout, demo.alt_text, sliders_at(demo), page.picture, page.pictures
    plan = plan_ahead(demo.foreseeable())
    ahead = look_ahead(demo, page, len(plan_ahead(demo.foreseeable(), limit=2)) + FAR)
    after = artist_data(demo), demo.readout, demo.alt_text, sliders_at(demo), page.picture, page.pictures
    for was, now in zip(before, after, strict=True):
        np.testing.assert_equal(now, was)

    start = {label: control.value for label, control in demo.controls.items()}
    drawn, pictures = moves(demo, ahead), [page.shows(sent) for sent in ahead]
    assert drawn == plan[: len(drawn)]
    assert len(drawn) == min(len(plan), len(ahead))
    for (label, value), picture in zip(drawn, pictures, strict=True):
        demo.set(**{label: value})
        np.testing.assert_array_equal(page.picture, picture, err_msg=f"{label} = {value}")
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
    ahead = look_ahead(demo, page, 2 * len(views) + 4)
    assert moves(demo, ahead) == plan_ahead(found)[: len(ahead)]
    assert bool(ahead) == bool(views)
    assert (demo.training.done, demo.training.message) == (5, message)

    monkeypatch.setattr(type(demo.training), "running", True)
    assert demo.foreseeable() == {}


def test_nothing_is_drawn_ahead_of_bad_input() -> None:
    demo = DEMOS["activation_explorer"]()
    page = StubPage.of(demo)
    demo.controls["low"].value = 99.0
    assert demo.error
    assert look_ahead(demo, page, 1) == []


def draws(demo: Demo, page: StubPage, most: int, *changes: Callable[[], object]) -> list[tuple[str, float]]:
    """Make changes one after the other, each once so many pictures have been drawn ahead; the moves drawn at last."""

    async def wait() -> None:
        for change in changes:
            change()
            while demo.ahead.busy and len(page.ahead) < most:
                await asyncio.sleep(0.005)
        demo.ahead.stop()

    asyncio.run(wait())
    return moves(demo, page.ahead)


def test_the_slider_in_use_goes_first_and_all_have_their_next_steps() -> None:
    demo = DEMOS["one_neuron"]()
    page = StubPage.of(demo)
    bias = demo.controls["bias"]

    def back() -> None:
        bias.value -= bias.step

    found = draws(demo, page, 12, back)
    # The step back is the picture from before.
    assert [name for name, _ in found[:5]] == ["bias", "weight", "weight", "x", "x"]
    assert {name for name, _ in found[5:]} == {"bias"}
    assert found[0][1] == pytest.approx(bias.value - bias.step)


def test_a_move_keeps_what_is_still_true_and_draws_nothing_twice() -> None:
    demo = DEMOS["dip"]()
    page = StubPage.of(demo)
    slider = demo.controls["level"]

    def forth() -> None:
        slider.value += slider.step

    draws(demo, page, 6, forth)
    before = dict(page.kept)
    draws(demo, page, 12, forth)
    assert before.items() <= page.kept.items()
    states = [sent.state[slider.model_id] for sent in page.kept.values()]
    assert len({round(state, 6) for state in states}) == len(states)


def test_what_the_page_keeps_is_drawn_once_the_slider_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    demo, fresh = DEMOS["dip"](), DEMOS["dip"]()
    page = StubPage.of(demo)
    slider, refresh, drawn = demo.controls["level"], demo.canvas.refresh, list[float]()

    def draw() -> None:
        drawn.append(slider.value)
        refresh()

    monkeypatch.setattr(demo.canvas, "refresh", draw)
    values = [slider.value + number * slider.step for number in range(1, 5)]

    async def move() -> None:
        page.say(near=True)
        while len(page.ahead) < 2 * len(values):
            await asyncio.sleep(0.005)
        before, words = page.pictures, set()
        for slider.value in values:
            words.add(demo.words.value)
        assert len(words) == len(values), "the words keep in step"
        assert (drawn, page.pictures) == ([], before)
        while not drawn:
            await asyncio.sleep(0.005)
        demo.ahead.stop()
        assert page.pictures == before + 1

    asyncio.run(move())
    assert drawn == values[-1:]
    fresh.controls["level"].value = values[-1]
    np.testing.assert_array_equal(page.picture, fresh.canvas.pixels())


def test_what_the_page_showed_by_itself_stays_when_the_next_input_is_bad() -> None:
    demo = DEMOS["activation_explorer"]()
    page = StubPage.of(demo)
    slider = demo.controls["x"]

    async def move() -> None:
        page.say(near=True)
        while not page.ahead:
            await asyncio.sleep(0.005)
        sent = page.ahead[0]
        shown = page.shows(sent)
        slider.value = sent.state[slider.model_id]
        demo.controls["low"].value = 99.0
        assert demo.error
        np.testing.assert_array_equal(page.picture, shown)

    asyncio.run(move())


@pytest.mark.parametrize("change", ["menu", "set", "train"])
def test_any_other_change_makes_void_what_was_drawn(change: str) -> None:
    demo: Any = DEMOS["dead_neurons" if change == "train" else "one_neuron"]()
    page = StubPage.of(demo)
    draws(demo, page, 4, lambda: page.say(near=True))
    assert len(page.ahead) == 4
    if change == "menu":
        menu = demo.controls["activation"]
        menu.value = next(value for _, value in menu.options if value != menu.value)
    elif change == "set":
        demo.set()
    else:
        demo.set(train=True)
    assert page.ahead == []
    np.testing.assert_array_equal(page.picture, demo.canvas.pixels())


def test_nothing_is_drawn_for_a_page_that_is_out_of_sight() -> None:
    demo = DEMOS["dip"]()
    page = StubPage.of(demo)

    def hidden() -> None:
        page.say(seen=False)
        page.say(near=True)

    assert draws(demo, page, 1, hidden) == []
    assert len(draws(demo, page, 3, lambda: page.say(seen=True))) == 3


def test_it_ends_when_the_page_has_no_more_room() -> None:
    demo = DEMOS["dip"]()
    demo.canvas.widget.kept = Kept(most=6_000)
    page = StubPage.of(demo)
    found = draws(demo, page, 1000, lambda: page.say(near=True))
    assert 2 <= len(found) < len(plan_ahead(demo.foreseeable()))
    assert sum(len(sent.packed) for sent in page.kept.values()) <= 6_000
    assert found == plan_ahead(demo.foreseeable())[: len(found)]


@pytest.mark.parametrize("switch", ["0", " 0 "])
def test_the_environment_switches_it_off(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = DEMOS["dip"]()
    page = StubPage.of(demo)
    monkeypatch.setenv(SWITCH, switch)
    assert draws(demo, page, 1, lambda: page.say(near=True)) == []
    monkeypatch.setenv(SWITCH, "1")
    assert len(draws(demo, page, 1, lambda: page.say(near=True))) >= 1


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

    def draw(name: str, value: float) -> bool:
        log.append(f"{name} {value:g}")
        if len(log) == 1:
            asyncio.get_running_loop().call_soon(log.append, "message")
        return True

    async def wait() -> None:
        ahead = LookAhead(draw, pace=Pace())
        ahead.start(iter([("n", 3.0), ("n", 1.0)]))
        while ahead.busy:
            await asyncio.sleep(0.001)

    asyncio.run(wait())
    assert log == ["n 3", "message", "n 1"]


def test_it_waits_for_a_page_that_has_not_got_what_was_sent() -> None:
    drawn: list[float] = []

    async def wait() -> None:
        ahead = LookAhead(lambda _, value: drawn.append(value) is None, lambda: len(drawn) != 2, Pace())
        ahead.start(iter([("n", float(value)) for value in range(4)]))
        while ahead.busy:
            await asyncio.sleep(0.001)
        assert drawn == [0, 1]
        drawn.append(9)
        ahead.go_on()
        while ahead.busy:
            await asyncio.sleep(0.001)
        ahead.go_on()
        assert not ahead.busy, "there is nothing left"

    asyncio.run(wait())
    assert drawn == [0, 1, 9, 2, 3]


def test_the_plan_holds_numbers_of_the_sliders_kind() -> None:
    sliders = {"n": widgets.IntSlider(value=2, min=0, max=3), "x": widgets.FloatSlider(value=0.9, max=1.0, step=0.1)}
    plan = plan_ahead(sliders)
    assert plan[:4] == [("n", 3), ("n", 1), ("x", pytest.approx(1.0)), ("x", pytest.approx(0.8))]
    assert plan[4:] == [("n", 0)]
    assert all(isinstance(value, int) for name, value in plan if name == "n")
    assert [name for name, _ in plan_ahead(sliders, "x", -1)[:3]] == ["x", "x", "n"]
    assert plan_ahead({}) == []

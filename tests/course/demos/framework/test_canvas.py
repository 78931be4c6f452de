"""The canvas in the page gets the pixels that changed, no more, and shows the figure exactly."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
from matplotlib.image import imread

from course.demos.framework.canvas import DPI, SHARPEST, UNDER_WAY, LiveCanvas
from course.demos.framework.state import State
from tests.support.page import CONFIRMED, StubPage


def canvas_with_a_line() -> LiveCanvas:
    canvas = LiveCanvas(60, 40, label="a line")
    axes = canvas.figure.add_axes((0, 0, 1, 1))
    canvas.animate([axes.axhline(0.2, color="black")])
    return canvas


def at(value: float) -> State:
    """The state of a page with one slider."""
    return State({"slider": value}, frozenset({("slider", value)}))


def useful(_: object) -> float:
    return 0.0


def move_line(canvas: LiveCanvas, y: float) -> None:
    canvas.figure.axes[0].lines[0].set_ydata([y, y])


def test_a_still_is_what_the_page_shows() -> None:
    """In the order of the moving artists, whatever their `zorder`; the figure goes on as before."""
    canvas = LiveCanvas(60, 40, label="two lines")
    axes = canvas.figure.add_axes((0, 0, 1, 1))
    first, second = (axes.axhline(0.5, color=colour, linewidth=9) for colour in ("red", "blue"))
    first.set_zorder(9)
    canvas.animate([first, second])
    page = StubPage(canvas)
    shown = imread(io.BytesIO(canvas.png()))
    np.testing.assert_array_equal(
        (255 * shown).round().astype(np.uint8), page.picture.view(np.uint8).reshape(40, 60, 4)
    )
    assert imread(io.BytesIO(canvas.png(200))).shape[:2] == (80, 120)
    canvas.refresh()
    assert page.picture.shape == (40, 60)
    np.testing.assert_array_equal(page.picture, canvas.pixels())


def test_nothing_is_sent_before_the_page_asks() -> None:
    canvas = canvas_with_a_line()
    sent: list[object] = []
    canvas.widget.send = lambda *_, **__: sent.append(1)
    canvas.refresh()
    assert not canvas.widget.keep(canvas.pixels(), at(1.0), useful)
    assert not canvas.widget.asked
    assert sent == []


def test_the_page_shows_the_figure_and_each_change_of_it() -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    assert page.picture.shape == (40, 60)
    for y in (0.2, 0.8, 0.8, 0.5):
        move_line(canvas, y)
        canvas.refresh()
        np.testing.assert_array_equal(page.picture, canvas.pixels())
    canvas.figure.axes[0].set_facecolor("yellow")
    canvas.invalidate()
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, canvas.pixels())


def test_a_page_that_asks_waits_while_another_thread_draws() -> None:
    canvas = canvas_with_a_line()
    asking = threading.Thread(target=StubPage, args=(canvas,))
    with canvas.lock:
        asking.start()
        asking.join(0.2)
        assert asking.is_alive()
    asking.join()
    assert canvas.widget.asked


def test_another_page_gets_the_whole_picture() -> None:
    canvas = canvas_with_a_line()
    StubPage(canvas)
    np.testing.assert_array_equal(StubPage(canvas).picture, canvas.pixels())


@pytest.mark.parametrize(("ratio", "drawn"), [(1.0, 1.0), (2.0, 2.0), (1.5, 1.5), (0.5, 1.0), (99.0, SHARPEST)])
def test_a_sharp_screen_gets_more_pixels(ratio: float, drawn: float) -> None:
    canvas = canvas_with_a_line()
    canvas.refresh()
    page = StubPage(canvas, ratio)
    assert page.picture.shape == (40 * drawn, 60 * drawn)
    move_line(canvas, 0.6)
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, canvas.pixels())
    assert canvas.figure.dpi == DPI * drawn


def test_a_still_picture_of_another_size_leaves_the_live_one_alone() -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    before = page.picture
    assert len(canvas.png(dpi=250)) > 0
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, before)


def test_what_is_drawn_ahead_is_not_shown_before_its_time() -> None:
    canvas = canvas_with_a_line()
    canvas.state = lambda: at(1.0)
    page = StubPage(canvas)
    before = page.picture
    foreseen = canvas.draw_ahead(lambda: move_line(canvas, 0.9), lambda: move_line(canvas, 0.2))
    assert foreseen is not None
    assert canvas.widget.keep(foreseen, at(2.0), useful)
    (sent,) = page.ahead
    assert sent.state == {"slider": 2.0}
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, before)
    canvas.state = lambda: at(2.0)
    move_line(canvas, 0.9)
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, page.shows(sent))
    assert (page.picture != before).any()
    assert len(page.kept) == 2, "it was not sent a second time"


def kept_ahead(canvas: LiveCanvas, heights: list[float]) -> None:
    for y in heights:
        picture = canvas.draw_ahead(lambda y=y: move_line(canvas, y), lambda: move_line(canvas, 0.2))
        assert picture is not None
        canvas.widget.keep(picture, at(y), useful)


def test_a_picture_that_is_no_longer_so_makes_all_void() -> None:
    """What the kernel draws of a state that the page keeps another picture of: something else has changed."""
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    kept_ahead(canvas, [0.5, 0.6, 0.7])
    canvas.figure.axes[0].lines[0].set_color("red")
    move_line(canvas, 0.6)
    canvas.state = lambda: at(0.6)
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, canvas.pixels())
    assert [sent.state for sent in page.kept.values()] == [{"slider": 0.6}]


@pytest.mark.parametrize("what", ["still part", "size", "forget"])
def test_what_the_page_keeps_is_dropped_with_what_it_was_drawn_over(what: str) -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    kept_ahead(canvas, [0.5, 0.6])
    if what == "still part":
        canvas.figure.axes[0].set_facecolor("yellow")
        canvas.invalidate()
        canvas.refresh()
    elif what == "size":
        page.say(ratio=2.0)
    else:
        canvas.widget.forget()
    assert page.ahead == []
    assert len(canvas.widget.kept) == len(page.kept)
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, canvas.pixels())


def test_the_figure_drawn_anew_and_alike_voids_nothing() -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    kept_ahead(canvas, [0.5, 0.6])
    canvas.invalidate()
    canvas.refresh()
    assert len(page.ahead) == 2


def test_in_a_state_without_a_picture_the_page_stays_with_the_last() -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    before, shown = page.picture, page.pictures
    canvas.widget.stay(at(9.0))
    np.testing.assert_array_equal(page.picture, before)
    assert page.pictures == shown + 1


def test_a_page_that_does_not_answer_gets_no_more() -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    answers: list[int] = []
    canvas.widget.on_got = lambda: answers.append(1)
    kept_ahead(canvas, [n / 100 for n in range(CONFIRMED)])
    assert len(answers) == 1
    sent: list[object] = []
    canvas.widget.send = lambda *_, **__: sent.append(1)
    while canvas.widget.clear:
        kept_ahead(canvas, [0.3 + len(sent) / 100])
    assert len(sent) == UNDER_WAY
    page.say(got=CONFIRMED)
    assert canvas.widget.clear


def test_what_changes_the_whole_figure_is_not_drawn_ahead() -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    assert canvas.draw_ahead(canvas.invalidate, canvas.invalidate) is None
    before = page.picture
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, before)


@pytest.mark.parametrize("changes", ["move", "back"])
def test_what_another_thread_changes_meanwhile_is_drawn(changes: str) -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)

    def change() -> None:
        canvas.figure.axes[0].set_facecolor("yellow")
        canvas.invalidate()

    ways = {"move": lambda: None, "back": lambda: None} | {changes: change}
    canvas.draw_ahead(ways["move"], ways["back"])
    canvas.refresh()
    shown = page.picture
    canvas.invalidate()
    canvas.refresh()
    np.testing.assert_array_equal(shown, page.picture)

"""The canvas in the page gets the pixels that changed, no more, and shows the figure exactly."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from matplotlib.image import imread

from course.demos.framework.canvas import DPI, SHARPEST, LiveCanvas, runs
from tests.support.page import StubPage, paint

PIXELS = st.sampled_from([0, 1, 0xFF000000, 0xFFFFFFFF])  # few colours, so that neighbours are often alike


@given(data=st.data(), shape=array_shapes(min_dims=2, max_dims=2, max_side=12))
def test_runs_painted_over_the_old_picture_give_the_new_one(data: st.DataObject, shape: tuple[int, int]) -> None:
    old, new = (data.draw(arrays(np.uint32, shape, elements=PIXELS)) for _ in range(2))
    found = runs(new, old != new)
    np.testing.assert_array_equal(paint(old, found.tobytes()), new)
    assert found[:, 1].sum() == (old != new).sum()  # nothing else is touched
    ends = found[:, 0] + found[:, 1]
    touching = ends[:-1] == found[1:, 0]
    assert (ends[:-1] <= found[1:, 0]).all()
    assert (found[:-1, 2] != found[1:, 2])[touching].all(), "two runs could be one"


def canvas_with_a_line() -> LiveCanvas:
    canvas = LiveCanvas(60, 40, label="a line")
    axes = canvas.figure.add_axes((0, 0, 1, 1))
    canvas.animate([axes.axhline(0.2, color="black")])
    return canvas


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
    canvas.widget.show_ahead(canvas.pixels(), "id", 1.0, 0.1)
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


def test_what_is_drawn_ahead_is_not_shown() -> None:
    canvas = canvas_with_a_line()
    page = StubPage(canvas)
    before = page.picture
    foreseen = canvas.draw_ahead(lambda: move_line(canvas, 0.9), lambda: move_line(canvas, 0.2))
    assert foreseen is not None
    canvas.widget.show_ahead(foreseen, "id", 2.0, 0.1)
    ((slider, value, picture),) = page.ahead
    assert (slider, value) == ("id", 2.0)
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, before)
    move_line(canvas, 0.9)
    canvas.refresh()
    np.testing.assert_array_equal(page.picture, picture)
    assert (picture != before).any()


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

"""What is drawn ahead, in a real JupyterLab: shown while the kernel is still at work, then confirmed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.support.lab import NotebookPage

pytestmark = pytest.mark.browser

KERNEL = """
import os
from pathlib import Path
from course.demos.dip import Dip
from course.demos.one_neuron import OneNeuron
Path("kernel").write_text(str(os.getpid()))
"""
ONE_SECOND = 30
"""Pictures that make a second of a film."""

Opened = Callable[[str, str, str], tuple[NotebookPage, Locator]]


@pytest.fixture
def opened(open_notebook: Callable[[str], NotebookPage], write_notebook: Callable[..., str]) -> Opened:
    """Opens a notebook with a cell that shows a demo, and runs it; page and cell."""

    def open_(name: str, before: str, demo: str) -> tuple[NotebookPage, Locator]:
        notebook = open_notebook(write_notebook(f"{name}.ipynb", KERNEL + before, demo))
        notebook.run_all()
        return notebook, notebook.cell(demo)

    return open_


@contextmanager
def stopped(course_copy: Path) -> Iterator[None]:
    """The kernel is stopped meanwhile."""
    kernel = int((course_copy / "kernel").read_text())
    os.kill(kernel, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(kernel, signal.SIGCONT)


def two_frames(notebook: NotebookPage) -> None:
    """Wait until the page has shown what it has to show."""
    notebook.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def positions(handle: Locator, number: int) -> Iterator[tuple[float, float]]:
    """Places of the mouse from one end of a slider's track to the other."""
    track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]").bounding_box()
    knob = handle.bounding_box()
    assert track is not None
    assert knob is not None
    y = knob["y"] + knob["height"] / 2
    yield knob["x"] + knob["width"] / 2, y
    for place in range(number):
        yield track["x"] + track["width"] * place / (number - 1), y


def test_a_drag_plays_what_was_drawn_ahead_without_the_kernel(course_copy: Path, opened: Opened) -> None:
    notebook, cell = opened("drag", "", "Dip()")
    handle, words = notebook.slider(cell, "output level"), cell.locator(".demo-readout")
    handle.scroll_into_view_if_needed()
    notebook.wait_until_kept(cell, 101)  # each step of this slider
    notebook.wait_until_idle()
    mouse, text, shown = notebook.page.mouse, words.inner_text(), set()
    with stopped(course_copy):
        (start, *places) = positions(handle, 2 * ONE_SECOND)
        mouse.move(*start)
        mouse.down()
        for place in places:
            mouse.move(*place)
            two_frames(notebook)
            shown.add(notebook.pixels(cell))
        mouse.up()
        assert len(shown) >= ONE_SECOND
        assert words.inner_text() == text, "the kernel has said nothing"
        played = notebook.pixels(cell)
    notebook.wait_until_idle()
    assert "0.150" in words.inner_text()
    assert notebook.pixels(cell) == played, "what was drawn ahead is what the kernel draws"
    notebook.press(handle, "ArrowLeft")
    assert notebook.pixels(cell) != played
    assert notebook.problems == []


# Pictures are unpacked only when the test says so; other responses than theirs come from somewhere.
GATE = """() => {
  const real = Response.prototype.arrayBuffer, waiting = [];
  Response.prototype.arrayBuffer = async function () {
    if (!this.url) await new Promise(go => waiting.push(go));
    return real.call(this);
  };
  window.unpackOne = async () => {
    while (!waiting.length) await new Promise(requestAnimationFrame);
    waiting.shift()();
  };
  window.unpackAll = () => {
    Response.prototype.arrayBuffer = real;
    waiting.forEach(go => go());
  };
  window.unpacking = () => waiting.length;
}"""


def test_a_hand_that_is_faster_than_the_page_sees_pictures_go_by(course_copy: Path, opened: Opened) -> None:
    notebook, cell = opened("faster", "", "Dip()")
    handle, page = notebook.slider(cell, "output level"), notebook.page
    handle.scroll_into_view_if_needed()
    notebook.wait_until_kept(cell, 20)
    notebook.wait_until_idle()
    before = notebook.pixels(cell)
    with stopped(course_copy):
        page.evaluate(GATE)
        for _ in range(3):
            handle.press("ArrowRight")
        page.evaluate("window.unpackOne()")
        page.wait_for_function("window.unpacking() > 0")  # the next one
        passed = notebook.pixels(cell)
        assert passed != before
        assert page.evaluate("window.unpacking()") == 1, "the second one is left out"
        page.evaluate("window.unpackAll()")
        while (last := notebook.pixels(cell)) == passed:
            two_frames(notebook)
    notebook.wait_until_idle()
    assert notebook.pixels(cell) == last
    assert notebook.problems == []


def test_another_control_moved_meanwhile_never_shows_a_picture_of_the_other_state(
    course_copy: Path, opened: Opened
) -> None:
    notebook, cell = opened("other_control", "", "OneNeuron()")
    handle = notebook.slider(cell, "weight w")
    notebook.wait_until_kept(cell, 20)
    notebook.wait_until_idle()
    first, other = (cell.get_by_role("button", name=name, exact=True) for name in ("ReLU", "tanh"))
    before = notebook.pixels(cell)
    with stopped(course_copy):
        handle.press("ArrowRight")
        two_frames(notebook)
        moved = notebook.pixels(cell)
        assert moved != before
        other.click()
        for key in ("ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight"):
            handle.press(key)
            two_frames(notebook)
            assert notebook.pixels(cell) == moved
    notebook.wait_until_idle()
    of_other = notebook.pixels(cell)
    assert of_other not in (before, moved)
    notebook.wait_until_kept(cell, 20)
    with stopped(course_copy):
        first.click()
        handle.press("ArrowLeft")
        two_frames(notebook)
        assert notebook.pixels(cell) == of_other
    notebook.wait_until_idle()
    assert notebook.pixels(cell) == before
    assert notebook.problems == []


HIDE = """state => {
  Object.defineProperty(document, 'visibilityState', {get: () => state, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_nothing_is_drawn_for_a_hidden_page(opened: Opened) -> None:
    notebook, cell = opened("hidden", "", "Dip()")
    handle = notebook.slider(cell, "output level")
    notebook.page.evaluate(HIDE, "hidden")
    notebook.wait_until_idle()
    kept = notebook.kept(cell)
    notebook.press(handle, "ArrowRight")
    notebook.wait_until_idle(1000)
    assert notebook.kept(cell) <= kept + 1  # the kernel's own picture
    notebook.page.evaluate(HIDE, "visible")
    notebook.wait_until_kept(cell, 101)
    assert notebook.problems == []


def test_a_setting_switches_it_off(opened: Opened) -> None:
    notebook, cell = opened("switched_off", "%env DRAW_AHEAD=0", "Dip()")
    handle = notebook.slider(cell, "output level")
    first = notebook.pixels(cell)
    notebook.press(handle, "ArrowRight")
    notebook.wait_until_idle(1000)
    assert notebook.kept(cell) == 2  # both are the kernel's own
    assert notebook.pixels(cell) != first
    notebook.press(handle, "ArrowLeft")
    assert notebook.pixels(cell) == first
    assert notebook.problems == []


SQUARE = """
import ipywidgets as widgets
import numpy as np
from course.demos.framework.canvas import PixelCanvas
from course.demos.framework.state import state_of
place, height = (widgets.IntSlider(0, 0, 20, description=name) for name in ("place", "height"))
round_ = widgets.Checkbox(False, description="round")
controls = [place, height, round_]
canvas = PixelCanvas(label="a square", css_width=8)
white = np.full((8, 8), 0xFFFFFFFF, dtype=np.uint32)

def of(number):
    return np.full((8, 8), 0xFF000000 + number, dtype=np.uint32)  # the number is the red of each pixel

def start(ratio):
    canvas.show(of(100), white, state_of(controls))
    for number in (1, 2, 6, 12):
        canvas.keep(of(number), state_of(controls).after(place, number), lambda key: 0.0)

canvas.on_ask = start
widgets.VBox([canvas, *controls])
"""
RED = "canvas => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]"


def test_the_page_shows_the_nearest_picture_along_one_slider_until_the_kernel_says_more(opened: Opened) -> None:
    """Here it never does."""
    notebook, cell = opened("nearest", "", SQUARE)
    notebook.wait_until_kept(cell, 5)
    notebook.wait_until_idle()
    canvas = cell.locator("canvas.demo-figure")
    place, height = (notebook.slider(cell, name) for name in ("place", "height"))

    def shown(handle: Locator, key: str, times: int = 1) -> list[int]:
        """What the page shows after each press of the key."""
        seen = []
        for _ in range(times):
            handle.press(key)
            two_frames(notebook)
            seen.append(int(canvas.evaluate(RED)))
        return seen

    assert canvas.evaluate(RED) == 100
    assert shown(place, "ArrowRight", 3) == [1, 2, 2]
    place.press("ArrowRight")  # 4 is as far from 2 as from 6
    # From 9 on nothing is near enough: what was shown stays.
    assert shown(place, "ArrowRight", 11) == [6, 6, 6, 6, 6, 12, 12, 12, 12, 12, 12]
    assert shown(place, "ArrowLeft", 3) == [12, 12, 12]
    # A picture that differs in two controls, or in one that is no slider, is of another state however near it is.
    assert shown(height, "ArrowRight") == [12]
    assert shown(place, "ArrowLeft", 6) == [12, 12, 12, 12, 12, 6]
    assert shown(height, "ArrowLeft") == [6]
    box = cell.get_by_role("checkbox")
    box.click()
    assert shown(place, "ArrowLeft", 4) == [6, 6, 6, 6]
    box.click()
    two_frames(notebook)
    assert canvas.evaluate(RED) == 2
    assert notebook.problems == []

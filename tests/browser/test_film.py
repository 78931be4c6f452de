"""A film of a drag and of a held key in a real JupyterLab: the page plays what it has, the kernel confirms the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from benchmarks.demos import KEYS_PER_SECOND, STEPS_PER_SECOND
from benchmarks.film import drag, film, hold
from course.demos.dip import Dip
from tests.support.lab import NotebookPage

pytestmark = pytest.mark.browser

SECONDS = 1.0

# What the kernel says to a demo's canvas: the state that it has drawn, and whether a picture came along.
LISTEN = """() => {
  window.said = [];
  window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.anyMessage.connect((_, {msg}) => {
    const content = msg.content.data?.content;
    if (content?.state) window.said.push([Object.values(content.state), msg.buffers.length]);
  });
}"""
PIXELS = """async canvas => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}"""
DRAW_AFRESH = """
from hashlib import sha256
fresh = Dip()
fresh.controls["level"].value = demo.value("level")
print(demo.value("level"), sha256(fresh.canvas.pixels().tobytes()).hexdigest())
"""


def test_the_kernel_is_asked_for_nothing_but_the_picture_at_rest(
    open_notebook: Callable[[str], NotebookPage], write_notebook: Callable[..., str]
) -> None:
    notebook = open_notebook(write_notebook("film.ipynb", "from course.demos.dip import Dip", "demo = Dip()\ndemo", ""))
    notebook.run_all()
    level, cell = Dip().controls["level"], notebook.cell("demo = Dip()")
    steps = round((level.max - level.min) / level.step)
    handle, output = notebook.slider(cell, level.description), notebook.output(cell)
    handle.scroll_into_view_if_needed()
    notebook.wait_until_kept(cell, steps + 1)
    notebook.wait_until_idle()
    notebook.page.evaluate(LISTEN)
    hand = partial(drag, handle, SECONDS, steps, STEPS_PER_SECOND)
    key = partial(hold, handle, SECONDS, level.step, level.max, KEYS_PER_SECOND)

    def until_the_end(move: Callable[[], None]) -> None:
        move()
        notebook.wait_until_idle()

    for move in (hand, key):
        shown = film(output, partial(until_the_end, move))
        assert shown.times
        said = notebook.page.evaluate("window.said.splice(0)")
        assert {pictures for _, pictures in said} == {0}, "the page had them all"
        value, pixels = notebook.output(notebook.run_cell(2, DRAW_AFRESH)).inner_text().split()
        assert said[-1][0] == [pytest.approx(float(value))], "the kernel has drawn the state at rest"
        notebook.page.evaluate("window.said = []")  # the fresh one asks too
        assert cell.locator("canvas.demo-figure").first.evaluate(PIXELS) == pixels
    assert notebook.problems == []

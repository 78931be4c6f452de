"""The next step of a slider, in a real JupyterLab: shown while the kernel is still at work, then confirmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.lab import NotebookPage

pytestmark = pytest.mark.browser

DEMO = """
import time
from pathlib import Path
from course.demos.dip import Dip

class SlowDip(Dip):
    def update(self):
        while Path("wait").exists():
            time.sleep(0.02)
        super().update()

SlowDip()
"""


def test_a_step_is_shown_before_the_kernel_has_heard_of_it(
    course_copy: Path, open_notebook: Callable[[str], NotebookPage], write_notebook: Callable[..., str]
) -> None:
    notebook = open_notebook(write_notebook("look_ahead.ipynb", DEMO))
    notebook.run_all()
    cell = notebook.cell("SlowDip()")
    handle, words = notebook.slider(cell, "output level"), cell.locator(".demo-readout")
    assert cell.get_by_role("img", name="The dip. The picture in words follows.").is_visible()
    start, text = notebook.pixels(cell), words.inner_text()
    notebook.press(handle)  # the focus alone says that something may come
    assert notebook.pixels(cell) == start

    wait = course_copy / "wait"
    wait.touch()
    handle.press("ArrowRight")
    ahead = notebook.pixels(cell)
    assert ahead != start
    handle.press("ArrowRight")
    assert notebook.pixels(cell) == ahead, "nothing has been drawn ahead of a state that the kernel does not know"
    assert words.inner_text() == text

    wait.unlink()
    notebook.wait_until_idle()
    after_two = notebook.pixels(cell)
    assert after_two not in (start, ahead)
    notebook.press(handle, "ArrowLeft")
    assert notebook.pixels(cell) == ahead, "what was drawn ahead is what the kernel draws"
    notebook.press(handle, "ArrowLeft")
    assert notebook.pixels(cell) == start
    assert words.inner_text() == text
    assert notebook.problems == []

"""Every lesson in a real JupyterLab: it runs, nothing complains, and its demos follow the keyboard."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.bench.lab import NotebookPage

pytestmark = pytest.mark.browser

LESSONS = sorted(p.stem for p in (Path(__file__).parents[2] / "course" / "lessons").glob("[0-9]*.py"))
DEMOS = {path.stem: tomllib.loads(path.read_text())["demo"] for path in Path(__file__).parent.glob("demos/*.toml")}


def test_every_lesson_lists_its_demos() -> None:
    assert sorted(DEMOS) == LESSONS


@pytest.mark.parametrize("lesson", LESSONS)
def test_lesson_runs_and_its_demos_move(
    lesson: str, open_notebook: Callable[[str], NotebookPage], screenshots: Path
) -> None:
    notebook = open_notebook(f"course/lessons/{lesson}.ipynb")
    notebook.run_all()
    assert notebook.errors() == []

    for number, demo in enumerate(DEMOS[lesson]):
        cell = notebook.cell(demo["cell"])
        cell.scroll_into_view_if_needed()
        words = cell.locator(".demo-readout")
        before, text_before = notebook.pixels(cell), words.inner_text()

        handle = notebook.slider(cell, demo["slider"])
        notebook.press(handle, *["ArrowRight"] * 3)
        assert notebook.pixels(cell) != before, "the figure did not change"
        assert words.inner_text() != text_before, "the readout did not change"

        # Fast to and fro: what is left on the screen is the picture of the present state, no ghosts.
        notebook.press(handle, *["ArrowRight"] * 6, *["ArrowLeft"] * 9)
        assert words.inner_text() == text_before
        assert notebook.pixels(cell) == before, "something of an earlier picture is left"

        notebook.press(handle, "End")
        words.filter(has_text=demo["at_end"]).wait_for()
        cell.screenshot(path=screenshots / f"{lesson}-{number}.png")

    notebook.page.locator(".jp-Notebook").screenshot(path=screenshots / f"{lesson}.png")
    assert notebook.problems == []

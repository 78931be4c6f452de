"""Every lesson in a real JupyterLab, without a network: it runs by itself, nothing complains, its demos follow the
keyboard, and what it shows can be read, by axe-core's rules too.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator

from tests.support.lab import NotebookPage
from tests.support.lesson_budget import SECONDS

pytestmark = pytest.mark.browser

LESSONS = sorted(p.stem for p in (Path(__file__).parents[2] / "course" / "lessons").glob("[0-9]*.py"))
DEMOS = {path.stem: tomllib.loads(path.read_text())["demo"] for path in Path(__file__).parent.glob("demos/*.toml")}


TRACKS = """cell => [...cell.querySelectorAll(".demo .widget-slider")].map(slider => {
  const [track, label] = [".noUi-target", ".widget-label"].map(part => slider.querySelector(part));
  const from = track.getBoundingClientRect().left - slider.getBoundingClientRect().left;
  return [Math.round(from), Math.round(track.getBoundingClientRect().width), label.scrollWidth > label.clientWidth];
})"""
"""Of each slider of a demo: where its track begins, how long it is, and whether its label is cut."""


def test_every_lesson_lists_its_demos() -> None:
    assert sorted(DEMOS) == LESSONS


@pytest.mark.parametrize("lesson", LESSONS)
def test_lesson_runs_and_its_demos_move(
    lesson: str,
    open_notebook: Callable[[str], NotebookPage],
    shoot: Callable[[Locator, str], None],
    record_property: Callable[[str, object], None],
) -> None:
    notebook = open_notebook(f"course/lessons/{lesson}.ipynb")
    started = time.monotonic()
    notebook.run_all()
    record_property(SECONDS, (lesson, time.monotonic() - started))
    assert notebook.errors() == []
    outputs = [output for cell in notebook.cells() for output in cell.get("outputs", [])]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    for output in outputs:
        data = output.get("data", {})
        if "image/png" in data:
            assert len(output["metadata"]["image/png"]["alt"].split()) >= 10
        if "application/vnd.jupyter.widget-view+json" in data:
            assert len("".join(data["text/plain"]).split()) >= 4

    found = Axe().run(notebook.page, context={"include": [[".jp-OutputArea-output"]]}).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []

    for number, demo in enumerate(DEMOS[lesson]):
        cell = notebook.cell(demo["cell"])
        cell.scroll_into_view_if_needed()
        words = cell.locator(".demo-readout")
        starts, lengths, cut = zip(*cell.evaluate(TRACKS), strict=True)
        assert not any(cut)
        assert max(starts) - min(starts) <= 1, "the sliders do not line up"
        assert max(lengths) - min(lengths) <= 1, "the sliders do not line up"
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
        shoot(cell, f"{lesson}-{number}")

    shoot(notebook.page.locator(".jp-Notebook"), lesson)
    assert notebook.problems == []


@pytest.mark.parametrize(
    "attempt", ["socket.create_connection(('192.0.2.1', 80), 1)", "socket.getaddrinfo('example.org', 80)"]
)
def test_a_lesson_that_uses_the_network_is_caught(
    attempt: str, open_notebook: Callable[[str], NotebookPage], write_notebook: Callable[..., str]
) -> None:
    notebook = open_notebook(write_notebook("network.ipynb", f"import socket\n{attempt}"))
    notebook.run_all()
    assert ["must not use the network" in error for error in notebook.errors()] == [True]

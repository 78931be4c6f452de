"""A demo in JupyterLab whose kernel has gone, and in a notebook that was saved with the state of its widgets."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.lab import RUN_SECONDS, LabServer, NotebookPage

pytestmark = pytest.mark.browser

NAME = "without_a_kernel.ipynb"
STILL = "![One neuron.](course/lessons/images/00_one_neuron.png)"
DEMO = """import os
from pathlib import Path
from course.demos.one_neuron import OneNeuron
Path("kernel").write_text(str(os.getpid()))
OneNeuron()"""
KEPT = 20
SAVE_STATE = "window.jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')"
"""Switches it on, then off again."""
SAVE = "window.jupyterapp.commands.execute('docmanager:save')"
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
FOLLOW_STATUS = f"""() => {{
    window.statuses = [];
    {KERNEL}.statusChanged.connect((_, status) => window.statuses.push(status));
}}"""
STARTED_AGAIN = "window.statuses.some(one => one.endsWith('restarting')) && window.statuses.at(-1) === 'idle'"
FRAMES = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))"


@pytest.fixture
def path(course_copy: Path) -> str:
    """A notebook with a demo below its still."""
    cells = [nbformat.v4.new_markdown_cell(STILL), nbformat.v4.new_code_cell(DEMO)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), course_copy / NAME)
    return NAME


def still(page: Page) -> Locator:
    return page.locator(".jp-RenderedMarkdown img[src*='/00_one_neuron.png']")


def shows(notebook: NotebookPage, cell: Locator) -> tuple[str, str]:
    """The picture and the words beside it."""
    notebook.page.evaluate(FRAMES)
    return notebook.pixels(cell), cell.locator(".demo-readout").inner_text()


def test_what_is_shown_stays_true_and_the_still_is_open_until_there_is_a_picture(
    open_notebook: Callable[[str], NotebookPage], lab_server: LabServer, course_copy: Path, path: str
) -> None:
    notebook = open_notebook(path)
    page = notebook.page
    picture, canvas = still(page), page.locator("canvas.demo-figure")
    expect(picture).to_be_visible()
    assert canvas.count() == 0

    def run() -> tuple[Locator, Locator]:
        cell = notebook.run_cell(1, DEMO)
        expect(canvas).to_be_visible()
        expect(picture).to_be_hidden()
        notebook.wait_until_kept(cell, KEPT)
        notebook.wait_until_idle()
        return cell, notebook.slider(cell, "weight w")

    def move_and_compare(cell: Locator, handle: Locator) -> None:
        before, value = shows(notebook, cell), handle.get_attribute("aria-valuenow")
        for _ in range(3):
            handle.press("ArrowRight")
            assert shows(notebook, cell) == before, "the picture follows the slider, and the words do not"
        assert handle.get_attribute("aria-valuenow") != value

    cell, handle = run()
    page.evaluate(SAVE_STATE)
    page.evaluate(SAVE)
    page.evaluate(SAVE_STATE)

    # Ahead of a kernel that is busy and never comes back.
    words = shows(notebook, cell)
    process = int((course_copy / "kernel").read_text())
    page.evaluate(FOLLOW_STATUS)
    os.kill(process, signal.SIGSTOP)
    handle.press("ArrowRight")
    page.evaluate(FRAMES)
    assert notebook.pixels(cell) != words[0]
    os.kill(process, signal.SIGKILL)
    page.wait_for_function(STARTED_AGAIN, timeout=RUN_SECONDS * 1000)
    page.locator(".jp-Dialog .jp-mod-accept").click()  # says that it has died; it would keep the keys for itself
    assert shows(notebook, cell) == words
    move_and_compare(cell, handle)
    expect(picture).to_be_hidden()

    # Run again, all works again; until it is restarted.
    cell, handle = run()
    before = shows(notebook, cell)
    notebook.press(handle, "ArrowRight")
    after = shows(notebook, cell)
    assert after[0] != before[0]
    assert after[1] != before[1]
    page.evaluate(f"{KERNEL}.restart()")
    notebook.wait_until_idle()
    move_and_compare(cell, handle)

    # And until it is shut down.
    cell, handle = run()
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    move_and_compare(cell, handle)

    # Opened as it was saved, and not run, the demo has words and sliders, but no picture.
    assert "widgets" in json.loads((course_copy / NAME).read_text())["metadata"]
    assert notebook.put_away()
    saved = NotebookPage(page, lab_server, path, "")  # in the same page, which loads in no time
    handle = saved.slider(saved.cell("OneNeuron()"), "weight w")
    handle.press("ArrowRight")
    page.evaluate(FRAMES)
    expect(canvas).to_be_attached()
    expect(canvas).to_be_hidden()
    expect(picture).to_be_visible()
    assert page.locator(".demo-still").count() == 0
    saved.put_away()

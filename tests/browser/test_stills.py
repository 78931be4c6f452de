"""The still picture of a demo: open in the file, folded away while the demo is live, open again without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.lab import START_SECONDS, LabServer, NotebookPage

pytestmark = pytest.mark.browser

LESSON = "course/lessons/01_why_nonlinearity.ipynb"
SUMMARY = "Still picture of this demo"
RENDER_AGAIN = """name => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const cell = notebook.widgets.find(one => one.model.sharedModel.source.includes(name));
    cell.model.sharedModel.setSource(cell.model.sharedModel.source + "\\n\\nOne more line.");
}"""
MOVE = """([containing, by]) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const index = notebook.widgets.findIndex(one => one.model.sharedModel.source.trim() === containing);
    notebook.model.sharedModel.moveCell(index, index + by);
}"""
RUN = """source => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.findIndex(one => one.model.sharedModel.source.trim() === source);
    return window.jupyterapp.commands.execute('notebook:run-cell');
}"""


WINDOWING = """mode => {
    const {content} = window.jupyterapp.shell.currentWidget;
    content.notebookConfig = {...content.notebookConfig, windowingMode: mode};
}"""
GO = """source => {
    const {content} = window.jupyterapp.shell.currentWidget;
    const index = content.widgets.findIndex(one => one.model.sharedModel.source.trim() === source);
    return content.scrollToItem(index, 'center');
}"""


def still(page: Page, name: str) -> Locator:
    """The picture of this name."""
    return page.locator(f".jp-RenderedMarkdown img[src*='/{name}.png']")


def sources(notebook: NotebookPage) -> list[str]:
    """The sources of all cells."""
    return ["".join(cell["source"]).strip() for cell in notebook.cells()]


def run(notebook: NotebookPage, *cells: str) -> None:
    """Run the cells with these sources."""
    for source in cells:
        notebook.page.evaluate(RUN, source)
        notebook.wait_until_idle()


def test_a_live_demo_folds_its_own_still_and_its_end_opens_it(open_notebook: Callable[[str], NotebookPage]) -> None:
    notebook = open_notebook(LESSON)
    page = notebook.page
    imports = next(source for source in sources(notebook) if source.startswith(("import ", "from ")))
    collapse, fold, other = (still(page, name) for name in ("01_collapse", "01_folded", "01_fit_relu"))
    for picture in (collapse, fold, other):
        expect(picture).to_be_visible()

    run(notebook, imports, "LinearCollapse()")
    expect(collapse).to_be_hidden()
    for picture in (fold, other, still(page, "01_no_collapse")):  # the last is of this demo, but stands behind it
        expect(picture).to_be_visible()

    summary = page.get_by_text(SUMMARY)
    assert summary.count() == 1
    summary.focus()
    page.keyboard.press("Enter")
    expect(collapse).to_be_visible()
    assert page.evaluate("window.jupyterapp.shell.currentWidget.content.mode") == "command"
    page.keyboard.press("Enter")
    expect(collapse).to_be_hidden()

    # Another demo folds its own, both of them; the cell run twice folds nothing twice.
    run(notebook, "FoldedPlane()", "LinearCollapse()")
    for name in ("01_folded", "01_not_folded", "01_collapse"):
        expect(still(page, name)).to_be_hidden()
    assert page.locator(".demo-still").count() == 3
    assert page.locator(".demo-still .demo-still").count() == 0
    expect(other).to_be_visible()

    # A Markdown cell that is rendered anew shows its still folded; what is printed has it open.
    page.evaluate(RENDER_AGAIN, "01_collapse.png")
    page.locator(".jp-RenderedMarkdown p", has_text="One more line.").wait_for()
    expect(collapse).to_be_hidden()
    page.emulate_media(media="print")
    expect(collapse).to_be_visible()
    expect(summary.first).to_be_hidden()
    page.emulate_media(media="screen")
    expect(collapse).to_be_hidden()

    # A demo moved away from its still leaves it open.
    page.evaluate(MOVE, ["LinearCollapse()", 1])
    expect(collapse).to_be_visible()
    page.evaluate(MOVE, ["LinearCollapse()", -1])
    expect(collapse).to_be_hidden()

    page.evaluate("window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    for name in ("01_folded", "01_not_folded", "01_collapse"):
        expect(still(page, name)).to_be_visible()
    assert page.locator(".demo-still").count() == 0
    assert notebook.problems == []


def test_cells_that_come_and_go_with_scrolling(open_notebook: Callable[[str], NotebookPage]) -> None:
    """As students have it: cells far from the window are not in the page at all."""
    notebook = open_notebook(LESSON)
    page = notebook.page
    page.evaluate(WINDOWING, "full")
    imports = next(source for source in sources(notebook) if source.startswith(("import ", "from ")))
    picture = still(page, "01_fit_relu")
    run(notebook, imports, "CurveFit()")
    for _ in range(2):
        page.evaluate(GO, "CurveFit()")
        expect(picture).to_be_attached()
        expect(picture).to_be_hidden()
        page.evaluate(GO, "LinearCollapse()")
        expect(picture).not_to_be_attached()
    assert notebook.problems == []


def test_notebook_7_folds_it_too(window: BrowserContext, lab_server: LabServer) -> None:
    page = window.new_page()
    page.set_default_timeout(START_SECONDS * 1000)
    page.goto(f"{lab_server.url}/notebooks/course/lessons/00_start_here.ipynb")
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
    picture = still(page, "00_one_neuron")
    expect(picture).to_be_visible()
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator("canvas.demo-figure").wait_for()
    expect(picture).to_be_hidden()
    page.get_by_text(SUMMARY).press("Enter")
    expect(picture).to_be_visible()
    page.close()

"""The feedback page in a real browser: narrow and wide, light and dark, by axe-core, and in JupyterLab untrusted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Locator, Page

from autograder.examiner.verdict import CAPTION
from autograder.reports.feedback import write_feedback
from course.handing_in.notebook_parts import new_display
from tests.support.graded_class import PS1, Class, graded
from tests.support.lab import LabServer

__all__ = ["graded"]

pytestmark = pytest.mark.browser

SIZES = (390, 1024, 1920)
COMMENT = "Look at $\\frac{1}{1 + e^{-x}}$ for **small** x, and at the [lesson](https://example.org)."
UNFOLD = "document.querySelectorAll('details').forEach(part => part.open = true)"
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def page_file(graded: Class) -> Path:
    """The page of a submission with failed checks, a cell that was stopped, figures, tables, notes, a comment."""
    path = graded.course.folder("autograded", PS1, "cleo") / f"{PS1}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    told = notebook.metadata["autograder"]
    told["notes"], told["wall"] = ["cell 'hardswish' was missing", "files: a.txt was left out"], {}
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    table = "<table><tr>" + "".join(f"<th>a_long_column_{number}</th>" for number in range(12)) + "</tr></table>"
    figure = next(output for output in cells["selu"].outputs if output.output_type == "display_data")
    cells["selu"].outputs += [new_display({"text/html": table}), new_display({"text/plain": "y" * 400})]
    cells["test_selu"].outputs += [new_display({"text/plain": f"{CAPTION}:"}), figure]
    with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
        gradebook.find_comment("selu", PS1, PS1, "cleo").manual_comment = COMMENT
        gradebook.db.commit()
    before = path.read_bytes()
    nbformat.write(notebook, path)
    try:
        (page,) = write_feedback(graded.course, PS1, "cleo")
    finally:
        path.write_bytes(before)
    return page


@pytest.mark.thorough(reason="looks at one page in six windows; the other tests hold what stands in it")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_axe_finds_nothing_and_the_page_is_as_wide_as_the_window(
    page_file: Path, browser: Browser, width: int, scheme: str, shoot: Callable[[Locator, str], None]
) -> None:
    # axe-core is a script, which the page itself forbids.
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    try:
        page.goto(page_file.as_uri())
        for state in ("folded", "unfolded"):
            shoot(page.locator("body"), f"feedback-{width}-{scheme}-{state}")
            found = Axe().run(page).response["violations"]
            assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], state
            assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0, state
            page.evaluate(UNFOLD)
    finally:
        context.close()


@pytest.mark.thorough(reason="draws one page; the other tests hold what stands in it")
def test_on_paper_it_is_black_on_white_and_nothing_of_the_students_is_folded(page_file: Path, browser: Browser) -> None:
    page = browser.new_page(color_scheme="dark")
    try:
        page.goto(page_file.as_uri())
        folded = page.locator("details.open:not([open]) li").first
        assert not folded.evaluate("line => line.checkVisibility()")
        page.emulate_media(media="print")
        assert folded.evaluate("line => line.checkVisibility()")
        assert page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(255, 255, 255)"
    finally:
        page.close()


@pytest.fixture(scope="module")
def lab(page_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    root = tmp_path_factory.mktemp("feedback-lab")
    shutil.copy(page_file, root / "page.html")
    with LabServer(root, tmp_path_factory.mktemp("feedback-home")) as running:
        yield running


@pytest.mark.thorough(reason="starts a JupyterLab of its own")
def test_jupyterlab_shows_it_whole_without_trust(lab: LabServer, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    try:
        page.goto(f"{lab.url}/lab/tree/page.html")
        shown = page.frame_locator(".jp-HTMLViewer iframe")
        shown.locator("h1").wait_for()
        assert "Trust HTML" in page.locator(".jp-Toolbar").filter(has_text="Trust").first.inner_text()
        formula = shown.locator(".comment math mfrac").bounding_box()
        assert formula
        assert formula["height"] > 15  # one above the other
        passed = shown.locator("details").filter(has_text="2 of 2 checks passed").first
        assert not passed.locator("li").first.is_visible()
        passed.locator("summary").click()
        assert passed.locator("li").first.is_visible()
        target = shown.locator("#exercise-6")
        assert not in_view(page, target.bounding_box())
        shown.locator(".overview a[href='#exercise-6']").click()
        target.wait_for()
        page.wait_for_function("() => true")
        assert in_view(page, shown.locator("#exercise-6").bounding_box())
    finally:
        page.close()


def in_view(page: Page, box: object) -> bool:
    assert isinstance(box, dict)
    assert page.viewport_size
    return bool(0 <= box["y"] < page.viewport_size["height"])

"""A student's day: the first screen; an assignment fetched, mended where the lesson leads, submitted; its feedback."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from autograder.batch.coordinator import grade_class
from autograder.batch.run import how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.publish.bundle import build_bundle
from autograder.publish.notebooks import generate_assignment
from autograder.reports.feedback import write_feedback
from tests.support.classroom import Inline
from tests.support.lab import START_SECONDS, LabServer, NotebookPage
from tests.support.solutions import solutions

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PS1 = "ps1_from_scratch"
CURRENT = "window.jupyterapp?.shell.currentWidget?.context?.path"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> CourseFolder:
    """The instructor's course, with ps1 released into its exchange."""
    exchange = tmp_path_factory.mktemp("exchange")
    exchange.chmod(0o777)
    root = tmp_path_factory.mktemp("teaching") / "course"
    shutil.copytree(ROOT / "source" / PS1, root / "source" / PS1)
    settings = f"\nc.Exchange.root = {str(exchange)!r}\n"
    (root / CONFIG_NAME).write_text((ROOT / CONFIG_NAME).read_text() + settings)
    made = CourseFolder.load(root)
    generate_assignment(made, PS1)
    succeed(made.api().release_assignment(PS1))
    return made


@pytest.fixture(scope="module")
def student(course: CourseFolder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab as a student starts it in the bundle for courses with an exchange."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(build_bundle(ROOT, folder / "bundle.zip", assignments=False)) as archive:
        archive.extractall(folder)
    home = folder / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {course.config.Exchange.root!r}\n"
    )
    with LabServer(folder / "activation-course", home, as_student=True) as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(START_SECONDS * 1000)
    yield page
    page.close()


def enter(page: Page, url: str) -> None:
    """Open JupyterLab, and wait until the first lesson is there with its kernel."""
    page.goto(url)
    page.wait_for_function(f"{CURRENT} === 'lessons/00_start_here.ipynb'")
    page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'")


def widgets(page: Page) -> list[str]:
    """What stands in the main area, by its title."""
    titles = "[...window.jupyterapp.shell.widgets('main')].map(widget => widget.title.label)"
    return page.evaluate(titles)


def run(page: Page, command: str, **arguments: str) -> None:
    """Run a command of JupyterLab, and wait until it is done."""
    page.evaluate(
        "([name, values]) => window.jupyterapp.commands.execute(name, values).then(() => {})", [command, arguments]
    )


def succeed(answer: dict[str, object]) -> None:
    """Hold an answer of nbgrader's interface to be one of success."""
    assert answer["success"], answer


def captions(notebook: NotebookPage) -> list[str]:
    """The captions of the tables of checks; JupyterLab draws only what is in view."""
    return re.findall(r"<caption[^>]*>(.*?)</caption>", json.dumps(notebook.cells(), ensure_ascii=False), re.DOTALL)


def mend(notebook: NotebookPage, grade_id: str, text: str) -> None:
    """Go to a cell, select all, type."""
    notebook.page.evaluate(GO_TO, grade_id)
    notebook.page.locator(".jp-Notebook:visible .jp-Cell.jp-mod-active .cm-content").click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.insert_text(text)


def test_the_first_screen_is_the_first_lesson(page: Page, student: LabServer) -> None:
    enter(page, student.url)
    assert widgets(page) == ["00_start_here.ipynb"]
    assert page.locator(".jp-Launcher, .Toastify__toast, .jp-Dialog").count() == 0
    panels = page.evaluate(
        "['left', 'right'].flatMap(area => [...window.jupyterapp.shell.widgets(area)].map(w => w.id))"
    )
    assert not [name for name in panels if "create" in name.lower()]
    assert not [name for name in page.evaluate("window.jupyterapp.commands.listCommands()") if "formgrader" in name]
    run(page, "docmanager:open", path="README.md")
    page.locator(".jp-MarkdownViewer h1").wait_for()


def test_a_students_day(
    page: Page, student: LabServer, course: CourseFolder, shoot: Callable[[Page, str], None]
) -> None:
    # In a workspace that was used before, the lesson of the address comes to the front once more, later.
    enter(page, f"{student.url}/lab/workspaces/day/tree/lessons/00_start_here.ipynb")
    run(page, "nbgrader:open-assignment-list")
    page.get_by_role("button", name="Fetch", exact=True).click()
    page.get_by_role("button", name="Submit", exact=True).wait_for()
    run(page, "docmanager:open", path="lessons/00_start_here.ipynb")
    page.locator(".jp-MarkdownCell a", has_text=PS1).first.click()
    page.wait_for_function(f"{CURRENT} === '{PS1}/{PS1}.ipynb'")
    page.wait_for_function("window.jupyterapp.shell.currentWidget.context.isReady")

    notebook = NotebookPage(page, student, f"{PS1}/{PS1}.ipynb", "")
    notebook.run_all()
    assert notebook.errors() == []
    answers = solutions(PS1)
    assert [caption.split(": ")[1][:5] for caption in captions(notebook)] == ["0 of "] * len(answers)
    validate = page.locator(".jp-NotebookPanel:visible").get_by_text("Validate", exact=True)
    validate.click()
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_text("checks fail:").first.wait_for()
    failed = dialog.inner_text()
    assert failed.count("checks fail:\n- ") == len(answers)
    assert "Traceback" not in failed
    assert "Error" not in failed.replace("NotImplementedError", "")
    shoot(page, "student-validate-failed")
    dialog.locator("button.jp-mod-accept").click()
    for grade_id, text in answers.items():
        mend(notebook, grade_id, text)
    notebook.run_all()
    for caption in captions(notebook):
        found = re.search(r": (\d+) of (\d+) checks pass", caption)
        assert found, caption
        assert found[1] == found[2], caption
    validate.click()
    dialog.get_by_text("Success! Your notebook passes all the tests.").wait_for()
    dialog.locator("button.jp-mod-accept").click()
    page.evaluate(GO_TO, "")
    page.get_by_role("button", name="Rehearse the grading").click()
    page.locator(".jp-Notebook pre", has_text=f"{len(answers)} of {len(answers)} exercises pass").wait_for()

    run(page, "nbgrader:open-assignment-list")
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_role("button", name="Fetch Feedback").wait_for()
    assert not list((student.home / "settings").rglob("*")), "nothing was written into the user's own settings"

    succeed(course.api().collect(PS1))
    grade_class(course, PS1, how_configured(course), Inline, 1)
    [written] = write_feedback(course, PS1)
    succeed(course.api().release_feedback(PS1))
    page.get_by_role("button", name="Fetch Feedback").click()
    page.get_by_text("(view feedback)").first.wait_for(state="attached")
    [fetched] = (student.root / "my_course" / PS1).glob(f"feedback/*/{PS1}.html")
    assert fetched.read_bytes() == written.read_bytes()
    run(page, "docmanager:open", path=str(fetched.relative_to(student.root / "my_course")))
    shown = page.frame_locator(".jp-HTMLViewer iframe")
    assert re.fullmatch(r"Score (\d+) of \1 points", shown.locator(".score").first.inner_text())
    shoot(page, "student-feedback")


GO_TO = """async id => {
  const {content} = window.jupyterapp.shell.currentWidget;
  const at = content.widgets.findIndex(cell => cell.model.getMetadata('nbgrader')?.grade_id === id);
  content.activeCellIndex = at < 0 ? content.widgets.length - 1 : at;
  await content.scrollToItem(content.activeCellIndex, 'center');
}"""

"""A student's first hour: the first screen, an assignment fetched, solved where the lesson leads, submitted."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from autograder.publish.bundle import build_bundle
from tests.support.lab import START_SECONDS, LabServer

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PS1 = "ps1_from_scratch"
CURRENT = "window.jupyterapp?.shell.currentWidget?.context?.path"


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exchange into which the instructor has released ps1."""
    folder = tmp_path_factory.mktemp("exchange")
    folder.chmod(0o777)
    release = [sys.executable, "-m", "nbgrader", "release_assignment", PS1, f"--Exchange.root={folder}"]
    subprocess.run(release, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def student(exchange: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab as a student starts it in the bundle for courses with an exchange."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(build_bundle(ROOT, folder / "bundle.zip", assignments=False)) as archive:
        archive.extractall(folder)
    home = folder / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\n")
    with LabServer(folder / "activation-course", home, as_student=True) as server:
        yield server


@pytest.fixture
def page(browser: Browser, student: LabServer) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(START_SECONDS * 1000)
    page.goto(student.url)
    page.wait_for_function(f"{CURRENT} === 'lessons/00_start_here.ipynb'")
    page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'")
    yield page
    page.close()


def widgets(page: Page) -> list[str]:
    """What stands in the main area, by its title."""
    titles = "[...window.jupyterapp.shell.widgets('main')].map(widget => widget.title.label)"
    return page.evaluate(titles)


def test_the_first_screen_is_the_first_lesson_and_work_where_it_leads_is_what_is_submitted(
    page: Page, student: LabServer, exchange: Path
) -> None:
    assert widgets(page) == ["00_start_here.ipynb"]
    assert page.locator(".jp-Launcher, .Toastify__toast, .jp-Dialog").count() == 0
    panels = page.evaluate(
        "['left', 'right'].flatMap(area => [...window.jupyterapp.shell.widgets(area)].map(w => w.id))"
    )
    assert not [name for name in panels if "create" in name.lower()]
    assert not [name for name in page.evaluate("window.jupyterapp.commands.listCommands()") if "formgrader" in name]
    page.evaluate("window.jupyterapp.commands.execute('docmanager:open', {path: 'README.md'})")
    page.locator(".jp-MarkdownViewer h1").wait_for()

    page.evaluate("window.jupyterapp.commands.execute('nbgrader:open-assignment-list')")
    page.get_by_role("button", name="Fetch", exact=True).click()
    page.get_by_role("button", name="Submit", exact=True).wait_for()
    page.evaluate("window.jupyterapp.commands.execute('docmanager:open', {path: 'lessons/00_start_here.ipynb'})")
    page.locator(".jp-MarkdownCell a", has_text=PS1).first.click()
    page.wait_for_function(f"{CURRENT} === '{PS1}/{PS1}.ipynb'")
    page.wait_for_function("window.jupyterapp.shell.currentWidget.context.isReady")
    page.evaluate(ANSWER)
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")

    page.evaluate("window.jupyterapp.commands.execute('nbgrader:open-assignment-list')")
    page.get_by_role("button", name="Submit", exact=True).click()
    inbound = exchange / "activations" / "inbound"
    end = time.monotonic() + START_SECONDS
    while not list(inbound.glob("*/timestamp.txt")) and time.monotonic() < end:
        page.wait_for_timeout(100)
    [submitted] = inbound.glob(f"*/{PS1}.ipynb")
    assert "my answer" in "".join(cell.source for cell in nbformat.read(submitted, as_version=4).cells)
    assert not list((student.home / "settings").rglob("*")), "nothing was written into the user's own settings"


ANSWER = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  const answer = [...cells].find(cell => cell.sharedModel.source.includes('NotImplementedError'));
  answer.sharedModel.setSource(answer.sharedModel.source + '\\n# my answer');
}"""

"""Fixtures of the browser tests: a served copy of the course, Chromium, and notebooks opened in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from autograder.publish.notebooks import build_notebooks, twins
from tests.support.lab import LabServer, NotebookPage, chromium

ROOT = Path(__file__).parents[2]
PAGES = count()
"""One workspace a page: in one that was used before, JupyterLab opens the notebooks of then again."""

# An audit hook cannot be taken off again and sees every socket of the process; the kernel's own are loopback.
NO_NETWORK = """
import sys as _sys
def _refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        target = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        host = target[0] if isinstance(target, tuple) else target
        if host not in ("127.0.0.1", "::1", "localhost", None) and not str(host).startswith("/"):
            raise OSError(f"a lesson must not use the network: {event} {host}")
_sys.addaudithook(_refuse)
"""


@pytest.fixture(scope="session")
def course_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the lessons, made from their text twins, and the released assignments."""
    root = tmp_path_factory.mktemp("lab") / "root"
    shutil.copytree(ROOT / "course", root / "course", ignore=shutil.ignore_patterns("__pycache__", "*.ipynb"))
    build_notebooks(root)
    for twin in twins(root):
        twin.unlink()  # a pair would be kept in step, and the test wants the notebook alone
    shutil.copytree(ROOT / "release", root / "release")
    return root


@pytest.fixture(scope="session")
def lab_server(course_copy: Path) -> Iterator[LabServer]:
    """JupyterLab serving `course_copy`; its kernels refuse to use a network."""
    home = course_copy.parent / "home"
    startup = home / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "no_network.py").write_text(NO_NETWORK)
    with LabServer(course_copy, home) as server:
        yield server


# Until Playwright is closed an event loop runs in this process, which tests of other folders would find there.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture
def write_notebook(course_copy: Path) -> Callable[..., str]:
    """Writes a notebook of code cells, given their sources, into the served folder; its path there."""

    def write(name: str, *sources: str) -> str:
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), course_copy / name)
        return name

    return write


@pytest.fixture(scope="package")
def window(browser: Browser) -> BrowserContext:
    """One context for all pages: they share the cache, from which JupyterLab starts in half the time."""
    return browser.new_context(viewport={"width": 1280, "height": 1000})


@pytest.fixture(scope="package")
def pages(window: BrowserContext) -> list[Page]:
    """Pages that show JupyterLab without a notebook: to load it takes longer than to run most notebooks."""
    return []


@pytest.fixture
def open_notebook(
    window: BrowserContext, pages: list[Page], lab_server: LabServer
) -> Iterator[Callable[[str], NotebookPage]]:
    """Opens a notebook by its path below the served folder, in a page with no other."""
    opened = []

    def open_(path: str) -> NotebookPage:
        page = pages.pop() if pages else window.new_page()
        notebook = NotebookPage(page, lab_server, path, f"test-{os.getpid()}-{next(PAGES)}")
        opened.append(notebook)
        return notebook

    yield open_
    for notebook in opened:
        if notebook.put_away():
            pages.append(notebook.page)
        else:
            notebook.page.close()


@pytest.fixture(scope="session")
def shoot() -> Callable[[Locator | Page, str], None]:
    """Takes a screenshot, by name, into the folder that SCREENSHOT_DIR names; without it, none.

    To draw a whole lesson once more takes as long as to run it.
    """
    folder = os.environ.get("SCREENSHOT_DIR")

    def shoot_(what: Locator | Page, name: str) -> None:
        if folder:
            what.screenshot(path=Path(folder, f"{name}.png"))

    return shoot_

"""Fixtures of the browser tests: a served copy of the course, Chromium, and notebooks opened in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from autograder.bench.lab import LabServer, NotebookPage, chromium
from autograder.notebooks import build_notebooks, twins

ROOT = Path(__file__).parents[2]
PAGES = count()
"""One workspace a page: in one that was used before, JupyterLab opens the notebooks of then again."""


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
    """JupyterLab serving `course_copy`."""
    home = course_copy.parent / "home"
    home.mkdir()
    with LabServer(course_copy, home) as server:
        yield server


# Until Playwright is closed an event loop runs in this process, which tests of other modules would find there.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture
def open_notebook(browser: Browser, lab_server: LabServer) -> Iterator[Callable[[str], NotebookPage]]:
    """Opens a notebook by its path below the served folder, each in a page and workspace of its own."""
    pages = []

    def open_(path: str) -> NotebookPage:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        pages.append(page)
        return NotebookPage(page, lab_server, path, f"test-{os.getpid()}-{next(PAGES)}")

    yield open_
    for page in pages:
        page.close()


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where screenshots go: the folder in SCREENSHOT_DIR, else a temporary one."""
    folder = Path(os.environ.get("SCREENSHOT_DIR", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder

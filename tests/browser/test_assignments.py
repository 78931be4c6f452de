"""Every assignment solved by keyboard in a real JupyterLab: the stub fails visibly, the solution turns green."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.support.lab import NotebookPage
from tests.support.solutions import solutions

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
STUDENTS_DAY = "ps1_from_scratch"
"""Solved in the student's own JupyterLab, by test_students_day.py."""

ASSIGNMENTS = sorted({path.name for path in (ROOT / "release").iterdir() if path.is_dir()} - {STUDENTS_DAY})


def tables(notebook: NotebookPage) -> list[str]:
    """The captions of the tables of checks, as a student reads them."""
    return notebook.page.locator(".jp-Notebook .jp-OutputArea-output caption").all_inner_texts()


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_stub_fails_visibly_and_the_solution_turns_green(
    assignment: str, open_notebook: Callable[[str], NotebookPage], shoot: Callable[[Locator, str], None]
) -> None:
    notebook = open_notebook(f"release/{assignment}/{assignment}.ipynb")
    notebook.run_all()
    answers = solutions(assignment)
    assert [caption.split(": ")[1][:5] for caption in tables(notebook)] == ["0 of "] * len(answers)
    shoot(notebook.page.locator(".jp-Notebook"), f"{assignment}-stub")

    for cell in notebook.cells():
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            type_into(notebook, grade_id, answers[grade_id])
    notebook.run_all()
    for caption in tables(notebook):
        passed, of = re.search(r": (\d+) of (\d+) checks pass", caption).groups()
        assert passed == of, caption
    shoot(notebook.page.locator(".jp-Notebook"), f"{assignment}-solved")

    notebook.page.get_by_text("Validate", exact=True).click()
    dialog = notebook.page.locator(".jp-Dialog")
    dialog.get_by_text("Success! Your notebook passes all the tests.").wait_for()
    dialog.locator("button.jp-mod-accept").click()
    assert notebook.problems == []


def type_into(notebook: NotebookPage, grade_id: str, text: str) -> None:
    """Replace the text of a cell as a person would: click into it, select all, type."""
    index = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook.cells()].index(grade_id)
    editor = notebook.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}'] .cm-content")
    editor.click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.insert_text(text)

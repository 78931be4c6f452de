"""Every assignment solved by keyboard in a real JupyterLab: the stub fails visibly, the solution turns green."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator

from tests.support.lab import NotebookPage

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = sorted(path.name for path in (ROOT / "release").iterdir() if path.is_dir())
MARKERS = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


def solutions(assignment: str) -> dict[str, str]:
    notebook = nbformat.read(ROOT / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    return {
        cell.metadata.nbgrader.grade_id: MARKERS.sub("", cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


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

    if assignment == ASSIGNMENTS[0]:
        failed = validated(notebook, "checks fail:")
        assert failed.count("checks fail:\n- ") == len(answers)
        assert "Traceback" not in failed
        assert "Error" not in failed.replace("NotImplementedError", "")

    for cell in notebook.cells():
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            type_into(notebook, grade_id, answers[grade_id])
    notebook.run_all()
    for caption in tables(notebook):
        passed, of = re.search(r": (\d+) of (\d+) checks pass", caption).groups()
        assert passed == of, caption
    shoot(notebook.page.locator(".jp-Notebook"), f"{assignment}-solved")

    validated(notebook, "Success! Your notebook passes all the tests.")
    if assignment == ASSIGNMENTS[0]:
        shoot(rehearse(notebook, len(answers)), f"{assignment}-rehearsed")
    assert notebook.problems == []


def validated(notebook: NotebookPage, says: str) -> str:
    """Press Validate, wait until its dialog says this, close it, and return all that it said."""
    notebook.page.get_by_text("Validate", exact=True).click()
    dialog = notebook.page.locator(".jp-Dialog")
    dialog.get_by_text(says).first.wait_for()
    said = dialog.inner_text()
    dialog.locator("button.jp-mod-accept").click()
    return said


def rehearse(notebook: NotebookPage, exercises: int) -> Locator:
    """Press the button of the last cell and return what it shows; to validate has saved the notebook."""
    notebook.page.get_by_role("button", name="Rehearse the grading").click()
    said = notebook.page.locator(".jp-Notebook pre", has_text=f"{exercises} of {exercises} exercises pass")
    said.wait_for()
    notebook.page.get_by_text("All visible checks pass, and there is nothing to mend.").wait_for()
    assert "Nothing to mend." in said.inner_text()
    return notebook.page.locator(".jp-Notebook .jp-OutputArea-output").last


def type_into(notebook: NotebookPage, grade_id: str, text: str) -> None:
    """Replace the text of a cell as a person would: click into it, select all, type."""
    index = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook.cells()].index(grade_id)
    editor = notebook.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}'] .cm-content")
    editor.click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.insert_text(text)

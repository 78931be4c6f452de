"""Builds notebooks from their text twins, and student notebooks from instructor notebooks.

Both are functions of their input alone: the same text gives the same bytes, which `make test` compares.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.course_folder import CourseFolder, copy_settings
from autograder.errors import UserError
from autograder.gradebook import address
from autograder.publish import percent

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TEXT_FORMAT = "py:percent"
TWIN_SUFFIX = ".py"


def twins(root: Path) -> Iterator[Path]:
    """Yield the text twins of a course: the lessons and the instructor notebooks."""
    yield from sorted((root / "course" / "lessons").glob(f"[0-9]*{TWIN_SUFFIX}"))
    for twin in sorted((root / "source").glob(f"*/*{TWIN_SUFFIX}")):
        if twin.stem == twin.parent.name:
            yield twin


def build_notebook(text: str, *, name: str) -> str:
    """Return the notebook, as JSON text, of a text twin in jupytext's percent format.

    Parameters
    ----------
    text : str
        The text twin.
    name : str
        Named in errors.

    Raises
    ------
    UserError
        If the text is not a notebook, or two cells have the same nbgrader id.
    """
    percent.register()
    try:
        notebook = jupytext.reads(text, fmt=TEXT_FORMAT)
    except Exception as error:
        raise UserError(f"{name} cannot be read as {TEXT_FORMAT} text: {error}") from error
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken: set[str] = set()
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in taken:
            raise UserError(f"{name}: two cells have the grade_id {grade_id!r}; give each its own.")
        cell["id"] = grade_id or _stable_id(cell, taken)
        taken.add(cell["id"])
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return _dumps(notebook)


def _stable_id(cell: NotebookNode, taken: set[str]) -> str:
    """Return an id that depends on the cell's text, so that inserting a cell changes no other cell."""
    digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()
    return next(digest[start : start + 8] for start in range(56) if digest[start : start + 8] not in taken)


def _dumps(notebook: NotebookNode) -> str:
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"


def build_notebooks(root: Path, target: Path | None = None, *, below: str = "") -> list[Path]:
    """Write the notebook of every text twin under `root` beside it, or at the same place under `target`.

    Parameters
    ----------
    below : str, optional
        A folder of `root` outside of which nothing is built.

    Returns
    -------
    list of Path
        The notebooks, in order; those that were as they should be have been left alone.
    """
    written = []
    for twin in twins(root):
        if not twin.is_relative_to(root / below):
            continue
        notebook = (target or root) / twin.relative_to(root).with_suffix(".ipynb")
        text = build_notebook(twin.read_text(encoding="utf-8"), name=str(twin.relative_to(root)))
        notebook.parent.mkdir(parents=True, exist_ok=True)
        # Someone who has the notebook open is then not told that it changed on disk when it did not.
        if not notebook.exists() or notebook.read_text(encoding="utf-8") != text:
            notebook.write_text(text, encoding="utf-8")
        written.append(notebook)
    return written


def build_release(root: Path, target: Path) -> list[Path]:
    """Write the student version of every assignment under `target`, by nbgrader's own converter.

    It works on a copy with a gradebook of its own, so the instructor's gradebook and `release/` stay as
    they are until everything has been built.

    Returns
    -------
    list of Path
        The student notebooks written.

    Raises
    ------
    UserError
        If nbgrader cannot make one; with the last lines of its log.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve()
        copy_settings(root, copy)
        shutil.copytree(root / "source", copy / "source")
        course = CourseFolder.load(copy)
        for assignment in course.assignments():
            generate_assignment(course, assignment)
        for assignment in course.assignments():
            _replace(copy / "release" / assignment, target / assignment)
    return sorted(target.glob("*/*.ipynb"))


def generate_assignment(course: CourseFolder, assignment: str) -> None:
    """Make the student version of one assignment and enter it in the course's gradebook."""
    address(course)  # nbgrader answers one that is none with a traceback
    result = course.api().generate_assignment(assignment)
    if not result["success"]:
        raise UserError(f"nbgrader could not make the student version of {assignment}: {_reason(result['log'])}")
    for notebook in course.folder("release", assignment).glob("*.ipynb"):
        notebook.write_text(_dumps(nbformat.read(notebook, as_version=4)), encoding="utf-8")


def _reason(log: str) -> str:
    """Return the line of nbgrader's log that names the error behind its traceback."""
    lines = [line.strip() for line in log.splitlines()]
    named = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return named[0] if named else (lines[-1] if lines else "no reason given")


def _replace(new: Path, old: Path) -> None:
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.exists():
        shutil.rmtree(old)
    shutil.move(new, old)

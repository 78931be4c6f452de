"""Whoever edits `source/` and forgets to generate is told at grading, and nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course_folder import CourseFolder
from autograder.examiner.sourcecells import source_notebooks
from autograder.publish.changes import changes
from autograder.publish.notebooks import generate_assignment
from tests.support.classroom import MINI, ROOT, Classroom
from tests.support.classroom_fixtures import released, room

__all__ = ["released", "room"]


def remarks(room: Classroom, change: Callable[[NotebookNode], object]) -> list[str]:
    path = room.course.folder("source", MINI) / f"{MINI}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)
    with room.gradebook() as gradebook:
        return changes(room.course, MINI, source_notebooks(gradebook, MINI).values())


@pytest.mark.parametrize(
    ("change", "cells"),
    [
        (lambda nb: nb.cells[2].metadata.nbgrader.update(points=5), "(cell 'test_double')"),
        (lambda nb: nb.cells[0].update(source="LIMIT = 99"), "(cell 'given')"),
        (lambda nb: nb.cells[4].update(source="assert False"), "(cell 'test_mean')"),
        (lambda nb: nb.cells.pop(4), "(cell 'test_mean')"),
        (lambda nb: nb.cells[3].metadata.nbgrader.update(grade_id="new"), "(cell 'new', 'mean')"),
        (lambda nb: nb.cells.clear(), "(cell 'given', 'double', 'test_double', 'mean' and others)"),
    ],
)
def test_a_change_is_named_with_the_way_out(
    room: Classroom, change: Callable[[NotebookNode], object], cells: str
) -> None:
    (line,) = remarks(room, change)
    assert cells in line
    assert f"nbgrader generate_assignment {MINI} --force" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: None,
        lambda nb: nb.cells.insert(0, nbformat.v4.new_markdown_cell("A word more.")),
        lambda nb: nb.cells[1].update(source=nb.cells[1].source.replace("2 * x", "x + x")),
    ],
)
def test_what_changes_no_grade_is_not(room: Classroom, change: Callable[[NotebookNode], object]) -> None:
    assert remarks(room, change) == []


def test_a_source_that_is_gone_or_broken_is_no_matter_of_grading(room: Classroom) -> None:
    path = room.course.folder("source", MINI) / f"{MINI}.ipynb"
    with room.gradebook() as gradebook:
        sources = source_notebooks(gradebook, MINI)
    path.write_text("{")
    assert changes(room.course, MINI, sources.values()) == []
    path.unlink()
    assert changes(room.course, MINI, sources.values()) == []


def test_headers_come_from_elsewhere(released: Classroom, tmp_path: Path) -> None:
    room = released.copy(tmp_path / "course", "\nc.IncludeHeaderFooter.header = 'header.ipynb'\n")
    assert remarks(room, lambda nb: nb.cells.pop(0)) == []


def test_our_own_assignments_are_as_the_gradebook_has_them(tmp_path: Path) -> None:
    """No false alarm: every kind of cell of ours, tasks and mark schemes included."""
    shutil.copytree(ROOT / "source", tmp_path / "source")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    course = CourseFolder.load(tmp_path)
    for assignment in course.assignments():
        generate_assignment(course, assignment)
        with Classroom(course).gradebook() as gradebook:
            assert changes(course, assignment, source_notebooks(gradebook, assignment).values()) == []

"""What the gradebook says each cell of a notebook must be, as plain data that travels to a worker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.course_folder import CourseFolder
from autograder.errors import UserError


@dataclass(frozen=True)
class SourceCell:
    """One cell that nbgrader knows: its text, its role and its points."""

    name: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float

    def metadata(self) -> dict[str, Any]:
        """Return nbgrader's metadata for this cell."""
        fields: dict[str, Any] = {
            "cell_type": self.cell_type,
            "checksum": self.checksum,
            "grade": self.grade,
            "grade_id": self.name,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.task,
        }
        if self.grade or self.task:
            fields["points"] = self.points
        return fields


@dataclass(frozen=True)
class SourceNotebook:
    """The cells of one notebook of an assignment, in order, and the kernel it runs with."""

    assignment: str
    name: str
    kernelspec: dict[str, Any] | None
    cells: tuple[SourceCell, ...]

    @property
    def max_points(self) -> float:
        """Points of the whole notebook."""
        return sum(cell.points for cell in self.cells if cell.grade or cell.task)

    @cached_property
    def text(self) -> str:
        """A text that `from_text` reads; equal notebooks have equal texts."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> SourceNotebook:
        """Return the notebook whose `text` this is."""
        fields = json.loads(text)
        return cls(**{**fields, "cells": tuple(SourceCell(**cell) for cell in fields["cells"])})


def require_python(sources: Iterable[SourceNotebook]) -> None:
    """Refuse an assignment that is written in another language.

    Raises
    ------
    UserError
        Naming the notebook and its language.
    """
    for source in sources:
        language = str((source.kernelspec or {}).get("language") or "python")
        if not language.lower().startswith("python"):
            raise UserError(
                f"{source.name}.ipynb of {source.assignment} is written in {language}, and only Python notebooks are "
                "graded here. Nothing was graded; use stock nbgrader for this assignment, with its own preprocessors."
            )


def source_notebooks(
    gradebook: Gradebook, assignment: str, course: CourseFolder | None = None
) -> dict[str, SourceNotebook]:
    """Return the notebooks of an assignment by name, as `nbgrader generate_assignment` saved them.

    Parameters
    ----------
    course : CourseFolder | None, optional
        Where the assignment's notebooks are, for the order of their cells: a database returns rows in any order, and
        a cell that was corrected may have moved.

    Raises
    ------
    nbgrader.api.MissingEntry
        If the gradebook does not know the assignment.
    """
    return {
        notebook.name: _source_notebook(notebook, assignment, _order(notebook.name, assignment, course))
        for notebook in gradebook.find_assignment(assignment).notebooks
    }


def _order(name: str, assignment: str, course: CourseFolder | None) -> list[str]:
    """Return the ids of a notebook's cells in order: those of `release/`, and what `source/` alone has behind its own.

    What students have is made by nbgrader, header and footer included; it need not be there.
    """
    order: list[str] = []
    if course is None:
        return order
    for step in ("release", "source"):
        at = 0
        for grade_id in _ids(course.folder(step, assignment) / f"{name}.ipynb"):
            if grade_id not in order:
                order.insert(at, grade_id)
            at = order.index(grade_id) + 1
    return order


def _ids(path: Path) -> list[str]:
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return [str(cell["metadata"]["nbgrader"]["grade_id"]) for cell in cells if "nbgrader" in cell["metadata"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _source_notebook(notebook: Any, assignment: str, order: Sequence[str]) -> SourceNotebook:
    place = {name: number for number, name in enumerate(order)}
    grades = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
    tasks = {cell.name: float(cell.max_score) for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    return SourceNotebook(
        assignment=assignment,
        name=notebook.name,
        kernelspec=json.loads(notebook.kernelspec) if notebook.kernelspec else None,
        cells=tuple(
            SourceCell(
                name=cell.name,
                cell_type=cell.cell_type,
                source=cell.source or "",
                checksum=cell.checksum or "",
                locked=bool(cell.locked),
                grade=cell.name in grades,
                solution=cell.name in solutions or cell.name in tasks,
                task=cell.name in tasks,
                points=grades.get(cell.name, tasks.get(cell.name, 0.0)),
            )
            for cell in sorted(notebook.source_cells, key=lambda cell: place.get(cell.name, len(place)))
        ),
    )

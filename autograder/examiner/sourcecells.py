"""What the gradebook says each cell of a notebook must be, as plain data that travels to a worker."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from nbgrader.api import Gradebook


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


def source_notebooks(gradebook: Gradebook, assignment: str) -> dict[str, SourceNotebook]:
    """Return the notebooks of an assignment by name, as `nbgrader generate_assignment` saved them.

    Raises
    ------
    nbgrader.api.MissingEntry
        If the gradebook does not know the assignment.
    """
    return {
        notebook.name: _source_notebook(notebook, assignment)
        for notebook in gradebook.find_assignment(assignment).notebooks
    }


def _source_notebook(notebook: Any, assignment: str) -> SourceNotebook:
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
            for cell in notebook.source_cells
        ),
    )

"""What the gradebook says each cell of a notebook must be, as plain data that travels to a worker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.examiner.celltext import visible_text


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
class ReleasedCell:
    """One cell of the notebook that students get: what the gradebook does not keep of it."""

    name: str
    """As nbgrader knows it; empty if it does not."""
    cell_type: str
    source: str
    ids: tuple[str, ...] = ()
    """Jupyter's ids of it, in `source/` and in `release/`."""
    tags: tuple[str, ...] = ()
    attachments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceNotebook:
    """The cells of one notebook of an assignment, in order, and the kernel it runs with."""

    assignment: str
    name: str
    kernelspec: dict[str, Any] | None
    cells: tuple[SourceCell, ...]
    released: tuple[ReleasedCell, ...] = ()
    """All cells as students get them, where the course folder has them; they help to recognise a student's."""

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
        cells = tuple(SourceCell(**cell) for cell in fields["cells"])
        released = tuple(
            ReleasedCell(**{**cell, "ids": tuple(cell["ids"]), "tags": tuple(cell["tags"])})
            for cell in fields["released"]
        )
        return cls(**{**fields, "cells": cells, "released": released})


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
    gradebook : Gradebook
        Where they were saved.
    assignment : str
        Its name.
    course : CourseFolder, optional
        Where the notebooks are that students got; with it, `released` is filled, and the cells are in order: a database
        returns rows in any order, and a cell that was corrected may have moved.

    Raises
    ------
    nbgrader.api.MissingEntry
        If the gradebook does not know the assignment.
    """
    found = {
        notebook.name: _source_notebook(notebook, assignment)
        for notebook in gradebook.find_assignment(assignment).notebooks
    }
    return {name: _with_released(source, course) for name, source in found.items()} if course else found


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


def _with_released(source: SourceNotebook, course: CourseFolder) -> SourceNotebook:
    """Return the notebook with what `release/` and `source/` say about its cells, as far as they can be read."""
    folders = {step: course.folder(step, source.assignment) for step in ("release", "source")}
    files = {step: _cells_of(folder / f"{source.name}.ipynb") for step, folder in folders.items()}
    ids: dict[str, list[str]] = {}
    for cell in (*files["source"], *files["release"]):
        if _name_of(cell) and isinstance(cell.get("id"), str):
            ids.setdefault(_name_of(cell), []).append(cell["id"])
    texts = {cell.name: visible_text(cell.source) for cell in source.cells}
    released = []
    for cell in files["release"] or files["source"]:
        name = _name_of(cell) if _name_of(cell) in texts else ""
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        metadata = cell.get("metadata", {})
        released.append(
            ReleasedCell(
                name=name,
                cell_type=cell["cell_type"],
                source=text if files["release"] else texts.get(name, text),
                ids=tuple(dict.fromkeys(ids.get(name, []) if name else [str(cell["id"])] if "id" in cell else [])),
                tags=tuple(map(str, metadata.get("tags", []))),
                attachments=cell.get("attachments", {}),
            )
        )
    return replace(source, released=tuple(released), cells=_in_order(source.cells, files))


def _cells_of(path: Path) -> list[dict[str, Any]]:
    """Return the cells of an instructor's notebook; none if the file is not there or is in an old format."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [cell for cell in cells if "cell_type" in cell and "source" in cell]


def _name_of(cell: Mapping[str, Any]) -> str:
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))


def _in_order(cells: tuple[SourceCell, ...], files: Mapping[str, list[dict[str, Any]]]) -> tuple[SourceCell, ...]:
    """Return the cells in the order of `release/`, with what `source/` alone has behind the cell before it there.

    What students have is made by nbgrader, header and footer included; it need not be there.
    """
    order: list[str] = []
    for step in ("release", "source"):
        at = 0
        for name in filter(None, map(_name_of, files[step])):
            if name not in order:
                order.insert(at, name)
            at = order.index(name) + 1
    place = {name: number for number, name in enumerate(order)}
    return tuple(sorted(cells, key=lambda cell: place.get(cell.name, len(place))))

"""Reads from the gradebook, and from the course folder, what each cell of a notebook must be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from course.handing_in.celltext import visible_text
from course.handing_in.sourcecells import ReleasedCell, SourceCell, SourceNotebook


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

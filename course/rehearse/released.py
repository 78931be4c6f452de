"""Finds the notebook as it was released, which a student's is restored from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader import utils

import course
from course.handing_in.recognise import grade_id
from course.handing_in.sourcecells import ReleasedCell, SourceCell, SourceNotebook

_COURSE = Path(course.__path__[0])

COPIES = _COURSE / "rehearse" / "copies"
"""Where the student bundle keeps the assignments once more: a student works in those below `release/`."""

RELEASE = _COURSE.parent / "release"
"""Where they are in a clone of the repository."""


class CannotRehearse(Exception):
    """There is nothing to rehearse; the message says in one line what is wrong and what to do."""


def find_released(notebook: Path, submitted: NotebookNode, folder: Path | None = None) -> SourceNotebook:
    """Return the assignment that a notebook answers: by its name, else by the most graded cells that it has of one.

    Parameters
    ----------
    notebook : Path
        The student's file.
    submitted : NotebookNode
        What was read from it.
    folder : Path, optional
        Where the released notebooks are, such as the exchange's folder of the assignment.

    Raises
    ------
    CannotRehearse
        If there is none.
    """
    marks = {grade_id(cell) for cell in submitted.cells} - {""}
    files = _files(folder)
    itself = any(path.samefile(notebook) for path in files)
    found = [source_of(path) for path in files if not path.samefile(notebook)]
    for source in found:
        if source.name == notebook.stem:
            return source
    shared = {source.name: len(marks & _graded(source)) for source in found}
    best = max(found, key=lambda source: shared[source.name], default=None)
    if best is not None and shared[best.name] and not itself:
        return best
    where = folder or "the course"
    raise CannotRehearse(
        f"{notebook.name} cannot be restored: {where} has no other copy of it as it was released. "
        "Say where one is: --release FOLDER."
    )


def _graded(source: SourceNotebook) -> set[str]:
    return {cell.name for cell in source.cells if cell.grade or cell.task}


def _files(folder: Path | None) -> list[Path]:
    if folder is not None:
        return sorted(folder.glob("*.ipynb"))
    return sorted(COPIES.glob("*.json")) or sorted(RELEASE.glob("*/*.ipynb"))


def source_of(path: Path) -> SourceNotebook:
    """Return a released notebook as what restoring needs.

    Raises
    ------
    CannotRehearse
        If it cannot be read.
    """
    try:
        notebook = from_dict(json.loads(path.read_bytes()))
        cells = [(cell, _text(cell)) for cell in notebook.cells]
        known = tuple(_known(cell, text) for cell, text in cells if grade_id(cell))
        released = tuple(_released(cell, text) for cell, text in cells)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotRehearse(f"{path} is no notebook as nbgrader releases it ({type(error).__name__}).") from None
    return SourceNotebook(path.stem, path.stem, None, known, released)


def _text(cell: NotebookNode) -> str:
    return cell.source if isinstance(cell.source, str) else "".join(cell.source)


def _known(cell: NotebookNode, text: str) -> SourceCell:
    marks: dict[str, Any] = cell.metadata.nbgrader
    return SourceCell(
        name=grade_id(cell),
        cell_type=cell.cell_type,
        source=text,
        checksum=str(marks.get("checksum", "")),
        locked=utils.is_locked(cell),
        grade=utils.is_grade(cell),
        solution=utils.is_solution(cell) or utils.is_task(cell),
        task=utils.is_task(cell),
        points=float(marks.get("points", 0.0)),
    )


def _released(cell: NotebookNode, text: str) -> ReleasedCell:
    return ReleasedCell(
        name=grade_id(cell),
        cell_type=cell.cell_type,
        source=text,
        ids=(cell.id,) if "id" in cell else (),
        tags=tuple(cell.metadata.get("tags", ())),
        attachments=cell.get("attachments", {}),
    )


def own_cells(source: SourceNotebook) -> Iterator[ReleasedCell]:
    """Yield the cells that were released for students to write into, and that nbgrader does not know."""
    return (cell for cell in source.released if not cell.name)

"""Finds the notebook as it was released, which a student's is restored from."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader import utils

import course
from course.handing_in.recognise import grade_id
from course.handing_in.restore import is_unchanged
from course.handing_in.sourcecells import ReleasedCell, SourceCell, SourceNotebook

_COURSE = Path(course.__path__[0])

COPIES = _COURSE / "rehearse" / "copies"
"""Where the student bundle keeps the assignments once more: a student works in those below `release/`."""

RELEASE = _COURSE.parent / "release"
"""Where they are in a clone of the repository."""


class CannotRehearse(Exception):
    """There is nothing to rehearse; the message says in one line what is wrong and what to do."""


@dataclass(frozen=True)
class Found:
    """An assignment, and what a student should know of where it was found."""

    source: SourceNotebook
    remark: str = ""
    is_released: bool = True
    """Whether it is the notebook as it was released, and not the student's own."""


def find_released(notebook: Path, submitted: NotebookNode, folder: Path | None = None) -> Found:
    """Return the assignment that a notebook answers: by its name, else by the most graded cells that it has of one.

    If there is no other copy than the student's file, its own cells stand for the released ones.

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
        If it is no notebook of an assignment.
    """
    own = _by_own_marks(notebook, submitted)
    others = [source_of(path) for path in _files(folder) if not path.samefile(notebook)]
    named = next((source for source in others if source.name == notebook.stem), None)
    if named is None and not any(path.samefile(notebook) for path in _files(folder)):
        shared = {source.name: len(_graded(own) & _graded(source)) for source in others}
        best = max(others, key=lambda source: shared[source.name], default=None)
        named = best if best is not None and shared[best.name] else None
    if named is not None:
        return Found(named, _about_versions(named, own))
    if folder is not None or not _graded(own):
        raise CannotRehearse(
            f"{notebook.name} cannot be restored: {folder or 'the course'} has no copy of it as it was released. "
            "Say where one is: --release FOLDER."
        )
    return Found(own, _about_no_copy(submitted, own), is_released=False)


def _about_versions(source: SourceNotebook, own: SourceNotebook) -> str:
    """Return a warning if nbgrader signed the given cells of the two differently."""
    signed = {cell.name: cell.checksum for cell in source.cells if cell.locked}
    other = [cell.name for cell in own.cells if cell.checksum and signed.get(cell.name, cell.checksum) != cell.checksum]
    if not other:
        return ""
    return (
        f"The copy that your notebook is restored from is of another version of the assignment (cell {other[0]!r}). "
        "If yours is the newer one, name the folder that it came from: --release FOLDER."
    )


def _about_no_copy(submitted: NotebookNode, own: SourceNotebook) -> str:
    locked = {cell.name for cell in own.cells if cell.locked}
    changed = [
        repr(grade_id(cell))
        for cell in submitted.cells
        if grade_id(cell) in locked and cell.metadata.nbgrader.get("checksum") and not is_unchanged(cell, [cell.source])
    ]
    which = f" Yours differ in {', '.join(changed)}." if changed else ""
    return (
        "There is no other copy of this notebook as it was handed out: given cells and checks run as they are in "
        f"yours, while the grader puts back its own.{which} To name the folder of a copy: --release FOLDER."
    )


def _by_own_marks(notebook: Path, submitted: NotebookNode) -> SourceNotebook:
    """Return a student's notebook as if it were the released one, as far as its cells say what they are."""
    known: dict[str, SourceCell] = {}
    for cell in submitted.cells:
        if (name := grade_id(cell)) and name not in known:
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
                known[name] = _known(cell, cell.source)
    return SourceNotebook(notebook.stem, notebook.stem, None, tuple(known.values()))


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

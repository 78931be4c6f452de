"""Restores locked cells and test cells from the gradebook, whatever a student did to them.

nbgrader's own sanitising believes part of the metadata of the submission, asks the database for every
cell, and leaves a deleted given cell out. This one believes nothing and needs no database.
"""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.examiner.sourcecells import SourceCell, SourceNotebook
from autograder.notebook_parts import new_cell

KEPT_METADATA = {"tags", "deletable", "editable"}


def restore(submitted: NotebookNode, source: SourceNotebook) -> tuple[NotebookNode, list[str]]:
    """Return the submission with every known cell as the gradebook has it, and what had to be put right.

    The student's own cells and answers stay. Of two cells with the same id the last counts, as in nbgrader.
    A known cell that is missing comes back behind its predecessor. Known cells are put in the source's order,
    each with the student's own cells behind it: a test that comes before the given cell that imports its
    comparisons would look for them in the student's notebook.

    Parameters
    ----------
    submitted : NotebookNode
        The notebook as handed in; not changed.
    source : SourceNotebook
        The notebook as the gradebook knows it.
    """
    known = {cell.name: cell for cell in source.cells}
    notes: list[str] = []
    cells: list[NotebookNode] = []
    placed: dict[str, NotebookNode] = {}
    for cell in reversed(submitted.cells):
        origin = known.get(_grade_id(cell))
        if origin is not None and origin.name in placed:
            notes.append(f"cell {origin.name!r} was there more than once; the last one counts")
            origin = None
        restored = _own_cell(cell) if origin is None else _known_cell(cell, origin, notes)
        if origin is not None:
            placed[origin.name] = restored
        cells.append(restored)
    cells.reverse()
    _add_missing(cells, placed, source, notes)
    cells = _in_order(cells, placed, source, notes)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = nbformat.v4.new_notebook()
    notebook.cells = cells
    if source.kernelspec:
        notebook.metadata["kernelspec"] = nbformat.from_dict(source.kernelspec)
    notebook.metadata["language_info"] = nbformat.from_dict({"name": "python"})
    return notebook, notes


def _grade_id(cell: NotebookNode) -> str:
    metadata = cell.metadata.get("nbgrader")
    name = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def _own_cell(cell: NotebookNode) -> NotebookNode:
    """Return a cell of the student's without any role in grading."""
    return new_cell(cell.cell_type, cell.source, _kept(cell))


def _known_cell(cell: NotebookNode, origin: SourceCell, notes: list[str]) -> NotebookNode:
    if cell.cell_type != origin.cell_type:
        notes.append(f"cell {origin.name!r} was made a {cell.cell_type} cell; it is a {origin.cell_type} cell again")
    text = origin.source if origin.locked else cell.source
    points = cell.metadata["nbgrader"].get("points", origin.points)
    if (origin.grade or origin.task) and points != origin.points:
        found = str(points)[:20]
        notes.append(f"the points of cell {origin.name!r} were changed to {found}; they are {origin.points:g}")
    return new_cell(origin.cell_type, text, {**_kept(cell), "nbgrader": origin.metadata()})


def _kept(cell: NotebookNode) -> dict[str, Any]:
    return {key: value for key, value in cell.metadata.items() if key in KEPT_METADATA}


def _add_missing(
    cells: list[NotebookNode], placed: dict[str, NotebookNode], source: SourceNotebook, notes: list[str]
) -> None:
    before: NotebookNode | None = None
    for origin in source.cells:
        if origin.name not in placed:
            notes.append(f"cell {origin.name!r} was missing; it was put back")
            text = origin.source if origin.locked else ""
            cell = new_cell(origin.cell_type, text, {"nbgrader": origin.metadata()})
            placed[origin.name] = cell
            # By identity: two cells of equal content are different places.
            position = next((i + 1 for i, other in enumerate(cells) if other is before), 0)
            cells.insert(position, cell)
        before = placed[origin.name]


def _in_order(
    cells: list[NotebookNode], placed: dict[str, NotebookNode], source: SourceNotebook, notes: list[str]
) -> list[NotebookNode]:
    """Return the cells with the known ones in the source's order, each followed by what followed it."""
    starts = {id(cell): name for name, cell in placed.items()}
    own: list[NotebookNode] = []
    followed: dict[str, list[NotebookNode]] = {}
    block = own
    for cell in cells:
        if id(cell) in starts:
            block = followed[starts[id(cell)]] = []
        block.append(cell)
    order = [cell.name for cell in source.cells]
    if list(followed) != order:
        notes.append("the cells were in another order than in the assignment; they are in its order again")
    return [*own, *(cell for name in order for cell in followed[name])]

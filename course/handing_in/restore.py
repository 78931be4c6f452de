"""Restores locked cells and test cells from the gradebook, whatever a student did to them, and keeps what they wrote.

nbgrader's own sanitising believes part of the metadata of the submission, asks the database for every
cell, and leaves a deleted given cell out. This one believes nothing and needs no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from course.handing_in.celltext import joined_to, names_defined, rest_of
from course.handing_in.notebook_parts import new_cell
from course.handing_in.recognise import Piece, Released, in_their_place, recognise
from course.handing_in.sourcecells import SourceCell, SourceNotebook

KEPT_METADATA = {"tags", "deletable", "editable"}


def restore(submitted: NotebookNode, source: SourceNotebook) -> tuple[NotebookNode, list[str]]:
    """Return the submission with every known cell as the gradebook has it, and what had to be put right.

    Nothing that a student wrote is lost: what was written into a locked cell runs as a cell of the student's before
    it, and of copies of an answer all run, in their order. A known cell that is missing comes back: a test cell behind
    the student's own cells there, any other before them. Known cells are put in the source's order, each with the
    student's own cells behind it: a test that comes before the given cell that imports its comparisons would look for
    them in the student's notebook.

    Parameters
    ----------
    submitted : NotebookNode
        The notebook as handed in; not changed.
    source : SourceNotebook
        The notebook as the gradebook knows it, and the course folder.
    """
    cells, notes = _Restorer(submitted, source).restored()
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = nbformat.v4.new_notebook()
    notebook.cells = cells
    if source.kernelspec:
        notebook.metadata["kernelspec"] = nbformat.from_dict(source.kernelspec)
    notebook.metadata["language_info"] = nbformat.from_dict({"name": "python"})
    return notebook, notes


class _Restorer:
    """Puts one submission together again."""

    def __init__(self, submitted: NotebookNode, source: SourceNotebook) -> None:
        self._released = Released(source)
        self._pieces = recognise(submitted.cells, self._released)
        self._chosen = in_their_place(self._pieces, self._released)
        self._all: dict[str, list[int]] = {}
        for number, piece in enumerate(self._pieces):
            if piece.name:
                self._all.setdefault(piece.name, []).append(number)
        self._notes: list[str] = []

    def restored(self) -> tuple[list[NotebookNode], list[str]]:
        """Return the cells and the notes."""
        start, behind = self._own_cells()
        cells: list[NotebookNode] = []
        waiting = start
        missing = []
        for origin in self._released.cells.values():
            if origin.name in self._chosen:
                cells += [*waiting, *self._known(origin)]
                waiting = behind[origin.name]
                continue
            if _is_test(origin):
                cells += waiting
                waiting = []
            cells.append(self._pristine(origin) if origin.locked else self._cell(origin, ""))
            missing.append(origin)
        self._note_missing(missing)
        self._note_order()
        self._note_marks()
        return [*cells, *waiting], self._notes

    def _own_cells(self) -> tuple[list[NotebookNode], dict[str, list[NotebookNode]]]:
        """Return the cells without a part in grading: those at the start, and those behind each known cell."""
        start: list[NotebookNode] = []
        behind: dict[str, list[NotebookNode]] = {name: [] for name in self._chosen}
        block = start
        for number, piece in enumerate(self._pieces):
            if self._chosen.get(piece.name) == number:
                block = behind[piece.name]
            elif not piece.name or self._runs_apart(piece):
                block.append(_own_cell(piece.cell))
        return start, behind

    def _runs_apart(self, piece: Piece) -> bool:
        """Tell whether a copy or a piece of a known cell stays as a cell of the student's."""
        origin = self._released.cells[piece.name]
        if not origin.locked:
            return not _is_read(origin)
        whole = _is_test(origin) and self._released.is_as_released(piece.name, piece.cell.source)
        return not whole and not self._in_pieces(origin)

    def _in_pieces(self, origin: SourceCell) -> bool:
        """Tell whether a locked cell was split, and no more than that."""
        texts = self._texts(origin.name)
        return len(texts) > 1 and joined_to(texts, self._released.texts[origin.name], origin.cell_type)

    def _texts(self, name: str) -> list[str]:
        return [self._pieces[number].cell.source for number in self._all[name]]

    def _known(self, origin: SourceCell) -> list[NotebookNode]:
        """Return a known cell that is there, with what a student wrote into it before it if it is locked."""
        cell = self._pieces[self._chosen[origin.name]].cell
        if origin.locked:
            return self._locked(cell, origin)
        self._note_kind(cell, origin)
        if len(self._all[origin.name]) > 1:
            self._note_copies(origin)
        if _is_read(origin):
            return [self._joined(origin)]
        return [self._cell(origin, cell.source, cell)]

    def _locked(self, cell: NotebookNode, origin: SourceCell) -> list[NotebookNode]:
        pristine = self._pristine(origin)
        old = is_unchanged(cell, [cell.source, self._released.texts[origin.name]])
        metadata = cell.metadata.get("nbgrader")
        points = metadata.get("points", origin.points) if isinstance(metadata, dict) else origin.points
        if (origin.grade or origin.task) and points != origin.points and not old:
            found = str(points)[:20]
            self._notes.append(
                f"the points of cell {origin.name!r} were changed to {found}; they are {origin.points:g}"
            )
        if self._in_pieces(origin):
            self._notes.append(f"cell {origin.name!r} was split; it is one cell again")
            return [pristine]
        if not cell.source.strip() or self._released.is_as_released(origin.name, cell.source):
            self._note_kind(cell, origin)
            return [pristine]
        if is_unchanged(cell, [cell.source]):  # made from an earlier version of the assignment
            return [pristine]
        if origin.cell_type == cell.cell_type == "code":
            self._notes.append(
                f"cell {origin.name!r} was changed: its text ran as a cell of the student's, then the cell as given"
            )
            return [_own_cell(cell), pristine]
        self._notes.append(f"cell {origin.name!r} was changed: what was written into it is kept beside it")
        own = _own_cell(cell)
        own.source = rest_of(cell.source, self._released.texts[origin.name])
        return [pristine, own] if origin.cell_type != "code" else [own, pristine]

    def _pristine(self, origin: SourceCell) -> NotebookNode:
        cell = new_cell(origin.cell_type, origin.source, {"nbgrader": origin.metadata()})
        if tags := self._released.tags.get(origin.name):
            cell.metadata["tags"] = list(tags)
        if attachments := self._released.attachments.get(origin.name):
            cell["attachments"] = nbformat.from_dict(attachments)
        return cell

    def _cell(self, origin: SourceCell, text: str, cell: NotebookNode | None = None) -> NotebookNode:
        """Return an answer."""
        kept = _kept(cell) if cell is not None else {}
        made = new_cell(origin.cell_type, text, {**kept, "nbgrader": origin.metadata()})
        if cell is not None and origin.cell_type != "code" and cell.get("attachments"):
            made["attachments"] = cell.attachments
        return made

    def _joined(self, origin: SourceCell) -> NotebookNode:
        """Return an answer that a person reads as one cell, in however many it was written."""
        there = [self._pieces[number].cell for number in self._all[origin.name]]
        written = [c for c in there if not self._released.is_as_released(origin.name, c.source)] or there[-1:]
        made = self._cell(origin, written[0].source, written[0])
        for number, cell in enumerate(written[1:], 2):
            taken = made.get("attachments", {})
            text, attachments = _renamed(cell, f"{number}-", taken)
            if text.strip() and (text not in made.source or attachments.keys() - taken.keys()):
                made.source = f"{made.source}\n\n{text}" if made.source.strip() else text
                if attachments:
                    made["attachments"] = nbformat.from_dict({**made.get("attachments", {}), **attachments})
        return made

    # Notes

    def _note_kind(self, cell: NotebookNode, origin: SourceCell) -> None:
        if cell.cell_type != origin.cell_type:
            self._notes.append(
                f"cell {origin.name!r} was made a {cell.cell_type} cell; it is a {origin.cell_type} cell again"
            )

    def _note_copies(self, origin: SourceCell) -> None:
        numbers = self._all[origin.name]
        count = len(numbers)
        if _is_read(origin):
            self._notes.append(f"cell {origin.name!r} was there in {count} parts; they are one cell again")
            return
        which = numbers.index(self._chosen[origin.name]) + 1
        self._notes.append(
            f"cell {origin.name!r} was there {count} times: all ran, in their order, and number {which} counted"
        )

    def _note_missing(self, missing: list[SourceCell]) -> None:
        defined = {name for piece in self._pieces for name in names_defined(piece.cell.source)}
        for origin in missing:
            answered = not origin.locked and names_defined(self._released.texts[origin.name]) & defined
            if not answered:
                self._notes.append(f"cell {origin.name!r} was missing; it was put back")

    def _note_order(self) -> None:
        order = [name for name in self._released.order if name in self._chosen]
        if sorted(order, key=self._chosen.__getitem__) != order:
            self._notes.append("the cells were in another order than in the assignment; they are in its order again")

    def _note_marks(self) -> None:
        """Say that cells were found without nbgrader's marks."""
        lost = [piece for piece in self._pieces if piece.by in ("id", "text")]
        moved = sorted(
            {piece.name for piece in self._pieces if piece.by == "place"}, key=self._released.order.__getitem__
        )
        if lost:
            count = len(lost) + len(moved)
            self._notes.append(
                f"nbgrader's marks were lost in {count} of the cells, which were known by id, text or place"
            )
        elif moved:
            names = ", ".join(map(repr, moved))
            self._notes.append(f"what answers {names} was found in cells of the student's own")


def _is_test(origin: SourceCell) -> bool:
    return origin.grade and not origin.solution


def _is_read(origin: SourceCell) -> bool:
    """Tell whether a cell is a written answer that a person reads."""
    return not origin.locked and origin.cell_type != "code"


def is_unchanged(cell: NotebookNode, texts: Iterable[str]) -> bool:
    """Tell whether a cell, with one of these texts, is as nbgrader signed it, in whatever version of the assignment."""
    try:
        signed = cell.metadata.nbgrader.checksum
        return any(
            utils.compute_checksum(NotebookNode(cell_type=cell.cell_type, source=text, metadata=cell.metadata))
            == signed
            for text in texts
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _own_cell(cell: NotebookNode) -> NotebookNode:
    """Return a cell of the student's without any role in grading."""
    own = new_cell(cell.cell_type, cell.source, _kept(cell))
    if cell.cell_type != "code" and cell.get("attachments"):
        own["attachments"] = cell.attachments
    return own


def _kept(cell: NotebookNode) -> dict[str, Any]:
    return {key: value for key, value in cell.metadata.items() if key in KEPT_METADATA}


def _renamed(cell: NotebookNode, prefix: str, taken: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a cell's text and attachments, those renamed whose names are taken by others."""
    text, attachments = cell.source, {}
    for name, data in cell.get("attachments", {}).items():
        new = f"{prefix}{name}" if taken.get(name, data) != data else name
        text = text.replace(f"attachment:{name}", f"attachment:{new}")
        attachments[new] = data
    return text, attachments

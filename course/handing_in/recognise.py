"""Finds out which cell of an assignment each cell of a submission is, whatever an editor did to its marks.

A cell is known by its nbgrader id, else by its Jupyter id, else by its text; an answer, which has a text of its own,
else by the names it defines and by the known cells around it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from course.handing_in.celltext import names_defined, says_the_same, squeezed, visible_text
from course.handing_in.sourcecells import SourceNotebook


@dataclass
class Piece:
    """A cell of a submission."""

    cell: NotebookNode
    name: str = ""
    """Of the known cell that it is, or is a piece or a copy of; empty for the student's own."""
    by: str = ""
    """How that was found out: `mark` (nbgrader's id), `id`, `text` or `place`."""
    unmarked: bool = False
    """Whether it is a cell of the assignment that nbgrader does not know, as students got it."""


class Released:
    """What students got, by the names of the known cells.

    Parameters
    ----------
    source : SourceNotebook
        The notebook as the gradebook, and the course folder, know it.
    """

    def __init__(self, source: SourceNotebook) -> None:
        self.cells = {cell.name: cell for cell in source.cells}
        self.order = {cell.name: number for number, cell in enumerate(source.cells)}
        self.texts = {cell.name: visible_text(cell.source) for cell in source.cells}
        self.tags: dict[str, tuple[str, ...]] = {}
        self.attachments: dict[str, dict[str, object]] = {}
        self.ids: dict[str, str] = {}
        unmarked = set()
        for cell in source.released:
            if cell.name:
                self.texts[cell.name] = cell.source
                self.tags[cell.name] = cell.tags
                self.attachments[cell.name] = dict(cell.attachments)
                self.ids |= dict.fromkeys(cell.ids, cell.name)
            else:
                unmarked.add((cell.cell_type, squeezed(cell.source, cell.cell_type)))
        self._unmarked = unmarked
        self._named: dict[tuple[str, str], list[str]] = {}
        for origin in source.cells:
            for text in {self.texts[origin.name], visible_text(origin.source)}:
                if key := squeezed(text, origin.cell_type):
                    self._named.setdefault((origin.cell_type, key), []).append(origin.name)

    def is_unmarked(self, cell: NotebookNode) -> bool:
        """Tell whether a cell is one of the assignment's that nbgrader does not know."""
        return (cell.cell_type, squeezed(cell.source, cell.cell_type)) in self._unmarked

    def names_for(self, cell: NotebookNode) -> list[str]:
        """Return the known cells whose text a cell has."""
        return self._named.get((cell.cell_type, squeezed(cell.source, cell.cell_type)), [])

    def is_as_released(self, name: str, text: str) -> bool:
        """Tell whether a text is that of a known cell, but for blanks, line ends, comments and layout."""
        kind = self.cells[name].cell_type
        return any(says_the_same(text, known, kind) for known in (self.texts[name], self.cells[name].source))


def recognise(cells: Sequence[NotebookNode], released: Released) -> list[Piece]:
    """Return the cells of a submission, each with the name of the known cell that it is."""
    pieces = [_marked(cell, released) for cell in cells]
    _by_text(pieces, released)
    for piece in pieces:
        piece.unmarked = not piece.name and released.is_unmarked(piece.cell)
    _answers_by_names(pieces, released)
    _answers_by_place(pieces, released)
    return pieces


def grade_id(cell: NotebookNode) -> str:
    """Return the nbgrader id that a cell says it has; nothing if it says none."""
    metadata = cell.metadata.get("nbgrader")
    name = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def _marked(cell: NotebookNode, released: Released) -> Piece:
    if (name := grade_id(cell)) in released.cells:
        return Piece(cell, name, "mark")
    for own in (cell.get("id"), cell.metadata.get("id")):  # Colab keeps it in the metadata
        if isinstance(own, str) and own in released.ids:
            return Piece(cell, released.ids[own], "id")
    return Piece(cell)


def _by_text(pieces: Sequence[Piece], released: Released) -> None:
    """Name cells that say what a known cell says; of several known cells alike, the one that fits the order."""
    taken = {piece.name for piece in pieces}
    behind = [released.order[piece.name] if piece.name else len(released.order) for piece in pieces]
    for number in reversed(range(len(pieces) - 1)):  # the known cell that comes next
        if not pieces[number].name:
            behind[number] = behind[number + 1]
    before = -1
    for number, piece in enumerate(pieces):
        if not piece.name:
            names = [name for name in released.names_for(piece.cell) if name not in taken]
            fitting = [name for name in names if before < released.order[name] < behind[number]]
            if names:
                piece.name, piece.by = (fitting or names)[0], "text"
                taken.add(piece.name)
        if piece.name:
            before = released.order[piece.name]


def _answers_by_names(pieces: Sequence[Piece], released: Released) -> None:
    """Name the cells that define what an answer was to define, if it is missing or only a piece of it is there."""
    elsewhere = _written_in_known_cells(pieces, released)
    missing = _missing_answers(pieces, released)
    known = {name for piece in pieces if piece.name for name in names_defined(piece.cell.source)}
    wanted: dict[str, str] = {}
    for name, cell in released.cells.items():
        if not cell.locked and cell.cell_type == "code":
            for defined in names_defined(released.texts[name]) - elsewhere - (set() if name in missing else known):
                wanted.setdefault(defined, name)
    for piece in pieces:
        if not piece.name and not piece.unmarked and piece.cell.cell_type == "code":
            answered = [wanted[found] for found in names_defined(piece.cell.source) if found in wanted]
            if answered:
                piece.name, piece.by = min(answered, key=released.order.__getitem__), "place"


def _written_in_known_cells(pieces: Sequence[Piece], released: Released) -> set[str]:
    """Return the names that known cells define, apart from answers that are as students got them."""
    return {
        name
        for piece in pieces
        if piece.name and piece.cell.cell_type == "code" and not _is_stub(piece, released)
        for name in names_defined(piece.cell.source)
    }


def _is_stub(piece: Piece, released: Released) -> bool:
    return not released.cells[piece.name].locked and released.is_as_released(piece.name, piece.cell.source)


def _answers_by_place(pieces: Sequence[Piece], released: Released) -> None:
    """Name cells that stand where an answer is missing, or where one that a person reads is still as it was."""
    elsewhere = _written_in_known_cells(pieces, released)
    for names in _neighbours(_unwritten_answers(pieces, released), released):
        for kind in ("code", "markdown"):
            wanted = [name for name in names if released.cells[name].cell_type == kind]
            if kind == "code":
                wanted = [name for name in wanted if not names_defined(released.texts[name]) & elsewhere]
            found = [piece for piece in _between(pieces, names, released) if piece.cell.cell_type == kind]
            if not wanted or not found:
                continue
            if kind == "code" and len(found) > len(wanted):
                found = found[-len(wanted) :]
            for number, piece in enumerate(found):
                piece.name, piece.by = wanted[min(number, len(wanted) - 1)], "place"


def _missing_answers(pieces: Sequence[Piece], released: Released) -> list[str]:
    there = {piece.name for piece in pieces}
    return [name for name, cell in released.cells.items() if not cell.locked and name not in there]


def _unwritten_answers(pieces: Sequence[Piece], released: Released) -> list[str]:
    written = {piece.name for piece in pieces if piece.name and not _is_read_and_untouched(piece, released)}
    return [name for name, cell in released.cells.items() if not cell.locked and name not in written]


def _is_read_and_untouched(piece: Piece, released: Released) -> bool:
    """Tell whether a cell is an answer that a person reads, and nothing was written into it."""
    return released.cells[piece.name].grade and _is_stub(piece, released)


def _neighbours(names: Sequence[str], released: Released) -> Iterator[list[str]]:
    """Yield the names in runs of cells that stand side by side in the assignment."""
    run: list[str] = []
    for name in names:
        if run and released.order[name] != released.order[run[-1]] + 1:
            yield run
            run = []
        run.append(name)
    if run:
        yield run


def _between(pieces: Sequence[Piece], names: Sequence[str], released: Released) -> list[Piece]:
    """Return the student's own cells between the known cells around those of these names."""
    first, last = released.order[names[0]], released.order[names[-1]]
    places = [(released.order[piece.name], number) for number, piece in enumerate(pieces) if piece.name]
    _, start = max((place for place in places if place[0] < first), default=(-1, -1))
    end = min((number for order, number in places if order > last and number > start), default=len(pieces))
    return [piece for piece in pieces[start + 1 : end] if not piece.name and not piece.unmarked]


def in_their_place(pieces: Sequence[Piece], released: Released) -> dict[str, int]:
    """Return, for each known cell that is there, which piece stands for it.

    Those that keep the assignment's order are as many as can be. Of copies that do, the last one does: it has the last
    word before the checks. A cell that stands elsewhere is known by its last copy. An empty one stands for nothing that
    was written elsewhere.
    """
    written = {piece.name for piece in pieces if piece.cell.source.strip()}
    counts = [bool(p.name) and (p.name not in written or bool(p.cell.source.strip())) for p in pieces]
    tails: list[int] = []
    chain: list[int] = []
    before: dict[int, int | None] = {}
    for number, piece in enumerate(pieces):
        if not counts[number]:
            continue
        order = released.order[piece.name]
        place = bisect_left(tails, order)
        before[number] = chain[place - 1] if place else None
        tails[place : place + 1] = [order]
        chain[place : place + 1] = [number]
    found = {piece.name: number for number, piece in enumerate(pieces) if counts[number]}
    last = chain[-1] if chain else None
    while last is not None:
        found[pieces[last].name] = last
        last = before[last]
    return found

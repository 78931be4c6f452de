"""A submission of the corpus: what a student did to the released notebook with right answers, and what is right."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

Change = Callable[[NotebookNode], object]


def as_json(notebook: dict[str, Any]) -> bytes:
    return json.dumps(notebook).encode()


ALL = 6.0
ONLY_MEAN = 2.0
"""What is left where the answer `double` is lost."""


@dataclass(frozen=True)
class Case:
    """A submission."""

    change: Change = lambda notebook: None
    points: float = ALL
    note: str = ""
    """What a note on it names; empty if there is none."""
    why: str = ""
    """What the message says where points are missing."""
    essay: str = ""
    """What the person who grades the essay has to see in it."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Handed in beside the notebook."""
    incident: bool = False
    """Whether a cell was stopped or ended the kernel, which is shown."""
    raw: Callable[[dict[str, Any]], bytes] = as_json
    """Writes the file."""

    def handed_in(self, notebook: NotebookNode) -> bytes:
        """Return the file."""
        self.change(notebook)
        return self.raw(json.loads(json.dumps(notebook)))


# What people do to cells


def name_of(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def place(notebook: NotebookNode, name: str) -> int:
    return next(number for number, cell in enumerate(notebook.cells) if name_of(cell) == name)


def named(notebook: NotebookNode, name: str) -> NotebookNode:
    return notebook.cells[place(notebook, name)]


def copied(cell: NotebookNode, source: str | None = None) -> NotebookNode:
    """Return what pasting a cell gives: its metadata, an id of its own."""
    copy = nbformat.from_dict(json.loads(json.dumps(cell)))
    copy["id"] = f"copy-of-{cell.id}"
    copy.source = cell.source if source is None else source
    return copy


def own(*sources: str, **metadata: Any) -> list[NotebookNode]:
    return [new_code_cell(source, metadata=metadata) for source in sources]


def together(*changes: Change) -> Change:
    def change(notebook: NotebookNode) -> None:
        for each in changes:
            each(notebook)

    return change


def write(name: str, source: str) -> Change:
    """Write a cell's text anew; `<>` is the text that was there."""
    return lambda nb: named(nb, name).update(source=source.replace("<>", named(nb, name).source))


def above(name: str, source: str) -> Change:
    """Write something above the text of a cell."""
    return write(name, f"{source}\n<>")


def insert(name: str, *sources: str, behind: bool = True, **metadata: Any) -> Change:
    """Put cells of one's own before or behind a cell."""

    def change(notebook: NotebookNode) -> None:
        at = place(notebook, name) + behind
        notebook.cells[at:at] = own(*sources, **metadata)

    return change


def delete(*names: str) -> Change:
    return lambda nb: nb.update(cells=[cell for cell in nb.cells if name_of(cell) not in names])


def merge(first: str, *others: str) -> Change:
    """Merge cells as JupyterLab does: the marks of the first stay."""

    def change(notebook: NotebookNode) -> None:
        named(notebook, first).source = "\n\n".join(named(notebook, name).source for name in (first, *others))
        delete(*others)(notebook)

    return change


def split(name: str, *sources: str) -> Change:
    """Split a cell as JupyterLab does: each piece has the marks."""

    def change(notebook: NotebookNode) -> None:
        cell = named(notebook, name)
        at = place(notebook, name)
        notebook.cells[at : at + 1] = [copied(cell, source) for source in sources]
        for number, piece in enumerate(notebook.cells[at : at + len(sources)]):
            piece["id"] = f"{cell.id}-{number}"

    return change


def paste(name: str, at: int | None, source: str | None = None) -> Change:
    """Paste a cell once more, perhaps with another text."""

    def change(notebook: NotebookNode) -> None:
        copy = copied(named(notebook, name), source)
        notebook.cells.insert(len(notebook.cells) if at is None else place(notebook, name) + at, copy)

    return change


def order(*names: str) -> Change:
    return lambda nb: nb.update(cells=[named(nb, name) for name in names])


def retype(*names: str, at: int | None = None) -> Change:
    """Type answers into new cells, there or at another place, and delete those that were for them."""

    def change(notebook: NotebookNode) -> None:
        for name in names:
            cell, number = named(notebook, name), place(notebook, name)
            new = new_code_cell if cell.cell_type == "code" else new_markdown_cell
            del notebook.cells[number]
            notebook.cells.insert(number if at is None else at % (len(notebook.cells) + 1), new(cell.source))

    return change


def unmark(*names: str, ids: bool = False) -> Change:
    """Lose nbgrader's marks of some cells, or of all; with `ids`, Jupyter's too."""

    def change(notebook: NotebookNode) -> None:
        for number, cell in enumerate(notebook.cells):
            if not names or name_of(cell) in names:
                cell.metadata = nbformat.from_dict({})
                if ids:
                    cell["id"] = f"new{number}"

    return change


def same_ids(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell["id"] = "same"


def twice(notebook: NotebookNode) -> None:
    notebook.cells += [copied(cell) for cell in notebook.cells]


def into(kind: Callable[[str], NotebookNode], name: str) -> Change:
    """Make a cell one of another type."""

    def change(notebook: NotebookNode) -> None:
        cell = named(notebook, name)
        notebook.cells[place(notebook, name)] = kind(cell.source, metadata=cell.metadata, id=cell.id)  # type: ignore[call-arg]

    return change

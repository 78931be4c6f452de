"""Pictures in Markdown, in all the ways in which people put them there."""

from __future__ import annotations

import base64

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from tests.autograder.examiner.drawn import ATTACHED, BESIDE, DOT, FILES
from tests.flows.corpus.case import Case, Change, named, place

DRAWN = base64.b64encode(DOT).decode()
WAYS = [*((text, {name: {"image/png": DRAWN}}) for text, name in ATTACHED.values()), *((text, {}) for text in BESIDE)]
DATA = f"![x](data:image/png;base64,{DRAWN})"


def cells(text: str = "{}") -> list[NotebookNode]:
    """Return a cell for each way, with something around it."""
    made = [new_markdown_cell(text.format(way), attachments=nbformat.from_dict(there)) for way, there in WAYS]
    return [*made, new_markdown_cell(text.format(DATA))]


def behind(name: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        at = place(notebook, name) + 1
        notebook.cells[at:at] = cells()

    return change


def in_the_essay(notebook: NotebookNode) -> None:
    essay = named(notebook, "essay")
    essay.source = f"One: ![x](attachment:image.png)\n\nTwo: ![x](shot.png)\n\nThree: {DATA}"
    essay["attachments"] = nbformat.from_dict({"image.png": {"image/png": DRAWN}})


PICTURES: dict[str, tuple[Case, int]] = {
    "pictures in cells of one's own": (Case(behind("given"), files=FILES), len(WAYS) + 1),
    "pictures below the essay": (Case(behind("essay"), note="'essay'", files=FILES), len(WAYS) + 1),
    "pictures in the essay": (Case(in_the_essay, essay="Three: ", files=FILES), 3),
}
"""And how many pictures there are to be seen."""

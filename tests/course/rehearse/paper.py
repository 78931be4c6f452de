"""A small assignment as it is released, and what students make of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

NAME = "mini"

GIVEN = "import numpy as np\nfrom course.checks import Checks, expect_close"
STUB = "def {name}(x):\n    raise NotImplementedError"
CHECKS = """
checks = Checks("{name}", points=2{scratch})
with checks("right at 1"):
    expect_close({name}(np.array([1.0])), [2.0])
with checks("right at 3"):
    expect_close({name}(np.array([3.0])), [6.0])
checks.score()
"""


class Paper:
    """An assignment with a given cell, functions that double their argument, and a text to write.

    Parameters
    ----------
    folder : Path
        Where its released notebook is written.
    functions : str
        Their names.
    scratch : str, optional
        Names of those that are to be written from scratch.
    """

    def __init__(self, folder: Path, functions: str, scratch: str = "") -> None:
        cells = [_cell("given", GIVEN, locked=True)]
        for name in functions.split():
            extra = ", from_scratch=True" if name in scratch.split() else ""
            checks = CHECKS.format(name=name, scratch=extra)
            cells.append(_cell(name, STUB.format(name=name), solution=True))
            cells.append(_cell(f"test_{name}", checks, locked=True, grade=True, points=2))
        essay = nbformat.v4.new_markdown_cell(
            "*Write here.*", metadata=_marks("essay", solution=True, grade=True, points=1)
        )
        self.notebook = nbformat.v4.new_notebook(cells=[*cells, essay])
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(self.notebook, folder / f"{NAME}.ipynb")

    def answered(self, answers: Mapping[str, str]) -> NotebookNode:
        """Return the notebook with answers; what has none is as it was released."""
        made = nbformat.from_dict(nbformat.reads(nbformat.writes(self.notebook), as_version=4))
        for cell in made.cells:
            cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        return made


def right(name: str) -> str:
    """Return a right answer."""
    return f"def {name}(x):\n    return 2 * x"


def own(source: str) -> NotebookNode:
    """Return a cell of the student's own."""
    return nbformat.v4.new_code_cell(source)


def named(notebook: NotebookNode, name: str) -> int:
    """Return where a cell of the assignment is."""
    return next(at for at, c in enumerate(notebook.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def save(notebook: NotebookNode, folder: Path, name: str = NAME) -> Path:
    """Write a student's notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def _cell(name: str, source: str, **marks: object) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata=_marks(name, **marks))


def _marks(name: str, **marks: object) -> dict[str, object]:
    roles = {"grade_id": name, "locked": False, "grade": False, "solution": False, "task": False, "schema_version": 3}
    return {"nbgrader": roles | marks}

"""Small notebooks graded by the real examiner with real sandboxed kernels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import nbformat
import pytest

from autograder.examiner.examine import examine
from autograder.examiner.verdict import Verdict
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
from course.handing_in.restore import restore
from course.handing_in.sourcecells import SourceCell, SourceNotebook

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
LIMITS = Limits(cell_seconds=10, submission_seconds=600)
"""Endless loops take all of a cell's seconds; a death and a new room on a busy machine take some."""


@pytest.fixture(scope="session")
def warm() -> Iterator[RoomFactory]:
    with RoomFactory(limits=LIMITS) as process:
        yield process


class Paper:
    """An assignment of a given cell, and pairs of an answer and its test cell worth 4 points."""

    def __init__(self, given: str, tests: Mapping[str, str]) -> None:
        cells = [SourceCell("given", "code", given, "", True, False, False, False, 0.0)]
        for name, test in tests.items():
            cells.append(SourceCell(name, "code", "", "", False, False, True, False, 0.0))
            cells.append(SourceCell(f"test_{name}", "code", test, "", True, True, False, False, 4.0))
        self.source = SourceNotebook("ps", "ps", KERNEL, tuple(cells))

    def handed_in(self, answers: Mapping[str, str]) -> nbformat.NotebookNode:
        cells = []
        for cell in self.source.cells:
            text = answers.get(cell.name, cell.source)
            cells.append(nbformat.v4.new_code_cell(text, metadata={"nbgrader": cell.metadata()}))
        return nbformat.v4.new_notebook(cells=cells)


Graded = tuple[nbformat.NotebookNode, Verdict]


@pytest.fixture
def grade(warm: RoomFactory) -> Callable[..., Graded]:
    """Return a function that grades: `grade(test, answer)` or `grade({name: test}, {name: answer})`."""

    def run(tests: str | Mapping[str, str], answers: str | Mapping[str, str], *, given: str = "") -> Graded:
        tests = {"answer": tests} if isinstance(tests, str) else tests
        answers = {"answer": answers} if isinstance(answers, str) else answers
        paper = Paper(given, tests)
        notebook, notes = restore(paper.handed_in(answers), paper.source)
        verdict = examine(notebook, paper.source, warm, {}, LIMITS, notes=notes)
        return notebook, verdict

    return run

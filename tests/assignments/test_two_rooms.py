"""The catalogue graded for real, in sandboxed kernels and the examiner: no score changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import nbformat
import pytest
from nbgrader import utils

from autograder.answers import load_answers
from autograder.examiner.examine import examine
from autograder.examiner.rooms import preload_for
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
from course.handing_in.restore import restore
from course.handing_in.sourcecells import SourceCell, SourceNotebook
from tests.assignments.test_answers import ASSIGNMENTS, CATALOGUE
from tests.support.notebook_runner import ROOT, grade

PAPERS = 3
"""Submissions of each assignment; they take answers from the first of the catalogue to the last."""

MORE = pytest.mark.thorough(reason="more papers of the same catalogue, once more in two rooms")

LIMITS = Limits()


@pytest.fixture(scope="module")
def warm() -> Iterator[RoomFactory]:
    preload = preload_for(map(answer_key, ASSIGNMENTS))
    with RoomFactory(limits=LIMITS, preload=preload) as process:
        yield process


def answer_key(assignment: str) -> SourceNotebook:
    """What the gradebook would hold of the instructor's notebook."""
    notebook = nbformat.read(ROOT / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    cells = []
    for cell in notebook.cells:
        if "nbgrader" not in cell.metadata:
            continue  # a place for notes, of which the gradebook knows nothing
        told = cell.metadata.nbgrader
        role = (utils.is_locked(cell), told.grade, told.solution, told.get("task", False))
        points = float(told.get("points", 0))
        cells.append(SourceCell(told.grade_id, cell.cell_type, cell.source, "", *role, points))
    return SourceNotebook(assignment, assignment, dict(notebook.metadata.kernelspec), tuple(cells))


def papers(assignment: str, count: int) -> list[dict[str, str]]:
    """Submissions that draw on the catalogue of each exercise evenly, from its first answer to its last."""
    exercises: dict[str, list[str]] = {}
    for answer in load_answers(CATALOGUE, assignment):
        exercises.setdefault(answer.exercise, []).append(answer.source)
    return [
        {name: answers[number * (len(answers) - 1) // (count - 1)] for name, answers in exercises.items()}
        for number in range(count)
    ]


def in_two_rooms(key: SourceNotebook, answers: Mapping[str, str], warm: RoomFactory) -> dict[str, float]:
    released = ROOT / "release" / key.assignment / f"{key.assignment}.ipynb"
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    restored, notes = restore(notebook, key)
    return {cell.grade_id: cell.points for cell in examine(restored, key, warm, {}, LIMITS, notes=notes).cells}


@pytest.mark.parametrize("number", [*(pytest.param(number, marks=MORE) for number in range(PAPERS - 1)), PAPERS - 1])
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_rooms_change_no_score(assignment: str, number: int, warm: RoomFactory) -> None:
    answers = papers(assignment, PAPERS)[number]
    expected = {name: float(score) for name, score in grade(assignment, answers).items()}
    found = in_two_rooms(answer_key(assignment), answers, warm)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-3)

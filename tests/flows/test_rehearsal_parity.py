"""A student's rehearsal says of every visible check what the grader says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.examiner.examine import examine
from autograder.examiner.rooms import preload_for
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
from course.handing_in.restore import restore
from course.rehearse.rehearsal import Rehearsing
from tests.assignments.test_answers import ASSIGNMENTS
from tests.assignments.test_two_rooms import answer_key, papers
from tests.support.notebook_runner import ROOT

LIMITS = Limits()
PAPERS = 7
"""Submissions that take answers from the first of the catalogue to the last."""

MORE = pytest.mark.thorough(reason="more papers of the same catalogue, rehearsed and graded")
PS1, PS2, *_, PS5, _ = ASSIGNMENTS
FIRST = [(PS1, 1), (PS1, 2), (PS2, 2), (PS5, 1)]
OTHERS = [(name, number) for name in ASSIGNMENTS for number in range(0, PAPERS, 3)]


@pytest.fixture(scope="module")
def warm() -> Iterator[RoomFactory]:
    with RoomFactory(limits=LIMITS, preload=preload_for(map(answer_key, ASSIGNMENTS))) as process:
        yield process


@pytest.mark.slow
@pytest.mark.parametrize(("assignment", "number"), [*FIRST, *(pytest.param(*other, marks=MORE) for other in OTHERS)])
def test_the_visible_checks_are_the_graders(assignment: str, number: int, warm: RoomFactory, tmp_path: Path) -> None:
    answers = papers(assignment, PAPERS)[number]
    notebook = nbformat.read(ROOT / "release" / assignment / f"{assignment}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    path = tmp_path / f"{assignment}.ipynb"
    nbformat.write(notebook, path)
    key = answer_key(assignment)
    restored, notes = restore(nbformat.read(path, as_version=4), key)
    graded = {cell.grade_id: cell for cell in examine(restored, key, warm, {}, LIMITS, notes=notes).cells}
    rehearsed = list(Rehearsing(path).run())
    assert len(rehearsed) == len(graded)
    for exercise in rehearsed:
        told = graded[f"test_{exercise.name}"]
        visible = {name for name, _ in exercise.checks}
        assert visible or exercise.reason
        assert exercise.checks == tuple((check.name, check.message) for check in told.checks if check.name in visible)
        assert bool(exercise.reason) == bool(told.reason)

"""A class of copies is graded as any class is, with programs that differ and the results of the originals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course_folder import CourseFolder
from autograder.examiner.task import Graded, Task, grade_task
from autograder.reports.results import read_results
from benchmarks import copies
from benchmarks.copies import make_graded_class
from tests.support.graded_class import CATALOGUE, PS1, copy_course


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The submissions that were graded; no room is needed."""
    tasks: list[Task] = []

    def grade(task: Task) -> Graded:
        tasks.append(task)
        return replace(grade_task(replace(task, problem="It was not looked at.")), problem="")

    monkeypatch.setattr(copies, "grade_patiently", grade)
    return tasks


def test_few_are_graded_and_all_have_results_and_code_of_their_own(tmp_path: Path, graded: list[Task]) -> None:
    course: CourseFolder = copy_course(tmp_path / "course")
    make_graded_class(course, CATALOGUE, 6, originals=2)
    results = read_results(course, PS1)
    assert len(graded) == 2
    assert [student.id for student in results.students] == [f"student{number:04}" for number in range(6)]
    programs = {json.dumps({cell: code.tokens for cell, code in s.code.items()}) for s in results.students}
    assert len(programs) >= 5

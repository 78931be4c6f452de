"""Scores get into nbgrader's tables as nbgrader's own steps would put them there, in a few statements."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader import api
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from sqlalchemy import event, select

from autograder.batch.ledger import Ledger
from autograder.batch.submissions import Submission
from autograder.batch.writer import Writer
from autograder.examiner.task import CellGrade, Graded
from tests.support.classroom import MINI, Classroom, source_of


class All(LateSubmissionPlugin):
    """Takes all points from whoever is late."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        return score


DUE = datetime(2026, 3, 2, 12)
CELLS = {
    "given": CellGrade(None),
    "double": CellGrade(None, "No response."),
    "test_double": CellGrade(4.0),
    "mean": CellGrade(None),
    "test_mean": CellGrade(0.1),
    "essay": CellGrade(None, "No response."),
}
GRADED = Graded(b"{}", b'{"cells": []}', cells=CELLS)


def handed_in(room: Classroom, student: str, when: datetime | None = None) -> Submission:
    return Submission(student, source_of(room), b"{}", timestamp=when)


def nbgraders_way(gradebook: Gradebook, student: str, when: datetime | None) -> None:
    """What nbgrader's `autograde` does to the gradebook: SaveAutoGrades, cell by cell."""
    gradebook.update_or_create_student(student)
    gradebook.update_or_create_submission(MINI, student, timestamp=when)
    for grade in gradebook.find_submission_notebook(MINI, MINI, student).grades:
        cell = CELLS[grade.cell.name]
        grade.auto_score = cell.score
        grade.needs_manual_grade = grade.manual_score is not None or cell.score is None
    for comment in gradebook.find_submission_notebook(MINI, MINI, student).comments:
        comment.auto_comment = CELLS[comment.cell.name].comment
    gradebook.db.commit()


def rows_of(gradebook: Gradebook, student: str) -> dict[str, list[tuple[Any, ...]]]:
    """All columns of all rows of a student's submission, without their own ids."""
    gradebook.db.rollback()
    of_student = api.SubmittedAssignment.student_id == student
    found: dict[str, list[tuple[Any, ...]]] = {}
    for kind in (api.Student, api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment):
        columns = [column for column in kind.__table__.columns if column.name not in ("id", "student_id")]
        rows = select(*columns)
        if kind is api.Student:
            rows = rows.where(api.Student.id == student)
        else:
            if kind is not api.SubmittedAssignment:
                on = api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id
                if kind is api.SubmittedNotebook:
                    rows = rows.join(api.SubmittedAssignment, on)
                else:
                    rows = rows.join(api.SubmittedNotebook, kind.notebook_id == api.SubmittedNotebook.id)
                    rows = rows.join(api.SubmittedAssignment, on)
            rows = rows.where(of_student)
        ids = {"notebook_id", "assignment_id"} if kind is not api.SubmittedAssignment else set()
        keep = [place for place, column in enumerate(columns) if column.name not in ids]
        told = [tuple(row[place] for place in keep) for row in gradebook.db.execute(rows)]
        found[kind.__name__] = sorted(told, key=repr)
    return found


@pytest.mark.parametrize("when", [None, datetime(2026, 3, 2, 11)])
def test_rows_are_those_of_nbgrader(room: Classroom, writer: Writer, gradebook: Gradebook, when: Any) -> None:
    nbgraders_way(gradebook, "zoe", when)
    writer.save(handed_in(room, "ada", when), GRADED, "print")
    assert rows_of(gradebook, "ada") == rows_of(gradebook, "zoe")
    assert [len(rows) for rows in rows_of(gradebook, "ada").values()] == [1, 1, 1, 3, 3]


def test_what_a_person_gave_stays_and_the_penalty_counts_it(
    room: Classroom, writer: Writer, gradebook: Gradebook
) -> None:
    gradebook.update_or_create_assignment(MINI, duedate=DUE)
    for student in ("ada", "zoe"):
        nbgraders_way(gradebook, student, None)
        essay = gradebook.find_grade("essay", MINI, MINI, student)
        essay.manual_score, essay.extra_credit, essay.needs_manual_grade = 2.0, 0.5, False
        gradebook.find_comment("essay", MINI, MINI, student).manual_comment = "Good."
        gradebook.db.commit()
    late = datetime(2026, 3, 2, 13)
    nbgraders_way(gradebook, "zoe", late)
    writer.save(handed_in(room, "ada", late), GRADED, "print")
    assert rows_of(gradebook, "ada") == rows_of(gradebook, "zoe")


def test_a_late_penalty_is_that_of_all_points(room: Classroom, tmp_path: Path) -> None:
    all_of_it = room.copy(
        tmp_path / "late", '\nc.AssignLatePenalties.plugin_class = "tests.autograder.batch.test_scores.All"\n'
    )
    with all_of_it.gradebook() as gradebook:
        gradebook.update_or_create_assignment(MINI, duedate=DUE)
        writer = Writer(all_of_it.course, gradebook, Ledger(gradebook, MINI), MINI, [MINI])

        def penalty() -> float | None:
            gradebook.db.rollback()
            notebook = gradebook.find_submission_notebook(MINI, MINI, "ada")
            found: float | None = notebook.late_submission_penalty
            return found

        for hour, expected in ((13, 4.1), (11, None), (14, 4.1)):
            writer.save(handed_in(all_of_it, "ada", datetime(2026, 3, 2, hour)), GRADED, "print")
            assert penalty() == expected
        gradebook.find_grade("essay", MINI, MINI, "ada").manual_score = 2.0
        gradebook.db.commit()
        writer.save(handed_in(all_of_it, "ada", datetime(2026, 3, 2, 14)), GRADED, "print")
        assert penalty() == 6.1


def test_another_run_may_add_the_student_meanwhile(room: Classroom, writer: Writer, gradebook: Gradebook) -> None:
    added: list[str] = []

    def add(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO student ") and not added:
            added.append(statement)
            with closing(sqlite3.connect(room.course.root / "gradebook.db")) as other, other:
                other.execute("INSERT INTO student (id) VALUES ('ada')")

    event.listen(gradebook.engine, "before_cursor_execute", add)
    writer.save(handed_in(room, "ada"), GRADED, "print")
    assert added
    assert [len(rows) for rows in rows_of(gradebook, "ada").values()] == [1, 1, 1, 3, 3]


def test_a_submission_costs_the_same_whatever_the_size_of_the_class(
    room: Classroom, writer: Writer, gradebook: Gradebook
) -> None:
    said: list[str] = []

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    writer.save(handed_in(room, "first"), GRADED, "print")
    event.listen(gradebook.engine, "before_cursor_execute", note)
    counts = []
    for number in range(3):
        said.clear()
        writer.save(handed_in(room, f"s{number}"), GRADED, "print")
        counts.append(len(said))
    # One query, an insert for each of nbgrader's five tables, and one for each of our four.
    assert counts == [10, 10, 10]
    said.clear()
    writer.save(handed_in(room, "s1"), replace(GRADED, seconds=1.0), "print")
    asked = [*said]
    gradebook.db.rollback()
    plan = [
        row[3]
        for statement in asked
        if "grade" in statement and not statement.startswith("INSERT")
        for row in gradebook.db.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", tuple("x" * statement.count("?"))
        )
    ]
    assert plan
    assert not [step for step in plan if step.startswith("SCAN")]

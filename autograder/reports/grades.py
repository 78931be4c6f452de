"""Reads all grades of a course from the gradebook into plain data, sorted, for export and overview."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Grade as Grading
from sqlalchemy import case, func, select


@dataclass(frozen=True)
class Person:
    """A student as the gradebook has them; what nobody entered is empty."""

    id: str
    last_name: str
    first_name: str
    email: str
    lms_id: str = ""
    """What another system calls them (nbgrader's `lms_user_id`)."""

    @property
    def name(self) -> str:
        """First and last name, as far as they are known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


@dataclass(frozen=True)
class Task:
    """An assignment."""

    name: str
    duedate: datetime | None
    max_score: float


@dataclass(frozen=True)
class Grade:
    """What one student has in one assignment."""

    timestamp: datetime | None
    raw: float
    penalty: float
    waits: bool
    """Whether a person still has to mark something."""

    @property
    def score(self) -> float:
        """Points less the penalty for handing in late."""
        return max(0.0, self.raw - self.penalty)


@dataclass(frozen=True)
class AllGrades:
    """A course's students and assignments, sorted, and the grades there are."""

    people: tuple[Person, ...]
    """By last name, first name and id; those without a name come last."""
    tasks: tuple[Task, ...]
    """By due date and name; those without a due date come last."""
    found: Mapping[tuple[str, str], Grade]
    """By assignment and student."""

    @cached_property
    def graded(self) -> tuple[Task, ...]:
        """The assignments in which anybody has a grade."""
        names = {task for task, _ in self.found}
        return tuple(task for task in self.tasks if task.name in names)


def read_grades(gradebook: Gradebook, assignments: Sequence[Any] = (), students: Sequence[Any] = ()) -> AllGrades:
    """Return what the gradebook has, with late penalties as they stand there.

    Parameters
    ----------
    assignments, students : Sequence[Any], optional
        Only these; all if left out or empty.
    """
    names, ids = set(map(str, assignments)), set(map(str, students))
    people = [
        Person(row[0], *(value or "" for value in row[1:]))
        for row in gradebook.db.execute(
            select(Student.id, Student.last_name, Student.first_name, Student.email, Student.lms_user_id)
        )
        if not ids or row[0] in ids
    ]
    tasks = [
        Task(*row)
        for row in gradebook.db.execute(select(Assignment.name, Assignment.duedate, Assignment.max_score))
        if not names or row[0] in names
    ]
    # One query for all points, one for all penalties: nbgrader's own sums go through the class for each submission.
    points = {
        row[0]: (float(row[1] or 0), bool(row[2]))
        for row in gradebook.db.execute(
            select(
                SubmittedNotebook.assignment_id,
                func.sum(Grading.score),
                func.sum(case((Grading.needs_manual_grade, 1), else_=0)),
            )
            .join(SubmittedNotebook, Grading.notebook_id == SubmittedNotebook.id)
            .group_by(SubmittedNotebook.assignment_id)
        )
    }
    rows = gradebook.db.execute(
        select(
            Assignment.name,
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.id,
        ).join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    )
    penalties = late_penalties(gradebook)
    kept = {task.name for task in tasks}, {person.id for person in people}
    return AllGrades(
        # Here, not in the database: each has its own order of letters, and of what is empty.
        tuple(sorted(people, key=lambda each: (not each.name, *_letters(each.last_name, each.first_name), each.id))),
        tuple(sorted(tasks, key=lambda each: (each.duedate is None, each.duedate or datetime.min, each.name))),
        {
            (task, student): Grade(timestamp, points.get(of, (0.0,))[0], penalties[of], of in points and points[of][1])
            for task, student, timestamp, of in rows
            if task in kept[0] and student in kept[1]
        },
    )


def late_penalties(gradebook: Gradebook) -> Mapping[str, float]:
    """Return the late penalty of each submission that has one, all its notebooks together, by its id; others have 0."""
    rows = gradebook.db.execute(
        select(SubmittedNotebook.assignment_id, SubmittedNotebook.late_submission_penalty).where(
            SubmittedNotebook.late_submission_penalty.is_not(None)
        )
    )
    found: defaultdict[str, float] = defaultdict(float)
    for submission, penalty in rows:
        found[submission] += penalty
    return found


def _letters(*names: str) -> tuple[str, ...]:
    return tuple(name.casefold() for name in names)

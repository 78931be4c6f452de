"""Finds groups of students who fail the same checks of an exercise, and names them after the catalogue of answers.

The catalogue says of each wrong answer which checks fail it. Where several do, the one whose code is most like the
students' gives the name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.answers import Answer
from autograder.reports.results import ClassResults, ExerciseResult, StudentResult
from autograder.reports.similarity import likeness
from autograder.reports.statistics import FOLLOWS, told_by_the_check, written

FEWEST = 2
"""Students of a group."""
LOOKED_AT = 5
"""Students of a group whose code is compared with the catalogue's."""
FAR = 0.5
"""An answer of the catalogue must share at least this part of the failed checks."""


@dataclass(frozen=True)
class Misconception:
    """Students who fail the same checks of an exercise."""

    exercise: str
    checks: tuple[str, ...]
    """Those that fail for a reason of their own, in the order of the notebook."""
    students: tuple[str, ...]
    example: StudentResult
    """The one with the most points elsewhere: the fewest other mistakes."""
    name: str = ""
    """What the catalogue calls the answer that fails in the same way; empty if it has none."""
    message: str = ""
    """The most common message of the first check."""


def find_misconceptions(results: ClassResults, answers: Sequence[Answer]) -> list[Misconception]:
    """Return groups of at least two students, the largest first.

    Parameters
    ----------
    answers : Sequence[Answer]
        The catalogue's answers to this assignment; none is fine.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[StudentResult, ExerciseResult]]] = {}
    for student in results.students:
        for exercise in student.exercises if not student.problem else ():
            failed = failed_by_itself(exercise)
            if failed:
                groups.setdefault((exercise.title, failed), []).append((student, exercise))
    found = []
    for (title, checks), members in groups.items():
        if len(members) < FEWEST:
            continue
        students = [student for student, _ in members]
        said = Counter(c.message for _, e in members for c in e.checks if c.name == checks[0])
        found.append(
            Misconception(
                title,
                checks,
                tuple(student.id for student in students),
                example=max(students, key=lambda student: student.score),
                name=_name(title, checks, students, answers),
                message=said.most_common(1)[0][0],
            )
        )
    return sorted(found, key=lambda group: (-len(group.students), group.exercise, group.checks))


def failed_by_itself(exercise: ExerciseResult) -> tuple[str, ...]:
    """Return the checks that an answer fails, without those that only follow from others or from the program's end."""
    if not written(exercise):
        return ()
    failed = [check for check in exercise.checks if not check.passed and told_by_the_check(check.message)]
    return tuple(check.name for check in failed if not check.message.startswith(FOLLOWS))


def _name(title: str, checks: Sequence[str], students: Sequence[StudentResult], answers: Sequence[Answer]) -> str:
    """Return the name of the wrong answer that fails, and looks, most like theirs."""
    exercise = title.rpartition("/")[2]
    codes = [code for student in students[:LOOKED_AT] if (code := _code(student, title))]
    best, name = 0.0, ""
    for answer in answers:
        shared = len({*checks} & {*answer.fails}) / len({*checks} | {*answer.fails})
        if answer.exercise == exercise and not answer.right and shared >= FAR:
            alike = sum(likeness(code, answer.source) for code in codes) / max(1, len(codes))
            if shared + alike > best:
                best, name = shared + alike, answer.name
    return name


def _code(student: StudentResult, title: str) -> str:
    return next((code for cell, code in student.code.items() if f"/{cell}".endswith(f"/{title}")), "")

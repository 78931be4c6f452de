"""A class without names, for a report that others may see."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from autograder.reports.results import ClassResults, StudentResult

SHORTEST = 3
"""Characters of a name that is looked for in texts; a shorter one would be found in words and numbers."""


def without_names(results: ClassResults) -> ClassResults:
    """Return results in which students are numbered, from the most points to the fewest.

    Their ids and names go from all texts too: a message shows what a student's code printed.
    """
    scores = {student.id: student.score for student in results.students}
    numbers = numbered(scores, (*results.ungraded, *results.absent))
    students = sorted(results.students, key=lambda student: numbers[student.id])
    hidden = dict(numbers)
    for student in students:
        for part in (student.name, *student.name.split()):
            hidden.setdefault(part, numbers[student.id])
    clean = _cleaner(hidden)
    return replace(
        results,
        students=tuple(_numbered(student, numbers[student.id], clean) for student in students),
        ungraded=tuple(numbers[student] for student in results.ungraded),
        absent=tuple(numbers[student] for student in results.absent),
    )


def numbered(scores: Mapping[str, float], others: Sequence[str] = ()) -> dict[str, str]:
    """Return a number for each student, from the most points to the fewest, then for others; as a text that sorts."""
    everybody = [*sorted(scores, key=lambda student: (-scores[student], _at_random(student))), *others]
    width = len(str(len(everybody)))
    return {student: f"student {number:0{width}}" for number, student in enumerate(everybody, start=1)}


def _at_random(student: str) -> str:
    """Return what orders students of equal points: not by name, and in each report alike."""
    return hashlib.sha256(student.encode()).hexdigest()


def _numbered(student: StudentResult, number: str, clean: Callable[[str], str]) -> StudentResult:
    texts = {name: _mapped(getattr(student, name), clean) for name in ("incidents", "looks", "notes", "problem")}
    exercises = tuple(
        replace(
            exercise,
            reason=clean(exercise.reason),
            checks=tuple(replace(check, message=clean(check.message)) for check in exercise.checks),
        )
        for exercise in student.exercises
    )
    # A page of feedback is in a folder with the student's id, and the time of a submission is known to others.
    return replace(student, id=number, name="", exercises=exercises, handed_in=None, feedback=(), **texts)


def _cleaner(hidden: dict[str, str]) -> Callable[[str], str]:
    """Return a function that puts numbers for names; the longest name that fits wins."""
    names = sorted((name for name in hidden if len(name) >= SHORTEST), key=len, reverse=True)
    if not names:
        return lambda text: text
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    return lambda text: pattern.sub(lambda found: hidden[found[0]], text)


def _mapped(value: Any, clean: Callable[[str], str]) -> Any:
    """Return a value with every text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(_mapped(each, clean) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _mapped(getattr(value, f.name), clean) for f in fields(value) if f.init})
    return value

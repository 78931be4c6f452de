"""A class without names, for a report that others may see."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from autograder.reports.results import ClassResults, StudentResult

SHORTEST = 3
"""Characters of a name that is looked for in texts; a shorter one would be found in words and numbers."""
DISTINCT = 5
"""Characters of a part of a name that is looked for in small letters and capitals alike."""
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w(])")
_HOME = re.compile(r"((?:/home/|/Users/|\b[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/)))(?!student \d)[^/\\\s'\":,;]{1,64}")


def without_names(results: ClassResults) -> ClassResults:
    """Return results in which students are numbered, from the most points to the fewest.

    Their ids and names go from all texts too: a message shows what a student's code printed.
    """
    scores = {student.id: student.score for student in results.students}
    numbers = numbered(scores, (*results.ungraded, *results.absent))
    students = sorted(results.students, key=lambda student: numbers[student.id])
    hidden = dict(numbers)
    parts = set[str]()
    for student in students:
        hidden.setdefault(student.name, numbers[student.id])
    for student in students:
        for part in {*student.name.split()} - hidden.keys():
            hidden[part] = numbers[student.id]
            parts.add(part)
    clean = _cleaner(hidden, parts)
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
    # A page of feedback is in a folder with the student's id, and times are known to others.
    return replace(student, id=number, name="", exercises=exercises, handed_in=None, made_with=(), feedback=(), **texts)


def _cleaner(hidden: dict[str, str], parts: Collection[str]) -> Callable[[str], str]:
    """Return a function that puts numbers for names; the longest name that fits wins.

    Addresses of mail and of home folders go too, whoever they belong to.

    Parameters
    ----------
    hidden : dict of str
        Number by name.
    parts : Collection[str]
        Which of the names are a part of one: a short part counts as it is written only, as `max` is a word as well.
    """
    names = sorted((name for name in hidden if len(name) >= SHORTEST), key=len, reverse=True)
    numbers = {name.casefold(): hidden[name] for name in reversed(names)} | hidden
    either = "|".join(
        re.escape(name) if name in parts and len(name) < DISTINCT else f"(?i:{re.escape(name)})" for name in names
    )
    pattern = re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])") if names else None

    def number(found: re.Match[str]) -> str:
        return numbers.get(found[0]) or numbers.get(found[0].casefold(), "a student")

    def clean(text: str) -> str:
        text = _MAIL.sub("(an address)", text)
        return _HOME.sub(r"\1(a student)", pattern.sub(number, text) if pattern else text)

    return clean


def _mapped(value: Any, clean: Callable[[str], str]) -> Any:
    """Return a value with every text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(_mapped(each, clean) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _mapped(getattr(value, f.name), clean) for f in fields(value) if f.init})
    return value

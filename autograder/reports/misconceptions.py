"""Finds groups of students who fail the same checks of an exercise, and names them after the catalogue of answers.

The catalogue says of each wrong answer which checks must fail it, not which others do. Of those that fit, the one whose
checks and code are most like the students' gives the name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.answers import Answer
from autograder.examiner.summary import tokens
from autograder.reports.results import ClassResults, ExerciseResult, StudentResult
from autograder.reports.similarity import likeness
from autograder.reports.statistics import FOLLOWS, told_by_the_check, written

FEWEST = 2
"""Students of a group."""
LOOKED_AT = 5
"""Students of a group whose code is compared with the catalogue's."""
NAMED = 4
"""Checks of a group that are named."""
FITS = 0.5
"""How much of the failed checks an answer of the catalogue must name, or how much its code must be like theirs."""


@dataclass(frozen=True)
class Misconception:
    """Students who fail the same checks of an exercise."""

    exercise: str
    checks: tuple[str, ...]
    """Those that fail for a reason of their own, in the order of the notebook."""
    of: int
    """How many checks the exercise has."""
    students: tuple[str, ...]
    example: StudentResult
    """The one with the most points elsewhere: the fewest other mistakes."""
    name: str = ""
    """What the catalogue calls the answer that fails in the same way; empty if it has none."""
    message: str = ""
    """The most common message of the first check."""

    @property
    def in_short(self) -> str:
        """What fails, in a line."""
        if len(self.checks) == self.of > 1:
            return f"all {self.of} checks"
        if len(self.checks) <= NAMED:
            return "; ".join(self.checks)
        return f"{'; '.join(self.checks[: NAMED - 1])}; and {len(self.checks) - NAMED + 1} more of {self.of} checks"


def find_misconceptions(results: ClassResults, answers: Sequence[Answer]) -> list[Misconception]:
    """Return groups of at least two students, the largest first.

    Parameters
    ----------
    answers : Sequence[Answer]
        The catalogue's answers to this assignment; none is fine.
    """
    groups: dict[tuple[str, tuple[str, ...], str], list[tuple[StudentResult, ExerciseResult]]] = {}
    for student in results.students:
        for exercise in student.exercises if not student.problem else ():
            failed = failed_by_itself(exercise)
            if failed:
                groups.setdefault((exercise.title, failed, _same_message(exercise)), []).append((student, exercise))
    found = []
    for (title, checks, _), members in groups.items():
        if len(members) < FEWEST:
            continue
        students = [student for student, _ in members]
        said = Counter(c.message for _, e in members for c in e.checks if c.name == checks[0])
        found.append(
            Misconception(
                title,
                checks,
                len(members[0][1].checks),
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


def _same_message(exercise: ExerciseResult) -> str:
    """Return the message of all checks that fail, if they have the same: then it tells more than their names."""
    said = [check.message for check in exercise.checks if not check.passed]
    return said[0] if len(said) > 1 and len({*said}) == 1 else ""


def _name(title: str, checks: Sequence[str], students: Sequence[StudentResult], answers: Sequence[Answer]) -> str:
    """Return the name of the wrong answer that fails, and looks, most like theirs."""
    exercise = title.rpartition("/")[2]
    fit = [a for a in answers if a.exercise == exercise and not a.right and {*a.fails} <= {*checks}]
    votes: Counter[str] = Counter()
    closeness: defaultdict[str, float] = defaultdict(float)
    for words in [_words(student, title) for student in students[:LOOKED_AT]]:
        found = [
            (len(answer.fails) / len(checks), likeness(words, _answer_words(answer.source)), answer.name)
            for answer in fit
        ]
        close = [(shared + 2 * alike, name) for shared, alike, name in found if max(shared, alike) >= FITS]
        if close:
            best, name = max(close)
            votes[name] += 1
            closeness[name] += best
    return max(votes, key=lambda name: (votes[name], closeness[name]), default="")


def _words(student: StudentResult, title: str) -> list[str]:
    return next((code.tokens for cell, code in student.code.items() if f"/{cell}".endswith(f"/{title}")), [])


@lru_cache(maxsize=4096)
def _answer_words(source: str) -> list[str]:
    return tokens(source)

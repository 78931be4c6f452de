"""Statistics of a graded class: of its scores, of each exercise, of each check.

What waits for a person has no points yet, which is not the same as 0 points: it is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from autograder.reports.results import ClassResults, ExerciseResult
from course.checks import describe

NOT_WRITTEN = describe(NotImplementedError())
"""Message of every check of a stub."""
FOLLOWS = "Counts once "
"""Beginning of the message of a check that failed because another one did."""
_ENDED = re.compile(r"(SystemExit|KeyboardInterrupt|GeneratorExit)\b|The code ended the program")
"""Beginning of a message that tells of a program's end, and nothing of the check."""


@dataclass(frozen=True)
class ScoreStats:
    """Location and spread of the scores, in points, of exercises for which nobody waits."""

    count: int
    mean: float
    median: float
    lower_quartile: float
    upper_quartile: float
    standard_deviation: float
    """Of the class itself, not an estimate for others: divided by n."""


@dataclass(frozen=True)
class ExerciseStats:
    """One exercise over the class."""

    title: str
    max_points: float
    mean: float | None
    """Points, 0 to ``max_points``; negative or above only where a person gave such points. None if all wait."""
    full_marks: float | None
    """Share of students, 0 to 1; None if all wait."""
    discrimination: float | None
    """Correlation with the score in all other exercises, -1 to 1; None where one of the two is constant."""
    waits: int = 0
    """Students who wait for a person, and are left out."""

    @property
    def mean_share(self) -> float | None:
        """Mean over maximum; 0 for an exercise without points, None if all wait."""
        if self.mean is None:
            return None
        return self.mean / self.max_points if self.max_points else 0.0


@dataclass(frozen=True)
class CheckStats:
    """One named check over the class."""

    exercise: str
    check: str
    count: int
    """Students who wrote an answer that could be checked."""
    passed: int
    message: str
    """The most common reason for failing, empty if there is none.

    "Another check failed" counts only where there is no other; that a program ended itself is no reason.
    """

    @property
    def share(self) -> float:
        """Share of students who pass, 0 to 1."""
        return self.passed / self.count


def score_stats(results: ClassResults) -> ScoreStats:
    """Return location and spread of the scores, of which there must be at least one."""
    scores = np.array(results.settled_scores())
    lower, median, upper = np.quantile(scores, [0.25, 0.5, 0.75])
    return ScoreStats(len(scores), float(scores.mean()), float(median), float(lower), float(upper), float(scores.std()))


def exercise_stats(results: ClassResults) -> list[ExerciseStats]:
    """Return mean and discrimination of each exercise, in the order of the notebook.

    Discrimination is the corrected item-total correlation: the exercise itself is left out of the total, or
    it would correlate with itself (Henrysson 1963, Psychometrika 28, 211-218).
    """
    exercises = _by_exercise(results)
    waiting = results.waiting
    totals = np.zeros(len(results.students))
    for title, cells in exercises.items():
        if title not in waiting:
            totals += [cell.points for cell in cells]
    readable = np.array([not student.problem for student in results.students])
    stats = []
    for title, cells in exercises.items():
        points = np.array([cell.points for cell in cells])
        marked = np.array([not cell.needs_manual for cell in cells])
        if title in waiting:  # the zeros of what could not be read are no marks of a person
            marked &= readable
        others = totals if title in waiting else totals - points
        stats.append(
            ExerciseStats(
                title=title,
                max_points=cells[0].max_points,
                mean=float(points[marked].mean()) if marked.any() else None,
                full_marks=float((points[marked] >= cells[0].max_points).mean()) if marked.any() else None,
                discrimination=_correlation(points[marked], others[marked]) if marked.any() else None,
                waits=waiting[title],
            )
        )
    return stats


def _by_exercise(results: ClassResults) -> dict[str, list[ExerciseResult]]:
    """Return each exercise's results, one per student, in the order of the students."""
    exercises: dict[str, list[ExerciseResult]] = {}
    for student in results.students:
        for exercise in student.exercises:
            exercises.setdefault(exercise.title, []).append(exercise)
    return exercises


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    # Scores are sums of rounded shares: what is constant may differ in its last digits.
    if np.ptp(one) < 1e-9 or np.ptp(other) < 1e-9:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def check_stats(results: ClassResults) -> list[CheckStats]:
    """Return how many pass each check, hardest first; answers that were not written do not count."""
    outcomes: dict[tuple[str, str], list[str]] = {}
    for cells in _by_exercise(results).values():
        for cell in cells:
            for check in cell.checks if written(cell) else ():
                outcomes.setdefault((cell.title, check.name), []).append(check.message)
    stats = []
    for (exercise, name), messages in outcomes.items():
        failed = Counter(message for message in messages if message)
        reasons = [message for message in failed if told_by_the_check(message)]
        common = max(reasons, key=lambda message: (not message.startswith(FOLLOWS), failed[message]), default="")
        stats.append(CheckStats(exercise, name, len(messages), len(messages) - failed.total(), common))
    return sorted(stats, key=lambda check: check.share)


def told_by_the_check(message: str) -> bool:
    """Return whether a message tells of a check, and not of the end of the program in which it was to run."""
    return not _ENDED.match(message)


def written(cell: ExerciseResult) -> bool:
    """Return whether an answer was written that could be checked."""
    return any(check.message != NOT_WRITTEN for check in cell.checks)

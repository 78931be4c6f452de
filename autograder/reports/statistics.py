"""Statistics of a graded class: of its scores, of each exercise, of each check."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from autograder.reports.results import ClassResults, ExerciseResult
from course.checks import describe

NOT_WRITTEN = describe(NotImplementedError())
"""Message of every check of a stub."""
FOLLOWS = "Counts once "
"""Beginning of the message of a check that failed because another one did."""


@dataclass(frozen=True)
class ScoreStats:
    """Location and spread of the scores, in points."""

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
    mean: float
    """Points, 0 to ``max_points``; negative or above only where a person gave such points."""
    full_marks: float
    """Share of students, 0 to 1."""
    discrimination: float | None
    """Correlation with the score in all other exercises, -1 to 1; None where one of the two is constant."""

    @property
    def mean_share(self) -> float:
        """Mean over maximum; 0 for an exercise without points."""
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
    """The most common reason for failing, empty if nobody did; "another check failed" does not count as a reason."""

    @property
    def share(self) -> float:
        """Share of students who pass, 0 to 1."""
        return self.passed / self.count


def score_stats(results: ClassResults) -> ScoreStats:
    """Return location and spread of the scores, of which there must be at least one."""
    scores = np.array([student.score for student in results.students])
    lower, median, upper = np.quantile(scores, [0.25, 0.5, 0.75])
    return ScoreStats(len(scores), float(scores.mean()), float(median), float(lower), float(upper), float(scores.std()))


def exercise_stats(results: ClassResults) -> list[ExerciseStats]:
    """Return mean and discrimination of each exercise, in the order of the notebook.

    Discrimination is the corrected item-total correlation: the exercise itself is left out of the total, or
    it would correlate with itself (Henrysson 1963, Psychometrika 28, 211-218).
    """
    exercises = _by_exercise(results)
    totals = np.zeros(len(results.students))
    for cells in exercises.values():
        totals += [cell.points for cell in cells]
    stats = []
    for cells in exercises.values():
        points = np.array([cell.points for cell in cells])
        stats.append(
            ExerciseStats(
                title=cells[0].title,
                max_points=cells[0].max_points,
                mean=float(points.mean()),
                full_marks=float((points >= cells[0].max_points).mean()),
                discrimination=_correlation(points, totals - points),
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
            for check in cell.checks if _written(cell) else ():
                outcomes.setdefault((cell.title, check.name), []).append(check.message)
    stats = []
    for (exercise, name), messages in outcomes.items():
        failed = Counter(message for message in messages if message)
        common = max(failed, key=lambda message: (not message.startswith(FOLLOWS), failed[message]), default="")
        stats.append(CheckStats(exercise, name, len(messages), len(messages) - failed.total(), common))
    return sorted(stats, key=lambda check: check.share)


def _written(cell: ExerciseResult) -> bool:
    return any(check.message != NOT_WRITTEN for check in cell.checks)

"""The report at the end of a test run on how long the lessons took; slow is worth a look, not a failure."""

from __future__ import annotations

from collections.abc import Mapping

LESSON_SECONDS = 45.0
ALL_SECONDS = 300.0

SECONDS = "seconds of a lesson"
"""Name of the property with which a test tells what a lesson took: its name and the seconds."""


def budget_report(seconds: Mapping[str, float]) -> list[str]:
    """Say what each lesson took, and mark what is over its budget.

    Parameters
    ----------
    seconds : Mapping[str, float]
        Name of a lesson to what it took from top to bottom.
    """
    if not seconds:
        return []
    lines = [_line(name, took, LESSON_SECONDS) for name, took in sorted(seconds.items())]
    return [*lines, _line("all lessons", sum(seconds.values()), ALL_SECONDS)]


def _line(name: str, seconds: float, budget: float) -> str:
    return f"{name:24s} {seconds:6.1f} s of {budget:.0f}{'' if seconds <= budget else '   OVER BUDGET'}"

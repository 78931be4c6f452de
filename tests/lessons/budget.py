"""The report at the end of a test run on how long the lessons took; slow is worth a look, not a failure."""

from __future__ import annotations

from collections.abc import Mapping

LESSON_SECONDS = 45.0
ALL_SECONDS = 300.0
TEST = "tests/lessons/test_execution.py::test_runs_without_error_or_noise"


def budget_report(durations: Mapping[str, float]) -> list[str]:
    """Say what each lesson took, and mark what is over its budget.

    Parameters
    ----------
    durations : test id to seconds; tests other than `TEST` are left out
    """
    took = {name.removeprefix(TEST).strip("[]"): seconds for name, seconds in durations.items() if TEST in name}
    if not took:
        return []
    lines = [_line(name, seconds, LESSON_SECONDS) for name, seconds in sorted(took.items())]
    return [*lines, _line("all lessons", sum(took.values()), ALL_SECONDS)]


def _line(name: str, seconds: float, budget: float) -> str:
    return f"{name:24s} {seconds:6.1f} s of {budget:.0f}{'' if seconds <= budget else '   OVER BUDGET'}"

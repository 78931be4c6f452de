"""The report on how long the lessons took."""

from __future__ import annotations

from tests.support.lesson_budget import budget_report


def test_each_lesson_and_all_together_are_set_against_their_budgets() -> None:
    assert budget_report({"02_b": 46.0, "01_a": 3.25}) == [
        "01_a                        3.2 s of 45",
        "02_b                       46.0 s of 45   OVER BUDGET",
        "all lessons                49.2 s of 300",
    ]


def test_without_lessons_there_is_nothing_to_report() -> None:
    assert budget_report({}) == []

"""Measures the project in one run: graders on the same submissions, demos beside plain redraws."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """What can be measured alone."""

    GRADING = "grading"
    DEMOS = "demos"
    WALLS = "walls"
    FAIR_SHARE = "fair_share"
    WATCH = "watch"

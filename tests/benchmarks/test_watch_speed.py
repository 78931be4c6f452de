"""The waits for feedback beside stock nbgrader's commands: what is measured, and what is written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.course_folder import CourseFolder
from benchmarks import watch_speed
from benchmarks.measure import Measured

ROOT = Path(__file__).parents[2]
WAITS = {
    "idle": {"submissions": 2, "median_s": 1.25, "95_percent_s": 1.5, "most_s": 1.5},
    "burst": {"submissions": 3, "median_s": 20.0, "95_percent_s": 44.0, "most_s": 61.0},
}


@pytest.fixture
def result(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Of a run in which one goal is missed."""
    one = dict.fromkeys(watch_speed.COMMANDS, 2.0)
    monkeypatch.setattr(watch_speed, "measure_stock", lambda course, number: {"one": one, "each": one | {"collect": 1}})
    said = f"a line\n{json.dumps(WAITS)}\n"
    monkeypatch.setattr(watch_speed, "measure", lambda *_: Measured(1, 1, 1, said, "counted"))
    return watch_speed.measure_watch(CourseFolder.find(ROOT), Console(quiet=True))


def test_the_page_says_which_goals_are_reached(result: dict[str, Any]) -> None:
    page = watch_speed.watch_page(result)
    assert "| one at a time | 2 | 1.25 | 1.50 | 1.50 |" in page
    assert "| together | 8.00 | 7.00 |" in page
    assert "| one at a time, median, s | at most 2 | 1.25 | reached |" in page
    assert "| within a minute, 95 %, s | at most 45 | 44.00 | reached |" in page
    assert "| within a minute, the longest, s | at most 60 | 61.00 | missed |" in page


def test_the_page_in_the_documents_is_from_its_numbers() -> None:
    kept = json.loads((ROOT / "docs" / "measured" / "bench.json").read_text())
    page = (ROOT / "docs" / "measured" / "watch_speed.md").read_text()
    assert page == watch_speed.watch_page(kept["watch"])


@pytest.mark.slow
def test_stock_nbgraders_commands_release_feedback() -> None:
    found = watch_speed.measure_stock(CourseFolder.find(ROOT), 1)
    assert [*found] == ["one", "each"]
    assert all([*took] == [*watch_speed.COMMANDS] and min(took.values()) > 0 for took in found.values())

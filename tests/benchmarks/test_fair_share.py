"""The neighbour of a submission with very many busy processes: what is compared, and what is written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.course_folder import CourseFolder
from benchmarks import fair_share
from benchmarks.measure import Measured

ROOT = Path(__file__).parents[2]


@pytest.fixture
def result(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Of a run in which the busy submission costs its neighbour half as much again."""
    said = json.dumps({"honest": [0.2, 0.3, 0.2], "busy": [0.9, 0.3, 0.3]})
    monkeypatch.setattr(fair_share, "measure", lambda *_: Measured(1, 1, 1, f"a warning\n{said}\n", "counted"))
    return fair_share.measure_fair_share(CourseFolder.find(ROOT), Console(quiet=True))


def test_the_page_says_whether_the_goal_is_reached(result: dict[str, Any]) -> None:
    page = fair_share.fair_share_page(result)
    assert "| an honest submission | 0.200 | 0.200, 0.300, 0.200 |" in page
    assert "| one with 64 busy processes | 0.300 | 0.900, 0.300, 0.300 |" in page
    assert "| second / first | 1.500 | at most 2: reached |" in page
    assert "missed" in fair_share.fair_share_page(result | {"ratio": 2.1})
    assert "rooms run below the grader" in page


def test_the_page_in_the_documents_is_from_its_numbers() -> None:
    kept = json.loads((ROOT / "docs" / "measured" / "bench.json").read_text())
    page = (ROOT / "docs" / "measured" / "fair_share.md").read_text()
    assert page == fair_share.fair_share_page(kept["fair_share"])

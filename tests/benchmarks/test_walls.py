"""The comparison of the walls: what it needs, and what is written down."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.room.walls import Problem
from benchmarks import walls

RESULT = {
    "students": 4,
    "assignment": "ps1_from_scratch",
    "rounds": 2,
    "seconds": {"namespaces": [1.0, 3.0], "landlock": [2.2, 2.0]},
    "ratio": 1.06,
    "machine": {"cores": 2, "processor": "x86_64", "python": "3.11.7"},
}


def test_the_page_says_whether_the_goal_is_reached() -> None:
    page = walls.walls_page(RESULT)
    assert "| second / first | 1.060 | at most 1.05: missed |" in page
    assert "| namespaces | 2.00 | 1.00, 3.00 |" in page
    assert "reached" in walls.walls_page(RESULT | {"ratio": 1.05})


def test_a_machine_with_one_wall_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "problems", lambda name: (Problem("no bubblewrap", "install it"),))
    with pytest.raises(UserError, match="no bubblewrap"):
        walls.measure_walls(CourseFolder.find(Path(__file__).parents[2]), Console(quiet=True), students=1)

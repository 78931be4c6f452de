"""Compares what a student sees of an exercise's checks with what is graded."""

from __future__ import annotations

import re

from tests.support.notebook_runner import grade, notebook_cells


def assert_visible_share(assignment: str, exercise: str) -> None:
    """Assert that visible checks earn a third of the points, and that the cell says how many more there are."""
    test = f"test_{exercise}"
    [released] = [cell.source for cell in notebook_cells("release", assignment) if cell.grade_id == test]
    visible = set(re.findall(r'with checks\("([^"]+)"', released))
    checks = grade(assignment, {}, only={test})[test].checks
    earned = sum(check.max_points for check in checks if check.name in visible)
    assert earned >= sum(check.max_points for check in checks) / 3 - 1e-9
    [said] = re.findall(r"checks\.at_grading\(\s*(\d+)", released)
    assert int(said) == len(checks) - len(visible)

"""The summary has few lines on one submission."""

from __future__ import annotations

import pytest

from autograder.batch.run import MOST_NOTES, shortened


@pytest.mark.parametrize("count", range(9))
def test_a_submission_has_at_most_three_lines(count: int) -> None:
    lines = shortened([f"note {number}" for number in range(count)])
    assert len(lines) == min(count, MOST_NOTES)
    if count > MOST_NOTES:
        assert lines[-1] == f"and {count - MOST_NOTES + 1} more in the report"

"""Waits are measured from the end of *Submit* to the page, for one at a time and for many at once."""

from __future__ import annotations

import pytest

from benchmarks.watch import measure, summary


def test_what_is_told_of_waits() -> None:
    told = summary([float(number) for number in range(100, 0, -1)])
    assert told == {"submissions": 100, "median_s": 50.5, "95_percent_s": 96.0, "most_s": 100.0}


@pytest.mark.slow
def test_each_submission_is_measured_once() -> None:
    told = measure(1, 2, seconds=0.5)
    assert [told[kind]["submissions"] for kind in ("idle", "burst")] == [1, 2]
    assert all(wait > 0 for part in told.values() for wait in part.values())

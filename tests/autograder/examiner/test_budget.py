"""The time that a submission may take: of a cell, of all cells, and of both rooms together."""

from __future__ import annotations

import pytest

from autograder.examiner.budget import TimeBudget
from autograder.examiner.proxies import StudentStopped
from autograder.room.inside.limits import Limits


class Clock:
    """In the place of a room's."""

    passed = 0.0

    def now(self):
        return self.passed

    def since(self, before):
        return self.passed - before


@pytest.fixture
def clock():
    return Clock()


def spend(time, clock, seconds):
    with time.spend(clock) as allowed:
        clock.passed += seconds
    return allowed


def test_a_cell_and_the_submission_run_out(clock):
    time = TimeBudget(Limits(cell_seconds=10, submission_seconds=25))
    assert [spend(time, clock, 4) for _ in range(3)] == [10, 6, 2]
    with pytest.raises(StudentStopped, match="used up"):
        spend(time, clock, 1)
    time.begin_cell()
    assert [spend(time, clock, 4) for _ in range(3)] == [10, 6, 2]
    time.begin_cell()
    assert spend(time, clock, 1) == 1
    time.begin_cell()
    with pytest.raises(StudentStopped, match="used up"):
        spend(time, clock, 1)


def test_time_counts_also_where_the_code_failed(clock):
    time = TimeBudget(Limits(cell_seconds=10, submission_seconds=25))

    def fail():
        with time.spend(clock):
            clock.passed += 7
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert spend(time, clock, 0) == 3


def test_the_processor_time_of_all_rooms_runs_out(clock):
    time = TimeBudget(Limits(processor_seconds=2))
    time.processor.note("a room", 2)
    assert spend(time, clock, 1) == Limits().cell_seconds
    time.processor.note("another room", 1)
    time.begin_cell()
    with pytest.raises(StudentStopped, match="together used more than 2 s of processor time"):
        spend(time, clock, 1)

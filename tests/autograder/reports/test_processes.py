"""Work is spread over forked processes: in order, with what this process has, and without leaving any behind."""

from __future__ import annotations

import os

import psutil
import pytest

from autograder.errors import UserError
from autograder.reports.processes import FEWEST, spread


def test_results_come_in_order_from_other_processes_that_have_what_this_one_has() -> None:
    before = psutil.Process().children()
    there = {"a": object()}  # cannot be sent
    done = list(spread(lambda number: (number, os.getpid(), len(there)), range(4 * FEWEST), 2))
    assert [number for number, _, _ in done] == list(range(4 * FEWEST))
    assert os.getpid() not in {process for _, process, _ in done}
    assert {count for _, _, count in done} == {1}
    assert psutil.Process().children() == before


def test_few_things_are_done_here() -> None:
    assert set(spread(lambda _: os.getpid(), range(2 * FEWEST - 1), 2)) == {os.getpid()}
    assert set(spread(lambda _: os.getpid(), range(100), 1)) == {os.getpid()}
    assert os.getpid() not in set(spread(lambda _: os.getpid(), range(2), 2, fewest=1))


def test_what_fails_there_is_raised_here_and_nothing_stays() -> None:
    def fail(number: int) -> int:
        if number == FEWEST:
            raise UserError("it failed")
        return number

    before = psutil.Process().children()
    with pytest.raises(UserError, match="it failed"):
        list(spread(fail, range(4 * FEWEST), 2))
    assert psutil.Process().children() == before

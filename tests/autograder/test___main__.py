"""What the command does before it imports anything else."""

from __future__ import annotations

import gc

from autograder.__main__ import collect_seldom


def test_garbage_is_looked_for_seldom_and_still_is() -> None:
    before = gc.get_threshold()
    try:
        collect_seldom()
        assert gc.isenabled()
        assert before[0] < gc.get_threshold()[0] <= 100_000
    finally:
        gc.set_threshold(*before)

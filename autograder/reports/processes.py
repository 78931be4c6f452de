"""Does the same to many things in processes that are forked from this one: what it has imported and read, they have."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from autograder.room.inside import linux

Item = TypeVar("Item")
Result = TypeVar("Result")

FEWEST = 8
"""Things that are worth a process, if each is quickly done."""
_AT_A_TIME = 8
"""Things that a process gets at a time, at most."""

_work: Callable[[Any], Any] | None = None


def spread(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int, fewest: int = FEWEST
) -> Iterator[Result]:
    """Yield what comes of each item, in their order.

    Parameters
    ----------
    work : Callable[[Item], Result]
        Is not sent to the processes, so it may hold anything but what cannot be shared, as a connection.
    items : Sequence[Item]
        Sent to the processes, as results are sent back.
    workers : int
        How many processes.
    fewest : int, optional
        How many things are worth a process.
    """
    global _work
    workers = min(workers, len(items) // fewest)
    if workers < 2 or sys.platform != "linux":  # elsewhere a fork is not safe
        yield from map(work, items)
        return
    _work = work
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _begin)
    try:
        yield from pool.map(_do, items, chunksize=min(_AT_A_TIME, fewest))
    finally:
        pool.shutdown(cancel_futures=True)
        _work = None


def _begin() -> None:
    """End with the process that waits for the results, which also hears of Ctrl-C."""
    linux.die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _do(item: Any) -> Any:
    assert _work is not None
    return _work(item)

"""A room's clock: what else the machine does takes no time from a submission."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from autograder.room.clock import MOST_TIMES, RoomClock
from autograder.room.session import StudentRoom

PROCESSOR_SECONDS = 0.4


def burn(seconds: float) -> None:
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass


@contextmanager
def process(work: Callable[[], None], core: int) -> Iterator[tuple[int, int]]:
    """Start a process on one core; its number, and a pipe that says when the work is done."""
    done_r, done_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.sched_setaffinity(0, {core})
        work()
        os.write(done_w, b".")
        time.sleep(600)
        os._exit(0)
    os.close(done_w)
    try:
        yield pid, done_r
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(done_r)


@pytest.fixture
def core() -> int:
    return min(os.sched_getaffinity(0))


def measured(work: Callable[[], None], core: int, used: Callable[[], float] = float) -> tuple[float, float]:
    """Return the seconds that count, and those on the wall."""
    with process(work, core) as (pid, done):
        clock = RoomClock(pid, used)
        before = clock.now()
        assert os.read(done, 1) == b"."
        counted, wall = clock.since(before), time.monotonic() - before.wall
        clock.close()
    return counted, wall


def test_waiting_for_a_processor_does_not_count(core: int) -> None:
    with ExitStack() as others:
        for _ in range(4):
            others.enter_context(process(lambda: burn(600), core))
        counted, wall = measured(lambda: burn(PROCESSOR_SECONDS), core)
    assert wall > 2 * PROCESSOR_SECONDS
    assert counted < wall / 2
    assert counted >= min(0.9 * PROCESSOR_SECONDS, wall / MOST_TIMES)


def test_sleeping_counts(core: int) -> None:
    counted, wall = measured(lambda: time.sleep(0.3), core)
    assert 0.25 < counted <= wall


def test_what_the_room_keeps_busy_itself_counts(core: int) -> None:
    """Its processes on their way take a processor from each other, and nobody else does."""
    readings = iter((0.0, 600.0))
    with ExitStack() as others:
        for _ in range(4):
            others.enter_context(process(lambda: burn(600), core))
        counted, wall = measured(lambda: burn(PROCESSOR_SECONDS / 2), core, lambda: next(readings))
    assert counted == pytest.approx(wall, rel=0.05)


def test_a_process_that_is_not_there_leaves_wall_seconds() -> None:
    clock = RoomClock(2**22 + 1, float)
    before = clock.now()
    time.sleep(0.2)
    assert clock.since(before) > 0.15
    clock.close()
    assert clock.since(before) > 0.15


class Slow:
    """A clock of a machine that is a fifth as fast."""

    def __init__(self, clock: RoomClock) -> None:
        self._clock = clock
        self.now, self.close = clock.now, clock.close

    def since(self, before):
        return (time.monotonic() - before.wall) / 5


def test_a_room_has_as_long_as_its_clock_says(room: StudentRoom) -> None:
    assert room.run_cell("import time; time.sleep(1)", seconds=0.5).ended == "timeout"
    room.clock = Slow(room.clock)
    assert room.run_cell("time.sleep(1)", seconds=0.5).ended == "ok"
    run = room.run_cell("time.sleep(30)", seconds=0.5)
    assert (run.ended, run.note) == ("timeout", "stopped after 0.5 s")
    assert room.run_cell("print(1)").outputs[0].text == "1\n"

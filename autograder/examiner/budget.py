"""The time and the processor time that a submission's code may take, over all its rooms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autograder.examiner.proxies import StudentStopped
from autograder.room.clock import RoomClock
from autograder.room.inside.limits import Limits
from autograder.room.processor import ProcessorTime


class TimeBudget:
    """Counts the seconds of the current cell and of the whole submission; the rooms' watches count `processor`."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cell = 0.0
        self._submission = 0.0
        self.processor = ProcessorTime(limits.processor_seconds)

    def begin_cell(self) -> None:
        """Give the next cell its full time."""
        self._cell = 0.0

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Give what runs in the context a cell's full time of its own; the submission's goes on."""
        before, self._cell = self._cell, 0.0
        try:
            yield
        finally:
            self._cell = before

    @contextmanager
    def spend(self, clock: RoomClock) -> Iterator[float]:
        """Count the time in the context by the clock of a room; the value is how many seconds it may take.

        Raises
        ------
        StudentStopped
            If there is no time left.
        """
        if self.processor.used_up:
            raise StudentStopped(self.processor.limit)
        seconds = min(self._limits.cell_seconds - self._cell, self._limits.submission_seconds - self._submission)
        if seconds <= 0:
            raise StudentStopped("the time for this cell, or for the whole submission, is used up")
        start = clock.now()
        try:
            yield seconds
        finally:
            used = clock.since(start)
            self._cell += used
            self._submission += used

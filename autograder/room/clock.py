"""Time as a room's code takes it: what it waits for a processor that others have does not count."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST_TIMES = 10
"""Wall seconds are at most this many times those that count."""

_NANOSECOND = 1e-9


@dataclass(frozen=True)
class Moment:
    """When something began, in seconds.

    Attributes
    ----------
    wall : float
        Of `time.monotonic`.
    waited : float
        In which this thread and the room's process have been ready to run, and had no processor.
    used : float
        Processor seconds of all the room's processes.
    """

    wall: float
    waited: float
    used: float


class RoomClock:
    """Counts wall seconds without those in which the room's first process, or this thread, waited for a processor.

    So a grade does not depend on what else the machine does. Where the room itself keeps the processors busy, nothing
    is taken off: never less counts than the processor time of all its processes, nor than a tenth (`MOST_TIMES`) of the
    wall seconds. A kernel that does not tell how long a process has waited (gVisor) leaves wall seconds.

    Parameters
    ----------
    pid : int
        The room's first process.
    used : Callable[[], float]
        Tells how many processor seconds all its processes have used.
    """

    def __init__(self, pid: int, used: Callable[[], float]) -> None:
        self._used = used
        self._waits = [wait for wait in map(_Wait.of, ("thread-self", str(pid))) if wait is not None]

    def now(self) -> Moment:
        """Return the present, for `since`."""
        return Moment(time.monotonic(), sum(wait.seconds() for wait in self._waits), self._used())

    def since(self, before: Moment) -> float:
        """Return the seconds that have passed and count, at least 0."""
        now = self.now()
        wall = now.wall - before.wall
        least = max(wall / MOST_TIMES, min(wall, now.used - before.used))
        return max(least, wall - (now.waited - before.waited))

    def close(self) -> None:
        """Look no more; what was waited until now is remembered."""
        for wait in self._waits:
            wait.close()


class _Wait:
    """How long a thread has been ready to run without a processor: the second number of schedstat, proc(5)."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._seconds = 0.0

    @classmethod
    def of(cls, process: str) -> _Wait | None:
        try:
            return cls(os.open(f"/proc/{process}/schedstat", os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            return None

    def seconds(self) -> float:
        with contextlib.suppress(OSError, IndexError):  # it has ended, or we look no more
            self._seconds = int(os.pread(self._fd, 64, 0).split()[1]) * _NANOSECOND
        return self._seconds

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

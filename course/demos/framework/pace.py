"""How fast pictures are drawn ahead: with half a core at most, and never while a cell runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from IPython.core.getipython import get_ipython

LEAST_S = 0.005
"""Seconds between two pictures at least: time for a message to come in, which goes first."""

TURN_S = 0.2
"""Seconds after which a demo asks again while a cell runs, or others work or go first."""


class Pace:
    """One for all demos of a process: says how long to wait before the next picture.

    From the beginning of a picture to that of the next one, the process works half of the time at most. What else it
    works on counts as well, so where another thread is busy nothing is drawn ahead.

    Parameters
    ----------
    clock, cpu : callable
        Seconds that have passed, and seconds of CPU time that the process has used.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._cpu = clock, cpu
        self._first: Any = None
        self._cell_runs = False
        self._shell: Any = None
        self.begin()

    def lead(self, demo: Any) -> None:
        """Let this demo go first; it has an attribute `busy`."""
        self._first = demo

    def begin(self) -> None:
        """Note that a picture is begun."""
        self._since, self._used, self._cost = self._clock(), self._cpu(), 0.0

    def end(self) -> None:
        """Note that it has been drawn."""
        self._cost = self._cpu() - self._used

    def wait(self, demo: Any) -> float:
        """Return how many seconds this demo must wait before it may ask again; 0 if it may draw now."""
        if self._cell_runs or (self._first is not None and self._first is not demo and self._first.busy):
            return TURN_S
        needed = 2 * (self._cpu() - self._used) - (self._clock() - self._since)
        if needed <= 0:
            return 0.0
        if needed > max(2 * self._cost, TURN_S):  # others have worked; what they did long ago does not matter
            self.begin()
            return TURN_S
        return max(needed, LEAST_S)

    def follow_cells(self) -> None:
        """Have the notebook's shell tell when a cell begins and ends; without one, no cell ever runs."""
        shell = get_ipython()
        if shell is not None and shell is not self._shell:
            self._shell = shell
            shell.events.register("pre_execute", self._cell_begins)
            shell.events.register("post_execute", self._cell_ends)

    def _cell_begins(self) -> None:
        self._cell_runs = True

    def _cell_ends(self) -> None:
        self._cell_runs = False


PACE = Pace()
"""That of this process."""

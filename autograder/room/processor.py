"""Processor time of processes that come and go, and what a submission's rooms have used of theirs."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_MOST_REMEMBERED = 2048
"""Processes; what those that have ended used is then added up, and they are forgotten."""


@dataclass(frozen=True)
class Used:
    """What a process has used.

    Attributes
    ----------
    started : int
        Ticks after the machine's start; with the process id, it names a process for good.
    own : float
        Processor seconds, user and system, of all its threads.
    waited_for : float
        The same of its ended children, and of theirs, if they were waited for.
    threads : int
        How many it has.
    """

    started: int
    own: float
    waited_for: float
    threads: int


def used_by(pid: int) -> Used | None:
    """Return what a process has used, also one that has ended and is not waited for yet; None if there is none.

    Fields of `/proc/PID/stat` as proc_pid_stat(5) numbers them: 14 to 17, 20 and 22.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()  # from the third on; a name may hold anything
    user, system, children_user, children_system = map(int, fields[11:15])
    return Used(
        started=int(fields[19]),
        own=(user + system) / _TICKS,
        waited_for=(children_user + children_system) / _TICKS,
        threads=int(fields[17]),
    )


class SeenTimes:
    """Adds up the processor time of a family of processes over many looks, with those that ended between two looks.

    Two sums are never too high, and the larger counts. One is what those that live have used, and the children that
    they have waited for. The other is what each process was last seen to have used: it does not go down where a parent
    ignores the end of its children, so that the kernel forgets them.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        """So far; it never goes down."""
        self._last: dict[tuple[int, int], float] = {}
        self._forgotten = 0.0

    def look(self, pids: Iterable[int]) -> dict[int, Used]:
        """Look at the processes once more; return those that are there."""
        found = {pid: used for pid in pids if (used := used_by(pid)) is not None}
        alive = {(pid, used.started): used.own for pid, used in found.items()}
        self._last |= alive
        if len(self._last) > _MOST_REMEMBERED:
            self._forgotten += sum(own for process, own in self._last.items() if process not in alive)
            self._last = alive
        living = sum(used.own + used.waited_for for used in found.values())
        self.seconds = max(self.seconds, living, self._forgotten + sum(self._last.values()))
        return found


class ProcessorTime:
    """What the rooms of one submission may use together, and have used.

    Parameters
    ----------
    most : float
        Processor seconds.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._used: dict[Hashable, float] = {}

    def note(self, room: Hashable, seconds: float) -> None:
        """Take down what a room has used until now."""
        self._used[room] = seconds

    @property
    def used_up(self) -> bool:
        """Whether all rooms together have used more than they may."""
        return sum(list(self._used.values())) > self._most

    @property
    def limit(self) -> str:
        """What nothing more runs for when it is used up, as a clause that is the same in every run."""
        return f"all processes of the submission together used more than {self._most:g} s of processor time"

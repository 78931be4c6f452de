"""CPU seconds of everything that a command starts, whatever becomes of it.

A kernel adds a process's time to its parent's when the parent waits for it. Processes of a PID namespace that ends are
waited for by nobody, so that the time of a sandbox's kernels would not count. A control group counts it all.
"""

from __future__ import annotations

import contextlib
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from autograder.room.control_group import ControlGroup, own_group_of_version_1, own_group_of_version_2
from autograder.room.inside import linux
from autograder.room.inside.family import process_tree
from autograder.room.processor import SeenTimes

SAMPLE_SECONDS = 0.1
"""Between two looks at the processes, where no control group can be made."""

MOST_SECONDS_TO_END = 20.0
"""For processes that outlive the command."""


class Used(NamedTuple):
    """CPU seconds."""

    user: float
    system: float


class Account(Protocol):
    """Counts the CPU seconds of processes that are started while it is open."""

    method: str
    """How it counts, for a page."""

    def counting(self) -> AbstractContextManager[None]:
        """Return a context: the processes that are started in it count, and all that these start."""

    def seconds(self) -> float:
        """Return the CPU seconds so far, user and system together, once all processes have ended."""


@contextlib.contextmanager
def open_account() -> Iterator[Account]:
    """Yield the best account that can be made here: a control group, else samples."""
    for opened in (group_of_version_1, group_of_version_2):
        with contextlib.suppress(OSError, LookupError):
            account = opened()
            break
    else:
        yield Samples()
        return
    try:
        yield account
    finally:
        account.close()


class CountingGroup(ControlGroup):
    """A control group that counts what is started in it.

    Parameters
    ----------
    method : str
        How it counts.
    parent : Path
        The folder of the control group that this process is in.
    read : callable
        Takes the folder of a group and returns what it has used.

    Raises
    ------
    OSError
        If this process may not make one.
    """

    def __init__(self, method: str, parent: Path, read: Callable[[Path], Used]) -> None:
        super().__init__(parent, f"benchmark-{os.getpid()}-{time.monotonic_ns()}")
        self.method = method
        self._read = read
        try:
            with self.counting():  # entering may be refused where making is not
                pass
        except OSError:
            super().close()
            raise

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Be in the group for a moment: what is started there stays there."""
        self.add(os.getpid())
        try:
            yield
        finally:
            self.release(os.getpid())

    def seconds(self) -> float:
        """Return what the group has used, after its last process has ended."""
        self._wait()
        return sum(self.used())

    def used(self) -> Used:
        """Return what the group has used so far, while its processes run."""
        return self._read(self.folder)

    def processes(self) -> list[int]:
        """Return the processes that are in it now, or in a group below it."""
        return [int(line) for procs in self.folder.rglob("cgroup.procs") for line in procs.read_text().split()]

    def close(self) -> None:
        """Remove the group after its last process has ended."""
        self._wait()
        super().close()

    def _wait(self) -> None:
        deadline = time.monotonic() + MOST_SECONDS_TO_END
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.02)


def group_of_version_1() -> CountingGroup:
    """Make a group in the hierarchy that accounts for CPU; LookupError if there is none."""

    def read(folder: Path) -> Used:
        whole, user, system = (int((folder / f"cpuacct.usage{kind}").read_text()) for kind in ("", "_user", "_sys"))
        share = user / max(user + system, 1)  # of the two apart, ticks are counted where a kernel keeps no more
        return Used(whole * share / 1e9, whole * (1 - share) / 1e9)

    return CountingGroup("by a control group (version 1)", own_group_of_version_1("cpuacct"), read)


def group_of_version_2() -> CountingGroup:
    """Make a group in the one hierarchy of version 2; LookupError if it is not mounted."""

    def read(folder: Path) -> Used:
        numbers = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
        return Used(int(numbers["user_usec"]) / 1e6, int(numbers["system_usec"]) / 1e6)

    return CountingGroup("by a control group (version 2)", own_group_of_version_2(), read)


class Samples:
    """Looks at the processes now and then, and counts what each was last seen to have used.

    What a process uses after the last look at it is missing, so this is less than what was used. Where waiting for
    the processes gives more, that counts. The process that measures must have no other children.
    """

    method = f"at least: seen every {SAMPLE_SECONDS:g} s, since no control group can be made"

    def __init__(self) -> None:
        # Processes that outlive their parent become ours, so that waiting for them counts their time too.
        linux.become_subreaper()
        self._seen = SeenTimes()
        self._before = _waited_for()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Look at what runs below this process from now on; may be entered again, as a group may."""
        if not self._thread.is_alive():
            self._thread.start()
        yield

    def seconds(self) -> float:
        """Return the larger of both figures, after the last process has ended."""
        deadline = time.monotonic() + MOST_SECONDS_TO_END
        while _reap() and time.monotonic() < deadline:
            time.sleep(0.02)
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        return max(_waited_for() - self._before, self._seen.seconds)

    def _look(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self._seen.look(process_tree(os.getpid())[1:])


def _waited_for() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap() -> bool:
    """Wait for what has ended; return whether a child is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True

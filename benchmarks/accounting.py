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

import psutil

from autograder.room.inside import linux

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


class ControlGroup:
    """A control group below the one this process is in.

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
        self.method = method
        self._parent, self._read = parent, read
        self.folder = parent / f"benchmark-{os.getpid()}-{time.monotonic_ns()}"
        self.folder.mkdir()
        try:
            with self.counting():  # entering may be refused where making is not
                pass
        except OSError:
            self.folder.rmdir()
            raise

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Be in the group for a moment: what is started there stays there."""
        _enter(self.folder)
        try:
            yield
        finally:
            _enter(self._parent)

    def seconds(self) -> float:
        """Return what the group has used, after its last process has ended."""
        self._wait()
        return sum(self.used())

    def used(self) -> Used:
        """Return what the group has used so far, while its processes run."""
        return self._read(self.folder)

    def processes(self) -> list[int]:
        """Return the processes that are in it now."""
        return [int(line) for line in (self.folder / "cgroup.procs").read_text().split()]

    def close(self) -> None:
        """Remove the group. One that still has processes stays behind, empty of meaning and of cost."""
        self._wait()
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _wait(self) -> None:
        deadline = time.monotonic() + MOST_SECONDS_TO_END
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.02)


def _enter(group: Path) -> None:
    (group / "cgroup.procs").write_text(str(os.getpid()))


def group_of_version_1() -> ControlGroup:
    """Make a group in the hierarchy that accounts for CPU; LookupError if there is none."""

    def read(folder: Path) -> Used:
        whole, user, system = (int((folder / f"cpuacct.usage{kind}").read_text()) for kind in ("", "_user", "_sys"))
        share = user / max(user + system, 1)  # of the two apart, ticks are counted where a kernel keeps no more
        return Used(whole * share / 1e9, whole * (1 - share) / 1e9)

    return ControlGroup(
        "by a control group (version 1)",
        _own_group(lambda line: "cpuacct" in line.split(":")[1].split(","), "cgroup", "cpuacct"),
        read,
    )


def group_of_version_2() -> ControlGroup:
    """Make a group in the one hierarchy of version 2; LookupError if it is not mounted."""

    def read(folder: Path) -> Used:
        numbers = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
        return Used(int(numbers["user_usec"]) / 1e6, int(numbers["system_usec"]) / 1e6)

    own = _own_group(lambda line: line.startswith("0:"), "cgroup2", "")
    return ControlGroup("by a control group (version 2)", own, read)


def _own_group(is_hierarchy: Callable[[str], bool], kind: str, option: str) -> Path:
    """Return the folder of the group that this process is in; LookupError if that hierarchy is not mounted here."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    path = next((line.split(":", 2)[2] for line in lines if is_hierarchy(line)), None)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place, _, system = line.partition(" - ")
        _, _, _, root, mount_point, *_ = place.split()
        of_kind, _, options = system.split(" ", 2)
        if path is None or of_kind != kind or option not in options:
            continue
        if path == root or path.startswith(f"{root.rstrip('/')}/"):
            return Path(mount_point, path[len(root.rstrip("/")) :].lstrip("/"))
    raise LookupError(f"no {kind} hierarchy is mounted")


class Samples:
    """Looks at the processes now and then, and counts what each was last seen to have used.

    What a process uses after the last look at it is missing, so this is less than what was used. Where waiting for
    the processes gives more, that counts. The process that measures must have no other children.
    """

    method = f"at least: seen every {SAMPLE_SECONDS:g} s, since no control group can be made"

    def __init__(self) -> None:
        # Processes that outlive their parent become ours, so that waiting for them counts their time too.
        linux.become_subreaper()
        self._seen: dict[tuple[int, float], float] = {}
        self._before = _waited_for()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Look at what runs below this process from now on."""
        self._thread.start()
        yield

    def seconds(self) -> float:
        """Return the larger of both figures, after the last process has ended."""
        deadline = time.monotonic() + MOST_SECONDS_TO_END
        while _reap() and time.monotonic() < deadline:
            time.sleep(0.02)
        self._stop.set()
        self._thread.join()
        return max(_waited_for() - self._before, sum(self._seen.values()))

    def _look(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(SAMPLE_SECONDS):
            with contextlib.suppress(psutil.Error):  # all that ends while we look; the next look goes on
                for process in own.children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        used = process.cpu_times()
                        self._seen[process.pid, process.create_time()] = used.user + used.system


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

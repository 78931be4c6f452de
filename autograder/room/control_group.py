"""Control groups (cgroups, version 1 or 2) below the one that this process is in, where one can be made."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.room.inside.enclose import BELOW_THE_GRADER

_SECONDS_TO_END = 2.0
_PREFIX = "student-rooms-"
_OF_A_STEP = 1.25
"""By how much the weight of a process grows with each step of niceness that it has less: the kernel's own
`sched_prio_to_weight`."""


class ControlGroup:
    """A control group that is made now.

    Parameters
    ----------
    parent : Path
        The folder of the control group that this process is in.
    name : str
        Of the new folder.

    Raises
    ------
    OSError
        If this process may not make one.
    """

    def __init__(self, parent: Path, name: str) -> None:
        self._parent = parent
        self.folder = parent / name
        self.folder.mkdir()

    def add(self, pid: int) -> None:
        """Move a process into it: what that starts from now on is there, too, and stays there."""
        _move(pid, self.folder)

    def release(self, pid: int) -> None:
        """Move a process to where this group was made."""
        _move(pid, self._parent)

    def close(self) -> None:
        """Remove it, once its processes have ended. One that keeps some stays behind, without meaning and cost."""
        deadline = time.monotonic() + _SECONDS_TO_END
        while True:
            try:
                self.folder.rmdir()
            except OSError as error:
                if error.errno == errno.EBUSY and time.monotonic() < deadline:
                    time.sleep(0.01)
                    continue
            return


def _move(pid: int, group: Path) -> None:
    (group / "cgroup.procs").write_text(str(pid))


def own_group_of_version_1(controller: str) -> Path:
    """Return the folder of this process's group in the hierarchy of a controller; LookupError if there is none."""
    return _own_group(lambda line: controller in line.split(":")[1].split(","), "cgroup", controller)


def own_group_of_version_2() -> Path:
    """Return the folder of this process's group in the hierarchy of version 2; LookupError if there is none."""
    return _own_group(lambda line: line.startswith("0:"), "cgroup2", "")


def _own_group(is_hierarchy: Callable[[str], bool], kind: str, option: str) -> Path:
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    path = next((line.split(":", 2)[2] for line in lines if is_hierarchy(line)), None)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place, _, system = line.partition(" - ")
        _, _, _, root, mount_point, *_ = place.split()
        of_kind, _, told = system.split(" ", 2)
        options = told.rpartition(" ")[2].split(",")
        if path is None or of_kind != kind or (option and option not in options):
            continue
        if path == root or path.startswith(f"{root.rstrip('/')}/"):
            return Path(mount_point, path[len(root.rstrip("/")) :].lstrip("/"))
    raise LookupError(f"no {kind} hierarchy is mounted")


def one_share(pids: Sequence[int]) -> ControlGroup | None:
    """Make a group in which processes, and all that they start, weigh together as much as one process of a room.

    Returns
    -------
    ControlGroup or None
        To be closed when its processes have ended; None where none can be made.
    """
    if os.sched_getscheduler(0) == os.SCHED_IDLE:  # a group would lift rooms above the grader
        return None
    share = _OF_A_STEP ** -(os.getpriority(os.PRIO_PROCESS, 0) + BELOW_THE_GRADER)
    kinds: list[tuple[Callable[[], Path], str, int]] = [
        (lambda: own_group_of_version_1("cpu"), "cpu.shares", max(2, round(1024 * share))),
        (own_group_of_version_2, "cpu.weight", max(1, round(100 * share))),
    ]
    for own_group, file, weight in kinds:
        with contextlib.suppress(OSError, LookupError):
            parent = own_group()
            _remove_what_was_left(parent)
            group = ControlGroup(parent, f"{_PREFIX}{os.getpid()}-{time.monotonic_ns()}")
            try:
                (group.folder / file).write_text(str(weight))
                for pid in pids:
                    group.add(pid)
            except OSError:  # it may be refused where making is not
                for pid in pids:
                    with contextlib.suppress(OSError):
                        group.release(pid)
                group.close()
                raise
            return group
    return None


def _remove_what_was_left(parent: Path) -> None:
    """Remove groups of graders that were killed; nothing happens to one that has processes."""
    for folder in parent.glob(f"{_PREFIX}*"):
        maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", maker).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()

"""Keeps the total use of a room's processes below its limits, where the kernel does not."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from autograder.room.inside import linux
from autograder.room.inside.family import process_tree, tasks
from autograder.room.inside.limits import MIB, Limits
from autograder.room.processor import ProcessorTime, SeenTimes, Used
from autograder.room.walls import Place

SECONDS_BETWEEN_LOOKS = 0.05
_LOOKS_AT_THE_KERNEL = 10
"""At every look with this number, what takes longer to find is counted too: sockets, pipes, files only mapped."""

_PIPE_BYTES = 65_536
_MOST_HELD = 128 * MIB
"""What sockets and pipes may hold: it belongs to no process, and nothing gives it back when memory is short."""

_SHARE_OF_TIME = 0.2
"""Of a processor, the watch spends at most this much on walking through folders."""

_BLOCK = 512  # of st_blocks, in bytes
_MOST_FILES = 20_000

CROWD = 32
"""A room with more threads than this that want a processor at once gets one only when nobody else wants it."""

Excess = Literal["memory", "files", "buffers", "processor"]

_libc = ctypes.CDLL(None, use_errno=True)


class RoomWatch(threading.Thread):
    """Looks at a room's processes until it is stopped, and calls `on_excess` once if they use too much.

    Memory is the sum over all processes of what each has for itself plus its share of what it has in common with
    others (PSS), less what the fresh kernel had, and what its sockets and pipes may hold in the kernel. Files are
    those of the room's private folder, if it has one, and those that have no name any more. Processor time is that of
    all rooms that share `processor`.
    """

    def __init__(
        self,
        root_pid: int,
        limits: Limits,
        place: Place,
        processor: ProcessorTime,
        on_excess: Callable[[Excess], None],
    ) -> None:
        super().__init__(name="room watch", daemon=True)
        self._root_pid = root_pid
        self._max_memory = limits.memory_bytes + resident_memory(root_pid)
        self.place = place
        self._max_files = limits.scratch_bytes + (_used(place.private) if place.private else 0)
        self._processor = processor
        self._times = SeenTimes()
        self._on_excess = on_excess
        self._stopped = threading.Event()
        self._next_walk = 0.0
        self.start()

    @property
    def processor_seconds(self) -> float:
        """What the room's processes had used at the last look."""
        return self._times.seconds

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()

    def run(self) -> None:
        """Look, and wait, in turns."""
        look = 0
        while not self._stopped.wait(SECONDS_BETWEEN_LOOKS):
            look += 1
            with seen_as(self.place.user_id):
                pids = process_tree(self._root_pid)
                # Resident memory counts shared pages once for each process: a cheap upper bound.
                held = _held_by_the_kernel(pids) if look % _LOOKS_AT_THE_KERNEL == 0 else 0
                most = self._max_memory - held
                over = sum(map(resident_memory, pids)) > most and sum(map(proportional_memory, pids)) > most
                used = self._times.look(pids)
            if over or held > _MOST_HELD:
                self._on_excess("memory" if over else "buffers")
                return
            self._processor.note(self, self._times.seconds)
            if self._processor.used_up:
                self._on_excess("processor")
                return
            _set_back_a_crowd(used)
            if self.place.private is not None and self._files_exceed(
                pids, with_mappings=look % _LOOKS_AT_THE_KERNEL == 0
            ):
                self._on_excess("files")
                return

    def _files_exceed(self, pids: list[int], *, with_mappings: bool) -> bool:
        if time.monotonic() < self._next_walk:
            return False
        # Not by the clock: where many processes want the processor, a walk takes long, and much is made meanwhile.
        spent = time.thread_time()
        assert self.place.private is not None
        used = _used(self.place.private)
        if used <= self._max_files:
            with seen_as(self.place.user_id):
                used += _nameless(pids, with_mappings=with_mappings)
        self._next_walk = time.monotonic() + (time.thread_time() - spent) / _SHARE_OF_TIME
        return used > self._max_files


def _set_back_a_crowd(processes: Mapping[int, Used]) -> None:
    """Let very many threads that are busy at once have the processors only when nobody else wants them.

    They cannot get out of it, nor can what they start.
    """
    if sum(used.threads for used in processes.values()) <= CROWD:
        return
    threads = {pid: tasks(pid) for pid in processes}
    if sum(_is_busy(pid, thread) for pid, found in threads.items() for thread in found) <= CROWD:
        return
    for pid, found in threads.items():
        for thread in found:
            with contextlib.suppress(OSError):  # it has ended
                _set_back(thread, pid)


def _is_busy(pid: int, thread: int) -> bool:
    return _read(Path(f"/proc/{pid}/task/{thread}/stat")).rpartition(")")[2].startswith(" R")


def _set_back(thread: int, pid: int) -> None:
    try:
        os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
    except PermissionError:  # a container's root may lack the right; their user has it
        with _acting_as(Path(f"/proc/{pid}").stat().st_uid):
            os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


@contextlib.contextmanager
def _acting_as(user_id: int) -> Iterator[None]:
    """Be another user, in this thread alone: the call itself, since libc's function changes all threads."""
    import pyseccomp as seccomp

    call = seccomp.resolve_syscall(seccomp.Arch.NATIVE, "setresuid")
    before = os.geteuid()
    _libc.syscall(ctypes.c_long(call), ctypes.c_long(-1), ctypes.c_long(user_id), ctypes.c_long(-1))
    try:
        yield
    finally:
        _libc.syscall(ctypes.c_long(call), ctypes.c_long(-1), ctypes.c_long(before), ctypes.c_long(-1))


@contextlib.contextmanager
def seen_as(user_id: int | None) -> Iterator[None]:
    """Look at files as another user, in this thread alone.

    A container's root may lack the right to read /proc files of other users' processes; their user has it, with
    no fewer capabilities than they have.
    """
    if user_id is None:
        yield
        return
    uid, gid = os.geteuid(), os.getegid()
    _libc.setfsgid(user_id)
    _libc.setfsuid(user_id)
    linux.use_permitted_capabilities()
    try:
        yield
    finally:
        _libc.setfsuid(uid)
        _libc.setfsgid(gid)


def _used(folder: Path) -> int:
    """Return the bytes on disk of all files below a folder; no number is large enough for more than `_MOST_FILES`."""
    total = files = 0
    folders = [str(folder)]
    for path in folders:
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    files += 1
                    status = entry.stat(follow_symlinks=False)
                    total += status.st_blocks * _BLOCK
                    if stat.S_ISDIR(status.st_mode):
                        folders.append(entry.path)
        except (FileNotFoundError, PermissionError):  # removed while we looked; or closed, so that nothing is written
            continue
        except OSError:  # nested deeper than a path can be long
            return 1 << 62
        if files > _MOST_FILES:
            return 1 << 62
    return total


def _nameless(pids: list[int], *, with_mappings: bool) -> int:
    """Return the bytes of files that processes hold open, or mapped, after they were deleted."""
    sizes: dict[tuple[int, int], int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
                with contextlib.suppress(OSError):
                    status = os.stat(f"/proc/{pid}/fd/{fd}")  # noqa: PTH116
                    if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                        sizes[status.st_dev, status.st_ino] = status.st_blocks * _BLOCK
        if with_mappings:
            for line in _read(Path(f"/proc/{pid}/maps")).splitlines():
                if line.endswith(" (deleted)"):
                    addresses, _, _, device, inode, *_ = line.split(maxsplit=5)
                    first, last = (int(part, 16) for part in addresses.split("-"))
                    major, minor = (int(part, 16) for part in device.split(":"))
                    key = os.makedev(major, minor), int(inode)
                    sizes[key] = max(sizes.get(key, 0), last - first)
    return sum(sizes.values())


@functools.cache
def _socket_bytes() -> int:
    """Return what one socket may hold: its buffer, which the filter does not let anyone enlarge."""
    return int(_read(Path("/proc/sys/net/core/wmem_default")) or 212_992)


def _held_by_the_kernel(pids: list[int]) -> int:
    """Return the most that sockets and pipes of processes may hold; it is in no process's memory."""
    ends: set[str] = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
                with contextlib.suppress(OSError):
                    ends.add(os.readlink(f"/proc/{pid}/fd/{fd}"))  # noqa: PTH115
    sockets = sum(end.startswith("socket:") for end in ends)
    pipes = sum(end.startswith("pipe:") for end in ends)
    return sockets * _socket_bytes() + pipes * _PIPE_BYTES


def resident_memory(pid: int) -> int:
    """Return a process's resident memory in bytes, pages shared with others included; 0 if it has ended."""
    return _sum_of_kib(_read(Path(f"/proc/{pid}/status")), "VmRSS:")


def proportional_memory(pid: int) -> int:
    """Return a process's proportional memory in bytes; its resident memory where the kernel does not tell."""
    rollup = _read(Path(f"/proc/{pid}/smaps_rollup"))
    return _sum_of_kib(rollup, "Pss:") if rollup else resident_memory(pid)


def _sum_of_kib(text: str, field: str) -> int:
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(field))


def _read(path: Path) -> str:
    """Return the file's text, in which a process may have put any bytes; empty if its process has ended."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""

"""What is the world's and no submission's: files, processes, and things between processes, and what became of them."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import resource
import shutil
import stat
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pyseccomp

_FS_IOC_GETFLAGS, _FS_IOC_SETFLAGS = 0x80086601, 0x40086602
_NEWER_CALLS = {
    "fchmodat2": 452,
    "setxattrat": 463,
    "removexattrat": 466,
    "file_setattr": 469,
}
"""Numbers of calls that libseccomp may be too old to know; the same on every architecture."""

_libc = ctypes.CDLL(None, use_errno=True)


def number_of(call: str) -> int | None:
    """Return the number of a system call on this machine; None if it has no such call."""
    with contextlib.suppress(OSError, ValueError):
        found: int = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, call)
        if found >= 0:
            return found
    return _NEWER_CALLS.get(call)


@dataclass
class WatchedFile:
    """A file or folder whose content, rights, owner, times, attributes and number of names stay as they are."""

    path: Path
    name: str
    """For people: whose file it is."""
    before: dict[str, Any] = field(init=False)
    _content: bytes | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.path.is_file():
            self._content = self.path.read_bytes()
        self.accept()

    def effects(self) -> list[str]:
        """Return what has changed since the last call, and put it back."""
        try:
            now = self._now()
        except FileNotFoundError:
            found = [f"removed {self.name}"]
        else:
            changed = [what for what, value in self.before.items() if now.get(what) != value]
            # The time of the last change tells by itself only of changes that changed nothing.
            told = [what for what in changed if what != "change time"] or changed
            found = [f"changed the {what} of {self.name}" for what in told]
        if found:
            self._restore()
            self.accept()
        return found

    def accept(self) -> None:
        """Take for granted from now on what it is like."""
        self.before = self._now()

    def _now(self) -> dict[str, Any]:
        status = self.path.lstat()
        found: dict[str, Any] = {
            "rights": status.st_mode,
            "owner": (status.st_uid, status.st_gid),
            "attributes": _attributes(self.path),
            "flags": _flags(self.path),
        }
        if stat.S_ISREG(status.st_mode):
            digest = hashlib.sha256(self.path.read_bytes()).digest()
            found |= {"content": digest, "time": status.st_mtime_ns, "number of names": status.st_nlink}
            found |= {"change time": status.st_ctime_ns}
        return found

    def _restore(self) -> None:
        if self._content is not None:
            with contextlib.suppress(OSError), self.path.open("rb") as opened:
                fcntl.ioctl(opened, _FS_IOC_SETFLAGS, struct.pack("l", self.before["flags"]))
            with contextlib.suppress(OSError):
                self.path.unlink()
            self.path.write_bytes(self._content)
        if not self.path.exists():
            self.path.touch()
        self.path.chmod(stat.S_IMODE(self.before["rights"]))
        with contextlib.suppress(OSError):
            os.chown(self.path, *self.before["owner"])
        for name, value in self.before["attributes"].items():
            with contextlib.suppress(OSError):
                os.setxattr(self.path, name, value)


def _attributes(path: Path) -> dict[str, bytes]:
    with contextlib.suppress(OSError):
        return {name: os.getxattr(path, name, follow_symlinks=False) for name in os.listxattr(path)}
    return {}


def _flags(path: Path) -> int:
    """Return what `chattr` sets, 0 where there is no such thing."""
    found = 0
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with contextlib.suppress(OSError):
            (found,) = struct.unpack("l", fcntl.ioctl(fd, _FS_IOC_GETFLAGS, struct.pack("l", 0)))
        os.close(fd)
    return found


class WatchedProcess:
    """A process whose priority, processors, limits and standing stay as they are."""

    def __init__(self, pid: int, name: str) -> None:
        self.pid, self.name = pid, name
        self._before = self._now()

    def effects(self) -> list[str]:
        """Return what has changed since the last call."""
        now = self._now()
        found = [f"changed the {what} of {self.name}" for what, value in self._before.items() if now.get(what) != value]
        if found:
            self._restore()
            self._before = self._now()
        return found

    def _now(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for what, read in _OF_A_PROCESS.items():
            with contextlib.suppress(OSError, psutil.Error):
                found[what] = read(self.pid)
        return found

    def _restore(self) -> None:
        """Put back what a later test would suffer from, as far as this user may."""
        process = psutil.Process(self.pid)
        for act in (
            lambda: os.sched_setscheduler(self.pid, self._before["scheduling"], os.sched_param(0)),
            lambda: process.cpu_affinity(sorted(self._before["processors"])),
            lambda: process.nice(self._before["priority"]),
            lambda: process.ionice(*self._before["priority of input and output"]),
            *(
                lambda kind=kind, limit=limit: resource.prlimit(self.pid, kind, limit)
                for kind, limit in self._before["limits"].items()
            ),
        ):
            with contextlib.suppress(OSError, psutil.Error, ValueError):
                act()


def _limits(pid: int) -> dict[int, tuple[int, int]]:
    kinds = {value for name, value in vars(resource).items() if name.startswith("RLIMIT_")}
    return {kind: resource.prlimit(pid, kind) for kind in kinds}


_OF_A_PROCESS: Mapping[str, Callable[[int], Any]] = {
    "priority": lambda pid: os.getpriority(os.PRIO_PROCESS, pid),
    "processors": os.sched_getaffinity,
    "scheduling": os.sched_getscheduler,
    "priority of input and output": lambda pid: tuple(psutil.Process(pid).ionice()),
    "limits": _limits,
    "process group": os.getpgid,
    "session": os.getsid,
    "standing when memory runs out": lambda pid: Path(f"/proc/{pid}/oom_score_adj").read_text(),
    "core dumps": lambda pid: Path(f"/proc/{pid}/coredump_filter").read_text(),
}


class Bystander(WatchedProcess):
    """A process of the grading person's that has nothing to do with the grading, and secrets in every place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with tempfile.TemporaryFile(dir=folder) as secret:
            secret.write(b"secret-of-a-process")
            secret.seek(0)
            self._process = subprocess.Popen(
                ["bystander-secret-of-a-process", "infinity"],
                executable=shutil.which("sleep"),
                env={"SECRET": "secret-of-a-process"},
                stdin=secret,
                cwd=folder,
            )
        while not (environment := self._environment()):
            time.sleep(0.001)  # the program has been started, and its memory is not there yet
        self._its_environment = environment
        super().__init__(self._process.pid, "another process")

    def effects(self) -> list[str]:
        """Return what has changed since the last call; whatever it is, another bystander is there then."""
        if self._process.poll() is not None or psutil.Process(self.pid).status() == psutil.STATUS_STOPPED:
            found = ["stopped another process"]
        else:
            found = super().effects()
            if self._environment() != self._its_environment:
                found.append("wrote into the memory of another process")
        if found:
            self.end()
            self.__init__(self._folder)  # type: ignore[misc]
        return found

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def _environment(self) -> bytes:
        return Path(f"/proc/{self._process.pid}/environ").read_bytes()


class Between:
    """Memory, queues, counters and a key that processes have in common, as System V, POSIX and Linux offer them.

    `numbers` tells an attack where they are. A kind that this machine lacks has no number, and is not watched.
    """

    _SIZE = 4096
    _SECRET = b"secret-between-processes"

    def __init__(self, mark: str) -> None:
        self._name = f"/{mark}".encode()
        self.numbers: dict[str, int] = {}
        self._expected: dict[str, Any] = {}
        self._make()

    def effects(self) -> list[str]:
        """Return which of them are not as they were, and make them anew."""
        found = [f"changed {name}" for name, value in self._expected.items() if self._look(name) != value]
        if found:
            self.close()
            self._make()
        return found

    def close(self) -> None:
        """Remove them."""
        ipc_rmid = 0
        _libc.shmctl(self.numbers.get("memory", -1), ipc_rmid, 0)
        _libc.msgctl(self.numbers.get("queue", -1), ipc_rmid, 0)
        _libc.semctl(self.numbers.get("counter", -1), 0, ipc_rmid, 0)
        _libc.mq_unlink(self._name)
        if "POSIX queue" in self.numbers:
            os.close(self.numbers.pop("POSIX queue"))
        if "key" in self.numbers:
            _call("keyctl", 21, self.numbers["key"], 0)  # invalidate
        self.numbers.clear()
        self._expected.clear()

    def _make(self) -> None:
        create, everybody = 0o1000, 0o666
        made = {
            "memory": _libc.shmget(0, self._SIZE, create | everybody),
            "queue": _libc.msgget(0, create | everybody),
            "counter": _libc.semget(0, 1, create | everybody),
            "POSIX queue": _libc.mq_open(self._name, os.O_CREAT | os.O_RDWR | os.O_NONBLOCK, everybody, 0),
            "key": _call("add_key", b"user", self._name, self._SECRET, len(self._SECRET), -4),
        }
        self.numbers = {name: number for name, number in made.items() if number >= 0}
        if "memory" in self.numbers:
            with self._memory() as memory:
                ctypes.memmove(memory, self._SECRET, len(self._SECRET))
        message = struct.pack("l", 1) + self._SECRET
        if "queue" in self.numbers:
            _libc.msgsnd(self.numbers["queue"], message, len(self._SECRET), 0)
        if "counter" in self.numbers:
            _libc.semctl(self.numbers["counter"], 0, 16, 7)  # SETVAL
        if "POSIX queue" in self.numbers:
            _libc.mq_send(self.numbers["POSIX queue"], self._SECRET, ctypes.c_size_t(len(self._SECRET)), 0)
        self._expected = {name: self._look(name) for name in self.numbers}

    def _look(self, name: str) -> Any:
        number = self.numbers[name]
        if name == "memory":
            with self._memory() as memory:
                return memory and ctypes.string_at(memory, len(self._SECRET))
        if name == "queue":
            return self._messages(number)
        if name == "counter":
            return _libc.semctl(number, 0, 12, 0)  # GETVAL
        if name == "POSIX queue":
            state = (ctypes.c_long * 8)()
            opened = _libc.mq_open(self._name, os.O_RDONLY | os.O_NONBLOCK)
            if opened < 0 or _libc.mq_getattr(opened, state) < 0:
                return None
            os.close(opened)
            return state[3]  # messages in it
        return _call("keyctl", 6, number, 0, 0)  # describe

    @contextlib.contextmanager
    def _memory(self) -> Iterator[int | None]:
        _libc.shmat.restype = ctypes.c_void_p
        address = _libc.shmat(self.numbers["memory"], None, 0)
        if address == ctypes.c_void_p(-1).value:
            yield None
            return
        yield address
        _libc.shmdt(ctypes.c_void_p(address))

    @staticmethod
    def _messages(number: int) -> int | None:
        for line in Path("/proc/sysvipc/msg").read_text().splitlines()[1:]:
            if int(line.split()[1]) == number:
                return int(line.split()[4])
        return None


def _call(name: str, *arguments: int | bytes) -> int:
    number = number_of(name)
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return -1 if number is None else int(_libc.syscall(ctypes.c_long(number), *wide))

"""The wall for machines without namespaces: what an unprivileged process can take from itself.

Landlock keeps files, TCP, signals and abstract sockets; the system call filter what Landlock leaves open; a keeper
ends what a room leaves behind; the host watches memory and disk. Where the grader is really root, each room is a
separate user as well. docs/grading.md says what is not stopped.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from autograder.room.inside import landlock
from autograder.room.walls import filter as system_calls
from autograder.room.walls.bare import python_paths
from autograder.room.walls.base import INSIDE, Place, Problem, Start
from autograder.room.walls.environment import ETC, PROC, SYSTEM, private_folders, without
from autograder.room.walls.host_folder import HostFolderWall, site_of
from autograder.room.walls.remedies import landlock_problem

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
FIRST_USER_ID, _USERS_OF_A_SERVER, _SERVERS = 62_000, 16, 180
"""Users that root's rooms run as; outside every range that distributions hand out."""


class LandlockWall(HostFolderWall):
    """Landlock, a system call filter, limits, a keeper, and where root grades a separate user for each room.

    Parameters
    ----------
    abi : int, optional
        The highest level of Landlock to use, for tests of older kernels; by default this kernel's.
    """

    name = "landlock"

    def __init__(self, abi: int | None = None) -> None:
        self._abi = landlock.abi() if abi is None else min(abi, landlock.abi())
        self._users = Users()

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """Return what it is made of, for people."""
        user = ", each room a user of its own" if may_change_user() else ""
        return f"Landlock (ABI {self._abi}) and a system call filter{user}"

    def problems(self) -> list[Problem]:
        """Return what keeps this machine from building it."""
        found = []
        if self._abi == 0:
            found.append(landlock_problem(landlock.refusal()))
        if ctypes.util.find_library("seccomp") is None:
            found.append(
                Problem(
                    "libseccomp is missing", "sudo apt install libseccomp2, or conda install -c conda-forge libseccomp"
                )
            )
        if may_change_user() and not _readable_by_others() and _capability_to_read() is None:
            found.append(
                Problem(
                    f"a room's user cannot read {sys.prefix}",
                    "install the environment where every user can read it, for example below /opt",
                )
            )
        return found

    def start(self, channel_fd: int, packages: Mapping[str, Path], folder: Path, *, bare: bool = False) -> Start:
        """Return the command of the fork server, behind a keeper."""
        import pyseccomp as seccomp

        own_user = may_change_user()
        if own_user:
            folder.chmod(0o711)
            self._users.take()
        filters = [
            system_calls.program(namespaces=False, landlock_abi=self._abi, own_user=own_user),
            system_calls.unknown_calls_program(),
        ]
        asked = {} if own_user else system_calls.asked(self._abi)
        tops = {name.partition("/")[0] for name in packages}
        start = super().start(channel_fd, packages, folder, bare=bare)
        orders = {
            "wall": self.name,
            "abi": self._abi,
            "readable": [str(path) for path in self._readable(packages, folder, bare=bare)],
            "listable": [sysconfig.get_path("stdlib")] if bare else [],  # Python starts by listing it
            "devices": list(_DEVICES),
            "hidden": [path.name for path in private_folders() if path.name not in tops],
            "filters": filters,
            "asked": [[number, name] for number, name in asked.items()],
            "asking_filter": system_calls.asking_program(asked) if asked else None,
            "seccomp_call": seccomp.resolve_syscall(seccomp.Arch.NATIVE, "seccomp"),
            "keep": _capability_to_read() if own_user and not _readable_by_others() else None,
        }
        return Start(start.command, start.environment, orders)

    @staticmethod
    def _readable(packages: Mapping[str, Path], folder: Path, *, bare: bool) -> list[Path]:
        known = [*(Path("/etc", name) for name in ETC), *(Path("/proc", name) for name in PROC)]
        shown, hidden = python_paths(bare=bare)
        python = without([*shown, *map(Path, SYSTEM)], hidden)
        return [*python, *known, INSIDE, *packages.values(), site_of(folder)]

    def place(self, folder: Path, number: int) -> Place:
        """Make the room's private folder, owned by its user."""
        place = super().place(folder, number)
        if not may_change_user():
            return place
        assert place.private is not None
        user_id = self._users.of(number)
        for path in (place.private, *place.private.iterdir()):
            os.chown(path, user_id, user_id)
        return Place(place.work, place.private, user_id)

    def twin(self) -> LandlockWall:
        """Return another of the same level."""
        return LandlockWall(self._abi)

    def close(self) -> None:
        """Let other servers have the users."""
        self._users.give_back()


class Users:
    """The user ids of one server's rooms; no other server on this machine has the same."""

    def __init__(self) -> None:
        self._lock: socket.socket | None = None
        self._first = 0

    def take(self) -> None:
        """Find a block of unused ids: an abstract socket is a lock that ends with its process."""
        for block in range(_SERVERS):
            lock = socket.socket(socket.AF_UNIX)
            try:
                lock.bind(f"\0activation-course-users-{block}")
            except OSError:
                lock.close()
                continue
            self._lock, self._first = lock, FIRST_USER_ID + block * _USERS_OF_A_SERVER
            return
        raise OSError(f"more than {_SERVERS} graders run on this machine")

    def of(self, number: int) -> int:
        """Return the id of a room; any `_USERS_OF_A_SERVER` rooms in a row have different ones."""
        return self._first + number % _USERS_OF_A_SERVER

    def give_back(self) -> None:
        """End the lock."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


@cache
def may_change_user() -> bool:
    """Return whether this process is really root. The id alone says nothing: a user namespace may show any."""
    return _run_as_other(["true"])


@cache
def _readable_by_others() -> bool:
    """Return whether another user can run this interpreter and read what a room reads."""
    if (python := shutil.which(sys.executable)) is None:
        return False
    needed = [str(INSIDE / "agent.py"), str(Path(sys.prefix))]
    code = "import os, sys; sys.exit(not all(os.access(path, os.R_OK) for path in sys.argv[1:]))"
    return _run_as_other([python, "-S", "-c", code, *needed])


def _run_as_other(command: list[str]) -> bool:
    user = FIRST_USER_ID - 1
    with contextlib.suppress(OSError):
        done = subprocess.run(
            command, user=user, group=user, extra_groups=[], capture_output=True, cwd="/", timeout=30, check=False
        )
        return done.returncode == 0
    return False


def _capability_to_read() -> int | None:
    """Return a capability of this process that reads below closed homes, or None."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            effective = int(line.split()[1], 16)
            return next((each for each in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE) if effective >> each & 1), None)
    return None

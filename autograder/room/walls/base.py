"""The one interface of a wall."""

from __future__ import annotations

import abc
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.room.numerics import SAME_EVERYWHERE

HOME = "/home/student"
"""Home folder of a student, as its code sees it or as it is shown to people."""

INSIDE_PACKAGE = "student_room"
"""The import name of `room/inside` in a room."""

INSIDE = Path(__file__).parent.parent / "inside"

FORK_SERVER = f"{INSIDE_PACKAGE}.fork_server"


def fork_server(channel_fd: int, *, bare: bool) -> list[str]:
    """Return Python's arguments for a fork server; a bare one looks into no folder of packages by itself."""
    return [*(["-S"] if bare else []), "-P", "-m", FORK_SERVER, str(channel_fd)]


STUDENT_ENVIRONMENT = {
    "HOME": HOME,
    "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LOGNAME": "student",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "8",  # torch.set_num_threads(64) starts no more, and the kernel lives
    # A command that looks for the network says at once that there is none.
    "PIP_RETRIES": "0",
    "PIP_TIMEOUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the order of a set is the same in every room
    "NBGRADER_EXECUTION": "autograde",
    **SAME_EVERYWHERE,
}
"""Every environment variable a room has, apart from the search path for packages."""


@dataclass(frozen=True)
class Problem:
    """What keeps a machine from building a wall, and what to do about it."""

    what: str
    remedy: str


@dataclass(frozen=True)
class Start:
    """How the fork server of a wall is started, and what it is told."""

    command: list[str]
    environment: dict[str, str] | None = None
    """None: this process's own."""
    orders: dict[str, Any] = field(default_factory=dict)
    """`orders["wall"]` names the wall; the rest is between it and `room/inside`."""


@dataclass(frozen=True)
class Place:
    """Where one room works.

    Attributes
    ----------
    work : str
        Its working folder, as its own processes name it.
    private : Path or None
        The folder that holds all it writes, where that lies in the host's own files; it is watched, and wiped.
    user_id : int or None
        Whom it runs as, where that is a user of its own.
    """

    work: str
    private: Path | None = None
    user_id: int | None = None

    def order(self) -> dict[str, Any]:
        """Return it as plain data for the fork server."""
        return {"work": self.work, "private": str(self.private) if self.private else None, "user_id": self.user_id}

    def shown(self, text: str) -> str:
        """Return text of the room with its private folder named as every student's is."""
        if self.private is None:
            return text
        return text.replace(f"{self.private}/tmp", "/tmp").replace(str(self.private), HOME)


class Wall(abc.ABC):
    """What keeps student code apart from the machine. One wall serves one fork server and its rooms."""

    name: str
    sentence: str
    """One line for people: what it is made of."""
    shields_kernel = False
    """Whether no code in a room can kill the room's first process, its kernel."""

    @abc.abstractmethod
    def problems(self) -> list[Problem]:
        """Return what keeps this machine from building it; empty if nothing does."""

    @abc.abstractmethod
    def start(self, channel_fd: int, packages: Mapping[str, Path], folder: Path, *, bare: bool = False) -> Start:
        """Return how to start the fork server behind this wall.

        Parameters
        ----------
        channel_fd : int
            File descriptor of its end of the channel to the host.
        packages : mapping of str to Path
            Folders and files to be importable, by name, or by their path below a folder of packages.
        folder : Path
            Temporary folder of the server, the host's own.
        bare : bool, optional
            Show rooms the packages of `walls.bare` and no others.
        """

    def place(self, folder: Path, number: int) -> Place:
        """Make the place of room `number` below `folder`."""
        return Place(f"{HOME}/work")

    def twin(self) -> Wall:
        """Return another wall like this one, for another fork server."""
        return type(self)()

    def close(self) -> None:  # noqa: B027 - most walls hold nothing
        """Give back what the wall holds on the host; the fork server has ended."""

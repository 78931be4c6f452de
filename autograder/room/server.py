"""The host's side of a fork server: a process with everything imported that forks student rooms on request."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.room.client import end_of_process
from autograder.room.control_group import ControlGroup, one_share
from autograder.room.errors import SandboxEnded, SandboxUnavailable
from autograder.room.inside import channel
from autograder.room.inside.family import process_tree
from autograder.room.inside.limits import Limits
from autograder.room.inside.wipe import wipe
from autograder.room.walls import Place, Wall

_START_SECONDS = 120.0
_FORK_SECONDS = 30.0
_STOP_SECONDS = 10.0
_KILLED = (128 + signal.SIGKILL, -signal.SIGKILL & 0xFF)
"""Exit statuses by which bubblewrap and the keeper say that the fork server was killed."""


@dataclass(frozen=True)
class Forked:
    """A room that has just been forked.

    Attributes
    ----------
    number : int
        By which the server knows it.
    pid : int
        Of its first process.
    paths : tuple[str, str]
        Of the sockets of its kernel's shell and iopub channels; valid until `fork`'s context is left.
    questions : socket.socket
        Our end of its channel for questions.
    place : Place
        Where it works.
    """

    number: int
    pid: int
    paths: tuple[str, str]
    questions: socket.socket
    place: Place


class ForkServer:
    """A fork server, from its start to its end.

    Parameters
    ----------
    limits : Limits
        What each room may use.
    wall : Wall
        What keeps its rooms apart from the machine.
    packages : Mapping[str, Path]
        Folders that rooms can import, by the name under which they do.
    many : bool
        False for a single room, for which fewer modules are imported in advance.
    preload : Sequence[str], optional
        Extra modules to import in advance, if installed.
    bare : bool, optional
        Whether its rooms have NumPy and the standard library alone.
    torch : bool, optional
        Whether its rooms have torch from the start; a bare one has none.
    wait : bool, optional
        False goes on while it starts; `ready` waits for it.
    cores : Sequence[int], optional
        Where its rooms run, and nowhere else; by default wherever this process may.

    Raises
    ------
    SandboxUnavailable
        It did not start; the message holds what it said.
    SandboxEnded
        It was killed while it started.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        wall: Wall,
        packages: Mapping[str, Path],
        many: bool,
        preload: Sequence[str] = (),
        bare: bool = False,
        torch: bool = True,
        wait: bool = True,
        cores: Sequence[int] = (),
    ) -> None:
        self._wall = wall
        self._numbers = itertools.count()
        self._ended: dict[int, int] = {}
        self._places: dict[int, Place] = {}
        self._temporary = tempfile.TemporaryDirectory(prefix="room-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        ours, theirs = socket.socketpair()
        start = wall.start(theirs.fileno(), packages, self.folder, bare=bare)
        with theirs, (self.folder / "warm.log").open("wb") as log:
            self._process = subprocess.Popen(
                start.command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=start.environment,
            )
        # A process forked from this one knows it by this too, while `Popen` answers its parent alone.
        self._process_fd = os.pidfd_open(self._process.pid)
        self._commands = ours
        self._commands.settimeout(_START_SECONDS)
        self._starting = True
        self._group: ControlGroup | None = None
        settings = {
            "limits": asdict(limits),
            "many": many,
            "preload": list(preload),
            "bare": bare,
            "torch": torch and not bare,
            "wall": start.orders,
            "folder": str(self.folder),
            "cores": list(cores),
        }
        with contextlib.suppress(OSError):  # it has ended already, as `ready` will say
            channel.send(self._commands, settings)
        if wait:
            self.ready()

    def ready(self) -> None:
        """Wait until it has started; raises as making it does."""
        if not self._starting:
            return
        self._starting = False
        try:
            channel.receive(self._commands)
        except (OSError, EOFError):
            said = (self.folder / "warm.log").read_text(errors="replace").strip()
            end_of_process(self._process_fd, seconds=1.0)
            status = self._process.poll()
            self.stop()
            if status is not None and (status < 0 or status in _KILLED):
                raise SandboxEnded("the sandbox was killed while it started") from None
            raise SandboxUnavailable(f"the fork server did not start: {said[-2000:]}") from None
        # The innermost process is the one that forks rooms. Not sooner: what it has imported, rooms wait for.
        self._group = one_share(process_tree(self._process.pid)[-1:])

    @property
    def pid(self) -> int:
        """The process id of its outermost process, which the wall has started."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can fork a room."""
        return self._process_fd >= 0 and not end_of_process(self._process_fd, seconds=0)

    def stop(self) -> None:
        """End it, all rooms forked from it, and every file of theirs; a second time does nothing."""
        if self._process_fd < 0:
            return
        self._commands.close()
        self._process.send_signal(signal.SIGTERM)  # bubblewrap ends at once, a keeper after all that it keeps
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._process_fd)
        self._process_fd = -1
        for left in self.folder.glob("[0-9]*"):  # of rooms, those that a process forked from this one opened included
            self._wipe(left)
        if self._group is not None:
            self._group.close()
        self._wall.close()
        self._temporary.cleanup()

    @staticmethod
    def _wipe(private: Path) -> None:
        with contextlib.suppress(OSError):  # the keeper of a killed host does it too
            wipe(str(private))

    @contextlib.contextmanager
    def fork(self, files: Mapping[str, bytes]) -> Iterator[Forked]:
        """Fork a room whose working folder holds a copy of `files`; connect to it inside the context.

        Raises
        ------
        SandboxEnded
            The room could not build its walls.
        OSError, EOFError
            The process has ended.
        """
        self.ready()
        number = next(self._numbers)
        place = self._places[number] = self._wall.place(self.folder, number)
        setup, theirs = socket.socketpair()
        setup.settimeout(_FORK_SECONDS)
        setup.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        questions, answers = socket.socketpair()
        with setup, contextlib.ExitStack() as stack:
            folder = stack.enter_context(_short_path(self.folder))
            paths = f"{folder}/{number}s", f"{folder}/{number}i"
            listeners = [stack.enter_context(_listen(path)) for path in paths]
            with theirs, answers:
                fds = [end.fileno() for end in (*listeners, answers, theirs)]
                channel.send(self._commands, {"place": place.order(), "number": number}, fds)
            channel.send(setup, {"files": dict(files)})
            answer, pid = channel.receive_with_sender(setup, 8192)
            if answer != b"ready":
                if self.wait_for_end(number) is None and not answer:
                    raise EOFError("the process that rooms come from ended while it opened one")
                raise SandboxEnded(f"the room could not be opened: {answer.decode(errors='replace')}")
            yield Forked(number, pid, paths, questions, place)

    def wait_for_end(self, number: int) -> int | None:
        """Return the wait status of a room that ends, whose files are then gone.

        None if the process has ended with it.
        """
        try:
            while number not in self._ended:
                message, _ = channel.receive(self._commands)
                self._ended[int(message["number"])] = int(message["status"])
        except (OSError, EOFError):
            return None
        if (private := self._places.pop(number).private) is not None:
            self._wipe(private)
        return self._ended.pop(number)


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """Provide a path to a folder for this process; a socket's has at most 107 bytes, and the folder's may have more."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _listen(path: str) -> Iterator[socket.socket]:
    """Provide a socket that listens on `path` while the room is being opened; the room gets a copy of it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        try:
            yield listener
        finally:
            Path(path).unlink()

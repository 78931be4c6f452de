"""A process with everything imported that forks student rooms on request, from the host's side."""

import contextlib
import itertools
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.room import channel
from autograder.room.enclose import HOME, INSIDE_ID, WORK
from autograder.room.errors import RoomError, SandboxUnavailable
from autograder.room.limits import Limits
from autograder.room.sandbox import (
    STUDENT_ENVIRONMENT,
    UNUSED_USER_ID,
    command,
    seccomp_program,
    unprotected_command,
)

_START_SECONDS = 120.0
_FORK_SECONDS = 30.0
_MAX_FOLDER = 70


@dataclass(frozen=True)
class Forked:
    """A room that has just been forked.

    Attributes:
        number: by which the server knows it.
        pid: of its first process.
        paths: of the sockets of its kernel's shell and iopub channels; valid until `fork`'s context is left.
        questions: our end of its channel for questions.
    """

    number: int
    pid: int
    paths: tuple[str, str]
    questions: socket.socket


class WarmServer:
    """The process, from its start to its end.

    Args:
        limits: what each room may use.
        protect: False leaves the sandbox away.
        packages: folders that rooms can import, by the name under which they do.
        many: False for a single room, which is worth fewer imports beforehand.
        preload: modules to import beforehand besides, where they are installed.

    Raises:
        SandboxUnavailable: it did not start; the message holds what it said.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        protect: bool,
        packages: Mapping[str, Path],
        many: bool,
        preload: Sequence[str] = (),
    ) -> None:
        self._protect = protect
        self._numbers = itertools.count()
        self._ended: dict[int, int] = {}
        # A socket's path has at most 107 bytes, which leaves little for a folder that somebody else chose.
        folder = "/tmp" if len(tempfile.gettempdir()) > _MAX_FOLDER else None
        self._temporary = tempfile.TemporaryDirectory(prefix="room-", dir=folder, ignore_cleanup_errors=True)
        self._folder = Path(self._temporary.name)
        ours, theirs = socket.socketpair()
        with theirs, (self._folder / "warm.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command(theirs.fileno(), packages),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if protect else os.environ | STUDENT_ENVIRONMENT | self._unprotected_environment(packages),
            )
        self._commands = ours
        self._commands.settimeout(_START_SECONDS)
        self._greet(limits, many, preload)

    def _greet(self, limits: Limits, many: bool, preload: Sequence[str]) -> None:
        settings = {
            "limits": asdict(limits),
            "many": many,
            "preload": list(preload),
            "seccomp": seccomp_program() if self._protect else None,
            "user_id": UNUSED_USER_ID if os.geteuid() == 0 else None,
        }
        try:
            channel.send(self._commands, settings)
            channel.receive(self._commands)
        except (OSError, EOFError):
            said = (self._folder / "warm.log").read_text(errors="replace").strip()
            self.stop()
            raise SandboxUnavailable(f"the warm process did not start: {said[-2000:]}") from None

    def _command(self, fd: int, packages: Mapping[str, Path]) -> list[str]:
        if not self._protect:
            return unprotected_command(fd)
        passwd = self._folder / "passwd"
        passwd.write_text(f"student:x:{INSIDE_ID}:{INSIDE_ID}::{HOME}:/bin/sh\n")
        return command(fd, packages, passwd)

    def _unprotected_environment(self, packages: Mapping[str, Path]) -> dict[str, str]:
        search = [str(folder.parent) for folder in packages.values()]
        home = self._folder / "home"
        home.mkdir(exist_ok=True)
        return {"HOME": str(home), "PYTHONPATH": os.pathsep.join([*search, *filter(None, sys.path)])}

    @property
    def alive(self) -> bool:
        """Whether it can fork a room."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it, all rooms forked from it, and every file of theirs."""
        self._commands.close()
        self._process.kill()
        self._process.wait()
        self._temporary.cleanup()

    @contextlib.contextmanager
    def fork(self, files: Mapping[str, bytes]) -> Iterator[Forked]:
        """Fork a room whose working folder holds a copy of `files`; it is to be connected to in the context.

        Raises:
            RoomError: the room could not build its walls.
            OSError, EOFError: the process has ended.
        """
        number = next(self._numbers)
        work = WORK if self._protect else tempfile.mkdtemp(dir=self._folder, prefix="work-")
        paths = str(self._folder / f"{number}s"), str(self._folder / f"{number}i")
        setup, theirs = socket.socketpair()
        setup.settimeout(_FORK_SECONDS)
        setup.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        questions, answers = socket.socketpair()
        with setup, contextlib.ExitStack() as stack:
            listeners = [stack.enter_context(_listen(path)) for path in paths]
            with theirs, answers:
                fds = [end.fileno() for end in (*listeners, answers, theirs)]
                channel.send(self._commands, {"work": work, "number": number}, fds)
            channel.send(setup, {"files": dict(files)})
            answer, pid = channel.receive_with_sender(setup, 8192)
            if answer != b"ready":
                self.wait_for_end(number)
                raise RoomError(f"the room could not be opened: {answer.decode(errors='replace')}")
            yield Forked(number, pid, paths, questions)

    def wait_for_end(self, number: int) -> int | None:
        """The wait status of a room that ends; None if the process has ended with it."""
        try:
            while number not in self._ended:
                message, _ = channel.receive(self._commands)
                self._ended[int(message["number"])] = int(message["status"])
        except (OSError, EOFError):
            return None
        return self._ended.pop(number)


@contextlib.contextmanager
def _listen(path: str) -> Iterator[socket.socket]:
    """A socket that listens on `path` while the room is being opened; the room gets a copy of it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        try:
            yield listener
        finally:
            Path(path).unlink()

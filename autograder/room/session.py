"""Student rooms and the room factories that open them, from the host's side."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

from nbformat import NotebookNode

import course
from autograder.room import pickling
from autograder.room.client import Flooded, Gone, KernelClient, Overdue, Pending, end_of_process
from autograder.room.clock import Moment, RoomClock
from autograder.room.errors import (
    NotStarted,
    RoomDied,
    RoomNameError,
    RoomTimeout,
    SandboxEnded,
    StudentCodeError,
    ValueRefused,
)
from autograder.room.inside import wire
from autograder.room.inside.limits import GIB, MIB, Limits
from autograder.room.inside.questions import QuestionChannel, Status
from autograder.room.inside.wire import RemoteRef
from autograder.room.outputs import Outputs
from autograder.room.processor import ProcessorTime
from autograder.room.server import Forked, ForkServer
from autograder.room.walls import Unprotected, Wall, WallName, choose
from autograder.room.walls.environment import without_places
from autograder.room.watch import Excess, RoomWatch
from autograder.room.zmtp import Disconnected, ProtocolError

_NATIVE_CODE = b"\x7fELF"
_OPEN_SECONDS = 30.0
_LEAST_SECONDS = 0.01  # for less, nothing is waited for once more
_MESSAGE_ALLOWANCE = MIB  # what a reply is longer than the value in it

Ending = Literal["ok", "error", "timeout", "output", "memory", "died"]


@dataclass(frozen=True)
class CellRun:
    """How one cell ended.

    Attributes
    ----------
    outputs : list[NotebookNode]
        The cell's outputs, as nbformat has them, within the limit.
    ended : Ending
        `ok`; `error` (an exception of the student's); `timeout`; `output` (too much of it); `memory` or `died` (the
        room is gone).
    note : str
        For people, one plain sentence about an ending other than `ok` and `error`, or nothing.
    kept : int
        Bytes of the outputs, as they came.
    """

    outputs: list[NotebookNode]
    ended: Ending
    note: str = ""
    double: bool = False
    """Whether torch's default dtype was float64 at its end."""
    kept: int = 0


COURSE = Path(course.__path__[0])
"""What every room can import, apart from the packages of the environment."""

CHECKS_AND_REPLAY = ("__init__.py", "checks", "handing_in")
"""All that a bare room has of the course; other parts hold activations."""


class RoomFactory:
    """A sandboxed process with everything imported, from which student rooms are forked.

    A process forked from the one that made it can open rooms as well, one such process at a time. If the sandboxed
    process has ended, only its maker starts it again.

    Parameters
    ----------
    limits : Limits, optional
        What each room may use.
    wall : WallName | Wall, optional
        What keeps rooms apart from the machine: a name that `walls.choose` knows, or a wall.
    protect : bool, optional
        False leaves the wall away; for debugging, never for the code of others.
    warm : bool, optional
        False starts a fresh interpreter for each room.
    packages : Mapping[str, Path], optional
        Folders that rooms can import apart from `course`, by the name under which they do; not for bare rooms.
    preload : Sequence[str], optional
        Modules that take long to import and that most rooms will; those not installed are left out.
    bare : bool, optional
        True for rooms that have NumPy and the standard library, and no other package; see `walls.bare`.
    torch : bool, optional
        False for rooms that import torch only when their code does: to fork and end a process that has it takes
        several times as long.
    wait : bool, optional
        False goes on while the process starts; `revive`, or the first room, waits for it.
    cores : Sequence[int], optional
        Where rooms run, and nowhere else; by default wherever this process may.

    Raises
    ------
    SandboxUnavailable
        The machine cannot build the sandbox; the message says what to do.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        wall: WallName | Wall = "auto",
        protect: bool = True,
        warm: bool = True,
        packages: Mapping[str, Path] | None = None,
        preload: Sequence[str] = (),
        bare: bool = False,
        torch: bool = True,
        wait: bool = True,
        cores: Sequence[int] = (),
    ) -> None:
        self._cores = tuple(cores)
        self.limits = limits or Limits()
        self._packages = course_parts(bare=bare) | dict(packages or {})
        self._preload = tuple(preload)
        self._bare = bare
        self._torch = torch
        self._warm = warm
        self._twin: RoomFactory | None = None
        self._larger: RoomFactory | None = None
        self._smaller: RoomFactory | None = None
        if not protect:
            wall = Unprotected()
        self.wall: Wall = choose(wall) if isinstance(wall, str) else wall
        self._rooms: list[StudentRoom] = []
        self._maker = os.getpid()
        self.server = self._started(many=True, wait=wait) if warm else None
        """Forks the rooms; None if each room gets a fresh interpreter."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, the rooms that are open, and every file of theirs."""
        for other in filter(None, (self._twin, self._larger)):
            other.close()
        self._twin = self._larger = None
        self._close_rooms()
        if self.server is not None:
            self.server.stop()
            self.server = None

    def open_room(self, files: Mapping[str, bytes], processor: ProcessorTime | None = None) -> StudentRoom:
        """Fork a room whose working folder holds a copy of `files` (relative path to content).

        A bare room gets no files of native code: a library could be among them.

        Parameters
        ----------
        files : Mapping[str, bytes]
            Content by path.
        processor : ProcessorTime, optional
            What it shares with other rooms of the submission; by default it has `limits.processor_seconds` for itself.

        Raises
        ------
        SandboxEnded, RoomDied
            The room could not be started.
        """
        if self._bare:
            files = {name: content for name, content in files.items() if not content.startswith(_NATIVE_CODE)}
        self._rooms = [room for room in self._rooms if room.alive]
        processor = processor or ProcessorTime(self.limits.processor_seconds)
        room = self._open_cold(files, processor) if self.server is None else self._open_warm(files, processor)
        self._rooms.append(room)
        return room

    def revive(self) -> None:
        """Start what has ended of it once more, and wait until all of it has started."""
        if self.server is not None and not self.server.alive:
            self._restart()
        if self.server is not None:
            self.server.ready()
        for other in filter(None, (self._twin, self._larger)):
            other.revive()

    def bare(self) -> RoomFactory:
        """Return the factory of bare rooms that goes with this one, started at first use; it ends with this one.

        Its rooms are behind a wall like this one's, within the same limits.
        """
        if self._smaller is not None:
            return self._smaller.bare()
        if self._twin is None:
            twin = self.wall.twin()
            self._twin = RoomFactory(
                limits=self.limits, wall=twin, warm=self._warm, bare=True, wait=False, cores=self._cores
            )
        return self._twin

    def with_torch(self) -> RoomFactory:
        """Return the factory like this one whose rooms have torch from the start, started at first use.

        It ends with this one.

        Raises
        ------
        NotStarted
            It is not there, and this process is not the one that starts it.
        """
        if self._torch:
            return self
        if self._larger is None:
            if os.getpid() != self._maker:
                raise NotStarted
            self._larger = RoomFactory(
                limits=self.limits,
                wall=self.wall.twin(),
                warm=self._warm,
                packages=self._packages,
                preload=self._preload,
                cores=self._cores,
            )
            self._larger._smaller = self
        return self._larger

    def _started(self, *, many: bool, wait: bool = True) -> ForkServer:
        preload = self._preload if many else ()
        return ForkServer(
            self.limits,
            wall=self.wall,
            packages=self._packages,
            many=many,
            preload=preload,
            bare=self._bare,
            torch=self._torch,
            wait=wait,
            cores=self._cores,
        )

    def _open_warm(self, files: Mapping[str, bytes], processor: ProcessorTime) -> StudentRoom:
        assert self.server is not None
        if self.server.alive:
            # It may have ended since we looked: one more try with a new one.
            with contextlib.suppress(OSError, EOFError):
                return self._connect(self.server, files, processor)
        if os.getpid() != self._maker:
            raise SandboxEnded("the sandbox ended")
        return self._connect(self._restart(), files, processor)

    def _restart(self) -> ForkServer:
        self._close_rooms()
        if self.server is not None:
            self.server.stop()
        self.server = self._started(many=True)
        return self.server

    def _open_cold(self, files: Mapping[str, bytes], processor: ProcessorTime) -> StudentRoom:
        server = self._started(many=False)
        try:
            return self._connect(server, files, processor, then=server.stop)
        except BaseException:
            server.stop()
            raise

    def _connect(
        self,
        server: ForkServer,
        files: Mapping[str, bytes],
        processor: ProcessorTime,
        then: Callable[[], None] | None = None,
    ) -> StudentRoom:
        with server.fork(files) as forked:

            def wait_for_end() -> int | None:
                status = server.wait_for_end(forked.number)
                if then is not None:
                    then()
                return status

            return StudentRoom(self.limits, forked, processor, wait_for_end, shielded=self.wall.shields_kernel)

    def _close_rooms(self) -> None:
        while self._rooms:
            self._rooms.pop().close()


def course_parts(*, bare: bool) -> dict[str, Path]:
    """Return what a room has of the course, by import path."""
    if not bare:
        return {COURSE.name: COURSE}
    return {f"{COURSE.name}/{name}": COURSE / name for name in CHECKS_AND_REPLAY}


class StudentRoom:
    """One student's kernel, and the only way to it. Made by `RoomFactory.open_room`."""

    def __init__(
        self,
        limits: Limits,
        forked: Forked,
        processor: ProcessorTime,
        wait_for_end: Callable[[], int | None],
        *,
        shielded: bool,
    ) -> None:
        self._limits = limits
        self._processor = processor
        self._wait_for_end = wait_for_end
        self._place = forked.place
        self._shielded = shielded
        self._status: int | None = 0
        self.seconds_left = limits.submission_seconds
        """What is left of the submission's wall seconds, for all cells and calls together."""
        self._reason = ""
        self.pid = forked.pid
        """The room's first process, as the host numbers it."""
        self._process_fd = os.pidfd_open(forked.pid)
        self._excess: Excess | None = None
        self.watch = RoomWatch(forked.pid, limits, forked.place, processor, self._kill_for)
        self.clock = RoomClock(forked.pid, lambda: self.watch.processor_seconds)
        """By which the limits of time hold."""
        self._client = KernelClient(
            *forked.paths,
            QuestionChannel(forked.questions, limits.reply_bytes),
            self._process_fd,
            limits.reply_bytes + _MESSAGE_ALLOWANCE,
            limits.flood_bytes,
        )
        self._named: dict[str, RemoteRef] = {}
        """What names meant when they were asked for, as long as the room says that they still do."""
        self.double = False
        """Whether questions are answered with float64 for torch's default dtype, instead of float32."""
        self.alive = True
        try:
            self._client.start(time.monotonic() + _OPEN_SECONDS)
        except (TimeoutError, Disconnected, ProtocolError) as error:
            raise SandboxEnded(self._end(f"the kernel did not start: {error}")) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _shown(self, text: str) -> str:
        """Return text of the room as people are to see it: with no folder of this machine."""
        return without_places(self._place.shown(text))

    def close(self) -> None:
        """End the room and all its processes now."""
        self._end("the room was closed")

    # Cells --------------------------------------------------------------------------------------------

    def run_cell(self, source: str, seconds: float | None = None, most_output: int | None = None) -> CellRun:
        """Run a cell as Jupyter does; the result says how it ended.

        Parameters
        ----------
        source : str
            The cell's source.
        seconds : float, optional
            Most wall seconds; `limits.cell_seconds` if not given.
        most_output : int, optional
            What is left of `limits.all_output_bytes`.
        """
        self._named.clear()
        outputs = self._outputs(most_output)
        return replace(self._run_cell(source, seconds, outputs), kept=outputs.kept)

    def _outputs(self, most: int | None) -> Outputs:
        if most is None or most >= self._limits.output_bytes:
            return Outputs(self._limits.output_bytes, self._shown)
        limit = f"the cells of a notebook keep {self._limits.all_output_bytes} bytes of it"
        return Outputs(most, self._shown, limit)

    def _run_cell(self, source: str, seconds: float | None, outputs: Outputs) -> CellRun:
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": False}
        try:
            reply = self._exchange(
                lambda deadline: self._client.send("execute_request", content, deadline, outputs.add), seconds
            )
        except RoomTimeout as error:
            return CellRun(outputs.finished(), "timeout", f"{error}{self._fate()}")
        except Flooded:
            return CellRun(outputs.finished(), "output", f"stopped: it wrote too much output{self._fate()}")
        except RoomDied as error:
            return CellRun(
                outputs.finished(), "memory" if self._excess in ("memory", "buffers") else "died", error.reason
            )
        if reply["metadata"].get("exit"):
            self._end("the kernel was shut down by the student's code")
            return CellRun(outputs.finished(), "died", self._reason)
        ended: Ending = "ok" if reply["content"].get("status") == "ok" else "error"
        return CellRun(outputs.finished(), ended, double=reply["metadata"].get("double") is True)

    def _fate(self) -> str:
        return "" if self.alive else "; it did not react to the interrupt, so its kernel was killed"

    # Values -------------------------------------------------------------------------------------------

    def get(self, name: str) -> Any:
        """Return the value of `name` as plain data, or a reference to it.

        Raises
        ------
        RoomNameError
            There is no such name.
        ValueRefused
            The value cannot leave the room.
        """
        if name in self._named:
            return self._named[name]
        value = self._ask({"operation": "get", "name": name})
        if type(value) is RemoteRef:
            self._named[name] = value
        return value

    def call(
        self,
        target: RemoteRef,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> Any:
        """Call an object of the room.

        Raises
        ------
        StudentCodeError
            It raised an exception.
        RoomTimeout, RoomDied
            It did not return.
        ValueRefused
            An argument may not enter, or the result cannot leave the room.
        """
        payload = pickling.dumps((tuple(args), dict(kwargs or {})))
        return self._ask({"operation": "call", "target": target.id}, payload, seconds)

    def getattr(self, target: RemoteRef, name: str) -> Any:
        """Return an attribute of an object of the room; raises as `call` does."""
        return self._ask({"operation": "getattr", "target": target.id, "name": name})

    def delete(self, name: str) -> None:
        """Delete a variable; raises as `get` does."""
        self._ask({"operation": "delete", "name": name})

    def put(self, name: str, target: RemoteRef) -> None:
        """Give an object of the room a name."""
        self._ask({"operation": "put", "name": name, "target": target.id})

    def run(
        self,
        helper: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> Any:
        """Send a function into the room and call it there, with references as the real objects; raises as `call`."""
        payload = pickling.dumps_call(helper, args, kwargs or {})
        return self._ask({"operation": "run"}, payload, seconds)

    def replay(self, source: str, *, ended_well: bool, seconds: float | None = None) -> None:
        """In a bare room, run a cell but for the statements that want what is not there; raises as `call`.

        Parameters
        ----------
        source : str
            The cell's source.
        ended_well : bool
            Whether the cell ran to its end in an ordinary room.
        seconds : float, optional
            Most wall seconds; `limits.cell_seconds` if not given.
        """
        payload = source.encode("utf-8", "surrogatepass")
        self._ask({"operation": "replay", "ended_well": ended_well}, payload, seconds)

    def _ask(self, content: dict[str, Any], payload: bytes = b"", seconds: float | None = None) -> Any:
        named, self._named = self._named, {}
        try:
            content = {**content, "double": self.double}
            status, encoded = self._exchange(lambda deadline: self._client.ask(content, payload, deadline), seconds)
        except Flooded:
            raise RoomDied(self._end("the student's code wrote too much output")) from None
        if status is Status.SAME:
            self._named = named
        if status is Status.MISSING:
            raise RoomNameError(content["name"])
        try:
            value = wire.decode(encoded)
            if status in (Status.OK, Status.SAME):
                return value
            if status is Status.REFUSED:
                raise ValueRefused(self._shown(str(value)))
            (ename, *bases), message, traceback_text = value
            message, traceback_text = self._shown(str(message)), self._shown(str(traceback_text))
            error = StudentCodeError(str(ename), tuple(map(str, bases)), message, traceback_text)
        except (wire.WireError, LookupError, TypeError, ValueError) as failure:
            del encoded  # a kept exception keeps this frame, and up to `reply_bytes` with it
            raise RoomDied(self._end(f"the kernel sent a reply that cannot be read ({failure})")) from None
        raise error

    # Requests -----------------------------------------------------------------------------------------

    def _exchange(self, send: Callable[[float], Pending], seconds: float | None) -> Any:
        """Send a request and wait for its reply; interrupt, then kill, what takes too long."""
        if not self.alive:
            raise RoomDied(self._reason)
        started = self.clock.now()
        allowed = min(seconds if seconds is not None else self._limits.cell_seconds, self.seconds_left)
        try:
            return self._wait(send(started.wall + allowed), started, allowed)
        except Overdue:
            self._end(f"it did not read its messages for {allowed:g} s")
            raise RoomTimeout(allowed) from None
        except Gone:
            raise self._gone() from None
        except ProtocolError as error:
            raise RoomDied(self._end(str(error))) from None
        finally:
            self.seconds_left = max(0.0, self.seconds_left - self.clock.since(started))

    def _wait(self, pending: Pending, started: Moment, allowed: float) -> Any:
        try:
            return self._answer(pending, started, allowed)
        except Overdue:
            self._interrupt(pending)
            raise RoomTimeout(allowed) from None
        except Flooded:
            self._interrupt(pending)
            raise

    def _answer(self, pending: Pending, started: Moment, allowed: float) -> Any:
        """Return the reply; a machine with much to do gets more wall seconds for the same work."""
        while True:
            left = allowed - self.clock.since(started)
            try:
                return self._client.wait(pending, time.monotonic() + left)
            except Overdue:
                if left <= _LEAST_SECONDS:
                    raise

    def _interrupt(self, pending: Pending) -> None:
        """Ask the kernel to stop what it does, and kill it if it does not within the grace period."""
        started = self.clock.now()
        self._signal(signal.SIGINT)
        try:
            pending.received = 0
            self._answer(pending, started, self._limits.grace_seconds)
        except (Overdue, Flooded):
            self._end("its kernel did not react to the interrupt and was killed")

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process_fd, number)

    def _kill_for(self, excess: Excess) -> None:
        self._excess = excess
        self._signal(signal.SIGKILL)

    def _gone(self) -> RoomDied | SandboxEnded:
        """Return the exception for a kernel that has ended without us: by the code in it, or by something else."""
        reason = self._end()
        if self._excess is None and self._status is None:
            return SandboxEnded(reason)
        if self._excess is None and self._status == signal.SIGKILL:
            return SandboxEnded(reason, certain=self._shielded)
        return RoomDied(reason)

    def _end(self, reason: str = "") -> str:
        """Make sure that nothing of the room runs any more; return why it ended, as a sentence."""
        if not self.alive:
            return self._reason
        self.alive = False
        self._named.clear()
        self.watch.stop()
        if reason or not end_of_process(self._process_fd, seconds=1.0):
            self._signal(signal.SIGKILL)
        self._status = self._wait_for_end()
        self.watch.join()
        self.clock.close()
        os.close(self._process_fd)
        self._client.close()
        if self._excess == "memory":
            reason = f"the kernel was killed: it used more than {self._limits.memory_bytes / GIB:g} GiB of memory"
        elif self._excess == "files":
            reason = f"the kernel was killed: its files took more than {self._limits.scratch_bytes / MIB:g} MiB"
        elif self._excess == "buffers":
            reason = "the kernel was killed: its open sockets and pipes can hold too much"
        elif self._excess == "processor":
            reason = f"the kernel was killed: {self._processor.limit}"
        self._reason = reason or _reason_of(self._status)
        return self._reason


def _reason_of(status: int | None) -> str:
    """Return what a process's wait status says about its end."""
    if status is None:
        return "the sandbox of the kernel ended"
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return "the kernel was shut down by the student's code"
    if code > 0:
        return f"the kernel's process ended itself with exit status {code}"
    name = signal.Signals(-code)
    return f"the kernel was killed by signal {name.name} ({(signal.strsignal(name) or '').lower()})"

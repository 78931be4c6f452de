"""Grades one submission in a child process with limits of its own, so that what it takes is given back with it.

This process must have a single thread: a fork copies only the calling one.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import re
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.errors import UserError
from autograder.examiner.rooms import close_room_factories, room_factory
from autograder.examiner.task import Bounds, Graded, Task, grade_task, refused
from autograder.room.errors import NotStarted, SandboxEnded, SandboxUnavailable
from autograder.room.inside import channel, linux
from autograder.room.inside.limits import MIB
from course.handing_in.sourcecells import SourceNotebook

_NOTE_BYTES = 64 * 1024  # of a message that carries no notebook
_PROBE_BYTES = 64 * MIB
_END_MILLISECONDS = 10_000  # for a process that has said its last; to give back a lot of memory takes a while
_TOLD = {SandboxUnavailable.__name__: SandboxUnavailable, UserError.__name__: UserError}
"""What no submission can help, by name."""


class GraderFailed(Exception):
    """We failed to grade a submission, through no fault of it; the message is a clause that says why."""


class HostGone(Exception):
    """Nobody waits for the result any more."""


@dataclass
class _Progress:
    """How far a child has come."""

    stage: str = "reading"
    where: str = ""

    def sentence(self, notebook: str, what: str) -> str:
        """Return why a submission was given up."""
        file = f"{notebook}.ipynb"
        if self.stage == "reading":
            return f"{file} is too large to read: {what}."
        if self.stage == "writing":
            return f"{file} is too large to write when it is graded: {what}."
        begun = f" at cell {self.where!r}" if self.where else ""
        return f"{file} took too long to examine, or too much memory: {what}{begun}."


def grade_bounded(task: Task, host: int | None = None) -> Graded:
    """Grade one submission in a child of this process; zeros that say so if it needs more than its bounds.

    Parameters
    ----------
    task : Task
        The work.
    host : int or None, optional
        File descriptor of a socket: the child is ended as soon as the other side closes it.

    Raises
    ------
    GraderFailed
        If the child ended in any other way.
    HostGone
        If the other side of `host` has closed.
    SandboxUnavailable, UserError
        As `grade_task`.
    """
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        ours.close()
        _become_child(task, theirs, parent)
    theirs.close()
    progress = _Progress()
    with ours:
        try:
            answer = _answer(ours, host, progress, task.bounds)
        finally:
            status = _end(child, at_once=sys.exc_info()[0] is not None)
    if answer is not None and "graded" in answer:
        return Graded.from_dict(answer["graded"])
    if answer is not None and "not_started" in answer:
        room_factory(task.settings).with_torch()
        return grade_bounded(task, host)
    if progress.stage == "examining":
        close_room_factories()  # its rooms still run there
    return _without_result(task, answer or {}, os.waitstatus_to_exitcode(status), progress)


def _answer(ours: socket.socket, host: int | None, progress: _Progress, bounds: Bounds) -> dict[str, Any] | None:
    """Return the child's last message; None if it ended without one."""
    poller = select.poll()
    poller.register(ours, select.POLLIN)
    if host is not None:
        poller.register(host, select.POLLIN)
    while True:
        ready = {fd for fd, _ in poller.poll()}
        if host in ready:
            raise HostGone
        try:
            message, _ = channel.receive(ours, bounds.result_bytes + _NOTE_BYTES)
        except (EOFError, OSError):
            return None
        except ValueError:
            return {"over": f"it has more than {bounds.result_bytes // MIB} MiB", "stage": "writing"}
        if "stage" not in message:
            found: dict[str, Any] = message
            return found
        progress.stage, progress.where = message["stage"], message["where"]


def _end(child: int, *, at_once: bool) -> int:
    """Return the wait status of a child that has closed its end, or that nobody needs any more."""
    with contextlib.suppress(ProcessLookupError):
        end = os.pidfd_open(child)
        poller = select.poll()
        poller.register(end, select.POLLIN)
        if at_once or not poller.poll(_END_MILLISECONDS):
            os.kill(child, signal.SIGKILL)
        os.close(end)
    return os.waitpid(child, 0)[1]


def _without_result(task: Task, answer: dict[str, Any], code: int, progress: _Progress) -> Graded:
    """Return zeros if the submission was too much for the child, and raise what else ended it."""
    if kind := _TOLD.get(answer.get("kind", "")):
        raise kind(answer["message"])
    if "failed" in answer:
        raise GraderFailed(answer["failed"])
    what = answer.get("over", "")
    if not what and code == -signal.SIGPROF:
        examining = progress.stage == "examining"
        seconds = task.bounds.examining_seconds if examining else task.bounds.reading_seconds
        what = f"it took more than {seconds:g} s of processor time"
    if what:
        progress.stage = answer.get("stage", progress.stage)
        return refused(task, progress.sentence(SourceNotebook.from_text(task.source).name, what))
    ended = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
    raise GraderFailed(f"the process that graded it ended with {ended}")


# In the child --------------------------------------------------------------------------------------------------------


class Limited:
    """The limits of this process: memory for good, processor time by what it does."""

    def __init__(self, bounds: Bounds, tell: Callable[[dict[str, Any]], None]) -> None:
        self._bounds = bounds
        self._tell = tell
        self._reading_left = bounds.reading_seconds
        self._examining = False
        self._most = _address_space() + bounds.memory_bytes
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # the kernel ends this process, whatever it is busy with
        resource.setrlimit(resource.RLIMIT_AS, (self._most, resource.getrlimit(resource.RLIMIT_AS)[1]))

    def begin(self, stage: str, where: str) -> None:
        """Say what comes next, and let it have its processor time."""
        self._tell({"stage": stage, "where": where})
        if stage == "examining":
            if not self._examining:
                self._reading_left = signal.setitimer(signal.ITIMER_PROF, self._bounds.examining_seconds)[0]
        else:
            signal.setitimer(signal.ITIMER_PROF, max(self._reading_left, 0.01))
        self._examining = stage == "examining"

    def were_met(self) -> bool:
        """Return whether it was this limit on which memory ended, and not the machine; lifts it."""
        resource.setrlimit(resource.RLIMIT_AS, (resource.getrlimit(resource.RLIMIT_AS)[1],) * 2)
        try:
            mmap.mmap(-1, self._bounds.memory_bytes + _PROBE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
        except OSError as error:
            return error.errno != errno.ENOMEM
        return True


def _become_child(task: Task, theirs: socket.socket, parent: int) -> NoReturn:
    """Grade, tell, and end without the parent's finalizers: what it holds open is not this process's."""
    limited = None
    try:
        linux.die_with_parent(signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

        def tell(message: dict[str, Any]) -> None:
            channel.send(theirs, message)

        limited = Limited(task.bounds, tell)
        tell({"graded": grade_task(task, limited.begin).to_dict()})
        os._exit(0)
    except (SandboxUnavailable, UserError) as error:
        _tell_at_last(theirs, {"kind": type(error).__name__, "message": str(error)})
    except NotStarted:
        _tell_at_last(theirs, {"not_started": True})
    except SandboxEnded as error:
        _tell_at_last(theirs, {"failed": f"{error.reason}, not by the submission"})
    except MemoryError:
        if limited is not None and limited.were_met():
            _tell_at_last(theirs, {"over": f"it took more than {task.bounds.memory_bytes / MIB:.0f} MiB of memory"})
        else:
            _tell_at_last(theirs, {"failed": "this machine ran out of memory"})
    except BaseException as error:
        _tell_at_last(theirs, {"failed": described(error)})
    finally:
        os._exit(1)
    raise AssertionError("not reached")


def _tell_at_last(theirs: socket.socket, message: dict[str, Any]) -> None:
    """Tell the parent, unlimited: what is left of memory may not do for it."""
    resource.setrlimit(resource.RLIMIT_AS, (resource.getrlimit(resource.RLIMIT_AS)[1],) * 2)
    signal.setitimer(signal.ITIMER_PROF, 0)
    channel.send(theirs, message)


def described(error: BaseException) -> str:
    """Return a failure of ours on one line, with the place in our code where it happened."""
    line = (str(error).strip().splitlines() or ["no reason given"])[0]
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"the examiner failed with {type(error).__name__}: {line[:200]}{place}"


def _address_space() -> int:
    found = re.search(r"VmSize:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0

"""The host's side of the processes that grade: they are started at first use, and end with this process."""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import count
from multiprocessing.util import Finalize

from autograder.errors import UserError
from autograder.examiner.bounded import GraderFailed
from autograder.examiner.scratch import own_folder, remove
from autograder.examiner.task import Graded, Task
from autograder.examiner.testcells import imported_by
from autograder.room.errors import SandboxUnavailable
from autograder.room.inside import channel
from autograder.room.inside.limits import MIB
from autograder.room.numerics import SAME_EVERYWHERE
from course.handing_in.sourcecells import SourceNotebook

TRIES = 3
"""How often a submission is graded before it is left ungraded, where the failure is ours."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""Threads of the numeric libraries would fight the other workers for the cores, and do not survive a fork."""

_END_SECONDS = 3.0
"""For a worker to end by itself; one that imports or starts something does not hear of it, and is killed."""


class _Template:
    """A process that has everything imported, from which workers are forked."""

    def __init__(self) -> None:
        self._commands, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.examiner.server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD, **SAME_EVERYWHERE},
                start_new_session=True,  # Ctrl-C is this process's, which then ends them
            )
        channel.send(self._commands, {"path": sys.path, "scratch": str(own_folder())})

    def fork(self, imports: Sequence[str], cores: Sequence[int]) -> socket.socket:
        """Return a connection to a new worker, which has these modules, too, and rooms on these cores."""
        ours, theirs = socket.socketpair()
        with theirs:
            channel.send(self._commands, {"imports": list(imports), "cores": list(cores)}, [theirs.fileno()])
        return ours

    def kill(self) -> None:
        """End it at once, while it starts too; its workers go on."""
        self._process.kill()

    def close(self) -> None:
        """End it and what belongs to it here."""
        self._commands.close()
        self.kill()
        self._process.wait()


class _Worker:
    """One process that grades, as this process sees it, at one of the places that share the cores."""

    def __init__(self, connection: socket.socket, place: int) -> None:
        self._connection = connection
        self.place = place
        self._closing = threading.Lock()
        self._end: int | None = None
        self.pid = 0
        with contextlib.suppress(OSError, EOFError):
            self.pid, _ = channel.receive(connection)
            self._end = os.pidfd_open(self.pid)

    def grade(self, task: Task) -> Graded:
        """Have a submission graded; raises as `grade`."""
        channel.send(self._connection, pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL))
        answer, _ = channel.receive(self._connection, task.bounds.result_bytes + MIB)
        if "graded" in answer:
            return Graded.from_dict(answer["graded"])
        if "failed" in answer:
            raise GraderFailed(answer["failed"])
        kinds = {kind.__name__: kind for kind in (SandboxUnavailable, UserError)}
        raise kinds[answer["kind"]](answer["message"])

    def close(self) -> None:
        """End it and wait until it has ended all that it had started."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        with self._closing:  # the thread that waits for its answer does this too
            if self._end is not None:
                poller = select.poll()
                poller.register(self._end, select.POLLIN)
                if not poller.poll(_END_SECONDS * 1000):
                    signal.pidfd_send_signal(self._end, signal.SIGKILL)
                os.close(self._end)
                self._end = None
                remove(own_folder() / str(self.pid))


class _Workers:
    """The workers of this process, one for each of its threads that grades."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._template: _Template | None = None
        self._all: set[_Worker] = set()
        self._expected = 1
        self._mine = threading.local()

    def grade(self, task: Task) -> Graded:
        """Have a submission graded by this thread's worker; raises as the function `grade`."""
        worker = getattr(self._mine, "worker", None)
        if worker is None or worker not in self._all:
            worker = self._mine.worker = self._started(task)
        try:
            return worker.grade(task)
        except (OSError, EOFError):
            self._drop(worker)
            raise GraderFailed("the process that graded it ended") from None

    def pids(self) -> set[int]:
        """Return their process ids."""
        return {worker.pid for worker in self._all}

    def close(self) -> None:
        """End them all."""
        if (starting := self._template) is not None:
            starting.kill()  # else a thread would hold the lock until it has imported everything
        with self._lock:
            ended, self._all = self._all, set()
            template, self._template = self._template, None
        for worker in ended:
            worker.close()
        if template is not None:
            template.close()

    def start(self, expected: int) -> None:
        """Start the process from which they are forked, which then imports what they need."""
        with self._lock:
            self._expected = expected
            if self._template is None:
                self._template = _Template()

    def _started(self, task: Task) -> _Worker:
        imports = _imports(task.source) if task.mode == "examiner" else []
        with self._lock:
            for _ in range(2):
                if self._template is None:
                    self._template = _Template()
                place = next(each for each in count() if each not in {worker.place for worker in self._all})
                with contextlib.suppress(OSError):
                    worker = _Worker(self._template.fork(imports, share_of_cores(place, self._expected)), place)
                    self._all.add(worker)
                    return worker
                self._template.close()  # it was ended from outside
                self._template = None
        raise GraderFailed("no process could be started to grade it")

    def _drop(self, worker: _Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.close()


_workers = _Workers()


def grade(task: Task) -> Graded:
    """Grade one submission within its bounds, in a process that this thread keeps for it.

    Raises
    ------
    GraderFailed
        If we failed, not the submission: it is to be tried again, or left ungraded.
    SandboxUnavailable
        If the machine cannot build the sandbox and `unprotected` is off.
    UserError
        If the settings are wrong.
    """
    return _workers.grade(task)


def grade_patiently(task: Task) -> Graded:
    """Grade one submission, and try again where the failure is ours; raises as `grade` after the last try."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(GraderFailed):
            return grade(task)
    return grade(replace(task, last_try=True))


def start_workers(expected: int = 1) -> None:
    """Begin what takes a while before the first submission can be graded, so that it goes on beside other things.

    Parameters
    ----------
    expected : int, optional
        How many threads will grade: their workers' rooms share the cores of this machine.
    """
    _workers.start(expected)


def share_of_cores(place: int, workers: int) -> list[int]:
    """Return the cores on which the rooms of one of several workers stay.

    Those that this process may use are shared out in turn; where there are more workers than cores, each has all.
    """
    cores = sorted(os.sched_getaffinity(0))
    return cores if workers > len(cores) or place >= workers else cores[place::workers]


def worker_pids() -> set[int]:
    """Return the processes in which submissions are graded for this one."""
    return _workers.pids()


def close_workers() -> None:
    """End all processes that `grade` has started, whatever they are doing."""
    _workers.close()


@cache
def _imports(source: str) -> list[str]:
    return imported_by(SourceNotebook.from_text(source))


# A process that multiprocessing has started runs no atexit handlers, only these; our folder goes after them.
Finalize(None, close_workers, exitpriority=0)
atexit.register(close_workers)

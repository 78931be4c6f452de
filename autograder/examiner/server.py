"""The processes that grade: one that has imported everything, and workers forked from it, each with its own rooms.

Run as `python -P -m autograder.examiner.server FD`; FD is one end of a socket pair to the host (`workers.py`). Each of
these processes has a single thread, and ends when the host closes its end, however the host ends.
"""

from __future__ import annotations

import autograder.examiner.lean  # noqa: F401  # before what imports nbgrader

# isort: split
import contextlib
import gc
import importlib
import os
import pickle
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from autograder.errors import UserError
from autograder.examiner.bounded import GraderFailed, HostGone, described, grade_bounded
from autograder.examiner.outdated import require_this_version
from autograder.examiner.rooms import close_room_factories, room_factory
from autograder.examiner.task import Task, grade_task, unanswered
from autograder.examiner.testcells import imported_by
from autograder.room.errors import SandboxEnded, SandboxUnavailable
from autograder.room.inside import channel
from autograder.versions import versions
from course.handing_in.cellcode import is_from_scratch
from course.handing_in.sourcecells import SourceNotebook

_WORTH_A_REHEARSAL = 3
"""At the submission of an assignment with this number, its notebook is graded once as it was released."""


def main() -> None:
    """Fork a worker for each connection that the host sends, once what it wants has been imported."""
    commands = socket.socket(fileno=int(sys.argv[1]))
    told, _ = channel.receive(commands)
    sys.path[:] = told["path"]
    tempfile.tempdir = told["scratch"]
    _share_memory()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # workers end by themselves, and nobody asks how
    with contextlib.suppress(EOFError):
        while True:
            wanted, fds = channel.receive(commands)
            if set(wanted["imports"]) - sys.modules.keys():
                _import(wanted["imports"])
                _share_memory()
            if os.fork() == 0:
                commands.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _work(socket.socket(fileno=fds[0]), wanted["cores"])
            os.close(fds[0])


def _work(host: socket.socket, cores: list[int]) -> NoReturn:
    """Grade what the host sends, one task after the other, in rooms on these cores."""
    try:
        folder = Path(tempfile.gettempdir(), str(os.getpid()))  # the host removes it when this process has ended
        folder.mkdir()
        tempfile.tempdir = str(folder)
        channel.send(host, os.getpid())
        seen: Counter[str] = Counter()
        with contextlib.suppress(EOFError, OSError, HostGone):
            while True:
                task: Task = pickle.loads(channel.receive(host)[0])  # the host's own words
                channel.send(host, _answer(task, host, seen, cores))
        close_room_factories()
    finally:
        os._exit(0)


def _answer(task: Task, host: socket.socket, seen: Counter[str], cores: list[int]) -> dict[str, Any]:
    try:
        _prepare(task, seen, cores)
        start = time.monotonic()
        graded = grade_bounded(task, host.fileno())
        told = replace(graded, seconds=time.monotonic() - start, versions=dict(versions()))
        return {"graded": told.to_dict()}
    except (SandboxUnavailable, UserError) as error:
        return {"kind": type(error).__name__, "message": str(error)}
    except HostGone:
        raise
    except (GraderFailed, SandboxEnded) as error:
        return {"failed": str(error)}
    except Exception as error:
        return {"failed": described(error)}


def _prepare(task: Task, seen: Counter[str], cores: list[int]) -> None:
    """Have everything ready here that each submission's own process would have to start or import again."""
    if task.problem:
        return
    warm = room_factory(task.settings, wait=False, cores=cores)
    seen[task.source] += 1
    if seen[task.source] == 1 and task.mode == "examiner":
        source = SourceNotebook.from_text(task.source)
        if any(cell.grade and is_from_scratch(cell.source) for cell in source.cells):
            warm.bare()
        _import(imported_by(source))  # while the rooms' processes start
        require_this_version(source)
        _share_memory()
    warm.revive()
    if seen[task.source] == _WORTH_A_REHEARSAL:
        # Fills what is filled at first use: nbformat's schema, helpers as they are sent to rooms.
        with contextlib.suppress(Exception):
            grade_task(replace(task, submission=unanswered(task), files={}))
        _share_memory()
        warm.revive()


def _import(names: Iterable[str]) -> None:
    """Import modules that are there; for one that is not, the cell that wants it fails."""
    gc.disable()  # what is imported stays
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)  # threads do not survive a fork


def _share_memory() -> None:
    """Let no collection in a forked process write to what is there now, and thereby copy it."""
    gc.collect()
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()

"""Where the time goes, of one submission and before the first: `python -m benchmarks.parts`.

A first process grades a class as the command does: that is the coordinator. A second one stands in for a worker: it
prepares itself as a worker does, forks a process for each submission, and puts a clock there around all that the
examiner has done in rooms. What rooms use comes from the kernel: as long as one lives from its threads, and after its
end from the control group of its fork server.
"""

from __future__ import annotations

import autograder.examiner.lean  # noqa: F401  # before what imports nbgrader

# isort: split
import contextlib
import functools
import gc
import importlib
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from autograder.errors import UserError
from autograder.examiner.rooms import close_room_factories, room_factory
from autograder.examiner.task import Task, grade_task
from autograder.examiner.testcells import imported_by
from autograder.room.numerics import SAME_EVERYWHERE
from autograder.room.processor import ProcessorTime
from autograder.room.session import RoomFactory, StudentRoom
from benchmarks.accounting import CountingGroup, open_account
from benchmarks.tables import Section
from course.handing_in.sourcecells import SourceNotebook

ASSIGNMENT = "ps1_from_scratch"
SUBMISSIONS = 20

PARTS = {
    "coordinator": "coordinator: reads, hands out, enters scores",
    "worker": "worker: forks the examiner and takes its result",
    "examiner reading": "examiner: reads and restores the notebook, looks through its code",
    "examiner opening": "examiner: has rooms opened and closed",
    "examiner cells": "examiner: has student's cells run",
    "examiner outputs": "examiner: makes outputs and texts harmless, runs given cells",
    "examiner questions": "examiner: puts questions to rooms",
    "examiner tests": "examiner: test cells, without their questions",
    "examiner writing": "examiner: makes the graded notebook and its scores",
    "examiner ending": "examiner: its fork and its end",
    "ordinary forking": "fork server: forks the ordinary room",
    "ordinary opening": "ordinary room: walls and kernel",
    "ordinary cells": "ordinary room: student's cells",
    "ordinary questions": "ordinary room: answers",
    "ordinary ending": "ordinary room: its end",
    "bare forking": "fork server: forks the bare room",
    "bare opening": "bare room: walls and kernel",
    "bare cells": "bare room: student's cells",
    "bare questions": "bare room: answers",
    "bare ending": "bare room: its end",
}
"""What is measured, in words for the table."""

START = {
    "imports": "the examiner imports itself",
    "ordinary": "the fork server of ordinary rooms starts",
    "torch": "the fork server of ordinary rooms with torch starts, at the first submission that names torch",
    "bare": "the fork server of bare rooms starts",
    "tests": "what the test cells import, torch above all",
    "first": "the first submission",
}
"""What happens in a worker before the first grade, each by itself; a real one does some of it side by side."""

PROCESSES = ("coordinator", "worker", "examiner", "ordinary", "bare")
"""Kinds of processes, whose user and system time are told apart; fork servers count with their rooms."""

_CLOCK = "clock"
"""What looking at the clocks of rooms takes, which is left out."""
_ASKED = dict.fromkeys(("run_cell", "replay"), "cells") | dict.fromkeys(("get", "call", "getattr", "run"), "questions")


@dataclass(frozen=True)
class Parts:
    """Where the time goes."""

    by_part: Mapping[str, float]
    """CPU milliseconds of one submission, see `PARTS`; what only a control group tells is missing where none can be
    made."""
    by_process: Mapping[str, Sequence[float]]
    """User and system milliseconds of one submission, of each kind in `PROCESSES`."""
    start: Mapping[str, float]
    """Wall seconds before the first grade, see `START`."""


def measure_parts(root: Path) -> Parts:
    """Grade a class with one worker, in which all are honest, and then once more part by part.

    Parameters
    ----------
    root : Path
        A course folder with submissions to `ASSIGNMENT`, of which none has been graded.

    Raises
    ------
    UserError
        If a submission cannot be graded.
    """
    tasks, used = _graded_by_the_command(root)
    with tempfile.NamedTemporaryFile() as file:
        file.write(pickle.dumps(tasks))
        file.flush()
        environment = {**os.environ, **SAME_EVERYWHERE, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
        command = [sys.executable, "-m", "benchmarks.parts", "--worker", file.name]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise UserError("The submissions of the benchmark could not be graded part by part.")
    found = json.loads(done.stdout.splitlines()[-1])
    return Parts(
        {"coordinator": sum(used)} | found["by_part"], {"coordinator": used} | found["by_process"], found["start"]
    )


def parts_sections(parts: Parts) -> list[Section]:
    """Return the tables."""
    whole = sum(parts.by_part.values())
    rows = [
        (what, f"{parts.by_part[name]:.1f}", f"{100 * parts.by_part[name] / whole:.0f} %")
        for name, what in PARTS.items()
        if name in parts.by_part
    ]
    times = [
        (f"{kind} room" if kind in ("ordinary", "bare") else kind, *(f"{time:.1f}" for time in parts.by_process[kind]))
        for kind in PROCESSES
        if kind in parts.by_process
    ]
    return [
        Section(
            "Where the time goes: CPU milliseconds of one submission, 1 worker",
            ("", "ms", "share"),
            [*rows, ("all together", f"{whole:.1f}", "")],
        ),
        Section("The same by processes, fork servers with their rooms", ("", "user ms", "system ms"), times),
        Section(
            "Before the first grade, in a worker, one after the other",
            ("", "wall s"),
            [(what, f"{parts.start[name]:.2f}") for name, what in START.items()],
        ),
    ]


def _graded_by_the_command(root: Path) -> tuple[list[Task], tuple[float, float]]:
    """Return the tasks of a class that is graded with one worker, and the coordinator's milliseconds for each."""
    from autograder.batch.coordinator import grade_class
    from autograder.batch.executors import LocalExecutor
    from autograder.batch.run import how_configured
    from autograder.course_folder import CourseFolder

    tasks: list[Task] = []
    times: list[tuple[float, float]] = []

    class Noted(LocalExecutor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            tasks.extend(each for each in args if isinstance(each, Task))
            return super().submit(fn, *args, **kwargs)

    class Clock:
        def start(self, total: int) -> None:
            pass

        def done(self, done: object) -> None:
            times.append(_used())

    course = CourseFolder.load(root)
    grade_class(course, ASSIGNMENT, how_configured(course), lambda: Noted(1), 1, listener=Clock())
    after_first = max(len(times) - 1, 1)
    user, system = (1000 * (last - first) / after_first for first, last in zip(times[0], times[-1], strict=True))
    return tasks, (user, system)


def _used(whose: int = resource.RUSAGE_SELF) -> tuple[float, float]:
    used = resource.getrusage(whose)
    return used.ru_utime, used.ru_stime


# The stand-in for a worker -------------------------------------------------------------------------------------------


def _part_by_part(tasks: list[Task]) -> dict[str, Any]:
    """Grade all tasks and return what `Parts` has of it."""
    start = {"imports": time.time() - psutil.Process().create_time()}
    with contextlib.ExitStack() as stack:
        groups = {kind: stack.enter_context(open_account()) for kind in ("ordinary", "bare")}
        with _timing(start, "ordinary"), groups["ordinary"].counting():
            factory = room_factory(tasks[0].settings)
        with _timing(start, "torch"), groups["ordinary"].counting():
            factory.with_torch()  # a child could not start it
        with _timing(start, "bare"), groups["bare"].counting():
            factory.bare().revive()
        with _timing(start, "tests"):
            _import(tasks[0])
        with _timing(start, "first"):
            grade_task(tasks[0])
        gc.collect()
        gc.freeze()
        counted = {kind: group for kind, group in groups.items() if isinstance(group, CountingGroup)}
        servers = {kind: group.processes() for kind, group in counted.items()}

        def seen() -> dict[str, tuple[float, float, float]]:
            return {kind: (*group.used(), sum(map(_spent, servers[kind]))) for kind, group in counted.items()}

        before, own, children = seen(), _used(), _used(resource.RUSAGE_CHILDREN)
        parts: defaultdict[str, float] = defaultdict(float)
        for task in tasks:
            for name, seconds in _in_child(task).items():
                parts[name] += seconds
        times = {
            "worker": _difference(_used(), own),
            "examiner": _difference(_used(resource.RUSAGE_CHILDREN), children),
        }
        parts["worker"] = sum(times["worker"])
        share = 1 - parts.pop(_CLOCK) / sum(times["examiner"])
        times["examiner"] = times["examiner"][0] * share, times["examiner"][1] * share
        parts["examiner ending"] = sum(times["examiner"]) - _sum_of("examiner", parts)
        for kind, (user, system, forking) in seen().items():
            times[kind] = user - before[kind][0], system - before[kind][1]
            parts[f"{kind} forking"] = forking - before[kind][2]
            parts[f"{kind} ending"] = sum(times[kind]) - _sum_of(kind, parts)
        close_room_factories()
    each = 1000 / len(tasks)
    return {
        "by_part": {name: each * seconds for name, seconds in parts.items()},
        "by_process": {kind: (each * user, each * system) for kind, (user, system) in times.items()},
        "start": start,
    }


def _difference(now: tuple[float, float], before: tuple[float, float]) -> tuple[float, float]:
    return now[0] - before[0], now[1] - before[1]


def _sum_of(kind: str, parts: Mapping[str, float]) -> float:
    return sum(seconds for name, seconds in parts.items() if name.startswith(f"{kind} "))


@contextlib.contextmanager
def _timing(seconds: dict[str, float], name: str) -> Iterator[None]:
    before = time.monotonic()
    yield
    seconds[name] = time.monotonic() - before


def _import(task: Task) -> None:
    """Have in memory what a worker has, before it forks."""
    for name in imported_by(SourceNotebook.from_text(task.source)):
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)


def _in_child(task: Task) -> dict[str, float]:
    """Grade in a child and return its seconds, and those of its rooms as long as they live."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writes, json.dumps(_timed(task)).encode())  # short enough for a pipe
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writes)
    with os.fdopen(reads, "rb") as file:
        told = file.read()
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("a submission of the benchmark could not be graded")
    found: dict[str, float] = json.loads(told)
    return found


def _timed(task: Task) -> dict[str, float]:
    """Grade in this process, which ends afterwards, with a clock around all that is done in rooms."""
    source = SourceNotebook.from_text(task.source)
    tests = {cell.name for cell in source.cells if cell.is_test}
    seconds: defaultdict[str, float] = defaultdict(float)
    rooms: dict[int, str] = {}
    now = ["examiner reading"]
    since = [time.process_time()]

    def switch(part: str) -> str:
        """Book what was used until now, and go on with another part; return the one before."""
        at, before = time.process_time(), now[0]
        seconds[before] += at - since[0]
        now[0], since[0] = part, at
        return before

    def begin(stage: str, cell: str) -> None:
        within = "tests" if cell in tests else "outputs"
        switch(f"examiner {within if stage == 'examining' else stage}")

    @contextlib.contextmanager
    def during(part: str) -> Iterator[None]:
        before = switch(f"examiner {part}")
        try:
            yield
        finally:
            switch(before)

    open_room, close_room = RoomFactory.open_room, StudentRoom.close

    def opened(self: RoomFactory, files: Mapping[str, bytes], processor: ProcessorTime | None = None) -> StudentRoom:
        with during("opening"):
            room = open_room(self, files, processor)
        rooms[room.pid] = "bare" if rooms else "ordinary"  # in this order, for each submission
        seconds[f"{rooms[room.pid]} opening"] += _spent(room.pid)
        return room

    def closed(self: StudentRoom) -> None:
        with during("opening"):
            close_room(self)

    def asked(method: Callable[..., Any], part: str) -> Callable[..., Any]:
        @functools.wraps(method)
        def ask(self: StudentRoom, *args: Any, **kwargs: Any) -> Any:
            around = switch(_CLOCK)
            before = _spent(self.pid)
            try:
                with during(part):
                    return method(self, *args, **kwargs)
            finally:
                seconds[f"{rooms[self.pid]} {part}"] += _spent(self.pid) - before
                switch(around)

        return ask

    RoomFactory.open_room, StudentRoom.close = opened, closed  # type: ignore[method-assign]
    for name, part in _ASKED.items():
        setattr(StudentRoom, name, asked(getattr(StudentRoom, name), part))
    grade_task(task, begin).to_dict()
    switch("")
    return dict(seconds)


def _spent(pid: int) -> float:
    """Return the CPU seconds of a process's living threads."""
    nanoseconds = 0
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            nanoseconds += int((thread / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def main() -> None:
    """Print the tables for a class that is made for it; for a course folder that is named, JSON.

    As the stand-in for a worker, JSON too.
    """
    if sys.argv[1:2] == ["--worker"]:
        print(json.dumps(_part_by_part(pickle.loads(Path(sys.argv[2]).read_bytes()))))
        return
    if len(sys.argv) > 1:
        print(json.dumps(asdict(measure_parts(Path(sys.argv[1])))))
        return
    from rich.console import Console

    from autograder.course_folder import CourseFolder
    from benchmarks.honest import make_course

    course = CourseFolder.find(Path())
    with tempfile.TemporaryDirectory() as scratch:
        made = make_course(course, Path(scratch, "course"), ASSIGNMENT, course.answers, SUBMISSIONS, stock=False)
        for section in parts_sections(measure_parts(made.root)):
            section.show(Console())


if __name__ == "__main__":
    main()

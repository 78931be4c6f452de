"""Whatever is killed while a submission is graded: it is graded again, or left ungraded, and nothing stays behind."""

from __future__ import annotations

import json
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.examiner import workers
from autograder.examiner.bounded import GraderFailed
from autograder.examiner.scratch import own_folder
from autograder.examiner.task import Graded, Task
from autograder.examiner.workers import close_workers, grade, grade_patiently, worker_pids
from autograder.room.walls import choose
from tests.support.classroom import RIGHT, Classroom, job_of
from tests.support.classroom_fixtures import _frozen_source, released

__all__ = ["_frozen_source", "released"]

BUSY = "import time\nend = time.monotonic() + 4\nwhile time.monotonic() < end:\n    pass\n"
SLOW = {**RIGHT, "double": BUSY + RIGHT["double"]}

DATA = {"data/numbers.csv": b"1\n2\n3\n"}

OTHERS = pytest.mark.thorough(reason="other processes, killed in the same way")
KILLED = [
    "room",
    *(pytest.param(what, marks=OTHERS) for what in ("child", "fork server", "outermost", "worker", "template")),
]


@pytest.fixture
def task(released: Classroom) -> Iterator[Task]:
    """Work that takes a few seconds, in a worker that has graded before."""
    grade(job_of(released, "ada", RIGHT, DATA).task)
    yield job_of(released, "ada", SLOW, DATA).task
    close_workers()
    assert list(own_folder().iterdir()) == []


def points(graded: Graded) -> float:
    return sum(cell["points"] for cell in json.loads(graded.verdict)["cells"])


class Killer(threading.Thread):
    """Kills one process of those that grade, as soon as the code of the submission runs, once or each time."""

    def __init__(self, what: str, *, again: bool = False) -> None:
        super().__init__(daemon=True)
        self.what, self.again = what, again
        self.killed: set[int] = set()
        self.over = threading.Event()
        self.idle = {process.pid for process in self.tree()}
        self.start()

    def tree(self) -> list[psutil.Process]:
        found = []
        for pid in worker_pids():
            try:
                worker = psutil.Process(pid)
                found += [worker, *worker.children(recursive=True)]
            except psutil.Error:
                continue
        return found

    def run(self) -> None:
        while not self.over.wait(0.02) and (self.again or not self.killed):
            try:
                self.look()
            except psutil.Error:  # it has just ended
                continue

    def look(self) -> None:
        tree = self.tree()
        children = [p for p in tree if p.ppid() in worker_pids() and "autograder.examiner.server" in p.cmdline()]
        servers = [p for p in tree if "student_room.fork_server" in p.cmdline() and "bwrap" not in p.cmdline()[0]]
        rooms = [p for p in servers if not p.children()]
        # A room is a leaf below the server that forks it; before one is there, the server itself is the leaf.
        rooms = [p for p in rooms if any(other.pid == p.ppid() for other in servers) and p.pid not in self.idle]
        if not children or not rooms or any(p.cpu_times().user < 0.3 for p in rooms):
            return
        chosen = {
            "child": children[0],
            "room": rooms[0],
            "fork server": psutil.Process(rooms[0].ppid()),
            "outermost": next(p for p in tree if p.ppid() in worker_pids() and p.pid != children[0].pid),
            "worker": tree[0],
            "template": tree[0].parent(),
        }[self.what]
        if chosen.pid not in self.killed:
            self.killed.add(chosen.pid)
            chosen.send_signal(signal.SIGKILL)
            self.idle |= {p.pid for p in tree}


@pytest.mark.slow
@pytest.mark.parametrize("what", KILLED)
def test_what_is_killed_once_is_graded_all_the_same(task: Task, what: str) -> None:
    killer = Killer(what)
    try:
        assert points(grade_patiently(task)) == 6
    finally:
        killer.over.set()
        killer.join()
    assert len(killer.killed) == 1


@pytest.mark.slow
@pytest.mark.parametrize("what", [pytest.param("child", marks=OTHERS), "outermost"])
def test_what_is_killed_again_and_again_is_left_ungraded(task: Task, what: str) -> None:
    killer = Killer(what, again=True)
    try:
        with pytest.raises(GraderFailed):
            grade_patiently(task)
    finally:
        killer.over.set()
        killer.join()
    assert len(killer.killed) == workers.TRIES


def test_a_killed_room_says_whose_fault_it_is(released: Classroom) -> None:
    """From within, the first process of a pid namespace cannot be killed; without one, the code may have done it."""
    suicide = {**RIGHT, "double": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n" + RIGHT["double"]}
    graded = grade_patiently(job_of(released, "ada", suicide, DATA).task)
    assert points(graded) == (6 if choose().shields_kernel else 2)


def test_the_folder_of_these_processes_is_ours() -> None:
    assert own_folder().parent == Path(tempfile.gettempdir())

"""Whatever is killed while a submission is graded: it is graded again, or left ungraded, and nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator

import pytest

from autograder.batch.executors import local_executor
from autograder.examiner import workers
from autograder.examiner.bounded import GraderFailed
from autograder.examiner.scratch import SHORT, own_folder
from autograder.examiner.task import Graded, Task
from autograder.examiner.workers import (
    close_workers,
    grade,
    grade_patiently,
    share_of_cores,
    start_workers,
    worker_pids,
)
from autograder.room.walls import choose
from tests.support.classroom import RIGHT, Classroom, job_of
from tests.support.classroom_fixtures import _frozen_source, released
from tests.support.killer import Killer

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


@pytest.mark.slow
@pytest.mark.parametrize("what", KILLED)
def test_what_is_killed_once_is_graded_all_the_same(task: Task, what: str) -> None:
    with Killer(what, worker_pids) as killer:
        assert points(grade_patiently(task)) == 6
    assert len(killer.killed) == 1


@pytest.mark.slow
@pytest.mark.parametrize("what", [pytest.param("child", marks=OTHERS), "outermost"])
def test_what_is_killed_again_and_again_is_left_ungraded(task: Task, what: str) -> None:
    with Killer(what, worker_pids, again=True) as killer, pytest.raises(GraderFailed):
        grade_patiently(task)
    assert len(killer.killed) == workers.TRIES


def test_a_killed_room_says_whose_fault_it_is(released: Classroom) -> None:
    """From within, the first process of a pid namespace cannot be killed; without one, the code may have done it."""
    suicide = {**RIGHT, "double": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n" + RIGHT["double"]}
    graded = grade_patiently(job_of(released, "ada", suicide, DATA).task)
    assert points(graded) == (6 if choose().shields_kernel else 2)
    assert graded.seconds
    assert 0 < graded.seconds < 600


def test_the_folder_of_these_processes_is_ours() -> None:
    assert str(own_folder().parent) in {tempfile.gettempdir(), *SHORT}  # these where TMPDIR is a long path


@pytest.mark.parametrize(
    ("cores", "workers_", "shares"),
    [
        ({0, 1}, 2, [[0], [1]]),
        ({2, 3, 5, 8, 9}, 2, [[2, 5, 9], [3, 8]]),
        ({0, 1}, 1, [[0, 1]]),
        ({0, 1}, 3, [[0, 1], [0, 1], [0, 1]]),
    ],
)
def test_workers_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, cores: set[int], workers_: int, shares: list[list[int]]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: cores)
    assert [share_of_cores(place, workers_) for place in range(workers_)] == shares
    assert share_of_cores(workers_, workers_) == sorted(cores)  # one that nobody had announced


WHERE = {**RIGHT, "double": "import os\nprint('cores', sorted(os.sched_getaffinity(0)))\n" + RIGHT["double"]}


def told(graded: Graded, cores: list[int]) -> bool:
    return f"cores {cores}".encode() in graded.notebook


def test_the_rooms_of_each_worker_are_on_its_share(released: Classroom) -> None:
    close_workers()
    executor = local_executor(2)()
    tasks = [job_of(released, student, WHERE).task for student in ("ada", "bob")]
    graded = [future.result() for future in [executor.submit(grade_patiently, task) for task in tasks]]
    executor.shutdown()
    shares = [share_of_cores(place, 2) for place in range(2)]
    where = [{number for number, share in enumerate(shares) if told(each, share)} for each in graded]
    assert set.union(*where) == {0, 1}


def test_a_worker_in_the_place_of_one_that_was_killed_has_its_share(released: Classroom) -> None:
    close_workers()
    cores = len(os.sched_getaffinity(0))
    start_workers(cores)
    task = job_of(released, "ada", WHERE).task
    try:
        for _ in range(2):
            assert told(grade_patiently(task), share_of_cores(0, cores))
            (pid,) = worker_pids()
            os.kill(pid, signal.SIGKILL)
    finally:
        close_workers()
        start_workers()
        close_workers()

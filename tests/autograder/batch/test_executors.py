"""Executors that break, stop or get lost, and what a batch makes of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from functools import partial
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest

from autograder.batch import executors
from autograder.batch.executors import WorkerPool, cluster_executor
from autograder.errors import UserError
from autograder.examiner.scratch import PREFIX, Scratch, own_folder
from autograder.examiner.task import Graded, Task, grade_task
from autograder.room.errors import SandboxUnavailable
from tests.support.classroom import HALF, RIGHT, Classroom, Inline

ONCE = {**RIGHT, "essay": "kill once"}
TWICE = {**RIGHT, "essay": "kill always"}


class Recorder(Inline):
    """Grades here and keeps the results by submission, for pools whose workers shall only hand them out."""

    def __init__(self) -> None:
        self.results: dict[bytes, Graded] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(fn, *args, **kwargs)
        self.results[args[0].submission] = future.result()
        return future


class DeadlyPool(WorkerPool):
    """A pool in which some submissions kill their worker."""

    def __init__(self, forks: BaseContext, results: dict[bytes, Graded], marks: Path) -> None:
        super().__init__(2, forks)
        self._work = partial(hand_out_or_die, results, marks)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        assert fn is grade_task
        return super().submit(self._work, *args)


def hand_out_or_die(results: dict[bytes, Graded], marks: Path, task: Task) -> Graded:
    if b"kill always" in task.submission or (b"kill once" in task.submission and not marks.exists()):
        if b"kill once" in task.submission:
            marks.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return results[task.submission]


@pytest.mark.slow
def test_a_submission_that_kills_its_worker_costs_only_itself(
    room: Classroom, released: Classroom, tmp_path: Path, forks: BaseContext
) -> None:
    answers = [RIGHT, ONCE, HALF, TWICE, RIGHT, TWICE, HALF, RIGHT, RIGHT, ONCE]
    names = [f"student{number}" for number in range(len(answers))]
    calm = released.copy(tmp_path / "calm")
    for classroom in (calm, room):
        for name, answer in zip(names, answers, strict=True):
            classroom.hand_in(name, answer)
    recorder = Recorder()
    calm.grade(lambda: recorder)
    summary = room.grade(lambda: DeadlyPool(forks, recorder.results, tmp_path / "marks"), workers=2)
    reason = "The examiner ended while it graded this submission."
    assert summary.problems == {"student3": reason, "student5": reason}
    assert room.problems() == summary.problems
    assert room.scores() == {**calm.scores(), "student3": 0, "student5": 0}
    again = room.grade(lambda: recorder)
    assert (again.graded, again.skipped, again.problems) == (2, 8, {})
    assert room.content() == calm.content()


class Broken(Executor):
    """Fails each task in one way."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.waited: list[bool] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(self.error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.waited.append(wait)


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (SandboxUnavailable("bubblewrap is missing"), SandboxUnavailable, "bubblewrap is missing"),
        (CancelledError(), UserError, "The workers were lost"),
    ],
)
def test_what_no_submission_can_help_ends_the_batch(
    room: Classroom, error: Exception, raised: type[Exception], said: str
) -> None:
    room.hand_in("ada")
    executor = Broken(error)
    with pytest.raises(raised, match=said):
        room.grade(lambda: executor)
    assert executor.waited == [False]
    assert room.scores() == {}


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def sleep_for_long(mark: Path) -> None:
    mark.write_text(tempfile.gettempdir())
    time.sleep(300)


def test_workers_compute_the_same_on_every_processor(tmp_path: Path) -> None:
    """Asked of a process that started as the command does, not of this one, whose pools may have been there before."""
    script = tmp_path / "ask.py"
    script.write_text(
        "import torch\n"
        "from autograder.batch.executors import local_executor\n"
        "if __name__ == '__main__':\n"
        "    with local_executor(1)() as pool:\n"
        "        print(pool.submit(torch.backends.cpu.get_cpu_capability).result())\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "DEFAULT\n"


def test_a_pool_shut_down_without_waiting_ends_its_workers(tmp_path: Path, forks: BaseContext) -> None:
    pool = WorkerPool(1, forks)
    mark = tmp_path / "busy"
    pool.submit(sleep_for_long, mark)
    while not (mark.exists() and mark.read_text()):
        time.sleep(0.01)
    [worker] = multiprocessing.active_children()
    assert mark.read_text() == str(own_folder())
    pool.shutdown(wait=False)
    assert not worker.is_alive()


def test_scratch_folders_of_the_living_stay_and_those_of_the_dead_go(folder: Path) -> None:
    mine = Scratch()
    dead = folder / f"{PREFIX}dead"
    dead.joinpath("room-x").mkdir(parents=True)
    other = folder / "other"
    other.mkdir()
    (folder / f"{PREFIX}link").symlink_to(other)
    (folder / f"{PREFIX}file").touch()
    another = Scratch()
    assert mine.path.is_dir()
    assert not dead.exists()
    assert other.is_dir()
    mine.close()
    mine.close()
    another.close()
    assert sorted(path.name for path in folder.iterdir()) == [f"{PREFIX}file", f"{PREFIX}link", "other"]


def test_no_scheduler_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 1)
    with pytest.raises(UserError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9 \(.*\). Is 'dask scheduler'"):
        cluster_executor("tcp://127.0.0.1:9")
    with pytest.raises(UserError, match="No Dask scheduler answers at nonsense://x "):
        cluster_executor("nonsense://x")

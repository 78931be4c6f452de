"""Executors that stop or get lost, and what a batch makes of it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.batch import executors
from autograder.batch.executors import ClusterExecutor, LocalExecutor, cluster_executor, lent_executor, local_executor
from autograder.errors import UserError
from autograder.examiner import scratch, workers
from autograder.examiner.scratch import PREFIX, Scratch
from autograder.examiner.workers import grade, worker_pids
from autograder.room.errors import SandboxUnavailable
from autograder.room.session import RoomFactory
from tests.support.classroom import RIGHT, Classroom, job_of


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
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        yield Path(short)


LOOP = {"double": "while True:\n    pass\n"}


def test_shut_down_without_waiting_it_ends_what_is_under_way(released: Classroom) -> None:
    executor = LocalExecutor(1)
    future = executor.submit(grade, job_of(released, "ada", LOOP).task)  # its loop has a minute
    while not future.running():
        pass
    executor.shutdown(wait=False)
    assert "ended" in str(future.exception(timeout=0))


def test_one_pool_serves_several_runs_and_ends_with_its_context(released: Classroom) -> None:
    def workers_after_a_run() -> set[int]:
        run = borrow()
        run.submit(grade, replace(job_of(released, "ada", RIGHT).task, problem="Not looked at.")).result()
        run.shutdown()
        return worker_pids()

    with lent_executor(1) as borrow:
        assert len(first := workers_after_a_run()) == 1
        assert workers_after_a_run() == first
        borrow().shutdown(wait=False)  # as a run that is stopped does
        assert worker_pids() == set()
    with pytest.raises(RuntimeError, match="shutdown"):
        borrow().submit(grade)


def test_the_process_that_workers_come_from_starts_before_there_is_work(released: Classroom) -> None:
    workers.close_workers()
    local_executor(1)
    early = servers()
    assert len(early) == 1
    grade(replace(job_of(released, "ada", RIGHT).task, problem="Not looked at."))
    assert servers() == early
    workers.close_workers()
    assert servers() == set()


def servers() -> set[int]:
    """Return the processes of this one from which workers are forked."""
    children = psutil.Process().children()
    return {child.pid for child in children if "autograder.examiner.server" in child.cmdline()}


def test_workers_compute_the_same_on_every_processor(released: Classroom, tmp_path: Path) -> None:
    """Asked of the process that grades; this one may have been told otherwise."""
    script = tmp_path / "ask.py"
    script.write_text(
        "import os, subprocess, sys\n"
        "from autograder.examiner import workers\n"
        "template = workers._Template()\n"
        "print(open(f'/proc/{template._process.pid}/environ').read().count('ATEN_CPU_CAPABILITY=default'))\n"
        "template.close()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


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


def test_where_the_temporary_folder_has_a_long_name_rooms_work_in_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = folder / ("x" * 60)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    mine = Scratch()
    assert mine.path.parent == Path("/tmp")
    mine.close()
    assert not mine.path.exists()


def test_no_scheduler_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 1)
    with pytest.raises(UserError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9 \(.*\). Is 'dask scheduler'"):
        cluster_executor("tcp://127.0.0.1:9")
    with pytest.raises(UserError, match="No Dask scheduler answers at nonsense://x "):
        cluster_executor("nonsense://x")


class Cluster:
    """A Dask client of a scheduler that has as many workers as it is told."""

    def __init__(self) -> None:
        self.workers: int | None = 2
        """None if the scheduler itself has gone."""
        self.left = False

    def get_executor(self, pure: bool) -> Executor:
        assert not pure
        return Broken(RuntimeError())

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        if self.workers is None:
            raise OSError("Timed out trying to connect")
        return {"workers": dict.fromkeys(range(self.workers))}

    def close(self, timeout: float) -> None:
        self.left = True


def test_workers_that_have_gone_are_told_once_and_so_are_others_that_came() -> None:
    cluster, told = Cluster(), []
    executor = ClusterExecutor(cluster, "tcp://host:1", told.append)
    executor.look()
    assert told == []
    for cluster.workers in (0, None, 0):
        executor.look()
    assert told == [
        "All workers of the Dask scheduler at tcp://host:1 have gone; waiting up to 5 minutes for others. "
        "Start some with 'dask worker tcp://host:1'."
    ]
    cluster.workers = 1
    executor.look()
    executor.look()
    assert told[1:] == ["The cluster has workers again."]
    executor.shutdown()
    assert cluster.left


def test_when_none_comes_for_long_the_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    executor = ClusterExecutor(cluster, "tcp://host:1", lambda line: None)
    cluster.workers = 0
    executor.look()
    monkeypatch.setattr(executors, "ALONE_SECONDS", -1)
    with pytest.raises(UserError, match=r"tcp://host:1 has had no worker for .* What was graded is saved. Start some"):
        executor.look()


def test_where_no_folder_has_a_short_name_rooms_work_in_the_long_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a cluster that lets nobody write to /tmp."""
    long = folder / ("x" * 100) / ("y" * 100)
    long.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(scratch, "SHORT", ("/no/such/folder",))
    mine = Scratch()
    assert mine.path.parent == long
    monkeypatch.setattr(tempfile, "tempdir", str(mine.path))
    with RoomFactory(warm=False) as factory, factory.open_room({}) as room:
        assert room.run_cell("1 + 1").ended == "ok"
    mine.close()
    assert list(long.iterdir()) == []

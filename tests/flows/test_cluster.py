"""Grading on a Dask cluster, and a coordinator that is killed again and again while the cluster goes on."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest
from distributed import LocalCluster
from rich.console import Console

from autograder.course_folder import CourseFolder
from autograder.watch.run import watch_course
from tests.support.classroom import CRASH, HALF, MINI, RIGHT, Classroom, grade_on
from tests.support.exchange import Exchange

KILLS = 20
ANSWERS = [RIGHT, HALF, {**RIGHT, "essay": "Because."}, CRASH, HALF, {"mean": "1 +"}, RIGHT, {}]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster of two worker processes on this machine."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def full(room: Classroom) -> Classroom:
    """A class of nine, one of whom handed in half a file."""
    for number, answers in enumerate(ANSWERS):
        room.hand_in(f"student{number}", answers)
        room.folder(f"student{number}").joinpath("timestamp.txt").write_text(f"2026-03-0{number + 1} 10:00:00 UTC")
    room.hand_in("student8", b'{"cells": [')
    return room


def test_equal_results_and_twenty_kills(full: Classroom, scheduler: str, tmp_path: Path, forks: BaseContext) -> None:
    """Where the coordinator is killed does not show in the end.

    It is the coordinator that holds what can be lost: the gradebook, `autograded/` and which submissions are
    done. The cluster lives on, which keeps this quick. `test_batch_command` kills a pool and all its workers.
    """
    calm = full.copy(tmp_path / "calm")
    calm.grade()
    expected = calm.content()
    root = tmp_path / "run"

    files = len(expected["files"])
    draw = random.Random(20)

    def written() -> int:
        return sum(path.is_file() for path in (root / "autograded").rglob("*"))

    def run(until: int | None = None) -> bool:
        """Grade, until there are so many files or a moment longer, or to the end; tell whether it came to its end."""
        if not root.exists():
            shutil.copytree(full.course.root, root)
        coordinator = forks.Process(target=grade_on, args=(scheduler, root))
        coordinator.start()
        if until is not None:
            while coordinator.is_alive() and written() < until:
                coordinator.join(0.002)
            coordinator.join(draw.choice([0, draw.uniform(0, 0.1)]))
            coordinator.kill()
        coordinator.join()
        if coordinator.exitcode == -signal.SIGKILL:
            return False
        assert coordinator.exitcode == 0
        assert Classroom(CourseFolder.load(root)).content() == expected
        shutil.rmtree(root)
        return True

    assert run()
    kills = in_the_middle = 0
    while kills < KILLS:
        if not run(draw.randrange(files)):
            kills += 1
            in_the_middle += 0 < written() < files
    assert run()
    assert in_the_middle


def test_what_is_watched_is_graded_on_a_cluster(
    room: Classroom, scheduler: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One submission that crashes its kernel, and one that is right, each with its page."""
    exchange = Exchange(room, tmp_path)
    people = {"ada": RIGHT, "ben": CRASH}
    for name, answers in people.items():
        exchange.student(name).submit(answers)
    watch_course(exchange.course, [MINI], Console(), workers=1, scheduler=scheduler, once=True)
    said = capsys.readouterr().out
    assert all(f"{MINI}, {name}: feedback after" in said for name in people)
    pages = {name: exchange.student(name).fetch() for name in people}
    assert [len(page) for page in pages.values()] == [1, 1]
    assert "did not end" in pages["ben"][0]
    assert exchange.room.scores() == {"ada": 6.0, "ben": 2.0}  # the second exercise is right

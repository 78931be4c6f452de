"""One submission cannot take more than its share, and what ends from outside is no fault of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograder.batch.dispatch import Job
from autograder.errors import UserError
from autograder.examiner import bounded
from autograder.examiner.bounded import GraderFailed, grade_bounded
from autograder.examiner.rooms import close_room_factories, room_factory
from autograder.examiner.task import Bounds, Graded, Task
from autograder.room.errors import SandboxEnded
from autograder.room.inside.limits import MIB
from tests.support.classroom import MINI, RIGHT, Classroom, job_of
from tests.support.classroom_fixtures import _frozen_source, released

__all__ = ["_frozen_source", "released"]


@pytest.fixture
def job(released: Classroom) -> Job:
    return job_of(released, "ada", RIGHT)


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    """Have the child do something else than grade."""

    def do(what: Callable[..., Any]) -> None:
        monkeypatch.setattr(bounded, "grade_task", what)

    return do


def bounds(**told: Any) -> Bounds:
    return replace(Bounds(memory_bytes=200 * MIB, reading_seconds=0.5, examining_seconds=0.5), **told)


def burn() -> None:
    while True:
        pass


def eat() -> None:
    blocks = []
    while True:
        blocks.append(bytes(16 * MIB))


TOO_MUCH = {
    "memory while reading": ("reading", eat, f"{MINI}.ipynb is too large to read: it took more than 200 MiB of memory"),
    "time while reading": ("reading", burn, "too large to read: it took more than 0.5 s of processor time"),
    "memory while examining": ("examining", eat, "it took more than 200 MiB of memory at cell 'test_double'"),
    "time while examining": ("examining", burn, "it took more than 0.5 s of processor time at cell 'test_double'"),
    "time while writing": ("writing", burn, "too large to write when it is graded: it took more than 0.5 s of"),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_what_takes_too_much_gets_zeros_that_say_where(job: Job, instead: Any, kind: str) -> None:
    stage, what, said = TOO_MUCH[kind]

    def take(task: Task, begin: Callable[[str, str], None]) -> Graded:
        begin(stage, "test_double" if stage == "examining" else "")
        what()
        raise AssertionError

    instead(take)
    graded = grade_bounded(replace(job.task, bounds=bounds()))
    assert said in graded.problem
    assert {cell.score for cell in graded.cells.values()} == {0.0}
    assert said.partition(":")[0].encode() in graded.notebook


def test_a_result_that_is_too_long_is_not_taken(job: Job, instead: Any) -> None:
    instead(lambda task, begin: Graded(bytes(2 * MIB), b"{}"))
    graded = grade_bounded(replace(job.task, bounds=bounds(result_bytes=MIB)))
    assert graded.problem == f"{MINI}.ipynb is too large to write when it is graded: it has more than 1 MiB."


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any) -> None:
        raise error

    return fail


OURS = {
    "a mistake": (failing(NameError("name 'x' is not defined")), "NameError: name 'x' is not defined"),
    "the sandbox": (failing(SandboxEnded("the sandbox ended")), "the sandbox ended, not by the submission"),
    "a kill": (lambda *_: os.kill(os.getpid(), signal.SIGKILL), "ended with signal SIGKILL"),
    "an exit": (lambda *_: os._exit(3), "ended with exit status 3"),
}


@pytest.mark.parametrize("kind", OURS)
def test_any_other_end_is_our_failure(job: Job, instead: Any, kind: str) -> None:
    what, said = OURS[kind]
    instead(what)
    with pytest.raises(GraderFailed, match=said):
        grade_bounded(job.task)


def test_wrong_settings_are_told_as_such(job: Job, instead: Any) -> None:
    instead(failing(UserError("that is wrong")))
    with pytest.raises(UserError, match="that is wrong"):
        grade_bounded(job.task)


def test_memory_that_the_machine_lacks_is_our_failure(job: Job, instead: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded.Limited, "were_met", lambda self: False)
    instead(failing(MemoryError()))
    with pytest.raises(GraderFailed, match="this machine ran out of memory"):
        grade_bounded(job.task)


def test_the_process_that_keeps_rooms_starts_those_with_torch_where_a_submission_wants_them(
    released: Classroom,
) -> None:
    cell = "import torch\ndef double(x):\n    return (torch.as_tensor(x) * 2).item()"
    task = job_of(released, "ada", {"double": cell}).task
    try:
        graded = grade_bounded(task)
        assert graded.cells["test_double"].score
        server = room_factory(task.settings).with_torch().server
        assert grade_bounded(task) == graded
        assert room_factory(task.settings).with_torch().server is server
    finally:
        close_room_factories()

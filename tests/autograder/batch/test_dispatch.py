"""Jobs on executors that answer as they are told: nothing is graded here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from typing import Any

import pytest

from autograder.batch import dispatch
from autograder.batch.dispatch import IN_FLIGHT_PER_WORKER, Dispatcher, Job, Outcome
from autograder.errors import UserError
from autograder.examiner.bounded import GraderFailed
from autograder.examiner.task import Graded, Task
from autograder.examiner.workers import TRIES
from autograder.room.errors import SandboxUnavailable
from tests.support.classroom import RIGHT, Classroom, job_of

Answer = Callable[[str], Graded]


def well(student: str) -> Graded:
    return Graded(student.encode(), b"{}")


class Told(Executor):
    """Answers each job with what `answer` returns or raises for its student."""

    def __init__(self, answer: Answer, students: dict[bytes, str], log: list[str]) -> None:
        self._answer, self._students, self._log = answer, students, log
        self.tasks: list[Task] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.tasks.append(args[0])
        student = self._students[args[0].submission]
        self._log.append(student)
        try:
            future.set_result(self._answer(student))
        except Exception as error:
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._log.append(f"shutdown {wait}")


@pytest.fixture
def jobs(released: Classroom) -> list[Job]:
    return [job_of(released, f"student{number}", {**RIGHT, "essay": str(number)}) for number in range(8)]


def run(jobs: list[Job], answer: Answer, workers: int = 1) -> tuple[list[Outcome], list[str], Told]:
    """Return the outcomes, what the executor heard, and the executor."""
    log: list[str] = []
    told = Told(answer, {job.task.submission: job.submission.student for job in jobs}, log)
    return list(Dispatcher(lambda: told, workers).run(iter(jobs))), log, told


def test_every_job_comes_back_once(jobs: list[Job]) -> None:
    outcomes, log, _ = run(jobs, well)
    assert sorted(outcome.job.key for outcome in outcomes) == sorted(job.key for job in jobs)
    assert all(outcome.graded == well(outcome.job.submission.student) for outcome in outcomes)
    assert log[-1] == "shutdown True"


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_than_a_few_are_handed_out_ahead_of_time(jobs: list[Job], workers: int) -> None:
    taken = 0

    def one_by_one() -> Iterator[Job]:
        nonlocal taken
        for job in jobs:
            taken += 1
            yield job

    students = {job.task.submission: job.submission.student for job in jobs}
    outcomes = Dispatcher(lambda: Told(well, students, []), workers).run(one_by_one())
    next(outcomes)
    assert taken == workers * IN_FLIGHT_PER_WORKER
    outcomes.close()


@pytest.mark.parametrize("error", [GraderFailed("it was killed"), RuntimeError("\nit was killed\nsecond line")])
def test_what_fails_by_our_fault_is_tried_twice_more_and_left_ungraded(jobs: list[Job], error: Exception) -> None:
    def deadly(student: str) -> Graded:
        if student == "student2":
            raise error
        return well(student)

    outcomes, log, told = run(jobs, deadly)
    (lost,) = [outcome for outcome in outcomes if outcome.graded is None]
    assert (lost.job.submission.student, lost.failure) == ("student2", "it was killed")
    assert {o.job.key for o in outcomes} == {job.key for job in jobs}
    assert log.count("student2") == TRIES
    tries = [task.last_try for task in told.tasks if task.submission == lost.job.task.submission]
    assert tries == [False] * (TRIES - 1) + [True]


def test_a_failure_that_does_not_come_again_costs_nothing(jobs: list[Job]) -> None:
    failed: Counter[str] = Counter()

    def at_first(student: str) -> Graded:
        failed[student] += 1
        if failed[student] < TRIES:
            raise GraderFailed("it was killed")
        return well(student)

    outcomes, log, _ = run(jobs, at_first, workers=2)
    assert all(outcome.graded for outcome in outcomes)
    assert len(log) == TRIES * len(jobs) + 1


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (SandboxUnavailable("no wall"), SandboxUnavailable),
        (UserError("wrong"), UserError),
        (CancelledError(), UserError),
    ],
)
def test_what_no_submission_can_help_ends_it_without_waiting(
    jobs: list[Job], error: Exception, raised: type[Exception]
) -> None:
    log: list[str] = []

    def fails(student: str) -> Graded:
        raise error

    students = {job.task.submission: job.submission.student for job in jobs}
    with pytest.raises(raised):
        list(Dispatcher(lambda: Told(fails, students, log), 1).run(iter(jobs)))
    assert log[-1] == "shutdown False"


def test_while_nothing_comes_the_executor_looks_at_its_workers(
    jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lonely(Executor):
        """Has no workers at first, and then none for too long."""

        looks = 0

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            return Future()

        def look(self) -> None:
            self.looks += 1
            if self.looks == 3:
                raise UserError("no worker for 5 minutes")

    monkeypatch.setattr(dispatch, "LOOK_SECONDS", 0)
    lonely = Lonely()
    with pytest.raises(UserError, match="no worker for 5 minutes"):
        list(Dispatcher(lambda: lonely, 1).run(iter(jobs)))
    assert lonely.looks == 3

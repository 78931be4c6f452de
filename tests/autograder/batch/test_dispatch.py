"""Jobs on executors that answer as they are told: nothing is graded here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from typing import Any

import pytest

from autograder.batch.dispatch import IN_FLIGHT_PER_WORKER, MAX_CRASHES, Dispatcher, Job, Outcome
from autograder.errors import UserError
from autograder.examiner.task import Graded
from autograder.room.errors import SandboxUnavailable
from tests.support.classroom import RIGHT, Classroom, job_of

Answer = Callable[[str], Graded]


def well(student: str) -> Graded:
    return Graded(student.encode(), b"{}")


class Told(Executor):
    """Answers each job with what `answer` returns or raises for its student; a worker's death breaks the executor."""

    def __init__(self, answer: Answer, students: dict[bytes, str], log: list[str]) -> None:
        self._answer, self._students, self._log, self._broken = answer, students, log, False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._broken:
            raise BrokenExecutor
        future: Future[Any] = Future()
        student = self._students[args[0].submission]
        self._log.append(student)
        try:
            future.set_result(self._answer(student))
        except Exception as error:
            self._broken = isinstance(error, BrokenExecutor)
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._log.append(f"shutdown {wait}")


@pytest.fixture
def jobs(released: Classroom) -> list[Job]:
    return [job_of(released, f"student{number}", {**RIGHT, "essay": str(number)}) for number in range(8)]


def run(jobs: list[Job], answer: Answer, workers: int = 1) -> tuple[list[Outcome], list[str], int]:
    """Return the outcomes, what the executors heard, and how many there were."""
    log: list[str] = []
    made: list[Told] = []
    students = {job.task.submission: job.submission.student for job in jobs}

    def make() -> Told:
        made.append(Told(answer, students, log))
        return made[-1]

    return list(Dispatcher(make, workers).run(iter(jobs))), log, len(made)


def test_every_job_comes_back_once(jobs: list[Job]) -> None:
    outcomes, log, executors = run(jobs, well)
    assert sorted(outcome.job.key for outcome in outcomes) == sorted(job.key for job in jobs)
    assert all(outcome.settled and outcome.graded == well(outcome.job.submission.student) for outcome in outcomes)
    assert (executors, log[-1]) == (1, "shutdown True")


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


def test_who_ends_a_worker_again_and_again_is_given_up_and_the_others_lose_nothing(jobs: list[Job]) -> None:
    def deadly(student: str) -> Graded:
        if student == "student2":
            raise BrokenExecutor
        return well(student)

    outcomes, log, executors = run(jobs, deadly)
    (lost,) = [outcome for outcome in outcomes if not outcome.settled]
    assert lost.job.submission.student == "student2"
    assert lost.graded.problem == "The examiner ended while it graded this submission."
    assert {o.job.key for o in outcomes} == {job.key for job in jobs}
    assert (log.count("student2"), executors) == (MAX_CRASHES, MAX_CRASHES + 1)


def test_a_failure_of_the_grader_is_one_line_and_not_settled(jobs: list[Job]) -> None:
    def fails(student: str) -> Graded:
        raise RuntimeError("\nfirst line\nsecond line")

    (outcome,), _, executors = run(jobs[:1], fails)
    assert outcome.graded.problem == "The examiner failed: RuntimeError, first line."
    assert (outcome.settled, executors) == (False, 1)


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

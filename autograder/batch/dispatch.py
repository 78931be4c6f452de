"""Hands jobs to an executor and returns results as they come, even if workers are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, replace

from autograder.batch.submissions import Submission
from autograder.batch.task import Graded, Task, grade_task
from autograder.errors import UserError
from autograder.room.errors import SandboxUnavailable

IN_FLIGHT_PER_WORKER = 3
"""Tasks handed out ahead of time: enough to keep workers busy, few enough to keep memory flat."""

MAX_CRASHES = 2
"""Workers that may end on the same submission before it is given up."""


@dataclass(frozen=True)
class Job:
    """One submission to grade."""

    submission: Submission
    fingerprint: str
    task: Task

    @property
    def key(self) -> tuple[str, str]:
        """Whose notebook it is, and which."""
        return self.submission.student, self.submission.source.name


@dataclass(frozen=True)
class Outcome:
    """A job and what became of it."""

    job: Job
    graded: Graded
    settled: bool = True
    """Whether grading it again would give the same; not so where the grader and not the submission failed."""


class Dispatcher:
    """Runs jobs on executors, a few at a time, and makes a new executor when one breaks.

    A worker that ends takes its whole pool along: what was in flight is tried again in a new one, singly,
    so that the submission that did it is found and given up, and the others lose nothing.
    """

    def __init__(self, make_executor: Callable[[], Executor], workers: int) -> None:
        self._make_executor = make_executor
        self._in_flight = workers * IN_FLIGHT_PER_WORKER
        self._executor = make_executor()
        self._waiting: dict[Future[Graded], Job] = {}
        self._suspects: list[Job] = []
        self._crashes: Counter[tuple[str, str]] = Counter()
        self._broken = False

    def run(self, jobs: Iterator[Job]) -> Generator[Outcome, None, None]:
        """Yield each job's outcome as it becomes ready.

        Raises
        ------
        SandboxUnavailable
            If the machine of a worker cannot build the sandbox.
        UserError
            If the executor lost its work, or the grader's settings are wrong.
        """
        finished = False
        try:
            while self._hand_out(jobs):
                ready, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    outcome = self._outcome(self._waiting.pop(future), future)
                    if outcome is not None:
                        yield outcome
                if self._broken:
                    self._renew()
            finished = True
        finally:
            self._executor.shutdown(wait=finished)

    def _hand_out(self, jobs: Iterator[Job]) -> bool:
        """Give the executor as much as it may have; False if there is nothing left."""
        room = 1 if self._suspects else self._in_flight
        while len(self._waiting) < room:
            job = self._suspects.pop() if self._suspects else next(jobs, None)
            if job is None:
                break
            try:
                self._waiting[self._executor.submit(grade_task, job.task)] = job
            except BrokenExecutor:  # since the last result
                self._suspects.append(job)
                self._renew()
                room = 1
        return bool(self._waiting)

    def _renew(self) -> None:
        self._suspects += self._waiting.values()
        self._waiting.clear()
        self._executor.shutdown(wait=False)
        self._executor = self._make_executor()
        self._broken = False

    def _outcome(self, job: Job, future: Future[Graded]) -> Outcome | None:
        """Return what became of a job, or None if it must be tried again."""
        try:
            return Outcome(job, future.result())
        except (SandboxUnavailable, UserError):
            raise
        except BrokenExecutor:
            self._broken = True
            self._crashes[job.key] += 1
            if self._crashes[job.key] < MAX_CRASHES:
                self._suspects.append(job)
                return None
            problem = "The examiner ended while it graded this submission."
        except CancelledError:
            raise UserError("The workers were lost. What was graded is saved; run it again to go on.") from None
        except Exception as error:
            line = (str(error).strip().splitlines() or ["no reason given"])[0]
            problem = f"The examiner failed: {type(error).__name__}, {line[:200]}."
        return Outcome(job, _refused(job, problem), settled=False)


def _refused(job: Job, problem: str) -> Graded:
    """Return zeros that say why."""
    return grade_task(replace(job.task, problem=problem))

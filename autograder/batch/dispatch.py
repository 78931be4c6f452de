"""Hands jobs to an executor and returns results as they come; what fails through our fault is tried again."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, runtime_checkable

from autograder.batch.submissions import Submission
from autograder.errors import UserError
from autograder.examiner.task import Graded, Task
from autograder.examiner.workers import TRIES, grade
from autograder.room.errors import SandboxUnavailable

IN_FLIGHT_PER_WORKER = 3
"""Tasks handed out ahead of time: enough to keep workers busy, few enough to keep memory flat."""

LOOK_SECONDS = 10
"""After so long without a result the executor is asked to look at its workers."""


@runtime_checkable
class Watched(Protocol):
    """An executor that may lose its workers and be none the wiser."""

    def look(self) -> None:
        """Look whether they are there, and raise a UserError when it is no use to go on waiting."""


@dataclass(frozen=True)
class Job:
    """One submission to grade."""

    submission: Submission
    how: str
    """How it is graded, as far as the grade depends on that."""
    task: Task

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that the grade depends on, made when it is asked for: a first run has begun before that."""
        return self.submission.fingerprint(self.how)

    @property
    def key(self) -> tuple[str, str]:
        """Whose notebook it is, and which."""
        return self.submission.student, self.submission.source.name


@dataclass(frozen=True)
class Outcome:
    """A job and what became of it."""

    job: Job
    graded: Graded | None
    failure: str = ""
    """Why we could not grade it, if so: a clause."""


class Dispatcher:
    """Runs jobs on an executor, a few at a time.

    A job that fails through our fault is tried again when the others in flight are done, alone: what failed for want
    of memory may have enough then.
    """

    def __init__(self, make_executor: Callable[[], Executor], workers: int) -> None:
        self._in_flight = workers * IN_FLIGHT_PER_WORKER
        self._executor = make_executor()
        self._waiting: dict[Future[Graded], Job] = {}
        self._again: deque[Job] = deque()
        self._failures: Counter[tuple[str, str]] = Counter()

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
                ready, _ = wait(self._waiting, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
                if not ready and isinstance(self._executor, Watched):
                    self._executor.look()
                for future in ready:
                    outcome = self._outcome(self._waiting.pop(future), future)
                    if outcome is not None:
                        yield outcome
            finished = True
        finally:
            self._executor.shutdown(wait=finished)

    def _hand_out(self, jobs: Iterator[Job]) -> bool:
        """Give the executor as much as it may have; False if there is nothing left."""
        while len(self._waiting) < self._in_flight and len(self._again) < self._in_flight:
            job = next(jobs, None)
            if job is None:
                break
            self._submit(job)
        if not self._waiting and self._again:
            self._submit(self._again.popleft())
        return bool(self._waiting)

    def _submit(self, job: Job) -> None:
        task = replace(job.task, last_try=self._failures[job.key] == TRIES - 1)
        self._waiting[self._executor.submit(grade, task)] = job

    def _outcome(self, job: Job, future: Future[Graded]) -> Outcome | None:
        """Return what became of a job, or None if it will be tried again."""
        try:
            return Outcome(job, future.result())
        except (SandboxUnavailable, UserError):
            raise
        except CancelledError:
            raise UserError(
                "The workers were lost: their Dask scheduler has ended or was started anew. What was graded is saved; "
                "run it again to go on when the scheduler has workers."
            ) from None
        except Exception as error:
            self._failures[job.key] += 1
            if self._failures[job.key] < TRIES:
                self._again.append(job)
                return None
            line = (str(error).strip().splitlines() or [type(error).__name__])[0]
            return Outcome(job, None, line[:300])

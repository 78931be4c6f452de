"""Grades an assignment of a class through any `concurrent.futures.Executor`; alone touches the gradebook."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from nbgrader.api import Gradebook, MissingEntry

from autograder.batch.ledger import Ledger
from autograder.batch.submissions import Submission, find_students, read_submission
from autograder.batch.task import Graded, Task, grade_task
from autograder.batch.writer import Writer
from autograder.courseroot import Course
from autograder.examiner.examine import Mode
from autograder.examiner.sourcecells import SourceNotebook, source_notebooks
from autograder.examiner.warm import WarmSettings
from autograder.notebooks import generate_assignment

IN_FLIGHT_PER_WORKER = 3
"""Tasks handed out ahead of time: enough to keep workers busy, few enough to keep memory flat."""

MAX_CRASHES = 2
"""Workers that may end on the same submission before it is given up."""


@dataclass(frozen=True)
class Done:
    """One notebook of the class, as it comes."""

    submission: Submission
    graded: Graded | None
    """None if it had been graded before and nothing has changed."""


class Listener(Protocol):
    """Whoever shows progress."""

    def start(self, total: int) -> None:
        """Called once, with the number of notebooks."""

    def done(self, done: Done) -> None:
        """Called for each notebook."""


@dataclass
class Summary:
    """What became of a batch."""

    graded: int = 0
    skipped: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    """Student to the reason why nothing could be graded."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """Student to what happened besides: cells put back, cells stopped."""


@dataclass(frozen=True)
class How:
    """How submissions are graded."""

    settings: WarmSettings
    mode: Mode = "examiner"


def grade_class(
    course: Course,
    assignment: str,
    how: How,
    make_executor: Callable[[], Executor],
    workers: int,
    *,
    student: str | None = None,
    force: bool = False,
    listener: Listener | None = None,
) -> Summary:
    """Grade all submissions of an assignment, or one student's, and save each result as it comes.

    Parameters
    ----------
    make_executor : called at the start, and again whenever an executor has broken
    workers : how many tasks it works on at a time
    force : grade again what has not changed

    Raises
    ------
    UserError
        If the assignment does not exist or nobody handed it in.
    """
    course.require_assignment(assignment)
    students = find_students(course, assignment, student)
    summary = Summary()
    with Gradebook(course.db_url, course.directory().course_id) as gradebook:
        sources = _sources(course, gradebook, assignment)
        ledger = Ledger(gradebook, assignment)
        writer = Writer(course, gradebook, ledger, assignment)
        known = {} if force else ledger.entries()
        if listener:
            listener.start(len(students) * len(sources))

        def pending() -> Iterator[tuple[Submission, str]]:
            for name, source in itertools.product(students, sources.values()):
                submission = read_submission(course, assignment, name, source)
                fingerprint = submission.fingerprint(repr(how))
                entry = known.get((name, source.name))
                if entry and entry.fingerprint == fingerprint and writer.path(name, source.name).exists():
                    _tell(summary, listener, Done(submission, None))
                    if entry.problem:
                        summary.problems[name] = entry.problem
                    continue
                yield submission, fingerprint

        for submission, fingerprint, graded in _run(pending(), how, make_executor, workers):
            writer.save(submission, graded, fingerprint)
            _tell(summary, listener, Done(submission, graded))
    return summary


def _sources(course: Course, gradebook: Gradebook, assignment: str) -> dict[str, SourceNotebook]:
    try:
        sources = source_notebooks(gradebook, assignment)
    except MissingEntry:
        sources = {}
    if not sources:
        generate_assignment(course, assignment)
        gradebook.db.expire_all()
        sources = source_notebooks(gradebook, assignment)
    return sources


def _tell(summary: Summary, listener: Listener | None, done: Done) -> None:
    name = done.submission.student
    if done.graded is None:
        summary.skipped += 1
    else:
        summary.graded += 1
        if done.graded.problem:
            summary.problems[name] = done.graded.problem
    if done.submission.notes:
        summary.notes.setdefault(name, []).extend(done.submission.notes)
    if listener:
        listener.done(done)


def _run(
    pending: Iterator[tuple[Submission, str]],
    how: How,
    make_executor: Callable[[], Executor],
    workers: int,
) -> Iterator[tuple[Submission, str, Graded]]:
    """Yield each submission graded, in the order in which they become ready.

    A worker that ends takes its whole pool along: what was in flight is tried again in a new one, singly,
    so that the submission that did it is found and given up, and the others lose nothing.
    """
    executor = make_executor()
    waiting: dict[Future[Graded], tuple[Submission, str]] = {}
    suspects: list[tuple[Submission, str]] = []
    crashes: dict[int, int] = {}
    try:
        while True:
            room = 1 if suspects else workers * IN_FLIGHT_PER_WORKER
            while len(waiting) < room:
                item = suspects.pop() if suspects else next(pending, None)
                if item is None:
                    break
                waiting[executor.submit(grade_task, _task(item[0], how))] = item
            if not waiting:
                return
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            broken = False
            for future in finished:
                item = waiting.pop(future)
                try:
                    graded = future.result()
                except BrokenExecutor:
                    broken = True
                    crashes[id(item[0])] = crashes.get(id(item[0]), 0) + 1
                    if crashes[id(item[0])] < MAX_CRASHES:
                        suspects.append(item)
                        continue
                    graded = grade_task(_task(item[0], how, "The examiner ended while it graded this submission."))
                yield *item, graded
            if broken:
                suspects += waiting.values()
                waiting.clear()
                executor.shutdown(wait=False, cancel_futures=True)
                executor = make_executor()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _task(submission: Submission, how: How, problem: str = "") -> Task:
    return Task(
        submission=submission.raw,
        source=submission.source.text,
        files=submission.files,
        settings=how.settings,
        mode=how.mode,
        problem=problem or submission.problem,
    )

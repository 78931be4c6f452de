"""Grades an assignment of a class through any `concurrent.futures.Executor`; nothing else touches the gradebook."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Protocol

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde

from autograder.batch.comparison import Change, Comparison
from autograder.batch.dispatch import Dispatcher, Job
from autograder.batch.ledger import Ledger
from autograder.batch.settings import require_supported, without_effect
from autograder.batch.submissions import Submission, collect_submission, enrol, find_students
from autograder.batch.writer import Writer
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.examiner.examine import Mode
from autograder.examiner.rooms import RoomSettings, preload_for
from autograder.examiner.sourcecells import require_python, source_notebooks
from autograder.examiner.task import Bounds, Task
from autograder.examiner.verdict import WallUsed
from autograder.gradebook import existing_gradebook, open_gradebook
from autograder.lock import alone
from autograder.misplaced import misplaced
from autograder.penalties import Penalties
from autograder.publish.changes import changes
from autograder.publish.notebooks import generate_assignment
from course.handing_in.files import MAX_FILES_BYTES
from course.handing_in.sourcecells import SourceNotebook


@dataclass(frozen=True)
class Progress:
    """One notebook of the class, as it comes."""

    submission: Submission
    verdict: str = ""
    """JSON of the verdict; none if the failure is ours."""
    problem: str = ""
    """Why nothing could be graded, if so."""
    failure: str = ""
    """Why it was left ungraded, if the failure is ours."""
    graded: bool = True
    """False if it had been graded before and nothing has changed."""
    wall: WallUsed | None = None
    """Behind which the student's code ran now, if it did."""


class Listener(Protocol):
    """Receives progress."""

    def start(self, total: int) -> None:
        """Take note of the number of notebooks, before the first."""

    def done(self, done: Progress) -> None:
        """Take note of one notebook that is done."""


@dataclass
class Summary:
    """What became of a batch."""

    problems: dict[str, str] = field(default_factory=dict)
    """Student to the reason why nothing could be graded."""
    refused: dict[str, str] = field(default_factory=dict)
    """Folder to the reason why nothing of it is in the gradebook."""
    remarks: list[str] = field(default_factory=list)
    """What the instructor should know about the settings and the assignment."""
    ungraded: dict[str, str] = field(default_factory=dict)
    """Student to our failure, because of which the submission is left ungraded."""
    graded: int = 0
    skipped: int = 0
    notes: dict[str, list[str]] = field(default_factory=dict)
    """Student to what else happened: cells put back, cells stopped."""
    changes: dict[str, Change] | None = None
    """Of a dry run: student to what would become of the grade."""
    walls: Counter[WallUsed] = field(default_factory=Counter)
    """Behind which wall how many submissions ran, this time."""


@dataclass(frozen=True)
class GradingOptions:
    """How submissions are graded."""

    settings: RoomSettings
    mode: Mode = "examiner"
    files_bytes: int = MAX_FILES_BYTES
    """Of the files that a student hands in beside a notebook."""
    bounds: Bounds = field(default_factory=Bounds)


def grade_class(
    course: CourseFolder,
    assignment: str,
    how: GradingOptions,
    make_executor: Callable[[], Executor],
    workers: int,
    *,
    student: str | None = None,
    force: bool = False,
    dry_run: bool = False,
    listener: Listener | None = None,
) -> Summary:
    """Grade all submissions of an assignment, or one student's, and save each result as it comes.

    Parameters
    ----------
    make_executor : Callable[[], Executor]
        Called once, when everything is known to be there.
    workers : int
        How many tasks it works on at a time.
    force : bool, optional
        Grade again what has not changed.
    dry_run : bool, optional
        Save nothing, and find out whose grade would change.

    Raises
    ------
    UserError
        If the assignment does not exist, nobody handed it in, or another process grades it just now.
    """
    course.require_assignment(assignment)
    require_supported(course)
    force = force or Autograde(config=course.config, coursedir=course.directory).force
    folders = find_students(course, assignment, student)
    opened = existing_gradebook(course) if dry_run else open_gradebook(course, writing=True)
    with alone(course, assignment), opened as gradebook:
        sources = assignment_sources(course, gradebook, assignment, make=not dry_run)
        require_python(sources.values())
        students, refused = enrol(course, gradebook, folders)
        remarks = [*without_effect(course), *changes(course, assignment, sources.values())]
        remarks += misplaced(course, assignment) if student is None else []
        summary = Summary(refused=refused, remarks=remarks)
        penalties = Penalties(course.config)
        if not dry_run:
            penalties.update(gradebook, assignment)
        preload = how.settings.preload or preload_for(sources.values())
        how = replace(how, settings=replace(how.settings, preload=preload))
        ledger = Ledger(gradebook, assignment)
        writer = Writer(course, gradebook, ledger, assignment, list(sources))
        comparison = Comparison(gradebook, writer, penalties, assignment) if dry_run else None
        known = {} if force else ledger.entries()
        if listener:
            listener.start(len(students) * len(sources))

        def jobs() -> Iterator[Job]:
            for (name, folder), source in itertools.product(students.items(), sources.values()):
                submission = replace(
                    collect_submission(course, assignment, folder, source, how.files_bytes), student=name
                )
                job = job_for(submission, how)
                entry = known.get(job.key)
                if entry and entry.fingerprint == job.fingerprint and writer.path(*job.key).exists():
                    _tell(summary, listener, Progress(job.submission, entry.verdict, entry.problem, graded=False))
                else:
                    yield job

        with closing(Dispatcher(make_executor, workers).run(jobs())) as outcomes:
            for outcome in outcomes:
                submission, graded = outcome.job.submission, outcome.graded
                if graded is None:  # the grade that it had, if any, stays
                    _tell(summary, listener, Progress(submission, failure=outcome.failure))
                    continue
                (comparison or writer).save(submission, graded, outcome.job.fingerprint)
                told = Progress(
                    submission,
                    graded.verdict.decode(),
                    graded.problem,
                    wall=graded.wall,
                )
                _tell(summary, listener, told)
        if comparison:
            summary.changes = comparison.changes(list(students))
    return summary


def job_for(submission: Submission, how: GradingOptions) -> Job:
    """Return the work that grades a submission."""
    task = Task(
        submission=submission.raw,
        source=submission.source.text,
        files=submission.files,
        settings=how.settings,
        mode=how.mode,
        left_out=submission.left_out,
        problem=submission.problem,
        bounds=how.bounds,
    )
    return Job(submission, repr(how), task)


def assignment_sources(
    course: CourseFolder, gradebook: Gradebook, assignment: str, *, make: bool = True
) -> dict[str, SourceNotebook]:
    """Return the notebooks of an assignment by name, as the gradebook has them.

    Parameters
    ----------
    make : bool, optional
        Whether an assignment that it does not have is put into it; otherwise that is an error.

    Raises
    ------
    UserError
        If the gradebook does not have it.
    """
    try:
        sources = source_notebooks(gradebook, assignment, course)
    except MissingEntry:
        sources = {}
    if not sources and not make:
        raise UserError(
            f"Nothing of {assignment} is in the gradebook yet, so there is no grade that could change: run "
            f"'autograder grade {assignment}' first."
        )
    if not sources:
        generate_assignment(course, assignment)
        gradebook.db.expire_all()
        sources = source_notebooks(gradebook, assignment, course)
    return sources


def _tell(summary: Summary, listener: Listener | None, done: Progress) -> None:
    name = done.submission.student
    if done.failure:
        summary.ungraded[name] = done.failure
        if listener:
            listener.done(done)
        return
    if done.graded:
        summary.graded += 1
    else:
        summary.skipped += 1
    if done.wall:
        summary.walls[done.wall] += 1
    if done.problem:
        summary.problems[name] = done.problem
    verdict = json.loads(done.verdict)
    happened = [] if done.problem else [*verdict["notes"]]
    happened += [f"{incident['cell']}: {incident['what']}" for incident in verdict["incidents"]]
    if happened:
        summary.notes.setdefault(name, []).extend(happened)
    if listener:
        listener.done(done)

"""`autograder grade`: a batch with a progress bar and a summary for people."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from autograder.batch.comparison import Change
from autograder.batch.coordinator import GradingOptions, Progress, Summary, grade_class
from autograder.batch.executors import cluster_executor, local_executor
from autograder.course_folder import CourseFolder
from autograder.examiner.preprocessor import UNPROTECTED_WARNING, Examiner
from autograder.examiner.rooms import require_wall
from autograder.examiner.verdict import wall_lines
from autograder.interrupts import tell
from course.handing_in.files import printable

MOST_NOTES = 3
"""Lines about one submission in the summary."""


class _Rate(ProgressColumn):
    """Submissions a minute."""

    def render(self, task: Task) -> Text:
        """Return the rate so far, or a dash."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed * 60:.0f}/min" if speed else "–/min")


class _Bar:
    """Shows a batch as a progress bar, once it is known how much there is to do."""

    def __init__(self, console: Console, assignment: str) -> None:
        self._getting_ready = console.status(f"{assignment}: getting ready")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        self._progress = ProgressBar(*columns, console=console, refresh_per_second=4)
        self._task = self._progress.add_task(assignment)

    def __enter__(self) -> Self:
        self._getting_ready.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._getting_ready.stop()
        if self._progress.live.is_started:
            self._progress.stop()

    def start(self, total: int) -> None:
        """Say how much there is to do."""
        self._getting_ready.stop()
        self._progress.update(self._task, total=total)
        self._progress.start()

    def done(self, done: Progress) -> None:
        """Advance by one."""
        self._progress.advance(self._task)


def how_configured(course: CourseFolder, *, unprotected: bool = False) -> GradingOptions:
    """Return how nbgrader_config.py wants submissions graded, or the same without a wall."""
    examiner = Examiner(config=course.config)
    examiner.unprotected = examiner.unprotected or unprotected
    return GradingOptions(examiner.settings(), examiner.grading_mode(), examiner.files_bytes(), examiner.bounds())


def grade_with_progress(
    course: CourseFolder,
    assignment: str,
    console: Console,
    *,
    workers: int,
    scheduler: str | None = None,
    student: str | None = None,
    force: bool = False,
    dry_run: bool = False,
    unprotected: bool = False,
    make_executor: Callable[[], Executor] | None = None,
    preload: tuple[str, ...] = (),
) -> Summary:
    """Grade an assignment, show progress, print a summary, and return it.

    Parameters
    ----------
    make_executor : Callable[[], Executor], optional
        Gives the processes to grade in; without it they are started for this assignment.
    preload : tuple of str, optional
        What rooms have imported, if it is to be more than this assignment needs: for others, in the same processes.

    Raises
    ------
    SandboxUnavailable
        If a wall cannot be built, here or where the workers are, and `unprotected` is off; nothing has changed then.
    """
    course.require_assignment(assignment)
    how = how_configured(course, unprotected=unprotected)
    if how.settings.unprotected:
        tell(UNPROTECTED_WARNING)
    elif not scheduler:
        require_wall(how.settings)
    if preload:
        how = replace(how, settings=replace(how.settings, preload=preload))
    if scheduler:
        make_executor, workers = cluster_executor(scheduler, tell)
    elif make_executor is None:
        make_executor = local_executor(workers)
    with _Bar(console, assignment) as bar:
        summary = grade_class(
            course,
            assignment,
            how,
            make_executor,
            workers,
            student=student,
            force=force,
            dry_run=dry_run,
            listener=bar,
        )
    _print_summary(course, assignment, summary, console)
    return summary


def _print_summary(course: CourseFolder, assignment: str, summary: Summary, console: Console) -> None:
    if summary.changes is not None:
        _print_changes(summary.changes, console)
        for remark in summary.remarks:
            _print_line(console, remark)
        _print_ungraded(course, assignment, summary, console)
        return
    console.print(
        f"{summary.graded} graded, {summary.skipped} unchanged since they were graded, "
        f"{len(summary.problems) + len(summary.refused)} could not be graded."
    )
    if summary.ungraded:
        console.print(f"{len(summary.ungraded)} left ungraded by a failure that is not theirs; run it again.")
    for line in wall_lines(summary.walls):
        _print_line(console, line)
    for remark in summary.remarks:
        _print_line(console, remark)
    for student, notes in sorted(summary.notes.items()):
        for note in shortened(notes):
            _print_line(console, f"{student}: {note}")
    for folder, problem in sorted(summary.refused.items()):
        _print_line(console, f"{folder}: not graded, {problem}")
    for student, problem in sorted(summary.problems.items()):
        _print_line(console, f"{student}: zero points. {problem}")
    _print_ungraded(course, assignment, summary, console)


def _print_ungraded(course: CourseFolder, assignment: str, summary: Summary, console: Console) -> None:
    for student, failure in sorted(summary.ungraded.items()):
        folder = os.path.relpath(course.folder("submitted", assignment, student), course.root)
        _print_line(console, f"{student}: left ungraded: {failure}. Look at {folder}; run it again.")


def _print_changes(changes: Mapping[str, Change], console: Console) -> None:
    """Say what a dry run has found."""
    how_many = f"{len(changes)} grade{'s' if len(changes) > 1 else ''}" if changes else "No grade"
    console.print(f"{how_many} would change. Nothing was saved.")
    for student, change in changes.items():
        _print_line(console, f"{student}: {change.sentence()}")


def shortened(notes: list[str]) -> list[str]:
    """Return the notes on a submission if they are few, or the first ones and how many there are."""
    if len(notes) <= MOST_NOTES:
        return notes
    kept = notes[: MOST_NOTES - 1]
    return [*kept, f"and {len(notes) - len(kept)} more in the report"]


def _print_line(console: Console, text: str) -> None:
    """Print text that contains students' words as one plain line."""
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

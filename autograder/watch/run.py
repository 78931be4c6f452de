"""`autograder watch`: a service with lines for people."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from concurrent.futures import Executor

from rich.console import Console

from autograder.batch.executors import cluster_executor, local_executor
from autograder.batch.run import how_configured
from autograder.batch.settings import require_supported
from autograder.course_folder import CourseFolder
from autograder.examiner.preprocessor import UNPROTECTED_WARNING
from autograder.examiner.rooms import require_wall
from autograder.interrupts import tell
from autograder.lock import watcher, watching
from autograder.timestamps import to_zone
from autograder.watch.desk import require_our_page
from autograder.watch.inbox import Inbox
from autograder.watch.journal import Row
from autograder.watch.policy import Policy
from autograder.watch.queue import Arrival
from autograder.watch.service import Service, utc_now
from autograder.watch.status import Status, in_order, read_status, status_lines, write_page
from course.handing_in.files import printable


def watch_course(
    course: CourseFolder,
    assignments: Collection[str],
    console: Console,
    *,
    workers: int,
    scheduler: str | None = None,
    once: bool = False,
    unprotected: bool = False,
) -> None:
    """Watch a course's exchange, and print a line for each submission.

    Parameters
    ----------
    assignments : Collection of str
        Those to watch; none for all that the gradebook knows.
    workers : int
        Submissions graded at a time, on this machine.
    scheduler : str, optional
        Address of a Dask cluster to grade on.
    once : bool, optional
        Whether to end when what is there has been graded.
    unprotected : bool, optional
        Whether student code runs without a wall.

    Raises
    ------
    UserError
        If another process watches this course, or a setting does not fit.
    SandboxUnavailable
        If a wall cannot be built here.
    """
    for name in assignments:
        course.require_assignment(name)
    require_supported(course)
    require_our_page(course)
    for name in assignments or course.assignments():
        Policy.of(course.config, name)  # a setting that cannot be used ends it now, and not later
    how = how_configured(course, unprotected=unprotected)
    if how.settings.unprotected:
        tell(UNPROTECTED_WARNING)
    elif not scheduler:
        require_wall(how.settings)

    with watching(course):
        if scheduler:
            make_executor, workers = _cluster(scheduler)
        else:
            make_executor = local_executor(workers)
        names = ", ".join(assignments) or "all assignments that the gradebook knows"
        console.print(f"Watching {Inbox(course, ()).folder}: {names}.", markup=False, highlight=False, soft_wrap=True)
        done = functools.partial(_print_row, console, course)
        show = functools.partial(_write_status, course)
        Service(course, assignments, how, make_executor, workers, tell, done, show).run(once=once)


def _write_status(course: CourseFolder, settled: Collection[Row], waiting: Collection[Arrival]) -> None:
    write_page(course, Status(utc_now(), watcher(course), in_order(waiting), settled))


def _cluster(address: str) -> tuple[Callable[[], Executor], int]:
    """Return what makes an executor on a cluster, with a new connection each time, and the number of its workers."""
    first, workers = cluster_executor(address, tell)
    connected = [first]
    return lambda: (connected.pop() if connected else cluster_executor(address, tell)[0])(), workers


def print_status(course: CourseFolder, console: Console) -> None:
    """Print how a course is doing, and write the page that says so.

    Raises
    ------
    UserError
        If there is no gradebook, or a file cannot be used.
    """
    status = read_status(course, utc_now())
    for line in status_lines(status):
        console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
    console.print(write_page(course, status), soft_wrap=True)


def _print_row(console: Console, course: CourseFolder, row: Row) -> None:
    at = f"{to_zone(utc_now(), course.zone):%H:%M:%S}"
    console.print(printable(f"{at} {sentence(row)}"), markup=False, highlight=False, soft_wrap=True)


def sentence(row: Row) -> str:
    """Return what became of a submission, in one line."""
    whose = f"{row.assignment}, {row.student}" if row.student else row.submission
    if row.state == "released":
        told = f"feedback after {row.waited:.1f} s"
    elif row.state == "replaced":
        told = "a newer submission took its place"
    elif row.state == "refused":
        told = "not graded"
    else:
        told = "could not be graded through our fault, and is tried again in five minutes"
    return f"{whose}: {told}{f'; {row.note}' if row.note and row.state != 'replaced' else ''}"

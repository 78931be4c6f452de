"""How a course that is watched is doing: who waits, how long the last hour's feedbacks took, what failed and why."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.gradebook import existing_gradebook
from autograder.lock import watcher
from autograder.reports.page_template import template
from autograder.reports.report_files import page_path, write_files
from autograder.tables import make_tables
from autograder.timestamps import to_zone
from autograder.watch.inbox import Inbox
from autograder.watch.journal import Row, rows
from autograder.watch.queue import Arrival
from course.handing_in.files import printable

PAGE = "watch"
"""Name of the page in `reports/`."""
HOUR = timedelta(hours=1)
PROBLEMS_FOR = timedelta(days=7)
"""How long a submission that was not graded stands in the status; one that is tried again stays longer."""
MOST = 50
"""Lines of one kind on the page and in the terminal."""


@dataclass(frozen=True)
class Status:
    """The state of a course at one moment; times are in UTC, without a zone."""

    now: datetime
    watcher: str
    """Which process watches; nothing if none does."""
    waiting: tuple[Arrival, ...]
    """Submissions that wait or are being graded, the longest first."""
    rows: Collection[Row]
    trouble: str = ""
    """Why nothing can be said about the exchange, if so."""

    @property
    def lately(self) -> list[Row]:
        """Submissions whose feedback was released in the last hour, the first first."""
        since = self.now - HOUR
        found = [row for row in self.rows if row.released is not None and since <= row.released <= self.now]
        return sorted(found, key=lambda row: (row.released or since, row.submission))

    @property
    def problems(self) -> list[Row]:
        """Submissions that were not graded, the newest first."""
        since = self.now - PROBLEMS_FOR
        found = [row for row in self.rows if row.state == "failed" or (row.state == "refused" and row.arrived >= since)]
        return sorted(found, key=lambda row: (row.arrived, row.submission), reverse=True)

    def sentences(self) -> Iterator[str]:
        """Iterate over what there is to say, in short sentences."""
        yield f"Watched by {self.watcher}." if self.watcher else "Nobody watches: start 'autograder watch'."
        if self.trouble:
            yield self.trouble
        elif self.waiting:
            longest = max(0.0, (self.now - self.waiting[0].arrived).total_seconds())
            by = Counter(arrival.assignment for arrival in self.waiting)
            which = ", ".join(f"{assignment} {number}" for assignment, number in sorted(by.items()))
            yield f"Waiting or being graded: {len(self.waiting)} ({which}); the first for {_duration(longest)}."
        else:
            yield "Nothing waits."
        waits = [row.waited or 0.0 for row in self.lately]
        if waits:
            yield (
                f"Feedbacks in the last hour: {len(waits)}, after {statistics.median(waits):.1f} s (median), at most "
                f"{_duration(max(waits))}."
            )
        else:
            yield "No feedback in the last hour."
        yield f"Not graded: {len(self.problems)}."


def problem_of(row: Row) -> str:
    """Return which submission was not graded, and why, in one line."""
    whose = f"{row.assignment}, {row.student}" if row.student else row.submission
    again = "; it is tried again" if row.state == "failed" else ""
    return printable(f"{whose}: {row.note}{again}")


def read_status(course: CourseFolder, now: datetime) -> Status:
    """Return how a course is doing, from its gradebook and its exchange.

    Raises
    ------
    UserError
        If there is no gradebook, or it cannot be read.
    """
    with existing_gradebook(course) as gradebook:
        make_tables(gradebook)
        found = rows(gradebook)
    settled = {name for name, row in found.items() if row.state not in ("graded", "failed")}
    try:
        seen = Inbox(course, course.assignments()).look(settled)
    except (UserError, OSError) as error:
        return Status(now, watcher(course), (), found.values(), str(error))
    return Status(now, watcher(course), in_order(seen.arrived), found.values())


def in_order(arrivals: Collection[Arrival]) -> tuple[Arrival, ...]:
    """Return submissions in the order in which they arrived, only the newest of a student for an assignment."""
    newest: dict[tuple[str, str], Arrival] = {}
    for arrival in sorted(arrivals, key=lambda arrival: (arrival.stamp, arrival.name)):
        newest[arrival.student, arrival.assignment] = arrival
    return tuple(sorted(newest.values(), key=lambda arrival: (arrival.arrived, arrival.name)))


def status_lines(status: Status) -> list[str]:
    """Return the status for a terminal."""
    problems = [f"- {problem_of(row)}" for row in status.problems]
    return [*status.sentences(), *_shortened(problems)]


def write_page(course: CourseFolder, status: Status) -> Path:
    """Write `reports/watch.html`, and return it.

    Raises
    ------
    UserError
        If it cannot be written.
    """
    page = page_path(course, PAGE, anonymous=False)
    write_files(course, page, {".html": render_page(course, status)})
    return page


def render_page(course: CourseFolder, status: Status) -> str:
    """Return the page, which loads itself anew each minute."""
    from autograder.reports.plots import waits_plot  # matplotlib is slow to import, and the command is to begin at once

    lately = [(row.released, row.waited) for row in status.lately]
    minutes = [(moment - status.now).total_seconds() / 60 for moment, _ in lately if moment is not None]
    return template("watch.html.j2").render(
        course=str(course.directory.course_id) or course.root.name,
        made=to_zone(status.now, course.zone),
        sentences=list(status.sentences()),
        plot=waits_plot(minutes, [seconds or 0.0 for _, seconds in lately]) if lately else None,
        waiting=[
            (arrival.student, arrival.assignment, to_zone(arrival.arrived, course.zone))
            for arrival in status.waiting[:MOST]
        ],
        more_waiting=max(0, len(status.waiting) - MOST),
        problems=_shortened([problem_of(row) for row in status.problems]),
    )


def _shortened(lines: list[str]) -> list[str]:
    return lines if len(lines) <= MOST else [*lines[:MOST], f"and {len(lines) - MOST} more"]


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"

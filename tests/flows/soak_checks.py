"""What must hold after a long run of `autograder watch`; each check returns a line for whatever does not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from autograder.practice.live import ASSIGNMENT
from autograder.watch.journal import Row

GROWTH, SLACK_MIB = 1.15, 40.0
"""Memory at rest at the end is at most so many times that after the warm-up, and so many MiB."""
MORE = 8
"""Processes, descriptors and sockets that there may be in addition: a worker may have started another fork server, and
pools of connections and of threads grow to their size. What is lost with each submission, or with each that does harm,
is far more at the end."""


@dataclass(frozen=True)
class Rest:
    """The service and its processes while nothing waits."""

    pss_mib: float
    """Proportional set size (PSS) of all processes together."""
    processes: int
    descriptors: int
    """Of the service's own process, sockets included."""
    sockets: int


@dataclass(frozen=True)
class Sent:
    """What a student knows of a submission."""

    student: str
    stamp: datetime
    """In UTC, without a zone."""
    name: str
    """Of its folder in the exchange."""
    page: str
    """The file that *Fetch Feedback* looks for."""
    pages_beside: frozenset[str] = frozenset()
    """Those it looks for where a notebook has another name than the assignment's."""


def not_flat(before: Rest, after: Rest) -> Iterator[str]:
    """Compare the end with the time after the warm-up."""
    most = GROWTH * before.pss_mib + SLACK_MIB
    if after.pss_mib > most:
        yield f"memory: {after.pss_mib:.0f} MiB at the end, {before.pss_mib:.0f} after the warm-up (at most {most:.0f})"
    for what, now, then in (
        ("processes", after.processes, before.processes),
        ("descriptors of the service", after.descriptors, before.descriptors),
        ("sockets of the service", after.sockets, before.sockets),
    ):
        if now > then + MORE:
            yield f"{what}: {now} at the end, {then} after the warm-up (at most {then + MORE})"


def left_in_the_course(before: Collection[str], after: Collection[str], students: Collection[str]) -> Iterator[str]:
    """Find files in the course folder that are neither from before nor a student's.

    Parameters
    ----------
    before, after : Collection of str
        Paths below the course folder, before the service has begun and after it has ended.
    """
    own = re.compile(rf"(submitted|autograded|feedback)/([^/]+)/{ASSIGNMENT}/[^./][^/]*")
    for path in sorted(set(after) - set(before) - {"gradebook.db", "reports/watch.html"}):
        found = own.fullmatch(path)
        if found is None or found[2] not in students:
            yield f"left in the course folder: {path}"


def left_in_the_exchange(before: Collection[str], after: Collection[str], sent: Collection[Sent]) -> Iterator[str]:
    """Find files in the exchange that are neither from before, nor submitted, nor a submission's page."""
    names, pages = {one.name for one in sent}, {page for one in sent for page in (one.page, *one.pages_beside)}
    for path in sorted(set(after) - set(before)):
        match PurePosixPath(path).parts[1:]:
            case ("inbound", name, _, *_) if name in names:
                continue
            case ("feedback", name) if name in pages:
                continue
            case _:
                yield f"left in the exchange: {path}"


def last_of(sent: Collection[Sent]) -> dict[str, Sent]:
    """Return the last submission of each student."""
    return {one.student: one for one in sorted(sent, key=lambda one: one.stamp)}


def not_graded_once(
    sent: Collection[Sent], rows: Mapping[str, Row], told: Counter[str], gradebook: Mapping[str, datetime | None]
) -> Iterator[str]:
    """Compare what was submitted with what became of it.

    Parameters
    ----------
    rows : Mapping of str to Row
        The journal, by the names of folders in the exchange.
    told : Counter of str
        How many feedbacks the service has told of, by student.
    gradebook : Mapping of str to datetime
        When the submission was made whose grade a student has.
    """
    for name in sorted({one.name for one in sent} - rows.keys()):
        yield f"forgotten: {name}"
    for name in sorted(rows.keys() - {one.name for one in sent}):
        yield f"nobody submitted it: {name}"
    for row in rows.values():
        if row.state not in ("released", "replaced"):
            yield f"{row.state}: {row.submission} ({row.note})"
        elif row.state == "released" and row.note:
            yield f"without a page: {row.submission} ({row.note})"
    released = Counter(row.student for row in rows.values() if row.state == "released")
    for student, one in last_of(sent).items():
        row = rows.get(one.name)
        if row is not None and (row.state, row.graded is None) != ("released", False):
            yield f"the last submission has no grade: {one.name} is {row.state}"
        if gradebook.get(student) != one.stamp:
            yield f"the gradebook has no grade of {student}'s last submission, but of {gradebook.get(student)}"
        if told[student] != released[student]:
            yield f"{student} got {told[student]} feedbacks for {released[student]} submissions"


def pages_not_right(
    sent: Collection[Sent],
    rows: Mapping[str, Row],
    released: Collection[str],
    fetched: Mapping[str, bytes | None],
    written: Mapping[str, bytes | None],
) -> Iterator[str]:
    """Compare the pages in the exchange with the submissions, and what students fetched with what was written for them.

    Parameters
    ----------
    released : Collection of str
        Names of the pages in the exchange.
    fetched, written : Mapping of str to bytes
        By student: the page that *Fetch Feedback* got for the last submission, and the one in the course folder.
    """
    for one in sent:
        row = rows.get(one.name)
        if (row is not None and row.state == "released") != (one.page in released):
            yield f"{one.name}: {'a page without a grade' if one.page in released else 'no page by its name'}"
    for student in sorted(last_of(sent)):
        if fetched.get(student) is None:
            yield f"{student} could not fetch the page of the last submission"
        elif fetched[student] != written.get(student):
            yield f"{student} fetched another page than the one that was written for the last submission"

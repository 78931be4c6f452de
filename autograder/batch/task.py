"""One unit of work: bytes in, bytes out; needs no database and no shared disk, so any worker can do it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import nbformat

from autograder.errors import UnreadableNotebook
from autograder.examiner.examine import Mode, examine, refuse, wall_of
from autograder.examiner.reading import read_submission, refusal
from autograder.examiner.restore import restore
from autograder.examiner.rooms import RoomSettings, room_factory
from autograder.examiner.sourcecells import SourceNotebook
from autograder.examiner.verdict import Verdict, WallUsed


@dataclass(frozen=True)
class Task:
    """A submitted notebook, what the gradebook says it must be, and how to grade it."""

    submission: bytes
    source: str
    """`SourceNotebook.text`."""
    files: Mapping[str, bytes]
    settings: RoomSettings
    mode: Mode
    left_out: tuple[str, ...] = ()
    """Which files of the student's are not among `files`, and why."""
    problem: str = ""
    """Why the submission cannot be graded, if that is known already."""


@dataclass(frozen=True)
class Graded:
    """A graded notebook and its verdict, as bytes."""

    notebook: bytes
    verdict: bytes
    """`Verdict.to_dict` as JSON."""
    problem: str = ""
    """Why nothing could be graded; then every score is 0."""
    wall: WallUsed | None = None
    """Behind which the student's code ran, if it did: a worker of a cluster may have another than this machine."""


_one_at_a_time = threading.Lock()  # `student_side.switch` is global; a cluster's worker may have several threads


def grade_task(task: Task) -> Graded:
    """Grade one submission in this process; a file that is not a notebook gets zeros that say so."""
    source = SourceNotebook.from_text(task.source)
    problem = task.problem
    submitted = nbformat.v4.new_notebook()
    read: list[str] = []
    if not problem:
        try:
            submitted, read = read_submission(task.submission)
        except UnreadableNotebook as error:
            problem = refusal(source.name, error)
    notebook, restored = restore(submitted, source)
    wall = None
    if problem:
        verdict = refuse(notebook, source, problem)
    else:
        with _one_at_a_time:
            warm = room_factory(task.settings)
            wall = wall_of(warm)
            verdict = examine(
                notebook, source, warm, task.files, task.settings.limits, task.mode, [*read, *restored, *task.left_out]
            )
    # A student's text may hold half a surrogate pair, which no file can.
    return Graded(nbformat.writes(notebook).encode(errors="replace"), dump(verdict), problem, wall)


def dump(verdict: Verdict) -> bytes:
    """Return a verdict as JSON; equal verdicts give equal bytes."""
    return json.dumps(verdict.to_dict(), sort_keys=True).encode()

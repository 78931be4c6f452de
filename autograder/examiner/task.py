"""One unit of work: bytes in, bytes out; needs no database and no shared disk, so any worker can do it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from autograder.examiner.examine import Mode, examine, refuse, wall_of
from autograder.examiner.rooms import RoomSettings, room_factory, rooms_for
from autograder.examiner.summary import Summary, summarise
from autograder.examiner.verdict import Verdict, WallUsed
from autograder.examiner.written import written
from autograder.room.inside.limits import GIB, MIB
from course.handing_in.reading import UnreadableNotebook, read_submission, refusal
from course.handing_in.restore import restore
from course.handing_in.sourcecells import SourceNotebook


@dataclass(frozen=True)
class Bounds:
    """What grading one submission may take on the trusted side, where none of the student's code runs."""

    memory_bytes: int = GIB
    """More than the process had before."""
    reading_seconds: float = 10.0
    """Processor time for reading the submission and for making the graded notebook, together."""
    examining_seconds: float = 120.0
    """Processor time for what runs in between: test cells, and what they compute to compare with."""
    result_bytes: int = 64 * MIB
    """Of the graded notebook and its verdict."""


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
    bounds: Bounds = field(default_factory=Bounds)
    last_try: bool = False
    """Whether a kernel that was killed, perhaps from outside, counts as killed by the student's code."""


@dataclass(frozen=True)
class CellGrade:
    """What the gradebook is told about one cell."""

    score: float | None
    """None if a person has to grade it, and for cells without points."""
    comment: str | None = None


@dataclass(frozen=True)
class Graded:
    """A graded notebook and its verdict, as bytes, and what the gradebook is told."""

    notebook: bytes
    verdict: bytes
    """`Verdict.to_dict` as JSON."""
    problem: str = ""
    """Why nothing could be graded; then every score is 0."""
    wall: WallUsed | None = None
    """Behind which the student's code ran, if it did: a worker of a cluster may have another than this machine."""
    cells: Mapping[str, CellGrade] = field(default_factory=dict)
    """By nbgrader's name: all cells that it knows."""
    seconds: float | None = field(default=None, compare=False)
    """How long grading took, in the worker; not part of the result."""
    versions: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Of what graded it there (`versions.versions`); not part of the result either."""
    summary: Summary | None = None
    """Of the notebook, for the class report."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return what `to_dict` gave."""
        cells = {name: CellGrade(**cell) for name, cell in data["cells"].items()}
        summary = data["summary"] and Summary.from_dict(data["summary"])
        return cls(**{**data, "wall": WallUsed.from_dict(data["wall"]), "cells": cells, "summary": summary})


def grade_task(task: Task, stage: Callable[[str, str], None] = lambda name, where: None) -> Graded:
    """Grade one submission in this process, without bounds; a file that is not a notebook gets zeros that say so.

    Parameters
    ----------
    task : Task
        The work.
    stage : Callable[[str, str], None], optional
        Told what comes next, and at which cell: "reading", "examining" or "writing".

    Raises
    ------
    NotStarted
        It needs rooms with torch, and this process is not the one that starts them.
    """
    source = SourceNotebook.from_text(task.source)
    problem = task.problem
    submitted = nbformat.v4.new_notebook()
    read: list[str] = []
    stage("reading", "")
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
        code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
        warm = rooms_for(room_factory(task.settings), code, task.files)
        wall = wall_of(warm)
        verdict = examine(
            notebook,
            source,
            warm,
            task.files,
            task.settings.limits,
            task.mode,
            [*read, *restored, *task.left_out],
            lambda cell: stage("examining", cell),
            last_try=task.last_try,
        )
    stage("writing", "")
    for cell in notebook.cells:  # a student's text may hold half a surrogate pair, which no file can
        cell.source = cell.source.encode(errors="replace").decode()
    return _result(notebook, source, verdict, problem, wall)


def refused(task: Task, problem: str) -> Graded:
    """Return zeros that say why, without a look at the submission."""
    source = SourceNotebook.from_text(task.source)
    notebook, _ = restore(nbformat.v4.new_notebook(), source)
    return _result(notebook, source, refuse(notebook, source, problem), problem, None)


def _result(
    notebook: NotebookNode, source: SourceNotebook, verdict: Verdict, problem: str, wall: WallUsed | None
) -> Graded:
    grades = _grades(notebook, refused=bool(problem))
    content = written(notebook)
    return Graded(content, dump(verdict), problem, wall, grades, summary=summarise(notebook, content, source))


def unanswered(task: Task) -> bytes:
    """Return the notebook of a task as it was released."""
    source = SourceNotebook.from_text(task.source)
    notebook, _ = restore(nbformat.v4.new_notebook(), source)
    told = {cell.name: cell.source for cell in source.cells}
    for cell in notebook.cells:
        cell.source = told.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return written(notebook)


def dump(verdict: Verdict) -> bytes:
    """Return a verdict as JSON; equal verdicts give equal bytes."""
    return json.dumps(verdict.to_dict(), sort_keys=True).encode()


def _grades(notebook: NotebookNode, *, refused: bool) -> dict[str, CellGrade]:
    """Return what nbgrader's SaveAutoGrades would read from the graded notebook."""
    return {
        cell.metadata.nbgrader.grade_id: CellGrade(_score(cell, refused=refused), _auto_comment(cell))
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


def _score(cell: NotebookNode, *, refused: bool) -> float | None:
    if refused or not utils.is_grade(cell):
        return 0.0 if refused else None
    score = utils.determine_grade(cell)[0]
    return None if score is None else float(score)


def _auto_comment(cell: NotebookNode) -> str | None:
    unchanged = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return "No response." if unchanged and not utils.is_task(cell) else None

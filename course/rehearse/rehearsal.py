"""Reads, restores and runs a notebook as the grader does, less the hidden checks and the wall."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils

from course.handing_in.allowed import CELL_SECONDS, SUBMISSION_SECONDS
from course.handing_in.cellcode import SKIPPED, is_from_scratch
from course.handing_in.celltext import names_defined, says_the_same, visible_part
from course.handing_in.files import MAX_FILES, MAX_FILES_BYTES, read_files
from course.handing_in.preload import slow_imports
from course.handing_in.reading import MAX_NOTEBOOK_BYTES, UnreadableNotebook, read_submission
from course.handing_in.recognise import grade_id
from course.handing_in.restore import restore
from course.handing_in.sourcecells import SourceCell, SourceNotebook
from course.rehearse.kernel import Outcome
from course.rehearse.released import CannotRehearse, find_released, own_cells
from course.rehearse.sides import Side

FAILS_ON_PURPOSE = "raises-exception"
"""Tag of a cell whose exception is no mistake, as nbclient has it."""

IGNORED = ("__pycache__", "*.pyc")
"""What nbgrader does not collect; hidden files and notebooks are not looked at anyway."""

_HEADING = re.compile(r"^#+[ \t]+(.+)$", re.MULTILINE)
_NAME = re.compile(r"name '(\w+)' is not defined")


@dataclass(frozen=True)
class NotFound:
    """A name that code wanted too early."""

    name: str
    below: str = ""
    """The cell further down that defines it; nothing if no cell does."""


@dataclass(frozen=True)
class Ran:
    """A cell that ran: what it is called, and what became of it."""

    name: str
    outcome: Outcome
    not_found: NotFound | None = None


@dataclass(frozen=True)
class Exercise:
    """A cell of checks, and the cells that ran since the one before it."""

    name: str
    cells: tuple[Ran, ...]
    seconds: float
    """Of the checks themselves."""
    checks: tuple[tuple[str, str], ...] = ()
    """Each with why it failed; nothing if it passed."""
    reason: str = ""
    """Why the cell of checks did not run to its end, if it did not."""
    not_found: tuple[NotFound, ...] = ()
    """What the code that was checked wanted."""

    @property
    def passes(self) -> bool:
        """Whether all its visible checks pass."""
        return not self.reason and all(not message for _, message in self.checks)


@dataclass
class Rehearsal:
    """What is known of a notebook as its rehearsal goes on."""

    source: SourceNotebook
    notes: list[str]
    """What the grader will note, as it notes it."""
    untouched: list[str]
    """Written answers that are as they were given."""
    written: list[str]
    """The others."""
    remark: str = ""
    """What the student should know of the copy that the notebook was restored from."""
    wrong_name: str = ""
    """The file's name, if nobody will find it under that."""
    limits: tuple[float, float] = (CELL_SECONDS, SUBMISSION_SECONDS)
    exercises: list[Exercise] = field(default_factory=list)
    rest: tuple[Ran, ...] = ()
    """Cells below the last checks."""

    @property
    def seconds(self) -> float:
        """Of all cells together."""
        cells = [ran for exercise in self.exercises for ran in exercise.cells] + [*self.rest]
        return sum(ran.outcome.seconds for ran in cells) + sum(exercise.seconds for exercise in self.exercises)


class Rehearsing:
    """A rehearsal that is on its way.

    Parameters
    ----------
    path : Path
        The notebook.
    released : Path, optional
        The folder with the notebook as it was released.
    seconds : float, optional
        For one cell, where an instructor has set another limit.

    Raises
    ------
    CannotRehearse
        If there is nothing to run.
    """

    def __init__(self, path: Path, released: Path | None = None, seconds: float = CELL_SECONDS) -> None:
        try:
            size = path.stat().st_size
            raw = path.read_bytes() if size <= MAX_NOTEBOOK_BYTES else b""
        except OSError as error:
            raise CannotRehearse(f"{path} cannot be read: {error.strerror}.") from None
        if size > MAX_NOTEBOOK_BYTES:
            raise CannotRehearse(
                f"{path.name} has {size / 1024**2:.0f} MiB; at most {MAX_NOTEBOOK_BYTES // 1024**2} are read. "
                "Please clear its outputs and save it."
            )
        try:
            submitted, read = read_submission(raw)
        except UnreadableNotebook as error:
            raise CannotRehearse(
                f"{path.name} cannot be read: {error}. Save it with JupyterLab, and try again."
            ) from None
        found = find_released(path, submitted, released)
        source = found.source
        self._folder = path.absolute().parent
        self._own_name = path.name
        self._notebook, restored = restore(submitted, source)
        self._files, left_out = read_files(self._folder, IGNORED, MAX_FILES, MAX_FILES_BYTES)
        untouched, written = _written_answers(self._notebook, source) if found.is_released else ([], [])
        self.result = Rehearsal(
            source,
            [*read, *restored, *left_out],
            untouched,
            written,
            remark=found.remark,
            wrong_name=path.name if path.stem != source.name else "",
            limits=(seconds, SUBMISSION_SECONDS),
        )

    def run(self) -> Iterator[Exercise]:
        """Run the notebook from top to bottom; yield each exercise when its checks have run."""
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            home, work = scratch / "home", scratch / "work"
            home.mkdir()
            self._copy_files(work)
            seconds = self.result.limits[0]
            text = "\n".join(cell.source for cell in self._notebook.cells)
            preload = (*slow_imports(text), *(["torch"] if "torch" in text else []))  # as rooms for such code
            side = stack.enter_context(Side(work, home, seconds, preload=preload))
            bare = stack.enter_context(Side(work, home, seconds, bare=True))
            yield from self._cells(side, bare)

    def _copy_files(self, folder: Path) -> None:
        folder.mkdir()
        for name, content in self._files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        for other in self._folder.glob("*.ipynb"):
            if other.name != self._own_name and other.stat().st_size <= MAX_FILES_BYTES:
                (folder / other.name).write_bytes(other.read_bytes())

    def _cells(self, side: Side, bare: Side) -> Iterator[Exercise]:
        tests = {cell.name: cell for cell in self.result.source.cells if cell.is_test}
        cells = self._notebook.cells
        since: list[Ran] = []
        failed: dict[str, str] = {}
        for number, cell in enumerate(cells):
            if cell.cell_type != "code":
                continue
            if test := tests.get(grade_id(cell)):
                exercise = self._checked(number, test, side, bare, tuple(since), failed)
                self.result.exercises.append(exercise)
                since = []
                yield exercise
            elif SKIPPED not in cell.metadata.get("tags", []):
                ran = self._ran(number, side)
                _remember(cell.source, ran.outcome, failed)
                since.append(ran)
        self.result.rest = tuple(since)

    def _ran(self, number: int, side: Side) -> Ran:
        cell = self._notebook.cells[number]
        name = self._named(number)
        outcome = side.run(cell.source, given=utils.is_locked(cell))
        if FAILS_ON_PURPOSE in cell.metadata.get("tags", []) and outcome.ended == "error":
            outcome = Outcome("ok", outcome.seconds)
        return Ran(name, outcome, self._not_found(outcome.error, number))

    def _not_found(self, error: str, number: int) -> NotFound | None:
        """Return what an error of this cell, or of its checks, says about a name that no cell above defines."""
        match = _NAME.search(error)
        if not match:
            return None
        defining = [
            at
            for at, cell in enumerate(self._notebook.cells)
            if cell.cell_type == "code" and match[1] in names_defined(cell.source)
        ]
        if not defining:
            return NotFound(match[1])
        return NotFound(match[1], self._named(defining[0])) if defining[0] > number else None

    def _named(self, number: int) -> str:
        return grade_id(self._notebook.cells[number]) or f"cell {number + 1}"

    def _checked(
        self, number: int, test: SourceCell, side: Side, bare: Side, cells: tuple[Ran, ...], failed: dict[str, str]
    ) -> Exercise:
        source = visible_part(test.source)
        seen = side.check(test.name, source, test.points, failed)
        found = _found(seen, self.result.limits[0])
        seconds = seen.seconds
        if is_from_scratch(source) and not found["reason"]:
            bare.follow(side.steps)
            outcome = bare.check(test.name, source, test.points, failed)
            found = _in_both(found, _found(outcome, self.result.limits[0]))
            seconds += outcome.seconds
        messages = dict.fromkeys([found["reason"], *(message for _, message in found["checks"])])
        wanted = dict.fromkeys(self._not_found(message, number) for message in messages)
        return Exercise(
            name=test.name.removeprefix("test_"),
            cells=cells,
            seconds=seconds,
            checks=tuple((name, message) for name, message in found["checks"]),
            reason=found["reason"],
            not_found=tuple(each for each in wanted if each is not None),
        )


def _found(outcome: Outcome, seconds: float) -> dict[str, Any]:
    """Return what became of a cell of checks."""
    if outcome.ended == "ok":
        found: dict[str, Any] = json.loads(outcome.answer)
        if not found["checks"] and not found["passed"] and not found["reason"]:
            found["reason"] = f"it gave {found['points']:g} points"
        return found
    why = {
        "stopped": f"Stopped: the code ran longer than {seconds:g} s.",
        "died": "The kernel ended while the checks ran.",
    }.get(outcome.ended, outcome.error)
    return {"checks": [], "reason": why}


def _in_both(seen: dict[str, Any], bare: dict[str, Any]) -> dict[str, Any]:
    """Return the checks of the ordinary kernel; one that passes there counts if it passes in the bare one too."""
    messages = dict(bare["checks"])
    checks = [[name, message or messages.get(name, "")] for name, message in seen["checks"]]
    return seen | {"checks": checks, "reason": bare["reason"]}


def _remember(source: str, outcome: Outcome, failed: dict[str, str]) -> None:
    """Keep why a cell failed, for the names that it was to define."""
    why = outcome.error or ("" if outcome.ended == "ok" else outcome.ended)
    for name in names_defined(source):
        if why:
            failed[name] = " ".join(why.split())
        else:
            failed.pop(name, None)


def _written_answers(notebook: NotebookNode, source: SourceNotebook) -> tuple[list[str], list[str]]:
    """Return the headings of the answers that a person reads: those that are as they were given, and the others.

    Below a task of nbgrader's the answer is whatever a student may write into up to the next cell that is locked.
    """
    given = {cell.name: cell for cell in source.released if cell.name}
    blank = {(cell.cell_type, cell.source.strip()) for cell in own_cells(source)}
    known = {cell.name: cell for cell in source.cells}
    untouched: list[str] = []
    written: list[str] = []
    for number, cell in enumerate(notebook.cells):
        origin = known.get(grade_id(cell))
        if origin is None or not (origin.task or (origin.grade and origin.solution)):
            continue
        answers = [cell] if not origin.task else _answers_below(notebook.cells[number + 1 :], known)
        touched = [
            each
            for each in answers
            if (each.cell_type, each.source.strip()) not in blank
            and not _as_given(each, given[grade_id(each)].source if grade_id(each) in given else "")
        ]
        (written if touched else untouched).append(_title(origin))
    return untouched, written


def _title(cell: SourceCell) -> str:
    """Return the heading of a cell, or its name if it has none."""
    heading = _HEADING.search(cell.source) if cell.cell_type == "markdown" else None
    return heading[1].strip() if heading else cell.name


def _answers_below(cells: Sequence[NotebookNode], known: dict[str, SourceCell]) -> Iterator[NotebookNode]:
    for cell in cells:
        origin = known.get(grade_id(cell))
        if origin is not None and (origin.locked or origin.task or origin.grade):
            return
        yield cell


def _as_given(cell: NotebookNode, text: str) -> bool:
    return not cell.source.strip() or says_the_same(cell.source, text, cell.cell_type)

"""Runs an instructor notebook with other answers in its solution cells, in this process.

What is from scratch is asked in a bare room as well, as the examiner does.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import functools
import io
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import torch
from ipywidgets import Widget

from autograder.answers import Answer
from autograder.examiner.proxies import StudentObject
from autograder.examiner.student import BareRun, Lacking, Ran
from autograder.examiner.testcells import Namespace, run_given_cell, run_test_cell
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
from course.checks import CheckResult, Score, describe, student_side
from course.checks.beside.networks import fresh_switches
from course.handing_in.cellcode import is_from_scratch
from course.handing_in.sourcecells import SourceCell

ROOT = Path(__file__).resolve().parents[2]

LIMITS = Limits()

torch.set_num_threads(1)  # as in a student room; and test workers keep all cores busy as it is

RAN = "the test cell runs to its end"
"""Name of the check that stands for a whole test cell that ended in an error."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its grade_id, its source, its points (0 unless it is a test cell), and whether it is answered."""

    grade_id: str
    source: str
    points: float
    solution: bool


@functools.cache
def bare_rooms() -> RoomFactory:
    """Return this process's factory of bare rooms."""
    factory = RoomFactory(limits=LIMITS, bare=True)
    atexit.register(factory.close)
    return factory


def grade(assignment: str, answers: Mapping[str, str], only: Collection[str] | None = None) -> dict[str, Score]:
    """Return the score of every test cell, by grade_id.

    Parameters
    ----------
    assignment : str
        Name of an assignment.
    answers : Mapping[str, str]
        Sources by the grade_id of the solution cell they fill; the others keep the instructor's solution.
    only : Collection[str], optional
        The test cells to run; by default all.
    """
    cells = notebook_cells("source", assignment)
    unknown = set(answers) - {cell.grade_id for cell in cells if cell.solution}
    if unknown:
        raise ValueError(f"{assignment} has no solution cell {', '.join(sorted(unknown))}")
    sources = [answers.get(cell.grade_id, cell.source) for cell in cells]
    namespace: dict[str, Any] = {"__name__": "__main__"}
    side = InThisProcess(namespace)
    given = Namespace(side)  # type: ignore[arg-type]
    scores = {}
    with contextlib.closing(side), _side(side), _own_figures(), _own_torch(), _quiet():
        for cell, source in zip(cells, sources, strict=True):
            if cell.points and only is not None and cell.grade_id not in only:
                continue
            if cell.points and is_from_scratch(source):
                scores[cell.grade_id] = _in_both(cell, given)
                continue
            # As in a notebook, a cell that fails does not keep the later ones from running.
            failed = None
            try:
                value = _run(source, namespace)
            except (Exception, SystemExit) as error:
                failed = error
                value = Score(cell.grade_id, cell.points, [CheckResult(RAN, 0.0, cell.points, describe(error))])
            if cell.points:
                scores[cell.grade_id] = value
                continue
            side.note(source, ended_well=failed is None)
            if not cell.solution:
                run_given_cell(source, given)
    return scores


@functools.cache
def score_of(answer: Answer) -> Score:
    """Return what an answer of the catalogue earns; of the test cells, its own runs alone."""
    test = f"test_{answer.exercise}"
    return grade(answer.assignment, {answer.exercise: answer.source}, only={test})[test]


@functools.cache
def notebook_cells(step: str, assignment: str) -> list[Cell]:
    """Return the code cells of an assignment's notebook in `source` or `release` that nbgrader knows."""
    notebook = nbformat.read(ROOT / step / assignment / f"{assignment}.ipynb", as_version=4)
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and "nbgrader" in cell.metadata:
            given = cell.metadata.nbgrader
            points = given.points if given.grade else 0.0
            cells.append(Cell(given.grade_id, cell.source, points, given.solution))
    return cells


class InThisProcess(student_side.SameKernel):
    """The student's side in this process, with a bare room beside it for what is from scratch."""

    double = asks_in_double = False  # torch's default dtype is that of this process

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._ran: list[Ran] = []
        self._bare: BareRun | None = None

    def note(self, source: str, *, ended_well: bool) -> None:
        """Remember a cell that has run."""
        self._ran.append(Ran(source, ended_well))

    def get(self, name: str) -> Any:
        """Return a variable of the notebook."""
        if name not in self._names:
            raise NameError(f"name {name!r} is not defined in the notebook")
        return self._names[name]

    def run(self, helper: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the helper here, or where the student's objects among its arguments are."""
        if any(isinstance(value, StudentObject | Lacking) for value in (*args, *kwargs.values())):
            return self.bare().run(helper, *args, **kwargs)
        return helper(*args, **kwargs)

    def bare(self) -> BareRun:
        """Return the notebook in the bare room, as far as it has run."""
        if self._bare is None:
            self._bare = BareRun(bare_rooms(), {}, LIMITS)
        self._bare.begin_cell()
        self._bare.follow(self._ran)
        return self._bare

    def close(self) -> None:
        """End the room."""
        if self._bare is not None:
            self._bare.__exit__()


def _in_both(cell: Cell, given: Namespace) -> Score:
    """Return the score of a from-scratch test cell, from the examiner's own way with it."""
    test = SourceCell(cell.grade_id, "code", cell.source, "", True, True, False, False, cell.points)
    verdict = run_test_cell(test, given)
    failed = [CheckResult(RAN, 0.0, cell.points, verdict.reason)]
    return Score(cell.grade_id, cell.points, failed if verdict.reason else verdict.checks)


@contextlib.contextmanager
def _side(side: student_side.StudentSide) -> Iterator[None]:
    before = student_side.switch(side)
    try:
        yield
    finally:
        student_side.switch(before)


@contextlib.contextmanager
def _own_figures() -> Iterator[None]:
    """Leave the next notebook no open figure, into which it would draw, and no widget, which would live on."""
    try:
        yield
    finally:
        plt.close("all")
        Widget.close_all()


@contextlib.contextmanager
def _own_torch() -> Iterator[None]:
    """Put back torch's switches and take off the hooks on all modules that an answer leaves, or the next has them."""
    everywhere = vars(torch.nn.modules.module)
    before = {
        name: dict(hooks)
        for name, hooks in everywhere.items()
        if name.startswith("_global") and isinstance(hooks, dict)
    }
    try:
        with torch.set_grad_enabled(torch.is_grad_enabled()), fresh_switches():
            yield
    finally:
        for name, hooks in before.items():
            everywhere[name].clear()
            everywhere[name].update(hooks)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what answers print and warn of out of the test report."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _run(source: str, namespace: dict[str, Any]) -> Any:
    """Run a cell and return the value of its last line, if that is an expression."""
    statements = ast.parse(source).body
    last = statements.pop() if statements and isinstance(statements[-1], ast.Expr) else None
    exec(compile(ast.Module(statements, []), "<cell>", "exec", dont_inherit=True), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "<cell>", "eval", dont_inherit=True), namespace)

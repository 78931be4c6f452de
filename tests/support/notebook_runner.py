"""Runs an instructor notebook with other answers in its solution cells, in this process."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import torch
from ipywidgets import Widget

from autograder.answers import Answer
from course.checks import CheckResult, Score, describe, student_side

ROOT = Path(__file__).resolve().parents[2]

RAN = "the test cell runs to its end"
"""Name of the check that stands for a whole test cell that ended in an error."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its grade_id, its source, its points (0 unless it is a test cell), and whether it is answered."""

    grade_id: str
    source: str
    points: float
    solution: bool


class SubmittedCells(student_side.SameKernel):
    """The student's side in this process, with the sources of the cells that have run so far, test cells left out."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = sources

    def sources(self) -> Sequence[str]:
        """Return them, in notebook order."""
        return self._sources


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
    written: list[str] = []
    namespace: dict[str, Any] = {"__name__": "__main__"}
    scores = {}
    with _side(SubmittedCells(written)), _own_figures(), _own_hooks(), _quiet():
        for cell, source in zip(cells, sources, strict=True):
            if cell.points and only is not None and cell.grade_id not in only:
                continue
            if not cell.points:
                written.append(source)
            # As in a notebook, a cell that fails does not keep the later ones from running.
            try:
                value = _run(source, namespace)
            except (Exception, SystemExit) as error:
                value = Score(cell.grade_id, cell.points, [CheckResult(RAN, 0.0, cell.points, describe(error))])
            if cell.points:
                scores[cell.grade_id] = value
    return scores


@functools.cache
def score_of(answer: Answer) -> Score:
    """Return what an answer of the catalogue earns; of the test cells, its own runs alone."""
    test = f"test_{answer.exercise}"
    return grade(answer.assignment, {answer.exercise: answer.source}, only={test})[test]


@functools.cache
def notebook_cells(step: str, assignment: str) -> list[Cell]:
    """Return the code cells of an assignment's notebook in `source` or `release`."""
    notebook = nbformat.read(ROOT / step / assignment / f"{assignment}.ipynb", as_version=4)
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            given = cell.metadata.nbgrader
            points = given.points if given.grade else 0.0
            cells.append(Cell(given.grade_id, cell.source, points, given.solution))
    return cells


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
def _own_hooks() -> Iterator[None]:
    """Take off the hooks on all modules of torch that an answer leaves behind, or the next networks would have them."""
    everywhere = vars(torch.nn.modules.module)
    before = {
        name: dict(hooks)
        for name, hooks in everywhere.items()
        if name.startswith("_global") and isinstance(hooks, dict)
    }
    try:
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
    exec(compile(ast.Module(statements, []), "<cell>", "exec"), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)

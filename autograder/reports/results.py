"""Reads how a class did, from the gradebook and the graded notebooks, into plain data for report and table.

Scores are the gradebook's. What is behind them, the named checks, stands in the graded notebooks; those that
stock nbgrader graded have none, and everything else still works.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import (
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select

from autograder.batch.ledger import Entry, Ledger
from autograder.course_folder import CourseFolder, same_name
from autograder.errors import UserError
from autograder.examiner.sourcecells import source_notebooks
from autograder.examiner.verdict import METADATA_KEY, CellVerdict, Incident, Look, WallUsed, verdict_in
from autograder.gradebook import existing_gradebook
from autograder.penalties import Penalties
from course.checks import CheckResult
from course.handing_in.sourcecells import SourceCell, SourceNotebook

LONGEST = 600
"""Characters of one message, so that no submission makes a long report."""
MOST = 50
"""Incidents and notes of one notebook that are listed; how many more there are is said."""


@dataclass(frozen=True)
class FailedCheck:
    """One check that a student's answer failed."""

    exercise: str
    check: str
    message: str


@dataclass(frozen=True)
class ExerciseResult:
    """One graded cell of one student."""

    title: str
    """Its name for people: the cell's nbgrader id, with the notebook's name before it if there are several."""
    points: float
    max_points: float
    needs_manual: bool
    checks: tuple[CheckResult, ...] = ()
    reason: str = ""
    """Why there are no points, where no check says so."""

    @property
    def failures(self) -> tuple[FailedCheck, ...]:
        """What failed in it."""
        failed = tuple(FailedCheck(self.title, c.name, c.message) for c in self.checks if not c.passed)
        return (*failed, FailedCheck(self.title, "", self.reason)) if self.reason else failed


@dataclass(frozen=True)
class StudentResult:
    """One student's submission."""

    id: str
    name: str
    penalty: float
    exercises: tuple[ExerciseResult, ...]
    incidents: tuple[Incident, ...] = ()
    looks: tuple[tuple[str, Look], ...] = ()
    """Lines that a person should look at, each with the name of its notebook."""
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why nothing could be graded; then every score is 0."""
    walls: tuple[WallUsed, ...] = ()
    """Behind which the code ran, one for each notebook that says so."""

    @property
    def score(self) -> float:
        """Points earned, less the penalty for handing in late, as nbgrader exports them."""
        return max(0.0, sum(exercise.points for exercise in self.exercises) - self.penalty)

    @property
    def max_score(self) -> float:
        """Points that could be earned."""
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def needs_manual(self) -> bool:
        """Whether a person still has to grade something."""
        return any(exercise.needs_manual for exercise in self.exercises)

    @property
    def failures(self) -> tuple[FailedCheck, ...]:
        """What failed, in the order of the notebook; nothing where the submission as a whole has a problem."""
        if self.problem:
            return ()
        return tuple(failure for exercise in self.exercises for failure in exercise.failures)


@dataclass(frozen=True)
class ClassResults:
    """How a class did in one assignment."""

    assignment: str
    max_score: float
    students: tuple[StudentResult, ...]
    ungraded: tuple[str, ...]
    """Students who handed in and have no score yet."""

    @property
    def walls(self) -> Counter[WallUsed]:
        """How many notebooks' code ran behind each wall."""
        return Counter(wall for student in self.students for wall in student.walls)


def read_results(course: CourseFolder, assignment: str) -> ClassResults:
    """Return how the class did in an assignment.

    Raises
    ------
    UserError
        If the assignment does not exist or nothing of it has been graded.
    """
    course.require_assignment(assignment)
    with existing_gradebook(course) as gradebook:
        ledger = Ledger(gradebook, assignment).entries()
        try:
            sources = source_notebooks(gradebook, assignment, course)
        except MissingEntry:
            sources = {}
        Penalties(course.config).update(gradebook, assignment)
        grades = _grades(gradebook, assignment) if sources else {}
        if not grades:
            raise UserError(f"Nothing has been graded for {assignment} yet: run 'autograder grade {assignment}' first.")
    students = tuple(
        _student(course, assignment, list(sources.values()), who, scores, ledger) for who, scores in grades.items()
    )
    graded = {same_name(student.id) for student in students}
    return ClassResults(
        assignment=assignment,
        max_score=sum(source.max_points for source in sources.values()),
        students=students,
        ungraded=tuple(student for student in course.students(assignment) if same_name(student) not in graded),
    )


@dataclass(frozen=True)
class _StudentRow:
    id: str
    name: str
    penalty: float


@dataclass(frozen=True)
class _Score:
    points: float
    needs_manual: bool


_Scores = dict[tuple[str, str], _Score]
"""By notebook and cell."""


def _grades(gradebook: Gradebook, assignment: str) -> dict[_StudentRow, _Scores]:
    """Return the scores of each student, in one query for the whole class."""
    rows = gradebook.db.execute(
        select(
            Student.id,
            Student.first_name,
            Student.last_name,
            SubmittedAssignment.late_submission_penalty,
            Notebook.name,
            BaseCell.name,
            Grade.score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedAssignment, SubmittedAssignment.student_id == Student.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .where(SubmittedAssignment.assignment_id == gradebook.find_assignment(assignment).id)
        .order_by(Student.id)
    )
    grades: dict[_StudentRow, _Scores] = {}
    for student, first, last, penalty, notebook, cell, *score in rows:
        who = _StudentRow(student, " ".join(part for part in (first, last) if part), float(penalty))
        grades.setdefault(who, {})[notebook, cell] = _Score(*score)
    return grades


def _student(
    course: CourseFolder,
    assignment: str,
    sources: Sequence[SourceNotebook],
    who: _StudentRow,
    scores: _Scores,
    ledger: Mapping[tuple[str, str], Entry],
) -> StudentResult:
    exercises: list[ExerciseResult] = []
    incidents: list[Incident] = []
    looks: list[tuple[str, Look]] = []
    walls: list[WallUsed] = []
    entries = [ledger[who.id, source.name] for source in sources if (who.id, source.name) in ledger]
    for source in sources:
        path = course.folder("autograded", assignment, who.id) / f"{source.name}.ipynb"
        verdicts, stopped, found, wall = _graded_notebook(path)
        incidents += stopped
        looks += [(source.name, look) for look in found]
        walls += [wall] if wall else []
        prefix = f"{source.name}/" if len(sources) > 1 else ""
        exercises += [
            _exercise(prefix, cell, scores.get((source.name, cell.name)), verdicts.get(cell.name))
            for cell in source.cells
            if cell.grade or cell.task
        ]
    return StudentResult(
        id=who.id,
        name=who.name,
        penalty=who.penalty,
        exercises=tuple(exercises),
        incidents=tuple(incidents),
        looks=tuple(looks),
        notes=tuple(note for entry in entries if not entry.problem for note in _notes(entry.verdict)),
        problem=" ".join(_short(entry.problem) for entry in entries if entry.problem),
        walls=tuple(walls),
    )


def _exercise(prefix: str, cell: SourceCell, score: _Score | None, verdict: CellVerdict | None) -> ExerciseResult:
    # A cell that came into the assignment after this submission was graded has no score.
    score = score or _Score(0.0, needs_manual=True)
    checks, reason = (verdict.checks, _short(verdict.reason)) if verdict else ((), "")
    title = prefix + cell.name.removeprefix("test_")
    return ExerciseResult(title, score.points, cell.points, score.needs_manual, checks, reason)


def _graded_notebook(path: Path) -> tuple[dict[str, CellVerdict], list[Incident], list[Look], WallUsed | None]:
    """Return what a graded notebook says.

    These are the verdicts by cell, the cells that had to be stopped, the lines to look at, and the wall.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells: Sequence[dict[str, Any]] = notebook["cells"]
        whole = notebook["metadata"].get(METADATA_KEY, {})
        wall = WallUsed.from_dict(whole.get("wall"))
        looks = [Look(**look) for look in whole.get("looks", [])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}, [], [], None
    verdicts: dict[str, CellVerdict] = {}
    for cell in cells:
        verdict = verdict_in(cell["metadata"])
        if verdict is not None:
            verdicts[verdict.grade_id] = verdict
    told = whole.get("incidents", [])
    # Not from outputs: a student's exception may have any name.
    incidents = [Incident(_short(incident["cell"]), _short(incident["what"])) for incident in told[:MOST]]
    if len(told) > MOST:
        incidents.append(Incident("", f"and {len(told) - MOST} more"))
    return verdicts, incidents, looks, wall


def _short(text: object) -> str:
    text = str(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _notes(verdict: str) -> list[str]:
    notes = json.loads(verdict)["notes"]
    more = [f"and {len(notes) - MOST} more"] if len(notes) > MOST else []
    return [*map(_short, notes[:MOST]), *more]

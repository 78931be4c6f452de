"""Reads how a class did, from the gradebook and the graded notebooks, into plain data for report and table.

Scores are the gradebook's. What is behind them, the named checks, stands in the graded notebooks; those that
stock nbgrader graded have none, and everything else still works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

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
from sqlalchemy.exc import DBAPIError

from autograder.batch.ledger import Entry, Ledger
from autograder.batch.summaries import Kept, enter_summary, kept_summaries
from autograder.course_folder import CourseFolder, same_name
from autograder.errors import UserError
from autograder.examiner.sourcecells import source_notebooks
from autograder.examiner.verdict import CellVerdict, Incident, Look, WallUsed
from autograder.gradebook import existing_gradebook
from autograder.penalties import Penalties, seconds_late
from autograder.provenance import Provenance, entered
from autograder.reports.graded_notebook import Code, graded_notebook, short, told_by, up_to_date
from autograder.reports.grades import late_penalties
from course.checks import CheckResult
from course.handing_in.sourcecells import SourceCell, SourceNotebook


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

    @cached_property
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
    handed_in: datetime | None = None
    """With the time zone of the exchange; None if that is not known."""
    late: timedelta = timedelta()
    """After the due date, or the student's extension of it; 0 if in time."""
    seconds: float | None = None
    """How long grading took; None where nobody noted it, as nbgrader itself."""
    made_with: tuple[Provenance, ...] = ()
    """What the grades of its notebooks were made with, as far as that was noted."""
    feedback: tuple[Path, ...] = ()
    """The pages of feedback that there are."""
    code: Mapping[str, Code] = field(default_factory=dict)
    """What the student wrote, by cell, without the assignment's own lines; never shown."""

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

    @cached_property
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
    absent: tuple[str, ...] = ()
    """Students in the gradebook who handed in nothing."""
    course: str = ""
    duedate: datetime | None = None
    """With the time zone of the exchange."""

    @property
    def waiting(self) -> Counter[str]:
        """How many students wait for a person, by exercise; those for which nobody waits are not in it."""
        return Counter(e.title for student in self.students for e in student.exercises if e.needs_manual)

    @property
    def settled_max(self) -> float:
        """Points that could be earned in the exercises for which nobody waits."""
        waits = self.waiting
        settled = {e.title: e.max_points for student in self.students for e in student.exercises}
        return sum(points for title, points in settled.items() if title not in waits) if waits else self.max_score

    def settled_scores(self) -> list[float]:
        """Return the score of each student in the exercises for which nobody waits."""
        waits = self.waiting
        return [
            max(0.0, sum(e.points for e in student.exercises if e.title not in waits) - student.penalty)
            for student in self.students
        ]

    @property
    def made_with(self) -> list[tuple[Provenance, int, date, date]]:
        """What the grades were made with: for how many notebooks, on which day first and last."""
        found: dict[Provenance, list[date]] = {}
        for student in self.students:
            for made in student.made_with:
                found.setdefault(replace(made, graded=datetime.min), []).append(made.graded.date())
        return [(made, len(days), min(days), max(days)) for made, days in found.items()]

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
        made = entered(gradebook, assignment)
        try:
            sources = source_notebooks(gradebook, assignment, course)
        except MissingEntry:
            sources = {}
        Penalties(course.config).update(gradebook, assignment)
        grades = _grades(gradebook, assignment) if sources else {}
        enrolled = sorted(gradebook.db.scalars(select(Student.id)))
        duedate = gradebook.find_assignment(assignment).duedate if sources else None
        if not grades:
            raise UserError(f"Nothing has been graded for {assignment} yet: run 'autograder grade {assignment}' first.")
        notebooks = _notebooks(course, gradebook, assignment, sources.values(), [who.id for who in grades], ledger)
    feedback = course.folders("feedback", assignment)
    students = tuple(
        _student(course, list(sources.values()), notebooks, who, scores, ledger, made, duedate, feedback)
        for who, scores in grades.items()
    )
    graded = {same_name(student.id) for student in students}
    handed_in = course.students(assignment)
    there = graded | {same_name(student) for student in handed_in}
    return ClassResults(
        course=str(course.directory.course_id) or course.root.name,
        duedate=_in_zone(course, duedate),
        absent=tuple(student for student in enrolled if same_name(student) not in there),
        assignment=assignment,
        max_score=sum(source.max_points for source in sources.values()),
        students=students,
        ungraded=tuple(student for student in handed_in if same_name(student) not in graded),
    )


@dataclass(frozen=True)
class _StudentRow:
    id: str
    name: str
    penalty: float
    handed_in: datetime | None
    extension: timedelta | None


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
            SubmittedAssignment.id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
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
    penalties = late_penalties(gradebook)
    for student, first, last, submission, handed_in, extension, notebook, cell, *score in rows:
        name = " ".join(part for part in (first, last) if part)
        who = _StudentRow(student, name, penalties[submission], handed_in, extension)
        grades.setdefault(who, {})[notebook, cell] = _Score(*score)
    return grades


def _notebooks(
    course: CourseFolder,
    gradebook: Gradebook,
    assignment: str,
    sources: Collection[SourceNotebook],
    students: Sequence[str],
    ledger: Mapping[tuple[str, str], Entry],
) -> dict[tuple[str, str], Kept | None]:
    """Return what is kept of the graded notebooks, by student and notebook, once it is up to date."""
    before = kept_summaries(gradebook, assignment)
    found = {}
    folders = course.folders("autograded", assignment)
    for student in students:
        folder = folders(student)
        for source in sources:
            key = student, source.name
            found[key] = up_to_date(folder / f"{source.name}.ipynb", source, before.get(key))
    changed = {key: kept for key, kept in found.items() if kept is not before.get(key)}
    try:
        for key, kept in changed.items():
            enter_summary(gradebook, (assignment, *key), kept and _beside(ledger.get(key), kept))
        if changed:
            gradebook.db.commit()
    except DBAPIError:  # who may not write to the gradebook reads the notebooks once more the next time
        gradebook.db.rollback()
    return found


def _beside(entry: Entry | None, kept: Kept) -> Kept:
    """Return what is to be kept beside an entry of the ledger: not once more what that says."""
    if entry is None or kept.verdict is None:
        return kept
    same = replace(told_by(kept.verdict), notes=()) == replace(told_by(entry.verdict), notes=())
    return replace(kept, verdict=None) if same else kept


def _student(
    course: CourseFolder,
    sources: Sequence[SourceNotebook],
    notebooks: Mapping[tuple[str, str], Kept | None],
    who: _StudentRow,
    scores: _Scores,
    ledger: Mapping[tuple[str, str], Entry],
    made: Mapping[tuple[str, str], Provenance],
    duedate: datetime | None,
    feedback: Callable[[str], Path],
) -> StudentResult:
    exercises: list[ExerciseResult] = []
    incidents: list[Incident] = []
    looks: list[tuple[str, Look]] = []
    walls: list[WallUsed] = []
    code: dict[str, Code] = {}
    entries = [ledger[who.id, source.name] for source in sources if (who.id, source.name) in ledger]
    for source in sources:
        graded = graded_notebook(notebooks[who.id, source.name])
        incidents += graded.incidents
        looks += [(source.name, look) for look in graded.looks]
        walls += [graded.wall] if graded.wall else []
        code |= {f"{source.name}/{cell}": part for cell, part in graded.code.items()}
        prefix = f"{source.name}/" if len(sources) > 1 else ""
        exercises += [
            _exercise(prefix, cell, scores.get((source.name, cell.name)), graded.verdicts.get(cell.name))
            for cell in source.cells
            if cell.grade or cell.task
        ]
    folder = feedback(who.id)
    pages = [folder / f"{source.name}.html" for source in sources]
    return StudentResult(
        id=who.id,
        name=who.name,
        penalty=who.penalty,
        exercises=tuple(exercises),
        incidents=tuple(incidents),
        looks=tuple(looks),
        notes=tuple(note for entry in entries if not entry.problem for note in told_by(entry.verdict).notes),
        problem=" ".join(short(entry.problem) for entry in entries if entry.problem),
        walls=tuple(walls),
        handed_in=_in_zone(course, who.handed_in),
        late=timedelta(seconds=max(0.0, seconds_late(who.handed_in, who.extension, duedate))),
        seconds=sum(taken) if (taken := [e.seconds for e in entries if e.seconds is not None]) else None,
        made_with=tuple(made[who.id, source.name] for source in sources if (who.id, source.name) in made),
        feedback=tuple(page for page in pages if page.is_file()),
        code=code,
    )


def _in_zone(course: CourseFolder, moment: datetime | None) -> datetime | None:
    """Return a moment of the gradebook in the time zone of the exchange."""
    return None if moment is None else moment.replace(tzinfo=UTC).astimezone(course.zone or UTC)


def _exercise(prefix: str, cell: SourceCell, score: _Score | None, verdict: CellVerdict | None) -> ExerciseResult:
    # A cell that came into the assignment after this submission was graded has no score.
    score = score or _Score(0.0, needs_manual=True)
    checks, reason = (verdict.checks, short(verdict.reason)) if verdict else ((), "")
    title = prefix + cell.name.removeprefix("test_")
    return ExerciseResult(title, score.points, cell.points, score.needs_manual, checks, reason)

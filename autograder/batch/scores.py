"""Enters scores into nbgrader's tables: the rows that nbgrader's `Gradebook` and `SaveAutoGrades` would leave there.

They go through some thirty objects for each submission, with queries and commits in between. Here a submission takes
one query, and one statement for each table that changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy import Table, and_, bindparam, insert, select, update

from autograder.batch.submissions import Submission
from autograder.examiner.task import CellGrade, Graded
from autograder.penalties import Penalties, seconds_late

_Rows = list[dict[str, Any]]


def _table(kind: Any) -> Table:
    table: Table = kind.__table__
    return table


_ASSIGNMENT, _STUDENT = _table(api.Assignment), _table(api.Student)
_SUBMISSION, _NOTEBOOK = _table(api.SubmittedAssignment), _table(api.SubmittedNotebook)
_GRADE, _COMMENT = _table(api.Grade), _table(api.Comment)

_LAYOUT = (
    select(api.Notebook.id, api.Notebook.name, api.BaseCell.id, api.BaseCell.name, api.BaseCell.type)
    .join(api.Assignment, api.Notebook.assignment_id == api.Assignment.id)
    .outerjoin(api.BaseCell, api.BaseCell.notebook_id == api.Notebook.id)
    .where(api.Assignment.name == bindparam("assignment"))
    .order_by(api.Notebook.name)
)
_FIND = (
    select(
        _ASSIGNMENT.c.id.label("assignment"),
        _ASSIGNMENT.c.duedate,
        _STUDENT.c.id.label("student"),
        _SUBMISSION.c.id.label("submission"),
        _SUBMISSION.c.timestamp,
        _SUBMISSION.c.extension,
        _NOTEBOOK.c.id.label("notebook"),
        _NOTEBOOK.c.late_submission_penalty.label("penalty"),
    )
    .select_from(
        _ASSIGNMENT.outerjoin(_STUDENT, _STUDENT.c.id == bindparam("student"))
        .outerjoin(
            _SUBMISSION,
            and_(_SUBMISSION.c.assignment_id == _ASSIGNMENT.c.id, _SUBMISSION.c.student_id == _STUDENT.c.id),
        )
        .outerjoin(
            _NOTEBOOK,
            and_(_NOTEBOOK.c.notebook_id == bindparam("notebook"), _NOTEBOOK.c.assignment_id == _SUBMISSION.c.id),
        )
    )
    .where(_ASSIGNMENT.c.name == bindparam("assignment"))
)
# Both columns are named, since the tables' only index has them in this order.
_ENTERED = select(_GRADE.c.id, _GRADE.c.cell_id, _GRADE.c.manual_score, _GRADE.c.extra_credit).where(
    _GRADE.c.cell_id.in_(bindparam("cells", expanding=True)), _GRADE.c.notebook_id == bindparam("notebook")
)
_SET_GRADE = (
    update(_GRADE)
    .where(_GRADE.c.id == bindparam("grade"))
    .values(auto_score=bindparam("score"), needs_manual_grade=bindparam("by_hand"))
)
_SET_COMMENT = (
    update(_COMMENT)
    .where(_COMMENT.c.cell_id == bindparam("cell"), _COMMENT.c.notebook_id == bindparam("notebook"))
    .values(auto_comment=bindparam("comment"))
)
_SET_TIME = update(_SUBMISSION).where(_SUBMISSION.c.id == bindparam("submission")).values(timestamp=bindparam("time"))
_SET_PENALTY = (
    update(_NOTEBOOK)
    .where(_NOTEBOOK.c.id == bindparam("notebook"))
    .values(late_submission_penalty=bindparam("penalty_now"))
)
_ADD = {table: insert(table) for table in (_STUDENT, _SUBMISSION, _NOTEBOOK, _GRADE, _COMMENT)}


@dataclass
class _Notebook:
    """A notebook of the assignment, and the names of its cells by their ids."""

    id: str
    graded: dict[str, str]
    """Those that have points."""
    answered: dict[str, str]
    """Those that have a comment."""


class Scores:
    """Enters the scores of one assignment."""

    def __init__(self, gradebook: Gradebook, assignment: str, penalties: Penalties) -> None:
        self._gradebook = gradebook
        self._assignment = assignment
        self._penalties = penalties

    def enter(self, submission: Submission, graded: Graded) -> None:
        """Enter time stamp, scores, comments and late penalty, as part of the gradebook's open transaction.

        What a person gave stays, and is marked for review.
        """
        own = self._notebooks[submission.source.name]
        asked = {"assignment": self._assignment, "student": submission.student, "notebook": own.id}
        found = self._gradebook.db.connection().execute(_FIND, asked).one()
        if found.notebook is None:
            self._add(found, submission, graded)
            return
        if found.timestamp != submission.timestamp:
            self._change(_SET_TIME, [{"submission": found.submission, "time": submission.timestamp}])
        score = self._update(own, found.notebook, graded)
        self._enter_penalty(found, submission, found.notebook, found.penalty, score)

    @cached_property
    def _notebooks(self) -> dict[str, _Notebook]:
        """The assignment's notebooks by name. Nobody changes them while submissions are graded."""
        notebooks: dict[str, _Notebook] = {}
        tasks: list[tuple[str, str, str]] = []
        for id_, name, cell, cell_name, kind in self._gradebook.db.execute(_LAYOUT, {"assignment": self._assignment}):
            notebook = notebooks.setdefault(name, _Notebook(id_, {}, {}))
            if kind == api.GradeCell.__name__:
                notebook.graded[cell] = cell_name
            elif kind == api.SolutionCell.__name__:
                notebook.answered[cell] = cell_name
            elif kind == api.TaskCell.__name__:
                tasks.append((name, cell, cell_name))
        for name, cell, cell_name in tasks:  # they come last in nbgrader, too
            notebooks[name].graded[cell] = notebooks[name].answered[cell] = cell_name
        return notebooks

    def _add(self, found: Any, submission: Submission, graded: Graded) -> None:
        """Add the rows that are not there yet: of the student, of the submission, of its notebooks."""
        if found.student is None:
            self._change(_ADD[_STUDENT], [{"id": submission.student}])
        whole = found.submission
        names = [submission.source.name]
        if whole is None:
            whole, names = _new_id(), list(self._notebooks)
            row = {"id": whole, "assignment_id": found.assignment, "student_id": submission.student}
            self._change(_ADD[_SUBMISSION], [{**row, "timestamp": submission.timestamp}])
        ids = {name: _new_id() for name in names}
        links: _Rows = [
            {"id": ids[name], "assignment_id": whole, "notebook_id": self._notebooks[name].id} for name in names
        ]
        grades: _Rows = []
        comments: _Rows = []
        for name in names:
            notebook, now = self._notebooks[name], name == submission.source.name
            for cell, called in notebook.graded.items():
                score = graded.cells[called].score if now else None
                by_hand = not now or _by_hand(graded, graded.cells[called], None)
                row = {"id": _new_id(), "notebook_id": ids[name], "cell_id": cell}
                grades.append({**row, "auto_score": score, "needs_manual_grade": by_hand})
            for cell, called in notebook.answered.items():
                comment = graded.cells[called].comment if now else None
                row = {"id": _new_id(), "notebook_id": ids[name], "cell_id": cell}
                comments.append({**row, "auto_comment": comment})
        for table, rows in ((_NOTEBOOK, links), (_GRADE, grades), (_COMMENT, comments)):
            self._change(_ADD[table], rows)
        own = self._notebooks[submission.source.name]
        score = math.fsum(graded.cells[called].score or 0.0 for called in own.graded.values())
        self._enter_penalty(found, submission, ids[submission.source.name], None, score)

    def _update(self, own: _Notebook, notebook: str, graded: Graded) -> float:
        """Bring the rows of a notebook up to date, and return its points, with those that a person gave."""
        asked = {"cells": list(own.graded), "notebook": notebook}
        grades: _Rows = []
        points: list[float] = []
        for grade, cell, manual, extra in self._gradebook.db.connection().execute(_ENTERED, asked):
            now = graded.cells[own.graded[cell]]
            grades.append({"grade": grade, "score": now.score, "by_hand": _by_hand(graded, now, manual)})
            score = now.score if manual is None else manual
            points.append(0.0 if score is None else score + (extra or 0.0))
        self._change(_SET_GRADE, grades)
        comments: _Rows = [
            {"cell": cell, "notebook": notebook, "comment": graded.cells[name].comment}
            for cell, name in own.answered.items()
        ]
        self._change(_SET_COMMENT, comments)
        return math.fsum(points)

    def _enter_penalty(
        self, found: Any, submission: Submission, notebook: str, before: float | None, score: float
    ) -> None:
        late = seconds_late(submission.timestamp, found.extension, found.duedate)
        penalty = self._penalties.decided(submission.student, score, late)
        if penalty != before:
            self._change(_SET_PENALTY, [{"notebook": notebook, "penalty_now": penalty}])

    def _change(self, statement: Any, rows: _Rows) -> None:
        if rows:
            self._gradebook.db.connection().execute(statement, rows)


def _by_hand(graded: Graded, cell: CellGrade, manual: float | None) -> bool:
    """Tell whether a person is to look at a cell, as nbgrader's SaveAutoGrades does."""
    return not graded.problem and (manual is not None or cell.score is None)


def _new_id() -> str:
    return uuid4().hex

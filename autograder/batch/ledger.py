"""Records what has been graded and from what, in a table beside nbgrader's, so that both change in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import Assignment, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Column, Float, MetaData, String, Table, Text, and_, bindparam, delete, insert, select

_TABLES = MetaData()


def _key() -> Iterator[Column[str]]:
    """Yield the columns that tell the rows of a table apart: one student's notebook."""
    for name in ("assignment", "student", "notebook"):
        yield Column(name, String(128), primary_key=True)


_ENTRIES = Table(
    "autograder_ledger",
    _TABLES,
    *_key(),
    Column("fingerprint", String(64), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("problem", Text, nullable=False),
)
_SECONDS = Table(
    "autograder_seconds",
    _TABLES,
    *_key(),
    Column("seconds", Float, nullable=False),
)
"""A table of its own: ledgers of earlier versions have no such column."""
_KEY = ("assignment", "student", "notebook")
_ADD = {table: insert(table) for table in (_ENTRIES, _SECONDS)}
_REMOVE = {
    table: delete(table).where(*(table.c[name] == bindparam(f"its_{name}") for name in _KEY))
    for table in (_ENTRIES, _SECONDS)
}


@dataclass(frozen=True)
class Entry:
    """One graded notebook."""

    student: str
    notebook: str
    fingerprint: str
    verdict: str
    """JSON of the verdict."""
    problem: str = ""
    seconds: float | None = field(default=None, repr=False, compare=False)
    """How long grading took; None if nobody noted it."""


class Ledger:
    """The entries of one assignment."""

    def __init__(self, gradebook: Gradebook, assignment: str) -> None:
        self._gradebook = gradebook
        self._assignment = assignment
        _TABLES.create_all(gradebook.engine, checkfirst=True)

    def entries(self) -> dict[tuple[str, str], Entry]:
        """Return the entries by student and notebook, but none of a submission that was removed from the gradebook."""
        columns = _ENTRIES.c
        in_gradebook = (
            select(SubmittedNotebook.id)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .where(
                Assignment.name == columns.assignment,
                SubmittedAssignment.student_id == columns.student,
                Notebook.name == columns.notebook,
            )
        )
        rows = self._gradebook.db.execute(
            select(
                columns.student,
                columns.notebook,
                columns.fingerprint,
                columns.verdict,
                columns.problem,
                _SECONDS.c.seconds,
            )
            .outerjoin(_SECONDS, and_(*(_SECONDS.c[name] == columns[name] for name in _KEY)))
            .where(columns.assignment == self._assignment, in_gradebook.exists())
        )
        return {(row[0], row[1]): Entry(*row) for row in rows}

    def enter(self, entry: Entry) -> None:
        """Replace the entry of a notebook, as part of the gradebook's open transaction."""
        key = {"assignment": self._assignment, "student": entry.student, "notebook": entry.notebook}
        rest = {"fingerprint": entry.fingerprint, "verdict": entry.verdict, "problem": entry.problem}
        self._put(_ENTRIES, key, rest)
        self._put(_SECONDS, key, None if entry.seconds is None else {"seconds": entry.seconds})

    def _put(self, table: Table, key: dict[str, str], rest: dict[str, Any] | None) -> None:
        """Put a row in the place of the one with this key, or nothing."""
        database = self._gradebook.db.connection()
        database.execute(_REMOVE[table], {f"its_{name}": value for name, value in key.items()})
        if rest is not None:
            database.execute(_ADD[table], {**key, **rest})

"""Records what has been graded and from what, in a table beside nbgrader's, so that both change in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from nbgrader.api import Assignment, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Column, MetaData, String, Table, Text, delete, insert, select

_ENTRIES = Table(
    "autograder_ledger",
    MetaData(),
    Column("assignment", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("problem", Text, nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """One graded notebook."""

    student: str
    notebook: str
    fingerprint: str
    verdict: str
    """JSON of the verdict."""
    problem: str = ""


class Ledger:
    """The entries of one assignment."""

    def __init__(self, gradebook: Gradebook, assignment: str) -> None:
        self._gradebook = gradebook
        self._assignment = assignment
        _ENTRIES.create(gradebook.engine, checkfirst=True)

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
            select(columns.student, columns.notebook, columns.fingerprint, columns.verdict, columns.problem).where(
                columns.assignment == self._assignment, in_gradebook.exists()
            )
        )
        return {(row[0], row[1]): Entry(*row) for row in rows}

    def enter(self, entry: Entry) -> None:
        """Replace the entry of a notebook, as part of the gradebook's open transaction."""
        columns = _ENTRIES.c
        database = self._gradebook.db
        database.execute(
            delete(_ENTRIES).where(
                columns.assignment == self._assignment,
                columns.student == entry.student,
                columns.notebook == entry.notebook,
            )
        )
        database.execute(
            insert(_ENTRIES).values(
                assignment=self._assignment,
                student=entry.student,
                notebook=entry.notebook,
                fingerprint=entry.fingerprint,
                verdict=entry.verdict,
                problem=entry.problem,
            )
        )

"""Records what has been graded and from what, in tables of ours in the gradebook."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbgrader.api import Assignment, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import and_, select

from autograder.tables import KEY, LEDGER, SECONDS, make_tables, put


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
        make_tables(gradebook)

    def entries(self) -> dict[tuple[str, str], Entry]:
        """Return the entries by student and notebook, but none of a submission that was removed from the gradebook."""
        columns = LEDGER.c
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
                SECONDS.c.seconds,
            )
            .outerjoin(SECONDS, and_(*(SECONDS.c[name] == columns[name] for name in KEY)))
            .where(columns.assignment == self._assignment, in_gradebook.exists())
        )
        return {(row[0], row[1]): Entry(*row) for row in rows}

    def enter(self, entry: Entry) -> None:
        """Replace the entry of a notebook, as part of the gradebook's open transaction."""
        key = (self._assignment, entry.student, entry.notebook)
        rest = {"fingerprint": entry.fingerprint, "verdict": entry.verdict, "problem": entry.problem}
        put(self._gradebook, LEDGER, key, rest)
        put(self._gradebook, SECONDS, key, None if entry.seconds is None else {"seconds": entry.seconds})

"""What became of each submission, in a table of ours in the gradebook: so none is graded twice, and none forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Literal

from nbgrader.api import Gradebook
from sqlalchemy import select

from autograder.course_folder import same_name
from autograder.tables import WATCHED, make_tables, put
from autograder.watch.queue import Arrival

State = Literal["graded", "released", "replaced", "refused", "failed", "left"]
"""Of these, `graded` waits for its page to be released, `replaced` made room for a newer one before it was graded,
`failed` did so through our fault and is tried again, and `left` had its grade and its feedback before we saw it."""


@dataclass(frozen=True)
class Row:
    """One submission; times are in UTC, without a zone."""

    submission: str
    """The name of its folder in the exchange."""
    assignment: str
    student: str
    state: State
    submitted: datetime
    arrived: datetime
    ready: datetime
    """When it could have been graded, as far as the student's pauses go."""
    graded: datetime | None = None
    released: datetime | None = None
    shown: str = ""
    """What its page shows, so that another one is made when that changes."""
    note: str = ""

    @classmethod
    def of(cls, arrival: Arrival, state: State, ready: datetime | None = None, **more: object) -> Row:
        """Return the row of a submission."""
        row = cls(
            arrival.name,
            arrival.assignment,
            arrival.student,
            state,
            arrival.stamp,
            arrival.arrived,
            ready or arrival.arrived,
        )
        return replace(row, **more)  # type: ignore[arg-type] # fields of a row

    @property
    def waited(self) -> float | None:
        """Seconds until its page could be fetched."""
        return None if self.released is None else max(0.0, (self.released - self.ready).total_seconds())


class Journal:
    """The rows of a course; what has been committed is here as well."""

    def __init__(self, gradebook: Gradebook) -> None:
        self._gradebook = gradebook
        make_tables(gradebook)
        self.rows = rows(gradebook)
        self._by_student: dict[tuple[str, str], dict[str, Row]] = {}
        for row in self.rows.values():
            self._keep(row)

    def __contains__(self, name: object) -> bool:
        row = self.rows.get(str(name))
        return row is not None and row.state != "failed"

    def write(self, row: Row) -> None:
        """Write a row as part of the gradebook's open transaction."""
        content = {field.name: getattr(row, field.name) for field in fields(Row)}
        put(self._gradebook, WATCHED, (content.pop("submission"),), content)

    def entered(self, row: Row) -> None:
        """Take note that the transaction in which a row was written has been committed."""
        self.rows[row.submission] = row
        self._keep(row)

    def _keep(self, row: Row) -> None:
        self._by_student.setdefault((row.assignment, same_name(row.student)), {})[row.submission] = row

    def enter(self, *entered: Row) -> None:
        """Write rows in a transaction of their own."""
        if not entered:
            return
        try:
            for row in entered:
                self.write(row)
            self._gradebook.db.commit()
        except BaseException:
            self._gradebook.db.rollback()
            raise
        for row in entered:
            self.entered(row)

    def remove(self, names: Collection[str]) -> None:
        """Forget what became of folders: they never were submissions, or are looked at anew."""
        if not names:
            return
        try:
            for name in names:
                put(self._gradebook, WATCHED, (name,), None)
            self._gradebook.db.commit()
        except BaseException:
            self._gradebook.db.rollback()
            raise
        for name in names:
            row = self.rows.pop(name)
            del self._by_student[row.assignment, same_name(row.student)][name]

    def of(self, assignment: str, student: str) -> Iterable[Row]:
        """Iterate over the rows of a student's submissions to an assignment, however the name is spelled."""
        return self._by_student.get((assignment, same_name(student)), {}).values()


def rows(gradebook: Gradebook) -> dict[str, Row]:
    """Return all rows by submission; the table has to be there."""
    found = gradebook.db.execute(select(*(WATCHED.c[field.name] for field in fields(Row)))).all()
    gradebook.db.rollback()  # a transaction that only reads would hold up others
    return {row[0]: Row(*row) for row in found}

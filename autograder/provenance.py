"""What a grade was made with: versions, wall and day, for the day when somebody disputes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from nbgrader.api import Gradebook
from sqlalchemy import inspect, select

from autograder.tables import MADE_WITH, put
from autograder.versions import NAMES

NO_WALL = "none of a student's code ran"


@dataclass(frozen=True)
class Provenance:
    """What the grade of one notebook was made with."""

    graded: datetime
    """With a time zone."""
    grader: str
    nbgrader: str
    python: str
    numpy: str
    torch: str
    wall: str
    """The wall around the student's code, for people."""

    @classmethod
    def now(cls, found: Mapping[str, str], wall: str = "") -> Self:
        """Return that of a grade that is entered now.

        Parameters
        ----------
        found : Mapping[str, str]
            `versions.versions()` where it was graded.
        wall : str, optional
            The wall; nothing if none of the student's code ran.
        """
        told = {name: found.get(name, "unknown") for name in NAMES}
        return cls(datetime.now(UTC).replace(microsecond=0), **told, wall=wall or NO_WALL)

    @property
    def programs(self) -> str:
        """All versions as one line."""
        return ", ".join(f"{shown} {getattr(self, name)}" for name, shown in NAMES.items())

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return {**vars(self), "graded": self.graded.isoformat()}


def enter(gradebook: Gradebook, key: tuple[str, str, str], made: Provenance) -> None:
    """Enter what the grade of a notebook was made with, as part of the gradebook's open transaction.

    Parameters
    ----------
    key : tuple of str
        Assignment, student, notebook.
    """
    rest = asdict(made) | {"graded": made.graded.astimezone(UTC).replace(tzinfo=None)}
    put(gradebook, MADE_WITH, key, rest)


def entered(gradebook: Gradebook, assignment: str, student: str | None = None) -> dict[tuple[str, str], Provenance]:
    """Return what the grades of an assignment were made with, by student and notebook; those of old have none.

    Parameters
    ----------
    student : str | None, optional
        Whose grades; everybody's if left out.
    """
    if not inspect(gradebook.engine).has_table(MADE_WITH.name):
        return {}
    wanted = select(MADE_WITH).where(MADE_WITH.c.assignment == assignment)
    if student is not None:
        wanted = wanted.where(MADE_WITH.c.student == student)
    return {
        (row["student"], row["notebook"]): Provenance(
            row["graded"].replace(tzinfo=UTC), **{name: row[name] for name in (*NAMES, "wall")}
        )
        for row in gradebook.db.execute(wanted).mappings()
    }

"""What a grade was made with: versions, wall and day, for the day when somebody disputes it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Self

from nbgrader.api import Gradebook
from sqlalchemy import inspect, select

import autograder
import course
from autograder.tables import MADE_WITH, put

DISTRIBUTION = "activation-course"
NAMES = {"grader": "autograder", "nbgrader": "nbgrader", "python": "Python", "numpy": "NumPy", "torch": "torch"}
"""What people call the programs whose versions are kept."""
NO_WALL = "none of a student's code ran"
CODE = tuple(
    Path(package.__path__[0], part)
    for package, part in ((autograder, ""), (course, "checks"), (course, "handing_in"), (course, "computations"))
)
"""Folders whose Python files are the grader's code: what students' lessons and demos consist of is not."""
_LETTERS = 8


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
            `versions()` where it was graded.
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


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of what grades in this process; the grader's ends with a short hash of its code."""
    return {
        "grader": f"{_version(DISTRIBUTION)}+{code_hash()}",
        "nbgrader": _version("nbgrader"),
        "python": platform.python_version(),
        "numpy": _version("numpy"),
        "torch": _version("torch"),
    }


def versions_line() -> str:
    """Return the versions here as one line, as `Provenance.programs` has them."""
    return ", ".join(f"{shown} {versions()[name]}" for name, shown in NAMES.items())


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def code_hash() -> str:
    """Return a short hash of the grader's code: between two releases, and in a checkout, the version stays the same."""
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted(folder.rglob("*.py")):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder.parent).as_posix()} {len(content)} ".encode() + content)
    return digest.hexdigest()[:_LETTERS]


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

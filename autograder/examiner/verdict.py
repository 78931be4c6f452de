"""What the examiner found out about a submission: points, named checks, incidents; as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from course.checks import CheckResult

METADATA_KEY = "autograder"
"""Key in the metadata of a test cell, and of the notebook, under which verdicts are kept."""
NOT_GRADED = "**This submission was not graded.**"
"""Beginning of the first cell of a notebook that could not be graded; the reason follows."""
CAPTION = "Drawn again from what your figure reported"
"""Beginning of what stands above a figure that the examiner drew below its checks."""


@dataclass(frozen=True)
class CellVerdict:
    """One test cell: its points and the checks behind them, or the reason why there are none."""

    grade_id: str
    points: float
    max_points: float
    checks: tuple[CheckResult, ...] = ()
    reason: str = ""
    figures: tuple[Any, ...] = field(default=(), compare=False)
    """Reports of figures to draw below the checks; no part of the data."""

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-able data."""
        data = {**vars(self), "checks": tuple({**vars(check)} for check in self.checks)}
        del data["figures"]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CellVerdict:
        """Return the verdict that `to_dict` gave."""
        return cls(**{**data, "checks": tuple(CheckResult(**check) for check in data["checks"])})


@dataclass(frozen=True)
class WallUsed:
    """The wall between student code and the machine that ran it; not part of the verdict."""

    name: str
    """As in `walls.NAMES`, or `none`."""
    sentence: str
    """What it is made of, for people."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Any) -> WallUsed | None:
        """Return what `to_dict` gave; None for anything else."""
        try:
            name, sentence = data["name"], data["sentence"]
        except (TypeError, KeyError):
            return None
        return cls(name, sentence) if isinstance(name, str) and isinstance(sentence, str) else None


def wall_lines(walls: Mapping[WallUsed, int]) -> list[str]:
    """Return one line that names the wall around student code, or a line with a count for each if there are several."""
    if len(walls) == 1:
        return [f"Wall around student code: {next(iter(walls)).sentence}."]
    return [
        f"Wall around student code: {wall.sentence} ({count} of {sum(walls.values())} notebooks)."
        for wall, count in sorted(walls.items(), key=lambda item: (-item[1], item[0].name, item[0].sentence))
    ]


@dataclass(frozen=True)
class Incident:
    """Something that happened to a cell of the student: stopped, died, too much memory."""

    cell: str
    """The cell's nbgrader id, or its number in the notebook."""
    what: str


@dataclass(frozen=True)
class Look:
    """A line of the student's that a person should look at; it costs no points."""

    cell: str
    """The cell's nbgrader id, its number in the notebook, or the name of a file beside it."""
    line: int
    """Counted from 1."""
    what: str
    """What the line reaches for."""
    code: str
    """The line, in short."""


@dataclass
class Verdict:
    """One submitted notebook."""

    cells: list[CellVerdict] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What had to be put right before grading: missing cells, changed points."""
    looks: list[Look] = field(default_factory=list)

    @property
    def points(self) -> float:
        """Points earned automatically."""
        return sum(cell.points for cell in self.cells)

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-able data, the same for the same verdict."""
        return {
            "cells": [cell.to_dict() for cell in self.cells],
            "incidents": [asdict(incident) for incident in self.incidents],
            "notes": [*self.notes],
            "looks": [asdict(look) for look in self.looks],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Verdict:
        """Return the verdict that `to_dict` gave."""
        return cls(
            cells=[CellVerdict.from_dict(cell) for cell in data["cells"]],
            incidents=[Incident(**incident) for incident in data["incidents"]],
            notes=list(data["notes"]),
            looks=[Look(**look) for look in data.get("looks", [])],  # verdicts of earlier versions have none
        )


def verdict_in(metadata: Mapping[str, Any]) -> CellVerdict | None:
    """Return the verdict that the examiner wrote into a cell's metadata, or None for anything else in its place."""
    told: Any = metadata.get(METADATA_KEY)
    try:
        verdict = CellVerdict.from_dict(told)
    except (TypeError, KeyError):
        return None
    return verdict if verdict.grade_id == metadata.get("nbgrader", {}).get("grade_id") else None

"""What the course says each cell of a notebook must be, as plain data that travels to a worker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class SourceCell:
    """One cell that nbgrader knows: its text, its role and its points."""

    name: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float

    @property
    def is_test(self) -> bool:
        """Whether it is a cell of checks."""
        return self.grade and not self.solution and self.cell_type == "code"

    def metadata(self) -> dict[str, Any]:
        """Return nbgrader's metadata for this cell."""
        fields: dict[str, Any] = {
            "cell_type": self.cell_type,
            "checksum": self.checksum,
            "grade": self.grade,
            "grade_id": self.name,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.task,
        }
        if self.grade or self.task:
            fields["points"] = self.points
        return fields


@dataclass(frozen=True)
class ReleasedCell:
    """One cell of the notebook that students get: what the gradebook does not keep of it."""

    name: str
    """As nbgrader knows it; empty if it does not."""
    cell_type: str
    source: str
    ids: tuple[str, ...] = ()
    """Jupyter's ids of it, in `source/` and in `release/`."""
    tags: tuple[str, ...] = ()
    attachments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceNotebook:
    """The cells of one notebook of an assignment, in order, and the kernel it runs with."""

    assignment: str
    name: str
    kernelspec: dict[str, Any] | None
    cells: tuple[SourceCell, ...]
    released: tuple[ReleasedCell, ...] = ()
    """All cells as students get them, where the course folder has them; they help to recognise a student's."""

    @property
    def max_points(self) -> float:
        """Points of the whole notebook."""
        return sum(cell.points for cell in self.cells if cell.grade or cell.task)

    @cached_property
    def text(self) -> str:
        """A text that `from_text` reads; equal notebooks have equal texts."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> SourceNotebook:
        """Return the notebook whose `text` this is."""
        fields = json.loads(text)
        cells = tuple(SourceCell(**cell) for cell in fields["cells"])
        released = tuple(
            ReleasedCell(**{**cell, "ids": tuple(cell["ids"]), "tags": tuple(cell["tags"])})
            for cell in fields["released"]
        )
        return cls(**{**fields, "cells": cells, "released": released})

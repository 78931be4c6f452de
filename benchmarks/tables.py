"""Tables of a benchmark, for the terminal and for a page."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Section:
    """A table with a heading."""

    heading: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table(*self.head, title=self.heading)
        for row in self.rows:
            table.add_row(*row)
        console.print(table)

    def markdown(self) -> str:
        """Return the heading and the table as Markdown."""
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return "\n".join([f"## {self.heading}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def verdict(value: float, goal: float, direction: str) -> str:
    """Tell whether a value is "at least" or "at most" its goal, in a word."""
    return "reached" if (value >= goal if direction == "at least" else value <= goal) else "missed"


def machine() -> dict[str, str | int | None]:
    """Return what a run was measured on."""
    return {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}

"""Tables of a benchmark, for the terminal and for a page."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
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


def compared(
    heading: str, kind: str, seconds: Mapping[str, Sequence[float]], ratio: float, goal: float, *, digits: int
) -> Section:
    """Return the table of two kinds of runs, measured in turn, of which the second is to take little more time.

    Parameters
    ----------
    heading, kind : str
        Of the table, and of its first column.
    seconds : mapping
        Those of each round, by the name of the kind.
    ratio, goal : float
        Of the medians, second to first; and the most that it may be.
    digits : int
        Those of a second that are shown; the ratio has three.
    """
    rows = [
        (name, f"{statistics.median(found):.{digits}f}", ", ".join(f"{each:.{digits}f}" for each in found))
        for name, found in seconds.items()
    ]
    rows.append(("second / first", f"{ratio:.3f}", f"at most {goal:g}: {verdict(ratio, goal, 'at most')}"))
    return Section(heading, (kind, "median", "each round"), rows)


def machine() -> dict[str, str | int | None]:
    """Return what a run was measured on."""
    return {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}

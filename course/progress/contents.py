"""What there is to do in each lesson. `autograder notebooks` reads it from the lessons into the file `FILE`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("contents.json")


@dataclass(frozen=True)
class CheckCell:
    """A cell of checks: its title, and the names of those that stand there in plain words."""

    title: str
    names: tuple[str, ...]

    @property
    def item(self) -> str:
        """What its pass is kept under."""
        return item_id(self.title, *self.names)


@dataclass(frozen=True)
class Lesson:
    """A lesson and what a student does in it, apart from its quiz: ids in the order of the lesson."""

    name: str
    title: str
    minutes: int
    predictions: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    checks: tuple[CheckCell, ...] = ()


def item_id(*texts: str) -> str:
    """Return an id made from texts, so that a changed question has another one, and old answers do not come back."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@cache
def lessons() -> tuple[Lesson, ...]:
    """Return all lessons, in order."""
    return tuple(
        Lesson(
            entry["name"],
            entry["title"],
            entry["minutes"],
            tuple(entry["predictions"]),
            tuple(entry["cards"]),
            tuple(CheckCell(cell["title"], tuple(cell["names"])) for cell in entry["checks"]),
        )
        for entry in json.loads(FILE.read_text(encoding="utf-8"))["lessons"]
    )


def lesson_of(item: str) -> str:
    """Return the lesson of a prediction or a card, "" for what is in no lesson."""
    return next((lesson.name for lesson in lessons() if item in lesson.predictions + lesson.cards), "")


def check_cell(title: str, names: Sequence[str]) -> tuple[str, CheckCell] | None:
    """Return the lesson and the cell that a table of checks with these names comes from, None if it is no lesson's."""
    found = [
        (lesson.name, cell)
        for lesson in lessons()
        for cell in lesson.checks
        if cell.title == title and set(cell.names) <= set(names)
    ]
    return max(found, key=lambda pair: len(pair[1].names), default=None)

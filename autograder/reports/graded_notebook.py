"""What a graded notebook says: verdicts, cells that were stopped, lines to look at, and the student's code.

It is kept in the gradebook; a notebook that is another one than that was made of is read.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from autograder.batch.summaries import Kept, stamp_of
from autograder.examiner.summary import content_hash, kind_of, number_of, summarise
from autograder.examiner.verdict import METADATA_KEY, CellVerdict, Incident, Look, WallUsed, verdict_in
from course.handing_in.sourcecells import SourceNotebook

Made = TypeVar("Made")

LONGEST = 600
"""Characters of one message, so that no submission makes a long report."""
MOST = 50
"""Incidents and notes of one notebook that are listed; how many more there are is said."""


@dataclass(frozen=True)
class Code:
    """A piece of code: a letter for each token, and the tokens in the order of their letters."""

    words: tuple[str, ...]
    letters: str

    @property
    def tokens(self) -> list[str]:
        """All tokens, in order."""
        return [self.words[number_of(letter)] for letter in self.letters]


@dataclass(frozen=True)
class GradedNotebook:
    """What one graded notebook says; empty where it cannot be read."""

    verdicts: Mapping[str, CellVerdict] = field(default_factory=dict)
    """By cell."""
    incidents: tuple[Incident, ...] = ()
    looks: tuple[Look, ...] = ()
    wall: WallUsed | None = None
    code: Mapping[str, Code] = field(default_factory=dict)
    """What the student wrote, by cell."""
    notes: tuple[str, ...] = ()
    """Of the verdict as it was entered."""


def up_to_date(path: Path, source: SourceNotebook, before: Kept | None) -> Kept | None:
    """Return what is to be kept of a graded notebook: `before` itself where it holds, None if it cannot be read.

    Parameters
    ----------
    before : Kept | None
        What is kept now.
    """
    try:
        stamp = stamp_of(path)
        if before and before.summary.kind == kind_of(source.text):
            if before.stamp == stamp:
                return before
            content = path.read_bytes()
            if before.summary.content == content_hash(content):
                return replace(before, stamp=stamp)
        else:
            content = path.read_bytes()
        return read_graded(content, source, stamp)
    except OSError:
        return None


def read_graded(content: bytes, source: SourceNotebook, stamp: str = "") -> Kept | None:
    """Return what is to be kept of a graded notebook; None if it cannot be read.

    Parameters
    ----------
    content : bytes
        Its file.
    source : SourceNotebook
        The assignment's.
    stamp : str, optional
        Of its file.
    """
    try:
        notebook = json.loads(content.decode())
        whole = notebook["metadata"].get(METADATA_KEY, {})
        wall = WallUsed.from_dict(whole.get("wall"))
        looks = [asdict(Look(**look)) for look in whole.get("looks", [])]
        found = [verdict for verdict in (verdict_in(cell["metadata"]) for cell in notebook["cells"]) if verdict]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    # Not from outputs: a student's exception may have any name.
    told = [{key: short(each[key]) for key in ("cell", "what")} for each in whole.get("incidents", [])]
    verdict = {"cells": [cell.to_dict() for cell in found], "incidents": told, "looks": looks, "notes": []}
    return Kept(summarise(notebook, content, source), stamp, json.dumps(verdict, sort_keys=True), wall)


def graded_notebook(kept: Kept | None) -> GradedNotebook:
    """Return what a graded notebook says, from what is kept of it."""
    if kept is None or kept.verdict is None:
        return GradedNotebook()
    told = told_by(kept.verdict)
    words = kept.summary.words
    code = {name: Code(words, letters) for name, letters in kept.summary.code.items()}
    return GradedNotebook(told.verdicts, told.incidents, told.looks, kept.wall, code)


@lru_cache(maxsize=1024)  # all that is right is right in the same words
def told_by(verdict: str) -> GradedNotebook:
    """Return what a verdict says.

    Parameters
    ----------
    verdict : str
        As JSON.
    """
    whole: dict[str, Any] = json.loads(verdict)
    told = whole["incidents"]
    incidents = [Incident(short(incident["cell"]), short(incident["what"])) for incident in told[:MOST]]
    if len(told) > MOST:
        incidents.append(Incident("", f"and {len(told) - MOST} more"))
    cells = _understood(CellVerdict.from_dict, whole["cells"])
    looks = tuple(_understood(lambda look: Look(**look), whole.get("looks", [])))
    notes = whole["notes"]
    more = [f"and {len(notes) - MOST} more"] if len(notes) > MOST else []
    return GradedNotebook(
        {cell.grade_id: cell for cell in cells},
        tuple(incidents),
        looks,
        notes=(*map(short, notes[:MOST]), *more),
    )


def _understood(make: Callable[[Any], Made], told: Iterable[Any]) -> Iterator[Made]:
    """Yield what can be made of data; another version may have entered what this one does not know."""
    for each in told:
        with contextlib.suppress(TypeError, KeyError):
            yield make(each)


def short(text: object) -> str:
    """Return a text, cut if it is long."""
    text = str(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

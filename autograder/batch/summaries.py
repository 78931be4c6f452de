"""Keeps summaries of graded notebooks in the gradebook, and knows by its file whether one still holds.

A notebook may change without us: a person corrects it by hand, or stock nbgrader grades it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nbgrader.api import Gradebook
from sqlalchemy import and_, func, select

from autograder.examiner.summary import Summary
from autograder.examiner.verdict import WallUsed
from autograder.tables import KEY, LEDGER, SUMMARY, put


@dataclass(frozen=True)
class Kept:
    """A summary with all that the report reads of a graded notebook."""

    summary: Summary
    stamp: str
    """`stamp_of` its file."""
    verdict: str | None
    """JSON of the verdict; None as it is entered beside the same verdict in the ledger."""
    wall: WallUsed | None = None


def stamp_of(path: Path) -> str:
    """Return what tells without reading a file that it is the same as before: its size, its place, and its times.

    Raises
    ------
    OSError
        If there is no such file.
    """
    found = path.stat()
    return f"{found.st_size} {found.st_ino} {found.st_mtime_ns} {found.st_ctime_ns}"


def enter_summary(gradebook: Gradebook, key: tuple[str, str, str], kept: Kept | None) -> None:
    """Put a summary in the place of the one there is, as part of the gradebook's open transaction.

    Parameters
    ----------
    key : tuple of str
        Assignment, student, notebook.
    """
    put(gradebook, SUMMARY, key, None if kept is None else _row(kept))


def _row(kept: Kept) -> dict[str, str | None]:
    return {
        "kind": kept.summary.kind,
        "content": kept.summary.content,
        "stamp": kept.stamp,
        "verdict": kept.verdict,
        "wall": json.dumps(kept.wall.to_dict()) if kept.wall else "",
        "words": json.dumps([kept.summary.words, kept.summary.code]),
    }


def kept_summaries(gradebook: Gradebook, assignment: str) -> dict[tuple[str, str], Kept]:
    """Return the summaries of an assignment's notebooks by student and notebook, each with its verdict."""
    columns = SUMMARY.c
    # One statement: a run that grades meanwhile enters verdict and summary together.
    rows = gradebook.db.execute(
        select(
            columns.student,
            columns.notebook,
            columns.kind,
            columns.content,
            columns.words,
            columns.stamp,
            func.coalesce(columns.verdict, LEDGER.c.verdict),
            columns.wall,
        )
        .outerjoin(LEDGER, and_(*(LEDGER.c[name] == columns[name] for name in KEY)))
        .where(columns.assignment == assignment)
    )
    return {
        (student, notebook): Kept(
            _summary(kind, content, words),
            stamp,
            verdict,
            _wall(wall),
        )
        for student, notebook, kind, content, words, stamp, verdict, wall in rows
        if verdict is not None
    }


def _summary(kind: str, content: str, words: str) -> Summary:
    alphabet, code = json.loads(words)
    return Summary(kind, content, tuple(alphabet), code)


@lru_cache
def _wall(told: str) -> WallUsed | None:
    return WallUsed.from_dict(json.loads(told)) if told else None

"""Reads what a graded notebook says: verdicts, cells that were stopped, lines to look at, and the student's code."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.examiner.verdict import METADATA_KEY, CellVerdict, Incident, Look, WallUsed, verdict_in
from course.handing_in.sourcecells import SourceNotebook

LONGEST = 600
"""Characters of one message, so that no submission makes a long report."""
MOST = 50
"""Incidents and notes of one notebook that are listed; how many more there are is said."""
MOST_CODE = 100_000
"""Characters of code of one cell that are kept, to compare it with others'."""


@dataclass(frozen=True)
class GradedNotebook:
    """What one graded notebook says; empty where it cannot be read."""

    verdicts: Mapping[str, CellVerdict] = field(default_factory=dict)
    """By cell."""
    incidents: tuple[Incident, ...] = ()
    looks: tuple[Look, ...] = ()
    wall: WallUsed | None = None
    code: Mapping[str, str] = field(default_factory=dict)
    """What the student wrote, by cell; cells of the student's own are together under an empty name."""


def read_graded(path: Path, given: Collection[str] = ()) -> GradedNotebook:
    """Return what a graded notebook says.

    Parameters
    ----------
    given : Collection[str], optional
        Lines of the assignment, without spaces around them: they are no code of the student's.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells: Sequence[dict[str, Any]] = notebook["cells"]
        whole = notebook["metadata"].get(METADATA_KEY, {})
        wall = WallUsed.from_dict(whole.get("wall"))
        looks = tuple(Look(**look) for look in whole.get("looks", []))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return GradedNotebook()
    found = [verdict for verdict in (verdict_in(cell["metadata"]) for cell in cells) if verdict is not None]
    told = whole.get("incidents", [])
    # Not from outputs: a student's exception may have any name.
    incidents = [Incident(short(incident["cell"]), short(incident["what"])) for incident in told[:MOST]]
    if len(told) > MOST:
        incidents.append(Incident("", f"and {len(told) - MOST} more"))
    verdicts = {verdict.grade_id: verdict for verdict in found}
    return GradedNotebook(verdicts, tuple(incidents), looks, wall, _code(cells, given))


def _code(cells: Sequence[Mapping[str, Any]], given: Collection[str]) -> dict[str, str]:
    code: dict[str, list[str]] = {}
    for cell in cells:
        ours = cell["metadata"].get("nbgrader", {})
        if cell.get("cell_type") == "code" and not (ours.get("locked") or (ours.get("grade") and not ours["solution"])):
            source = cell.get("source", "")
            lines = ("".join(source) if isinstance(source, list) else str(source)).splitlines()
            own = [line for line in lines if line.strip() and line.strip() not in given]
            code.setdefault(ours.get("grade_id", ""), []).extend(own)
    return {name: "\n".join(lines)[:MOST_CODE] for name, lines in code.items() if lines}


def given_lines(source: SourceNotebook) -> frozenset[str]:
    """Return the lines of an assignment's notebook as students get it, without spaces around them."""
    texts = [*(cell.source for cell in source.cells), *(cell.source for cell in source.released)]
    return frozenset(line.strip() for text in texts for line in text.splitlines())


def short(text: object) -> str:
    """Return a text, cut if it is long."""
    text = str(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

"""Honest submissions as people and programs make them, each with what it is worth and what has to be said about it.

Those of `HANDED_IN` and `RUNNING` are of the small course of `tests.support.classroom`: 4 points for `double`, 2 for
`mean`, an essay that a person reads. Those of `FROM_SCRATCH` are of ps1.
"""

from __future__ import annotations

from tests.flows.corpus.case import Case
from tests.flows.corpus.cells import CELLS
from tests.flows.corpus.damaged import DAMAGED
from tests.flows.corpus.from_scratch import FROM_SCRATCH
from tests.flows.corpus.pictures import DRAWN, PICTURES
from tests.flows.corpus.running import RUNNING

PATTERN = "[0-z]*"
"""A folder's name that is a pattern, which all the other names match."""
CUT_OFF = "cut off"
HANDED_IN: dict[str, Case] = {
    **DAMAGED,
    **CELLS,
    **{name: case for name, (case, _) in PICTURES.items()},
    PATTERN: Case(),
    CUT_OFF: Case(points=0, why="mini.ipynb cannot be read: it is not JSON", raw=lambda notebook: b'{"cells": ['),
}
"""What is in a notebook, by the name of the student."""

__all__ = ["CUT_OFF", "DRAWN", "FROM_SCRATCH", "HANDED_IN", "PATTERN", "PICTURES", "RUNNING", "Case"]

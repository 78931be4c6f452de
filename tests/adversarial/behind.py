"""Behind which walls attacks run here: first the one that this machine grades behind, then the others."""

from __future__ import annotations

from functools import cache

from autograder.room import walls
from autograder.room.errors import SandboxUnavailable


@cache
def lacks(wall: str) -> str:
    """Return why this machine cannot build a wall; empty if it can."""
    try:
        walls.choose(wall)
    except SandboxUnavailable as error:
        return str(error)
    return ""


FIRST, *OTHERS = sorted(walls.NAMES, key=lambda wall: bool(lacks(wall)))
"""Also those that this machine lacks, for the reason to be said."""

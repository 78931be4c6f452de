"""Behind which walls an attack runs here: all of them, or the first that this machine can build where none matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from autograder.room import walls
from autograder.room.errors import SandboxUnavailable
from tests.adversarial.attack import Attack

WHERE_THE_WALL_MATTERS = {"Reading", "Reaching out", "Harming", "Persisting", "Calling the kernel"}
"""Groups of attacks that meet the wall; what the others do to a notebook, its replies and its tests, no wall sees."""


@cache
def lacks(wall: str) -> str:
    """Return why this machine cannot build a wall; empty if it can."""
    try:
        walls.choose(wall)
    except SandboxUnavailable as error:
        return str(error)
    return ""


def pairs(attacks: Sequence[Attack], *, every_wall: bool) -> Iterator[tuple[str, Attack]]:
    """Yield which attack to run behind which wall.

    Every wall of `walls.NAMES` is in it, also one that this machine lacks, for the reason to be said; the groups in
    which no wall matters run behind one, unless `every_wall` is asked for.
    """
    first = next((wall for wall in walls.NAMES if not lacks(wall)), walls.NAMES[0])
    for wall in walls.NAMES:
        for attack in attacks:
            if every_wall or wall == first or attack.group in WHERE_THE_WALL_MATTERS:
                yield wall, attack

"""What a student room is built of: the walls there are, and the probe that chooses one for this machine.

- `namespaces` takes bubblewrap, and the right to make namespaces (`namespaces.py`).
- `landlock` takes a kernel with Landlock, and no rights at all (`landlock.py`).

Both take the system call filter of `filter.py`. What a wall does inside the room stands in `room/inside`.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import cache
from typing import Literal

from autograder.room.errors import SandboxUnavailable
from autograder.room.walls.base import Place, Problem, Start, Wall
from autograder.room.walls.landlock import LandlockWall
from autograder.room.walls.namespaces import NamespaceWall
from autograder.room.walls.unprotected import Unprotected

WallName = Literal["auto", "namespaces", "landlock"]

NAMES = ("namespaces", "landlock")
"""The walls, the preferred one first."""

__all__ = ["NAMES", "Place", "Problem", "Start", "Unprotected", "Wall", "WallName", "choose", "problems", "wall_named"]


def wall_named(name: str) -> Wall:
    """Return the wall of that name, whether or not it can be built here."""
    walls: dict[str, type[Wall]] = {"namespaces": NamespaceWall, "landlock": LandlockWall}
    return walls[name]()


@cache
def problems(name: str) -> tuple[Problem, ...]:
    """Return what keeps this machine from building a wall, each with its remedy; looked at once in a process."""
    if platform.system() != "Linux":
        return (Problem("the student room needs Linux", "run the grader in a Linux virtual machine or container"),)
    return tuple(wall_named(name).problems())


def choose(name: WallName = "auto") -> Wall:
    """Return the wall for this machine.

    Parameters
    ----------
    name : {"auto", "namespaces", "landlock"}
        The wall wanted; `auto` takes the first of `NAMES` that can be built here.

    Raises
    ------
    SandboxUnavailable
        If none can be; the message says what keeps each from it, and the remedies.
    """
    wanted: Sequence[str] = NAMES if name == "auto" else (name,)
    for candidate in wanted:
        if not problems(candidate):
            return wall_named(candidate)
    raise SandboxUnavailable(
        "No wall can be built around student code here. "
        + " ".join(f"{candidate}: {_in_short(problems(candidate))}." for candidate in wanted)
        + (" One of them is enough." if len(wanted) > 1 else "")
    )


def _in_short(found: Sequence[Problem]) -> str:
    return "; ".join(f"{problem.what} (to do: {problem.remedy})" for problem in found)

"""The room factories of a process, one for each way of starting them; they end with it."""

from __future__ import annotations

import atexit
import importlib.util
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing.util import Finalize
from pathlib import Path

from autograder.errors import UserError
from autograder.room.errors import SandboxUnavailable
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
from autograder.room.walls import WallName, choose
from course.handing_in.preload import slow_imports
from course.handing_in.sourcecells import SourceNotebook


@dataclass(frozen=True)
class RoomSettings:
    """How student rooms are started."""

    limits: Limits = field(default_factory=Limits)
    wall: WallName = "auto"
    unprotected: bool = False
    warm: bool = True
    packages: tuple[str, ...] = ()
    """Importable packages that the sandbox would hide and in-kernel tests need."""
    preload: tuple[str, ...] = ()
    """Modules that the fork server imports before the first room asks for them."""


ANYWAY = (
    "So nothing was graded. Submissions that you would run yourself can be graded without a wall: "
    "autograder grade --unprotected, or c.Examiner.unprotected = True for nbgrader."
)
"""The alternative to building a wall."""


_TORCH = re.compile(r"\btorch(?!_)|\bcourse\b(?!\.(?:checks import|rehearse)\b)")
"""What code says that has torch imported: its name, or a part of the course other than checks and rehearsal.

Hidden tests have torch's values from `torch_reference`, on the trusted side.
"""


def preload_for(notebooks: Iterable[SourceNotebook]) -> tuple[str, ...]:
    """Return the modules worth importing before the first room of an assignment: those its notebooks name.

    A student's notebook may use others; they are then imported in its room, which takes its time. For torch, such a
    notebook gets another room (`rooms_for`).
    """
    cells = [cell for notebook in notebooks for cell in notebook.cells]
    torch = any(cell.cell_type == "code" and _TORCH.search(cell.source) for cell in cells)
    return (*slow_imports("\n".join(cell.source for cell in cells)), *(["torch"] if torch else []))


def rooms_for(warm: RoomFactory, code: Iterable[str], files: Mapping[str, bytes]) -> RoomFactory:
    """Return the factory of the rooms for one submission: with torch from the start if its code names that.

    Parameters
    ----------
    warm : RoomFactory
        The factory for the assignment.
    code : Iterable[str]
        Sources of the submission's code cells.
    files : Mapping[str, bytes]
        Its other files, by name; the code is in those of Python and of notebooks.

    Raises
    ------
    NotStarted
        As `RoomFactory.with_torch`.
    """
    beside = (text.decode(errors="replace") for name, text in files.items() if name.endswith(_CODE))
    return warm.with_torch() if any(map(_TORCH.search, chain(code, beside))) else warm


def require_wall(settings: RoomSettings) -> None:
    """Check that this machine can build the wall that these settings want, before any student code runs.

    Raises
    ------
    SandboxUnavailable
        If it cannot, and `unprotected` is off; the message says what to do.
    """
    if settings.unprotected:
        return
    try:
        choose(settings.wall)
    except SandboxUnavailable as error:
        raise SandboxUnavailable(f"{error} {ANYWAY}") from None


_CODE = (".py", ".ipynb", ".ipy")
_processes: dict[RoomSettings, RoomFactory] = {}


def room_factory(settings: RoomSettings, *, wait: bool = True, cores: Sequence[int] = ()) -> RoomFactory:
    """Return this process's room factory for these settings, started at first use with `wait` and `cores`.

    Raises
    ------
    SandboxUnavailable
        If the machine cannot build the sandbox and `unprotected` is off.
    UserError
        If one of `packages` cannot be imported here.
    """
    if settings not in _processes:
        require_wall(settings)
        _processes[settings] = RoomFactory(
            limits=settings.limits,
            wall=settings.wall,
            protect=not settings.unprotected,
            warm=settings.warm,
            packages={name: _folder(name) for name in settings.packages},
            preload=settings.preload,
            torch="torch" in settings.preload,
            wait=wait,
            cores=cores,
        )
    return _processes[settings]


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"Examiner.kernel_packages names {package!r}, which is not an importable package.")
    return Path(spec.submodule_search_locations[0])


def close_room_factories() -> None:
    """End them all."""
    while _processes:
        _processes.popitem()[1].close()


# A worker of a process pool runs no atexit handlers, only multiprocessing's own finalizers.
Finalize(None, close_room_factories, exitpriority=0)
atexit.register(close_room_factories)

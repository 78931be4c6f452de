"""What walls without mounts share: the fork server runs in the host's own file system, and rooms in folders of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.room.walls.bare import entries
from autograder.room.walls.base import INSIDE, INSIDE_PACKAGE, STUDENT_ENVIRONMENT, Place, Start, Wall, fork_server


class HostFolderWall(Wall):
    """Rooms with a private folder each, below the server's temporary one."""

    def start(self, channel_fd: int, packages: Mapping[str, Path], folder: Path, *, bare: bool = False) -> Start:
        """Return the command of the fork server, with `packages` on its search path."""
        site, home = site_of(folder), folder / "home"
        for path in (site, home):
            path.mkdir()
            path.chmod(0o755)
        shown = {INSIDE_PACKAGE: INSIDE, **packages, **({path.name: path for path in entries()} if bare else {})}
        for name, package in shown.items():
            (site / name).parent.mkdir(mode=0o755, exist_ok=True)
            (site / name).symlink_to(package)
        environment = STUDENT_ENVIRONMENT | {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(site)}
        return Start([sys.executable, *fork_server(channel_fd, bare=bare)], environment)

    def place(self, folder: Path, number: int) -> Place:
        """Make the room's private folder."""
        private = folder / f"{number}"
        for path in (private, private / "work", private / "tmp"):
            path.mkdir(mode=0o700)
        return Place(str(private / "work"), private)


def site_of(folder: Path) -> Path:
    """Return the folder of a server's packages."""
    return Path(os.fspath(folder), "site")

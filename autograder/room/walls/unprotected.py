"""No wall at all: for code that you would run yourself."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.room.walls.base import Problem, Start
from autograder.room.walls.host_folder import HostFolderWall


class Unprotected(HostFolderWall):
    """No protection: limits of single processes hold and leftover processes are ended, nothing else."""

    name = "none"
    sentence = "none; student code can read and change your files"

    def problems(self) -> list[Problem]:
        """Return nothing: this works everywhere."""
        return []

    def start(self, channel_fd: int, packages: Mapping[str, Path], folder: Path, *, bare: bool = False) -> Start:
        """Return the command of the fork server, for which, unless it is bare, all is importable that is so here."""
        start = super().start(channel_fd, packages, folder, bare=bare)
        assert start.environment is not None
        search = [start.environment["PYTHONPATH"], *([] if bare else filter(None, sys.path))]
        environment = os.environ | start.environment | {"PYTHONPATH": os.pathsep.join(search)}
        return Start(start.command, environment, {"wall": self.name, "keep": None})

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

    def start(self, channel_fd: int, packages: Mapping[str, Path], folder: Path) -> Start:
        """Return the command of the fork server, with all this process can import on its search path."""
        start = super().start(channel_fd, packages, folder)
        assert start.environment is not None
        search = os.pathsep.join([start.environment["PYTHONPATH"], *filter(None, sys.path)])
        environment = os.environ | start.environment | {"PYTHONPATH": search}
        return Start(start.command, environment, {"wall": self.name, "keep": None})

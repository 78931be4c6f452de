"""A temporary folder that does not outlive its process for long: the next process clears what a killed one left."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from autograder.room.inside.wipe import wipe

PREFIX = "autograder-"
_MOST_CHARACTERS = 35
"""Of the temporary folder's path: student code makes sockets below it, and a socket's path has at most 107."""

SHORT = ("/tmp", "/var/tmp")


def _temporary_folder() -> str:
    """Return the temporary folder that was chosen, or one with a shorter path; the chosen one if there is none."""
    chosen = tempfile.gettempdir()
    if len(chosen) <= _MOST_CHARACTERS:
        return chosen
    return next((folder for folder in SHORT if os.access(folder, os.W_OK | os.X_OK)), chosen)


class Scratch:
    """A folder of our own in the system's temporary folder, locked as long as this process lives."""

    def __init__(self) -> None:
        folder = _temporary_folder()
        for left in Path(folder).glob(f"{PREFIX}*"):
            _remove_unless_in_use(left)
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
            self._lock = os.open(self.path, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if self.path.exists():
                return
            os.close(self._lock)  # another process took it for left over, in the instant before the lock

    def close(self) -> None:
        """Remove the folder; a second time does nothing."""
        if self._lock >= 0:
            remove(self.path)
            os.close(self._lock)
            self._lock = -1


@cache
def own_folder() -> Path:
    """Return this process's scratch folder, made at first use and removed at its end."""
    scratch = Scratch()
    Finalize(None, scratch.close, exitpriority=-200)  # after multiprocessing has removed its own folder from it
    return scratch.path


def _remove_unless_in_use(folder: Path) -> None:
    """Remove a folder whose process has ended; the kernel gave up its lock then."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # it has just gone, it is no folder, or it is someone else's
        return
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(folder)
    except BlockingIOError:
        pass
    finally:
        os.close(lock)


def remove(folder: Path) -> None:
    """Remove a folder, the files of a student's code in it included, whatever modes it gave them."""
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        wipe(str(folder))

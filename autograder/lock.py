"""One grader at a time for an assignment, one `watch` for a course; a lock goes with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from course.handing_in.files import printable

PREFIX = ".grading-"
WATCHING = ".watching"


@contextmanager
def alone(course: CourseFolder, assignment: str) -> Iterator[None]:
    """Hold an assignment's lock, a file in the course folder that says who holds it; it is removed at the end.

    Where no such file can be made, or the file system has no locks, there is no lock: grading goes on as it can.

    Raises
    ------
    UserError
        If another process holds it.
    """
    with _held(
        course.root / f"{PREFIX}{assignment}",
        lambda holder: (
            f"{assignment} is being graded already ({holder}). Wait until that has ended, or stop it, and "
            "run this again; other assignments can be graded meanwhile."
        ),
    ):
        yield


@contextmanager
def watching(course: CourseFolder) -> Iterator[None]:
    """Hold the lock of the one `autograder watch` of a course, as `alone` does.

    Raises
    ------
    UserError
        If another process holds it.
    """
    with _held(
        course.root / WATCHING,
        lambda holder: f"{course.root} is being watched already ({holder}). One 'autograder watch' is enough.",
    ):
        yield


@contextmanager
def _held(path: Path, refusal: Callable[[str], str]) -> Iterator[None]:
    lock = _locked(path, refusal)
    if lock is None:
        yield
        return
    try:
        with suppress(OSError):  # the disk is full, or it is the file of another instructor whose process was killed
            os.truncate(lock, 0)
            os.write(lock, f"process {os.getpid()} on {socket.gethostname()}, since {datetime.now():%H:%M}".encode())
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # before the lock is given up: nobody locks a file that is about to go
        os.close(lock)


def _locked(path: Path, refusal: Callable[[str], str]) -> int | None:
    """Return a descriptor of the locked file."""
    while (lock := _opened(path)) is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = printable(os.read(lock, 200).decode(errors="replace"))
            os.close(lock)
            raise UserError(refusal(holder or "it has just begun")) from None
        except OSError:
            os.close(lock)
            return None
        if _is_still(path, lock):
            return lock
        os.close(lock)  # its holder removed it between our two steps
    return None


def _opened(path: Path) -> int | None:
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):  # another instructor's file can be locked, if not written
        with suppress(OSError):
            return os.open(path, flags | os.O_NOFOLLOW, 0o644)
    return None


def _is_still(path: Path, lock: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def watcher(course: CourseFolder) -> str:
    """Return who watches a course, as the lock's file says; nothing if nobody does."""
    try:
        with (course.root / WATCHING).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return printable(file.read(200).decode(errors="replace")) or "it has just begun"
    except OSError:
        return ""
    return ""

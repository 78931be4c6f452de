"""Reads what was handed in, distrusting it: links, sizes, names and time stamps."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from nbgrader import utils

import autograder
import course as course_package
from autograder.courseroot import Course
from autograder.errors import UserError
from autograder.examiner.restore import MAX_NOTEBOOK_BYTES
from autograder.examiner.sourcecells import SourceNotebook

MAX_FILES_BYTES = 64 * 1024**2
"""Of all files that go along with a notebook."""


@dataclass(frozen=True)
class Submission:
    """One notebook that one student should have handed in."""

    student: str
    source: SourceNotebook
    raw: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    timestamp: datetime | None = None
    problem: str = ""
    """Why it cannot be graded, if the file system already says so."""
    notes: tuple[str, ...] = ()

    def fingerprint(self, how: str) -> str:
        """Return a hash of all that the grade depends on: submission, answer key, grader, and how it is run."""
        digest = hashlib.sha256()
        parts: Iterable[bytes] = [
            how.encode(),
            grader_fingerprint().encode(),
            self.source.text.encode(),
            self.problem.encode(),
            str(self.timestamp).encode(),
            self.raw,
            *(part for name, content in sorted(self.files.items()) for part in (name.encode(), content)),
        ]
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


@cache
def grader_fingerprint() -> str:
    """Return a hash of this program's own source: a changed hidden check must grade again."""
    digest = hashlib.sha256()
    for package in (autograder, course_package):
        folder = Path(package.__path__[0])
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def find_students(course: Course, assignment: str, student: str | None) -> list[str]:
    """Return the students who handed in an assignment, or the one asked for.

    Raises
    ------
    UserError
        If there is nothing to grade.
    """
    students = course.students(assignment)
    submitted = course.folder("submitted", assignment, "STUDENT")
    if student is not None:
        if student not in students:
            raise UserError(f"There is no submission of {student!r}: {str(submitted).replace('STUDENT', student)}.")
        return [student]
    if not students:
        raise UserError(f"There is nothing to grade: no folder {submitted}.")
    return students


def read_submission(course: Course, assignment: str, student: str, source: SourceNotebook) -> Submission:
    """Return what a student handed in for one notebook, or the reason why there is nothing to grade."""
    folder = course.folder("submitted", assignment, student)
    timestamp, notes = _timestamp(folder)
    try:
        _refuse_links(course.root, folder)
        raw = _read_notebook(folder, source.name)
        files = _read_files(folder) | _read_files(course.folder("source", assignment), ignored=_twin_names(source))
    except (UserError, OSError) as error:
        return Submission(student, source, timestamp=timestamp, problem=str(error), notes=notes)
    return Submission(student, source, raw, files, timestamp, notes=notes)


def _timestamp(folder: Path) -> tuple[datetime | None, tuple[str, ...]]:
    path = folder / "timestamp.txt"
    if not path.is_file() or path.is_symlink():
        return None, ()
    try:
        text = path.read_bytes()[:200].decode().strip()
        return (utils.parse_utc(text) if text else None), ()
    except Exception:  # dateutil raises many kinds for text that is no date
        return None, (f"{path.name} is not a date; the submission counts as not dated",)


def _refuse_links(root: Path, folder: Path) -> None:
    for path in [folder, *folder.parents]:
        if path == root:
            return
        if path.is_symlink():
            raise UserError(f"{path} is a symbolic link; a submission must be a folder.")


def _read_notebook(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.ipynb"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        others = sorted(other.name for other in folder.glob("*.ipynb"))
        found = f"; there is {', '.join(others)[:200]}" if others else ""
        raise UserError(f"There is no {path.name} in the submission{found}.") from None
    except OSError as error:
        kind = "a symbolic link" if path.is_symlink() else error.strerror
        raise UserError(f"{path.name} cannot be read: {kind}.") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UserError(f"{path.name} is not a file.")
        if status.st_size > MAX_NOTEBOOK_BYTES:
            limit = MAX_NOTEBOOK_BYTES // 1024**2
            raise UserError(f"{path.name} has {status.st_size / 1024**2:.0f} MiB; at most {limit} are read.")
        return file.read(MAX_NOTEBOOK_BYTES)


def _read_files(folder: Path, ignored: frozenset[str] = frozenset()) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.startswith(".") or path.suffix == ".ipynb" or name in ignored or path.is_symlink():
                continue
            if not path.is_file():
                continue
            total += path.stat().st_size
            if total > MAX_FILES_BYTES:
                raise UserError(f"The files of the submission have more than {MAX_FILES_BYTES // 1024**2} MiB.")
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def _twin_names(source: SourceNotebook) -> frozenset[str]:
    return frozenset({f"{source.name}.py"})

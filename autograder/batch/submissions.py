"""Reads what was handed in, distrusting it: links, sizes, names and time stamps."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath

import dateutil.parser
from nbgrader import utils

import autograder
import course as course_package
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.examiner.restore import MAX_NOTEBOOK_BYTES
from autograder.examiner.sourcecells import SourceNotebook

MAX_FILES_BYTES = 64 * 1024**2
"""Of all files that go along with a notebook."""

MAX_NAME_LENGTH = 128
"""Of a student's id in nbgrader's gradebook."""


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
        """Return a hash of all that the verdict depends on: submission, answer key, grader, and how it is run."""
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


def find_students(course: CourseFolder, assignment: str, student: str | None) -> list[str]:
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


def name_problem(student: str) -> str:
    """Return why the gradebook cannot hold a student of this name, or nothing."""
    if not student.isprintable():
        return "the folder's name has characters that cannot be printed; rename it to the student's id."
    if len(student) > MAX_NAME_LENGTH:
        return f"the folder's name is longer than {MAX_NAME_LENGTH} characters; rename it to the student's id."
    return ""


def printable(text: str) -> str:
    """Return text on one line that does nothing to a terminal; what cannot be printed becomes `�`."""
    return "".join(character if character.isprintable() else "�" for character in text)


def collect_submission(course: CourseFolder, assignment: str, student: str, source: SourceNotebook) -> Submission:
    """Return what a student handed in for one notebook, or the reason why there is nothing to grade."""
    folder = course.folder("submitted", assignment, student)
    timestamp, notes = _timestamp(folder)
    try:
        _refuse_links(course, folder)
        raw = _read_notebook(folder, source.name)
        ignored = course.directory.ignore
        own = _read_files(folder, ignored, notes)
        given = _read_files(course.folder("source", assignment), [*ignored, *_twins(course, assignment)], notes)
    except UserError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{Path(error.filename or folder).name} cannot be read: {error.strerror}."
    else:
        return Submission(student, source, raw, _merged(own, given), timestamp, notes=tuple(notes))
    return Submission(student, source, timestamp=timestamp, problem=printable(problem), notes=tuple(notes))


def _timestamp(folder: Path) -> tuple[datetime | None, list[str]]:
    path = folder / "timestamp.txt"
    if not path.is_file() or path.is_symlink():
        return None, []
    try:
        with path.open("rb") as file:
            text = file.read(200).decode().strip()
        if text and not _is_complete_date(text):
            raise ValueError(text)
        return (utils.parse_utc(text) if text else None), []
    except Exception:  # dateutil raises many kinds for text that is no date
        return None, [f"{path.name} is not a date; the submission counts as not dated"]


def _is_complete_date(text: str) -> bool:
    """Tell whether a text gives day, month and year; dateutil takes what is missing from today's date."""
    words = text.split(" ")
    date = " ".join(words[:2]) if len(words) == 3 else text  # what parse_utc takes for date and time zone
    defaults = datetime(2001, 1, 1), datetime(2002, 2, 2)
    return len({dateutil.parser.parse(date, default=default, ignoretz=True) for default in defaults}) == 1


def _refuse_links(course: CourseFolder, folder: Path) -> None:
    """Refuse a submission that lies elsewhere; where `submitted/` itself is, the instructor decides."""
    submitted = course.root / course.directory.submitted_directory
    for path in [folder, *folder.parents]:
        if path == submitted:
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
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UserError(f"{path.name} is not a file.")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > MAX_NOTEBOOK_BYTES:
            limit = MAX_NOTEBOOK_BYTES // 1024**2
            raise UserError(f"{path.name} has {status.st_size / 1024**2:.0f} MiB; at most {limit} are read.")
        return file.read(MAX_NOTEBOOK_BYTES)


def _read_files(folder: Path, ignored: Iterable[str], notes: list[str]) -> dict[str, bytes]:
    """Return the regular files below a folder, by relative path; notebooks and hidden files are left out."""
    files: dict[str, bytes] = {}
    total = 0
    for path in _regular_files(folder, tuple(ignored)):
        name = path.relative_to(folder).as_posix()
        if name != printable(name):
            notes.append(f"the file {printable(name)} was left out: its name cannot be printed")
            continue
        total += path.stat().st_size
        if total > MAX_FILES_BYTES:
            raise UserError(f"The files of the submission have more than {MAX_FILES_BYTES // 1024**2} MiB.")
        files[name] = path.read_bytes()
    return files


def _regular_files(folder: Path, ignored: tuple[str, ...]) -> Iterator[Path]:
    patterns = (".*", "*.ipynb", *ignored)

    def wanted(name: str) -> bool:
        return not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(filter(wanted, folders))
        for name in sorted(filter(wanted, names)):
            path = Path(parent, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def _merged(own: Mapping[str, bytes], given: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a student's files with the assignment's in their place; a file in the way of a given one goes."""
    taken = {folder for name in given for folder in _folders(name)}
    kept = {name: content for name, content in own.items() if name not in taken and not _folders(name) & given.keys()}
    return {**kept, **given}


def _folders(name: str) -> set[str]:
    return {parent.as_posix() for parent in PurePosixPath(name).parents}


def _twins(course: CourseFolder, assignment: str) -> list[str]:
    """Return the names of the text twins of instructor notebooks: they hold the solutions."""
    return [f"{notebook.stem}.py" for notebook in course.folder("source", assignment).glob("*.ipynb")]

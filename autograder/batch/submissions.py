"""Who handed in, and what, and whether it has been graded as it is now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import dateutil.parser
from nbgrader import utils

from autograder.batch.fingerprint import grader_fingerprint, names_imported
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.examiner.sourcecells import SourceNotebook
from autograder.files import MAX_FILES_BYTES, read_submitted

MAX_BYTES_SEARCHED = 32 * 1024**2
"""Of a notebook, for the packages that it imports; one that is larger consists of outputs."""

MAX_NAME_LENGTH = 128
"""Of a student's id in nbgrader's gradebook."""


@dataclass(frozen=True)
class Submission:
    """One notebook that one student should have handed in."""

    student: str
    source: SourceNotebook
    raw: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """Which files of the student's are not among them, and why; part of the verdict's notes."""
    timestamp: datetime | None = None
    problem: str = ""
    """Why it cannot be graded, if the file system already says so."""
    notes: tuple[str, ...] = ()

    def fingerprint(self, how: str) -> str:
        """Return a hash of all that the verdict depends on: submission, answer key, grader, and how it is run."""
        texts = [
            self.raw[:MAX_BYTES_SEARCHED],
            *(content for name, content in self.files.items() if name.endswith((".py", ".ipynb"))),
        ]
        imported = names_imported(self.source.text).union(
            *(names_imported(text.decode(errors="replace")) for text in texts)
        )
        digest = hashlib.sha256()
        parts: Iterable[bytes] = [
            how.encode(),
            grader_fingerprint(imported).encode(),
            self.source.text.encode(),
            self.problem.encode(),
            str(self.timestamp).encode(),
            self.raw,
            repr(self.left_out).encode(),
            *(part for name, content in sorted(self.files.items()) for part in (name.encode(), content)),
        ]
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
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


def collect_submission(
    course: CourseFolder, assignment: str, student: str, source: SourceNotebook, files_bytes: int = MAX_FILES_BYTES
) -> Submission:
    """Return what a student handed in for one notebook, or the reason why there is nothing to grade."""
    timestamp, notes = _timestamp(course.folder("submitted", assignment, student))
    try:
        submitted = read_submitted(course, assignment, student, source.name, files_bytes)
    except UserError as error:
        return Submission(student, source, timestamp=timestamp, problem=str(error), notes=notes)
    return Submission(student, source, submitted.notebook, submitted.files, submitted.left_out, timestamp, notes=notes)


def _timestamp(folder: Path) -> tuple[datetime | None, tuple[str, ...]]:
    path = folder / "timestamp.txt"
    if not path.is_file() or path.is_symlink():
        return None, ()
    try:
        with path.open("rb") as file:
            text = file.read(200).decode().strip()
        if text and not _is_complete_date(text):
            raise ValueError(text)
        return (utils.parse_utc(text) if text else None), ()
    except Exception:  # dateutil raises many kinds for text that is no date
        return None, (f"{path.name} is not a date; the submission counts as not dated",)


def _is_complete_date(text: str) -> bool:
    """Tell whether a text gives day, month and year; dateutil takes what is missing from today's date."""
    words = text.split(" ")
    date = " ".join(words[:2]) if len(words) == 3 else text  # what parse_utc takes for date and time zone
    defaults = datetime(2001, 1, 1), datetime(2002, 2, 2)
    return len({dateutil.parser.parse(date, default=default, ignoretz=True) for default in defaults}) == 1

"""Who handed in, and what, and whether it has been graded as it is now."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde

from autograder.batch.fingerprint import grader_fingerprint, names_imported
from autograder.course_folder import CourseFolder, same_name
from autograder.errors import UserError
from autograder.handed_in import read_handed_in
from autograder.misplaced import misplaced
from course.handing_in.files import MAX_FILES_BYTES
from course.handing_in.sourcecells import SourceNotebook

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
    """Which files of the student's are not among them, and what else is wrong with it; part of the verdict's notes."""
    timestamp: datetime | None = None
    problem: str = ""
    """Why it cannot be graded, if the file system already says so."""

    def fingerprint(self, how: str) -> str:
        """Return a hash of all that the verdict depends on: submission, answer key, grader, and how it is run."""
        texts = [
            self.raw[:MAX_BYTES_SEARCHED],
            *(content for name, content in self.files.items() if name.endswith((".py", ".ipynb"))),
        ]
        imported = _imported_by_all(self.source.text).union(
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


@lru_cache
def _imported_by_all(source: str) -> frozenset[str]:
    return names_imported(source)


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
        found = [name for name in students if same_name(name) == same_name(student)]
        if not found:
            raise UserError(f"There is no submission of {student!r}: {str(submitted).replace('STUDENT', student)}.")
        return found
    if not students:
        elsewhere = " ".join(misplaced(course, assignment)[:1])
        raise UserError(f"There is nothing to grade: no folder {submitted}. {elsewhere}".rstrip())
    return students


def enrol(course: CourseFolder, gradebook: Gradebook, folders: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the folder of each student by the student's id in the gradebook, and why other folders have none.

    A folder from a Mac spells an umlaut in another way than the gradebook may have it; it is the same student.
    """
    known = {student.id for student in gradebook.students}
    by_name = {same_name(student): student for student in known}
    create = Autograde(config=course.config).create_student
    students: dict[str, str] = {}
    refused: dict[str, str] = {}
    for folder in sorted(folders, key=lambda name: (name not in known, name)):
        student = folder if folder in known else by_name.get(same_name(folder), same_name(folder))
        if problem := name_problem(student):
            refused[folder] = problem
        elif student in students:
            refused[folder] = "another folder has the same name, its accents stored in another way; keep one of them."
        elif student not in known and not create:
            refused[folder] = (
                "the gradebook has no such student, and nbgrader's setting Autograde.create_student is off; "
                "add the student with 'nbgrader db student add', or rename the folder."
            )
        else:
            students[student] = folder
    return dict(sorted(students.items())), refused


def name_problem(student: str) -> str:
    """Return why the gradebook cannot hold a student of this name, or nothing."""
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in student):
        return "the folder's name has characters that cannot be printed; rename it to the student's id."
    if len(student) > MAX_NAME_LENGTH:
        return f"the folder's name is longer than {MAX_NAME_LENGTH} characters; rename it to the student's id."
    return ""


def collect_submission(
    course: CourseFolder, assignment: str, student: str, source: SourceNotebook, files_bytes: int = MAX_FILES_BYTES
) -> Submission:
    """Return what a student handed in for one notebook, or the reason why there is nothing to grade."""
    told = read_handed_in(course, assignment, student, source.name, files_bytes)
    return Submission(student, source, told.notebook, told.files, told.notes, told.timestamp, told.problem)

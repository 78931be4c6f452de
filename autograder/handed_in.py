"""All that was handed in for one notebook; `autograder grade` and nbgrader's preprocessor read it here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.files import read_submitted
from autograder.other_notebooks import other_notebooks
from autograder.timestamps import read_timestamp_file
from course.handing_in.files import MAX_FILES_BYTES


@dataclass(frozen=True)
class HandedIn:
    """A notebook and what goes along with it, or why there is nothing to grade."""

    notebook: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    """By relative path."""
    notes: tuple[str, ...] = ()
    """Which files were left out, and what is wrong with the time stamp."""
    timestamp: datetime | None = None
    """In UTC, without a zone, as nbgrader keeps it."""
    problem: str = ""


def read_handed_in(
    course: CourseFolder, assignment: str, student: str, notebook: str, most_bytes: int = MAX_FILES_BYTES
) -> HandedIn:
    """Return what a student handed in for the notebook of this name; nothing is raised for what students do.

    Parameters
    ----------
    student : str
        The name of the folder.
    most_bytes : int, optional
        Of the student's own files; those that would be more are left out, the largest first.
    """
    stamp = read_timestamp_file(course.folder("submitted", assignment, student), course.zone)
    try:
        submitted = read_submitted(course, assignment, student, notebook, most_bytes)
    except UserError as error:
        return HandedIn(timestamp=stamp.utc, problem=str(error))
    others, not_taken = other_notebooks(course, assignment, student, notebook)
    notes = (*submitted.left_out, *not_taken, *([stamp.note] if stamp.note else []))
    return HandedIn(submitted.notebook, {**others, **submitted.files}, notes, stamp.utc)

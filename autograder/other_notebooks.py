"""The other notebooks of a submission, which the one that is graded may run (`%run given.ipynb`)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autograder.course_folder import CourseFolder
from course.handing_in.files import printable

MAX_BYTES = 8 * 1024**2
"""Of one of them."""

MAX_NOTEBOOKS = 20


def other_notebooks(
    course: CourseFolder, assignment: str, student: str, notebook: str
) -> tuple[dict[str, bytes], list[str]]:
    """Return the notebooks beside a submitted one by file name, and which were left out.

    They are the student's; one of the assignment's that was not handed in is taken from `release/`, where no solution
    is. They are for the student's room alone: nothing in them is trusted, and they are not graded here.

    Parameters
    ----------
    student : str
        The name of the student's folder.
    notebook : str
        The one that is graded, which is not among them.
    """
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    for step, who in (("submitted", student), ("release", ".")):
        for path in sorted(course.folder(step, assignment, who).glob("*.ipynb")):
            name = path.name
            if name == f"{notebook}.ipynb" or name in files or name.startswith(".") or name != printable(name):
                continue
            content = content_of(path, MAX_BYTES)
            if content is not None and len(files) < MAX_NOTEBOOKS:
                files[name] = content
            else:
                left_out.append(f"the notebook {name} was left out: it is too large, no file, or one too many")
    return files, left_out


def content_of(path: Path, most_bytes: int) -> bytes | None:
    """Return what is in a regular file of at most so many bytes; None of anything else, links and pipes too."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(most_bytes) if os.fstat(descriptor).st_size <= most_bytes else None
    except OSError:
        return None

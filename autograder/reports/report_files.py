"""Where the pages of a class are, what their parts are called in links, and how they are written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from autograder.course_folder import CourseFolder
from autograder.errors import cannot_write
from autograder.files import share, write_atomically

REPORTS = "reports"
OVERVIEW = "index"


def page_path(course: CourseFolder, name: str, *, anonymous: bool) -> Path:
    """Return the page of an assignment, or of all (`OVERVIEW`)."""
    return course.root / REPORTS / f"{name}{'-anonymous' if anonymous else ''}.html"


def write_files(course: CourseFolder, page: Path, texts: Mapping[str, str]) -> None:
    """Write a page and what stands beside it; each file is there whole or not at all.

    Parameters
    ----------
    texts : Mapping[str, str]
        By suffix, the page's own included.

    Raises
    ------
    UserError
        If one cannot be written.
    """
    for suffix, text in texts.items():
        path = page.with_name(f"{page.stem}{suffix}")
        try:
            write_atomically(path, text.encode("utf-8"), 0o664 if course.directory.groupshared else 0o644)
            if course.directory.groupshared:
                share(path.parent, course.root)
        except OSError as error:
            raise cannot_write(path, error) from error


def link(target: Path, page: Path) -> str:
    """Return the address of a file in a link on a page."""
    return quote(Path(os.path.relpath(target, page.parent)).as_posix())


def anchor(student: str) -> str:
    """Return the id of a student's row; an id of HTML may hold no spaces."""
    return f"s{hashlib.sha256(student.encode(errors='surrogatepass')).hexdigest()[:12]}"

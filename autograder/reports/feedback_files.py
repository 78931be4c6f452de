"""Writes the pages of one student's feedback, unless they are there already, made from the same."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbgrader.converters import GenerateFeedback
from traitlets.utils.importstring import import_item

import autograder
import course as students_course
from autograder.course_folder import CourseFolder
from autograder.files import remove_all_but, write_atomically
from autograder.reports.feedback_page import FeedbackPage, Grades, render_page
from autograder.reports.release import FROM_THE_EXCHANGE
from autograder.reports.view import EVERYTHING, View, restricted

_MARK = "\n<!-- made from {} -->\n"
"""Last line of a page: a hash of all that it shows and of what made it."""


@dataclass(frozen=True)
class Wanted:
    """The feedback of one student."""

    student: str
    graded: Path
    """The folder of the graded notebooks."""
    target: Path
    """The folder of the pages."""
    grades: Mapping[str, Grades]
    """By notebook."""
    view: View = EVERYTHING
    """What its pages show."""


class FeedbackFiles:
    """Writes feedback as the course's settings want it, if they want our page.

    Parameters
    ----------
    without : type
        A preprocessor that does nbgrader's way what is done here in another.
    """

    def __init__(self, course: CourseFolder, assignment: str, without: type[Preprocessor]) -> None:
        converter = GenerateFeedback(coursedir=course.directory, config=course.config)
        self._assignment = assignment
        self._mode = int(str(converter.permissions), 8)
        self._page = FeedbackPage(parent=converter, config=converter.config)  # type: ignore[no-untyped-call]
        for preprocessor in converter.preprocessors:
            if _kind(preprocessor) is not without:
                self._page.register_preprocessor(preprocessor)  # type: ignore[no-untyped-call]
        settings = {name: section for name, section in course.config.items() if name != "CourseDirectory"}
        self._made_with = f"{made_with()} {settings!r}"
        self._db_url = course.db_url
        self._config = course.config

    @staticmethod
    def fit(course: CourseFolder) -> bool:
        """Tell whether the settings want our page; any other is left to nbgrader."""
        return GenerateFeedback(coursedir=course.directory, config=course.config).exporter_class is FeedbackPage

    def write(self, wanted: Wanted) -> bool:
        """Write the pages of a student; False if one could not be made, and then there are none."""
        try:
            pages = {path.with_suffix(".html").name: path for path in sorted(wanted.graded.glob("*.ipynb"))}
            for name, path in pages.items():
                self._write(path, wanted.target / name, wanted.student, wanted.grades[path.stem], wanted.view)
            kept = [wanted.graded / name for name in FROM_THE_EXCHANGE if (wanted.graded / name).is_file()]
            for path in kept:
                write_atomically(wanted.target / path.name, path.read_bytes(), self._mode)
            remove_all_but(wanted.target, {*pages, *(path.name for path in kept)})
        except Exception:
            shutil.rmtree(wanted.target, ignore_errors=True)
            return False
        return True

    def _write(self, graded: Path, page: Path, student: str, grades: Grades, view: View) -> None:
        raw = graded.read_bytes()
        made_from = hashlib.sha256(
            f"{self._made_with} {student!r} {grades!r} {view!r}".encode(errors="surrogatepass") + raw
        )
        mark = _MARK.format(made_from.hexdigest()).encode()
        if _ends_with(page, mark):
            return
        shown = restricted(nbformat.v4.reads(raw.decode()), graded.stem, grades, view.stage, self._config)
        told = {"student": student, "assignment": self._assignment, "notebook": graded.stem, "db_url": self._db_url}
        notebook, _ = self._page.preprocessed(shown.notebook, {"nbgrader": told, "unique_key": graded.stem})
        text = render_page(notebook, self._assignment, graded.stem, student, shown.grades, view, shown.hidden)
        write_atomically(page, text.encode() + mark, self._mode)


def _kind(preprocessor: Any) -> Any:
    return import_item(preprocessor) if isinstance(preprocessor, str) else preprocessor


def _ends_with(path: Path, mark: bytes) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-len(mark), 2)
            return not path.is_symlink() and file.read() == mark
    except OSError:
        return False


def made_with() -> str:
    """Return a hash of this program's files, and of the names and versions of all packages that are installed."""
    digest = hashlib.sha256(sys.version.encode())
    for package in (autograder, students_course):
        folder = Path(package.__path__[0])
        for path in sorted(path for kind in ("py", "j2", "css") for path in folder.rglob(f"*.{kind}")):
            digest.update(f"{path.relative_to(folder)}".encode() + path.read_bytes())
    installed = {path.name for place in sys.path for path in Path(place).glob("*.dist-info")}
    digest.update(json.dumps(sorted(installed)).encode())
    return digest.hexdigest()

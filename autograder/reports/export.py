"""Writes all grades to a CSV file that any program reads, or that Canvas or Moodle imports."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp
from nbgrader.plugins import CsvExportPlugin

from autograder.course_folder import CourseFolder
from autograder.errors import UserError, cannot_write
from autograder.files import write_atomically
from autograder.gradebook import existing_gradebook, shown
from autograder.penalties import Penalties
from autograder.reports.gradebook_csv import Format, csv_of
from autograder.reports.grades import AllGrades, read_grades

DEFAULT_NAME = "grades.csv"
STANDARD_OUTPUT = Path("-")
_OTHER_KINDS = (".xlsx", ".xls", ".ods", ".numbers", ".json", ".html", ".pdf", ".db", ".zip", ".ipynb")


def export_grades(
    course: CourseFolder,
    target: Path | None = None,
    form: Format | None = None,
    tell: Callable[[str], object] = lambda line: None,
) -> Path:
    """Write the grades of all assignments to a file and return it; the file is there whole or not at all.

    If nbgrader's settings name an export plugin other than nbgrader's CSV (`ExportApp.plugin_class`), and no form is
    asked for, that one writes.

    Parameters
    ----------
    target : Path | None, optional
        The file to write, `-` for standard output; if left out, what `ExportPlugin.to` names, else `grades.csv`.
    form : Format | None, optional
        Whose gradebook is to read it; nbgrader's columns if left out.
    tell : Callable[[str], object], optional
        Gets a line about each thing that an instructor should know.

    Raises
    ------
    UserError
        If there is no gradebook or nothing in it, or the folder of `target` does not exist or cannot be written to.
    """
    plugin = ExportApp(config=course.config).plugin_class(config=course.config)
    target = target or Path((plugin.to if form is None else "") or _default_name(form))
    if target != STANDARD_OUTPUT:
        _require_place(target)
        if form is not None or type(plugin) is CsvExportPlugin:
            _require_csv(target)
    with existing_gradebook(course) as gradebook:
        if not gradebook.assignments or not gradebook.students:
            raise UserError(f"The gradebook {shown(course)} holds no grades yet: run 'autograder grade' first.")
        for assignment in gradebook.assignments:
            Penalties(course.config).update(gradebook, assignment.name)
        data = _exported(gradebook, plugin, target.name, form, tell)
    try:
        if target == STANDARD_OUTPUT:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
        else:
            write_atomically(target, data)
    except OSError as error:
        raise cannot_write("standard output" if target == STANDARD_OUTPUT else target, error) from error
    return target


def _default_name(form: Format | None) -> str:
    return DEFAULT_NAME if form in (None, Format.NBGRADER) else f"grades-{form}.csv"


def _require_place(target: Path) -> None:
    if not target.parent.is_dir():
        raise UserError(f"There is no folder {target.parent} to write {target.name} to.")
    if target.is_dir():
        raise UserError(f"{target} is a folder; name the CSV file to write.")


def _require_csv(target: Path) -> None:
    if target.suffix.lower() in _OTHER_KINDS:
        raise UserError(
            f"{target.name} would hold CSV under the name of another kind of file: name it {target.stem}.csv, which "
            "spreadsheet programs open."
        )


def _exported(
    gradebook: Gradebook, plugin: Any, name: str, form: Format | None, tell: Callable[[str], object]
) -> bytes:
    if form is None and type(plugin) is not CsvExportPlugin:
        with tempfile.TemporaryDirectory(prefix="export-") as folder:
            draft = Path(folder) / name
            plugin.to = str(draft)
            plugin.export(gradebook)
            return draft.read_bytes()
    grades = read_grades(gradebook, getattr(plugin, "assignment", []), getattr(plugin, "student", []))
    for line in remarks(grades, form or Format.NBGRADER):
        tell(line)
    return csv_of(grades, form or Format.NBGRADER).encode()


def remarks(grades: AllGrades, form: Format) -> list[str]:
    """Return what to know of these grades before they go elsewhere: names that are not there, marks to come."""
    said = []
    nameless = [person.id for person in grades.people if not person.name]
    if nameless:
        said.append(
            f"the gradebook has no name for {len(nameless)} of {len(grades.people)} students "
            f"({_first(nameless)}). 'nbgrader db student import FILE' enters names."
        )
    waiting = [key for key, grade in grades.found.items() if grade.waits]
    if waiting:
        said.append(
            f"{len(waiting)} of {len(grades.found)} grades are not final: a person still marks something "
            f"({_first(sorted({task for task, _ in waiting}))})."
        )
    if form is Format.MOODLE and any(task.max_score > 100 for task in grades.graded):
        said.append("Moodle takes more than 100 points only if its setting 'unlimitedgrades' is on.")
    return said


def _first(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")

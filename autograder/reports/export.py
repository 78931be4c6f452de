"""Writes all grades to a CSV file that any program reads."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.apps import ExportApp
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy import func, select

from autograder.course_folder import CourseFolder
from autograder.errors import UserError, cannot_write
from autograder.files import write_atomically
from autograder.gradebook import existing_gradebook, shown
from autograder.penalties import Penalties

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
"""Those of nbgrader's own CSV, in its order."""

DEFAULT_NAME = "grades.csv"

_END = csv.excel.lineterminator
_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


def export_grades(course: CourseFolder, target: Path | None = None) -> Path:
    """Write the grades of all assignments to a file and return it; the file is there whole or not at all.

    If nbgrader's settings name an export plugin other than nbgrader's CSV (`ExportApp.plugin_class`), that one writes.

    Parameters
    ----------
    target : Path | None, optional
        The file to write; if left out, what `ExportPlugin.to` names, else `grades.csv`.

    Raises
    ------
    UserError
        If there is no gradebook or nothing in it, or the folder of `target` does not exist or cannot be written to.
    """
    plugin = ExportApp(config=course.config).plugin_class(config=course.config)
    target = target or Path(plugin.to or DEFAULT_NAME)
    if not target.parent.is_dir():
        raise UserError(f"There is no folder {target.parent} to write {target.name} to.")
    if target.is_dir():
        raise UserError(f"{target} is a folder; name the CSV file to write.")
    with existing_gradebook(course) as gradebook:
        if not gradebook.assignments or not gradebook.students:
            raise UserError(f"The gradebook {shown(course)} holds no grades yet: run 'autograder grade' first.")
        for assignment in gradebook.assignments:
            Penalties(course.config).update(gradebook, assignment.name)
        try:
            write_atomically(target, _exported(gradebook, plugin, target.name))
        except OSError as error:
            raise cannot_write(target, error) from error
    return target


def _exported(gradebook: Gradebook, plugin: Any, name: str) -> bytes:
    if type(plugin) is CsvExportPlugin:
        return grades_csv(_rows(gradebook, plugin.assignment, plugin.student)).encode()
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        draft = Path(folder) / name
        plugin.to = str(draft)
        plugin.export(gradebook)
        return draft.read_bytes()


def grades_csv(rows: Iterator[tuple[Any, ...]]) -> str:
    """Return the CSV of these rows, below the names of the columns.

    A spreadsheet takes text that begins with `=`, `+`, `-` or `@` for a formula; it gets an apostrophe before it.
    """
    lines: list[str] = []
    # Rows end as nbgrader's do, for awk and cut; the writer would not quote a "\r" in a name if it were told so.
    writer = csv.writer(SimpleNamespace(write=lines.append))
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "".join(f"{line.removesuffix(_END)}\n" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return str(value)


def _rows(gradebook: Gradebook, assignments: list[Any], students: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each assignment and student of the gradebook, or of those that nbgrader's settings name."""
    graded = {
        (assignment, student): found
        for assignment, student, *found in gradebook.db.execute(
            select(
                SubmittedAssignment.assignment_id,
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.score,
                func.coalesce(SubmittedAssignment.late_submission_penalty, 0.0),
            )
        )
    }
    people = gradebook.db.execute(
        select(Student.id, Student.last_name, Student.first_name, Student.email).order_by(
            Student.last_name, Student.first_name, Student.id
        )
    ).all()
    tasks = gradebook.db.execute(
        select(Assignment.id, Assignment.name, Assignment.duedate, Assignment.max_score).order_by(
            Assignment.duedate, Assignment.name
        )
    ).all()
    for key, name, duedate, most in tasks:
        for student, *names in people:
            if (not assignments or name in map(str, assignments)) and (not students or student in map(str, students)):
                timestamp, raw, penalty = graded.get((key, student), ("", 0.0, 0.0))
                yield (name, duedate, timestamp, student, *names, raw, penalty, max(0.0, raw - penalty), most)

"""Writes all grades to a CSV file, through nbgrader's own export plugin."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from nbgrader.apps import ExportApp

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.reports.results import existing_gradebook


def export_grades(course: CourseFolder, target: Path) -> Path:
    """Write the grades of all assignments to `target` and return it; the file is there whole or not at all.

    The plugin is the one that nbgrader's settings name (`ExportApp.plugin_class`), by default its CSV plugin.

    Raises
    ------
    UserError
        If there is no gradebook or nothing in it, the folder of `target` does not exist or cannot be
        written to, or a name in the gradebook holds a comma, which nbgrader's CSV plugin does not quote.
    """
    if not target.parent.is_dir():
        raise UserError(f"There is no folder {target.parent} to write {target.name} to.")
    if target.is_dir():
        raise UserError(f"{target} is a folder; name the CSV file to write.")
    with existing_gradebook(course) as gradebook:
        if not gradebook.assignments or not gradebook.students:
            raise UserError(f"The gradebook {course.db_url} holds no grades yet: run 'autograder grade' first.")
        try:
            with tempfile.TemporaryDirectory(prefix="export-") as folder:
                draft = Path(folder) / target.name
                plugin = ExportApp(config=course.config).plugin_class(config=course.config)
                plugin.to = str(draft)
                plugin.export(gradebook)
                _refuse_torn_rows(draft)
                write_atomically(target, draft.read_bytes())
        except OSError as error:
            raise UserError(f"{target} cannot be written: {error.strerror}.") from error
    return target


def _refuse_torn_rows(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    for row in rows:
        if len(row) != len(header):
            raise UserError(
                f"A name in the gradebook holds a comma or a line break, which nbgrader's export does not quote: "
                f"{','.join(row)!r}. Correct it with 'nbgrader db student add ID --last-name=NAME'."
            )

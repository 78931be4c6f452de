"""The CSV of all grades in the forms that nbgrader, Canvas and Moodle have for it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from autograder.errors import UserError
from autograder.reports.grades import AllGrades

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

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
"""What Canvas's gradebook has before the assignments; it finds a student by the first of the ids that is filled."""

CANVAS_POINTS = "    Points Possible"
"""What the first cell of the second row says there, with what each assignment is worth behind it."""

MOODLE = ("First name", "Last name", "ID number", "Email address", "Username")
"""What Moodle can find a student by, as its own export calls it; grade items follow."""

DECIMALS = 2
"""Of points: as many as the pages show."""

_END = csv.excel.lineterminator
_FORMULA = re.compile(r"\s*[=+\-@]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


class Format(StrEnum):
    """Whose gradebook reads the file."""

    NBGRADER = "nbgrader"
    CANVAS = "canvas"
    MOODLE = "moodle"


def format_named(name: str) -> Format:
    """Return the form of this name.

    Raises
    ------
    UserError
        If there is none.
    """
    try:
        return Format(name.lower())
    except ValueError:
        raise UserError(f"There is no format {name!r} for grades. There are: {', '.join(Format)}.") from None


def csv_of(grades: AllGrades, form: Format) -> str:
    """Return all grades as CSV in one of the forms."""
    return _FORMS[form](grades)


def _nbgraders(grades: AllGrades) -> str:
    def rows() -> Iterator[tuple[Any, ...]]:
        for task in grades.tasks:
            for person in grades.people:
                grade = grades.found.get((task.name, person.id))
                raw, penalty, score = (grade.raw, grade.penalty, grade.score) if grade else (0.0, 0.0, 0.0)
                names = (person.id, person.last_name, person.first_name, person.email)
                yield (task.name, task.duedate, grade and grade.timestamp, *names, raw, penalty, score, task.max_score)

    return table_csv(COLUMNS, rows())


def _canvas(grades: AllGrades) -> str:
    tasks = grades.graded

    def rows() -> Iterator[tuple[Any, ...]]:
        yield (CANVAS_POINTS, "", "", "", "", *(task.max_score for task in tasks))
        for person in grades.people:
            name = ", ".join(part for part in (person.last_name, person.first_name) if part) or person.id
            # Canvas reads its own ids as numbers, and would take "12b" for 12.
            ids = (person.lms_id, "") if person.lms_id.isdecimal() else ("", person.lms_id)
            yield (name, *ids, person.id, "", *_scores(grades, person.id))

    return table_csv((*CANVAS, *(task.name for task in tasks)), rows())


def _moodles(grades: AllGrades) -> str:
    rows = (
        (each.first_name, each.last_name, each.lms_id, each.email, each.id, *_scores(grades, each.id))
        for each in grades.people
    )
    return table_csv((*MOODLE, *(task.name for task in grades.graded)), rows)


def _scores(grades: AllGrades, student: str) -> Iterator[float | None]:
    """Yield a student's scores in the assignments that have been graded; None where nothing was handed in."""
    for task in grades.graded:
        grade = grades.found.get((task.name, student))
        yield grade.score if grade else None


_FORMS: Mapping[Format, Callable[[AllGrades], str]] = {
    Format.NBGRADER: _nbgraders,
    Format.CANVAS: _canvas,
    Format.MOODLE: _moodles,
}


def table_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return the CSV of these rows, below the names of the columns.

    A spreadsheet takes text that begins with `=`, `+`, `-` or `@` for a formula; it gets an apostrophe before it.
    Numbers have two decimals at most.
    """
    lines: list[str] = []
    # Rows end as nbgrader's do, for awk and cut; the writer would not quote a "\r" in a name if it were told so.
    writer = csv.writer(SimpleNamespace(write=lines.append))
    writer.writerow([_cell(name) for name in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "".join(f"{line.removesuffix(_END)}\n" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(round(value, DECIMALS))
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return str(value)

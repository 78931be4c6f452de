"""Writes the page of all assignments: a row for each student, a column for each assignment, links to the reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.gradebook import existing_gradebook, shown
from autograder.penalties import Penalties
from autograder.reports.anonymous import numbered
from autograder.reports.class_report import write_report
from autograder.reports.gradebook_csv import DECIMALS, table_csv
from autograder.reports.grades import AllGrades, Grade, Person, Task, read_grades
from autograder.reports.page_template import template
from autograder.reports.processes import spread
from autograder.reports.report_files import OVERVIEW, anchor, page_path, write_files
from autograder.reports.sorting import longest_word, ranks


def write_all(
    course: CourseFolder, assignment: str | None = None, *, anonymous: bool = False, workers: int = 1
) -> list[Path]:
    """Write the report of an assignment, or of each that has been graded, and the overview; return the pages.

    Parameters
    ----------
    anonymous : bool, optional
        Number the students instead of naming them, in pages of their own.
    workers : int, optional
        How many processes write reports at a time.

    Raises
    ------
    UserError
        If the assignment does not exist, nothing of it has been graded, or a file cannot be written.
    """
    if assignment:
        course.require_assignment(assignment)
    grades = _grades(course)
    wanted = [assignment] if assignment else _graded_names(course, grades)

    def write(name: str) -> Path:
        if name == OVERVIEW:  # beside the reports, not after them: it takes as long as one
            return _write_overview(course, grades, wanted, anonymous=anonymous)
        return write_report(course, name, anonymous=anonymous)

    return list(spread(write, [*wanted, OVERVIEW], workers, fewest=1))


def _graded_names(course: CourseFolder, grades: AllGrades) -> list[str]:
    known = set(course.assignments())
    names = [task.name for task in grades.graded if task.name in known]
    if not names:
        raise UserError(f"The gradebook {shown(course)} holds no grades yet: run 'autograder grade' first.")
    return names


def _grades(course: CourseFolder) -> AllGrades:
    with existing_gradebook(course) as gradebook:
        for assignment in gradebook.assignments:
            Penalties(course.config).update(gradebook, assignment.name)
        return read_grades(gradebook)


def _write_overview(course: CourseFolder, grades: AllGrades, written: Sequence[str], *, anonymous: bool) -> Path:
    """Write `reports/index.html`, with the same as CSV and as JSON beside it, and return the page.

    It links to the reports that are there and to those that are being `written`.
    """
    if anonymous:
        grades = without_names(grades)
    page = page_path(course, OVERVIEW, anonymous=anonymous)
    made = datetime.now().astimezone()
    # A student has other numbers on the anonymous pages of assignments, which number by their own points.
    reports = {task.name: page_path(course, task.name, anonymous=anonymous) for task in grades.graded}
    links = {name: path.name for name, path in reports.items() if name in written or path.is_file()}
    name = str(course.directory.course_id) or course.root.name
    texts = {
        ".csv": overview_csv(grades),
        ".json": overview_json(grades, name, made),
        ".html": render_overview(grades, name, made, page, links, rows_too=not anonymous),
    }
    write_files(course, page, texts)
    return page


def without_names(grades: AllGrades) -> AllGrades:
    """Return grades in which students are numbered, from the most points to the fewest."""
    numbers = numbered({person.id: total(grades, person) for person in grades.people})
    people = [Person(number, "", "", "") for number in numbers.values()]
    found = {
        (task, numbers[student]): replace(grade, timestamp=None) for (task, student), grade in grades.found.items()
    }
    return AllGrades(tuple(sorted(people, key=lambda person: person.id)), grades.tasks, found)


def total(grades: AllGrades, person: Person) -> float:
    """Return a student's points in all assignments."""
    return sum(grade.score for grade in _row(grades, person) if grade)


def _row(grades: AllGrades, person: Person) -> list[Grade | None]:
    return [grades.found.get((task.name, person.id)) for task in grades.graded]


def mean(grades: AllGrades, task: Task) -> float | None:
    """Return the mean of the final grades of an assignment; None if most are not final."""
    all_of_it = [grade for (name, _), grade in grades.found.items() if name == task.name]
    final = [grade.score for grade in all_of_it if not grade.waits]
    return sum(final) / len(final) if 2 * len(final) >= max(1, len(all_of_it)) else None


def render_overview(
    grades: AllGrades,
    course: str,
    made: datetime,
    page: Path = Path("index.html"),
    links: dict[str, str] | None = None,
    *,
    rows_too: bool = True,
) -> str:
    """Return the overview as HTML.

    Parameters
    ----------
    links : dict of str, optional
        The addresses of the assignments' reports that there are, by name.
    rows_too : bool, optional
        Whether a student's row has the same id in those reports.
    """
    rows = [(person, _row(grades, person), total(grades, person)) for person in grades.people]
    keys = [
        (
            person.id.casefold(),
            (person.last_name.casefold(), person.first_name.casefold()) if person.name else None,
            *(grade and grade.score for grade in found),
            points,
        )
        for person, found, points in rows
    ]
    return template("overview.html.j2").render(
        course=course,
        made=made,
        page=page.stem,
        tasks=grades.graded,
        means=[mean(grades, task) for task in grades.graded],
        rows=[(*row, style) for row, style in zip(rows, ranks(keys), strict=True)],
        id_letters=longest_word(person.id for person in grades.people),
        name_letters=longest_word(person.name for person in grades.people),
        links=links or {},
        anchor=anchor if rows_too else None,
        waits=sum(grade.waits for grade in grades.found.values()),
    )


def overview_csv(grades: AllGrades) -> str:
    """Return a row for each student, a column for each assignment; what was not handed in is empty."""
    columns = ("student", "last_name", "first_name", *(task.name for task in grades.graded), "total")
    rows = (
        (
            person.id,
            person.last_name,
            person.first_name,
            *(grade and grade.score for grade in _row(grades, person)),
            total(grades, person),
        )
        for person in grades.people
    )
    return table_csv(columns, rows)


def overview_json(grades: AllGrades, course: str, made: datetime) -> str:
    """Return the overview as JSON."""

    def told(grade: Grade) -> dict[str, Any]:
        return {
            "points": round(grade.score, DECIMALS),
            "late_penalty": round(grade.penalty, DECIMALS),
            "handed_in": grade.timestamp and f"{grade.timestamp.isoformat()}Z",
            "waits_for_a_person": grade.waits,
        }

    return json.dumps(
        {
            "course": course,
            "made": made.isoformat(timespec="seconds"),
            "assignments": [
                {
                    "assignment": task.name,
                    "due": task.duedate and f"{task.duedate.isoformat()}Z",
                    "max_points": task.max_score,
                    "mean": mean(grades, task),
                }
                for task in grades.graded
            ],
            "students": [
                {
                    "student": person.id,
                    "name": person.name,
                    "grades": {
                        task.name: told(grade)
                        for task, grade in zip(grades.graded, _row(grades, person), strict=True)
                        if grade
                    },
                    "total": round(total(grades, person), DECIMALS),
                }
                for person in grades.people
            ],
        },
        indent=1,
        ensure_ascii=False,
    )

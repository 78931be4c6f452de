"""Writes the class report of an assignment: one HTML file with plots and tables that needs nothing else.

It holds no script and forbids any (Content-Security-Policy); everything that students wrote is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from autograder.course_folder import CourseFolder
from autograder.errors import cannot_write
from autograder.examiner.verdict import wall_lines
from autograder.files import share, write_atomically
from autograder.reports.anonymous import without_names
from autograder.reports.page_template import template
from autograder.reports.plots import distribution_plot, exercise_plot
from autograder.reports.results import ClassResults, ExerciseResult, FailedCheck, StudentResult, read_results
from autograder.reports.statistics import check_stats, exercise_stats, score_stats

REPORTS = "reports"
HARDEST = 12
"""Checks shown at once; the others unfold."""
NAMED = 4
"""Failed checks named for one exercise of one student."""


def write_report(course: CourseFolder, assignment: str, target: Path | None = None, *, anonymous: bool = False) -> Path:
    """Write the report of an assignment to `reports/<assignment>.html`, or to `target`, and return the file.

    Parameters
    ----------
    target : Path | None, optional
        The file to write.
    anonymous : bool, optional
        Number the students instead of naming them, in `reports/<assignment>-anonymous.html`.

    Raises
    ------
    UserError
        If the assignment does not exist, nothing of it has been graded, or the file cannot be written.
    """
    results = read_results(course, assignment)
    page = render_report(without_names(results) if anonymous else results)
    path = target or course.root / REPORTS / f"{assignment}{'-anonymous' if anonymous else ''}.html"
    try:
        write_atomically(path, page.encode("utf-8"), 0o664 if course.directory.groupshared else 0o644)
        if course.directory.groupshared:
            share(path.parent, course.root)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def render_report(results: ClassResults) -> str:
    """Return the report as HTML."""
    return template("report.html.j2").render(_content(results))


def _content(results: ClassResults) -> dict[str, Any]:
    scores = score_stats(results)
    exercises = exercise_stats(results)
    checks = check_stats(results)
    return {
        "results": results,
        "walls": wall_lines(results.walls),
        "open": any(wall.name == "none" for wall in results.walls),
        "scores": scores,
        "exercises": exercises,
        "distribution": distribution_plot(results, scores),
        "means": exercise_plot(exercises),
        "hardest": checks[:HARDEST],
        "others": checks[HARDEST:],
        "rows": [(student, what_failed(student)) for student in results.students],
        "unread": [student for student in results.students if student.problem],
        "incidents": [(student, incident) for student in results.students for incident in student.incidents],
        "looks": [(student, *look) for student in results.students for look in student.looks],
        "noted": [student for student in results.students if student.notes],
        "manual": [student for student in results.students if student.needs_manual],
    }


def what_failed(student: StudentResult) -> list[tuple[str, str]]:
    """Return for each exercise with a failure its name and the names of the checks, in short."""
    if student.problem:
        return [("", student.problem)]
    sizes = {exercise.title: exercise for exercise in student.exercises}
    return [
        (title, _in_short(list(failures), sizes[title]))
        for title, failures in groupby(student.failures, key=lambda failure: failure.exercise)
    ]


def _in_short(failures: Sequence[FailedCheck], exercise: ExerciseResult) -> str:
    messages = {failure.message for failure in failures}
    if len(failures) == len(exercise.checks) > 1:
        why = next(iter(messages)) if len(messages) == 1 else ""
        return f"all {len(failures)} checks{': ' + why if why else ''}"
    names = [failure.check or failure.message for failure in failures]
    if len(names) <= NAMED:
        return "; ".join(names)
    return f"{'; '.join(names[: NAMED - 1])}; and {len(names) - NAMED + 1} more of {len(exercise.checks)} checks"

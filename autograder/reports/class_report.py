"""Writes the class report of an assignment: one HTML file with plots and tables that needs nothing else.

It holds no script and forbids any (Content-Security-Policy); everything that students wrote is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import autograder
from autograder.answers import Answer, load_answers
from autograder.course_folder import CourseFolder
from autograder.examiner.verdict import wall_lines
from autograder.reports.anonymous import without_names
from autograder.reports.misconceptions import Misconception, find_misconceptions
from autograder.reports.page_template import template
from autograder.reports.plots import distribution_plot, exercise_plot
from autograder.reports.report_data import report_csv, report_json
from autograder.reports.report_files import OVERVIEW, anchor, link, page_path, write_files
from autograder.reports.results import ClassResults, ExerciseResult, FailedCheck, StudentResult, read_results
from autograder.reports.similarity import Alike, near_identical
from autograder.reports.sorting import longest_word, ranks
from autograder.reports.statistics import CheckStats, ExerciseStats, check_stats, exercise_stats, score_stats

HARDEST = 12
"""Checks shown at once; the others unfold. So do misconceptions."""
OWN_ANSWERS = Path(autograder.__file__).parent / "practice" / "answers"
NAMED = 4
"""Failed checks named for one exercise of one student."""


def write_report(course: CourseFolder, assignment: str, target: Path | None = None, *, anonymous: bool = False) -> Path:
    """Write the report of an assignment to `reports/<assignment>.html`, or to `target`, and return the file.

    The same as CSV and as JSON is written beside it.

    Parameters
    ----------
    target : Path | None, optional
        The page to write.
    anonymous : bool, optional
        Number the students instead of naming them, in `reports/<assignment>-anonymous.html`.

    Raises
    ------
    UserError
        If the assignment does not exist, nothing of it has been graded, or a file cannot be written.
    """
    results = read_results(course, assignment)
    if anonymous:
        results = without_names(results)
    page = target or page_path(course, assignment, anonymous=anonymous)
    made = datetime.now().astimezone()
    groups, alike = find_misconceptions(results, catalogue(course, assignment)), near_identical(results)
    overview = page_path(course, OVERVIEW, anonymous=anonymous).name if target is None else ""
    texts = {
        ".csv": report_csv(results, page),
        ".json": report_json(results, groups, alike, page, made),
        ".html": render_report(results, groups, alike, page, made, overview),
    }
    write_files(course, page, texts)
    return page


def catalogue(course: CourseFolder, assignment: str) -> list[Answer]:
    """Return the answers to an assignment that a course has, or that come with the grader; another course has none."""
    folder = next((each for each in (course.answers, OWN_ANSWERS) if (each / assignment).is_dir()), None)
    return load_answers(folder, assignment) if folder else []


def render_report(
    results: ClassResults,
    misconceptions: Sequence[Misconception] = (),
    alike: Sequence[Alike] = (),
    page: Path = Path("report.html"),
    made: datetime | None = None,
    overview: str = "",
) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    page : Path, optional
        Where it will stand, for its links.
    made : datetime | None, optional
        The date at its head.
    overview : str, optional
        The address of the page of all assignments.
    """
    content = _content(results, page) | {"made": made, "overview": overview, "page": page.stem}
    groups = [(group, anchor(group.example.id)) for group in misconceptions]
    return template("report.html.j2").render(
        **content, misconceptions=groups[:HARDEST], more_misconceptions=groups[HARDEST:], alike=alike
    )


def _content(results: ClassResults, page: Path) -> dict[str, Any]:
    scores = score_stats(results)
    exercises = exercise_stats(results)
    checks = check_stats(results)
    return {
        "results": results,
        "walls": wall_lines(results.walls),
        "open": any(wall.name == "none" for wall in results.walls),
        "scores": scores,
        "exercises": list(zip(exercises, ranks([_exercise_keys(*each) for each in enumerate(exercises)]), strict=True)),
        "distribution": distribution_plot(results, scores),
        "means": exercise_plot(exercises),
        "hardest": _sortable(checks[:HARDEST]),
        "others": _sortable(checks[HARDEST:]),
        "rows": _rows(results, page),
        "id_letters": longest_word(student.id for student in results.students),
        "name_letters": longest_word(student.name for student in results.students),
        "anchor": anchor,
        "zone": " and ".join(sorted({each.handed_in.tzname() or "" for each in results.students if each.handed_in})),
        "unread": [student for student in results.students if student.problem],
        "incidents": [(student, incident) for student in results.students for incident in student.incidents],
        "looks": [(student, *look) for student in results.students for look in student.looks],
        "noted": [student for student in results.students if student.notes],
        "manual": [student for student in results.students if student.needs_manual],
        "late": [student for student in results.students if student.late],
        "seconds": [student.seconds for student in results.students if student.seconds is not None],
    }


def _exercise_keys(place: int, exercise: ExerciseStats) -> tuple[Any, ...]:
    return (place, exercise.mean, exercise.max_points, exercise.full_marks, exercise.discrimination)


def _sortable(checks: list[CheckStats]) -> list[tuple[CheckStats, str]]:
    keys = [(check.share, check.passed, check.exercise, check.check, check.message) for check in checks]
    return list(zip(checks, ranks(keys), strict=True))


def _rows(results: ClassResults, page: Path) -> list[tuple[StudentResult, list[tuple[str, str]], list[str], str]]:
    """Return each student with what failed, the links to the feedback, and the ranks of the row."""
    keys = [
        (
            student.id.casefold(),
            student.name.casefold() or None,
            student.score,
            student.handed_in,
            student.late,
            student.seconds,
            sum(len(exercise.failures) for exercise in student.exercises),
        )
        for student in results.students
    ]
    return [
        (student, what_failed(student), [link(path, page) for path in student.feedback], style)
        for student, style in zip(results.students, ranks(keys), strict=True)
    ]


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

"""What the class report says as plain data: JSON with all of it, CSV with a row for each student."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.reports.gradebook_csv import DECIMALS, table_csv
from autograder.reports.misconceptions import Misconception
from autograder.reports.report_files import link
from autograder.reports.results import ClassResults, StudentResult
from autograder.reports.similarity import Alike
from autograder.reports.statistics import check_stats, exercise_stats, score_stats
from autograder.versions import NAMES

COLUMNS = (
    "student",
    "name",
    "points",
    "max_points",
    "late_penalty",
    "waits_for_a_person",
    "handed_in",
    "late_hours",
    "grading_seconds",
    "problem",
    "feedback",
    "graded",
    *NAMES,
    "wall",
)
"""Of the CSV; the points of each exercise follow."""
SHARE_DECIMALS = 4


def report_json(
    results: ClassResults,
    misconceptions: Sequence[Misconception],
    alike: Sequence[Alike],
    page: Path,
    made: datetime,
) -> str:
    """Return the class report as JSON."""
    told = _rounded(
        {
            "course": results.course,
            "assignment": results.assignment,
            "made": made.isoformat(timespec="seconds"),
            "due": results.duedate and results.duedate.isoformat(),
            "max_points": results.max_score,
            "waiting": dict(results.waiting),
            "scores": {"max_points": results.settled_max, **asdict(score_stats(results))},
            "exercises": [asdict(exercise) for exercise in exercise_stats(results)],
            "checks": [asdict(check) for check in check_stats(results)],
            "misconceptions": [
                {
                    "exercise": group.exercise,
                    "name": group.name,
                    "checks": group.checks,
                    "message": group.message,
                    "students": group.students,
                    "example": group.example.id,
                }
                for group in misconceptions
            ],
            "near_identical": [asdict(group) for group in alike],
            "not_graded": results.ungraded,
            "handed_in_nothing": results.absent,
        }
    )
    told["students"] = [_student(student, page) for student in results.students]
    return json.dumps(told, ensure_ascii=False)


def _rounded(value: Any) -> Any:
    """Return plain data with numbers as the page shows them, and shares as its per cents."""
    if isinstance(value, float):
        return round(value, SHARE_DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list | tuple) else value


def _student(student: StudentResult, page: Path) -> dict[str, Any]:
    return {
        **_in_short(student, page),
        "max_points": _rounded(student.max_score),
        "exercises": [
            {
                "exercise": exercise.title,
                "points": round(exercise.points, DECIMALS),
                "max_points": _rounded(exercise.max_points),
                "waits_for_a_person": exercise.needs_manual,
                "failed": [{**vars(failure)} for failure in exercise.failures],
            }
            for exercise in student.exercises
        ],
        "stopped": [{**vars(incident)} for incident in student.incidents],
        "lines_to_look_at": [{"notebook": notebook, **vars(look)} for notebook, look in student.looks],
        "notes": student.notes,
    }


def _in_short(student: StudentResult, page: Path) -> dict[str, Any]:
    return {
        "student": student.id,
        "name": student.name,
        "points": round(student.score, DECIMALS),
        "max_points": student.max_score,
        "late_penalty": round(student.penalty, DECIMALS),
        "waits_for_a_person": student.needs_manual,
        "handed_in": student.handed_in and student.handed_in.isoformat(),
        "late_hours": round(student.late.total_seconds() / 3600, DECIMALS),
        "grading_seconds": None if student.seconds is None else round(student.seconds, DECIMALS),
        "problem": student.problem,
        "feedback": [link(path, page) for path in student.feedback],
        "made_with": [made.to_dict() for made in student.made_with],
    }


def report_csv(results: ClassResults, page: Path) -> str:
    """Return a row for each student; what waits for a person is empty."""
    titles = list(dict.fromkeys(exercise.title for student in results.students for exercise in student.exercises))

    def row(student: StudentResult) -> list[Any]:
        told = _in_short(student, page)
        points = {e.title: None if e.needs_manual else e.points for e in student.exercises}
        for name in ("graded", *NAMES, "wall"):
            told[name] = "; ".join(dict.fromkeys(made[name] for made in told["made_with"]))
        told["feedback"] = " ".join(told["feedback"])
        told["waits_for_a_person"] = "yes" if student.needs_manual else "no"
        return [*(told[column] for column in COLUMNS), *(points.get(title) for title in titles)]

    return table_csv((*COLUMNS, *titles), map(row, results.students))

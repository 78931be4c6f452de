"""The report as JSON and CSV: the same as the page says, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.examiner.verdict import Incident, Look
from autograder.reports.misconceptions import find_misconceptions
from autograder.reports.report_data import COLUMNS, report_csv, report_json
from autograder.reports.results import ClassResults, ExerciseResult, StudentResult
from autograder.reports.similarity import Alike
from course.checks import CheckResult

PAGE = Path("/course/reports/ps1.html")
MADE = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
FAILED = (CheckResult("right", 0.0, 2.0, "got 1"), CheckResult("float32", 1.005, 1.005))


def student(name: str) -> StudentResult:
    exercises = (ExerciseResult("=tanh", 1.005, 3.0, False, FAILED), ExerciseResult("essay", 0.0, 5.0, True))
    return StudentResult(
        name,
        "@ Lovelace",
        0.5,
        exercises,
        incidents=(Incident("c", "stopped after 30 s"),),
        looks=(("ps1", Look("c", 3, "x", "sys._getframe()")),),
        notes=("a note",),
        handed_in=datetime(2026, 3, 1, 10, 30, tzinfo=UTC),
        late=timedelta(hours=1, minutes=30),
        seconds=0.126,
        feedback=(Path("/course/feedback/ada b/ps1/ps1.html"),),
    )


RESULTS = ClassResults(
    "ps1", 8.0, (student("-ada"), student("ben")), ("cleo",), ("dan",), "course", datetime(2026, 3, 1, tzinfo=UTC)
)


def test_json_has_what_the_page_has() -> None:
    groups = find_misconceptions(RESULTS, [])
    told = json.loads(report_json(RESULTS, groups, [Alike(("-ada", "ben"), 290 / 3, 120)], PAGE, MADE))
    assert (told["course"], told["assignment"], told["made"]) == ("course", "ps1", "2026-03-04T12:00:00+00:00")
    assert told["due"] == "2026-03-01T00:00:00+00:00"
    assert told["waiting"] == {"essay": 2}
    assert told["scores"]["max_points"] == 3.0
    assert [exercise["mean"] for exercise in told["exercises"]] == [1.005, None]
    assert told["near_identical"][0]["least"] == 96.6667
    assert told["checks"][0]["message"] == "got 1"
    assert told["misconceptions"][0]["students"] == ["-ada", "ben"]
    assert told["near_identical"][0]["students"] == ["-ada", "ben"]
    assert told["not_graded"] == ["cleo"]
    assert told["handed_in_nothing"] == ["dan"]
    ada = told["students"][0]
    assert ada["exercises"][0]["failed"] == [{"exercise": "=tanh", "check": "right", "message": "got 1"}]
    assert (ada["late_hours"], ada["grading_seconds"]) == (1.5, 0.13)
    assert ada["feedback"] == ["../feedback/ada%20b/ps1/ps1.html"]
    assert ada["stopped"] == [{"cell": "c", "what": "stopped after 30 s"}]
    assert ada["lines_to_look_at"][0]["code"] == "sys._getframe()"
    assert ada["notes"] == ["a note"]


def test_csv_has_a_row_for_each_student_and_no_formula() -> None:
    header, ada, _ = csv.reader(io.StringIO(report_csv(RESULTS, PAGE), newline=""))
    assert header == [*COLUMNS, "'=tanh", "essay"]
    assert ada == [
        "'-ada", "'@ Lovelace", "0.5", "8.0", "0.5", "yes", "2026-03-01T10:30:00+00:00", "1.5", "0.13", "",
        "../feedback/ada%20b/ps1/ps1.html", *[""] * 7, "1.0", "",
    ]  # fmt: skip

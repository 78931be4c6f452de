"""With each grade stand the versions, the wall and the day, and everybody who may see the grade is told."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.provenance import NO_WALL, Provenance, enter, entered
from autograder.reports.class_report import render_report
from autograder.reports.feedback_page import Grades, render_page
from autograder.reports.report_data import report_csv, report_json
from autograder.reports.results import ClassResults, StudentResult
from autograder.tables import make_tables

MADE = Provenance(
    datetime(2026, 3, 1, 10, 7, tzinfo=UTC), "0.1.0+ab12cd34", "0.9.6", "3.11.7", "2.3.1", "2.9.0+cpu", "namespaces"
)
LATER = Provenance(
    datetime(2026, 3, 9, 10, 7, tzinfo=UTC), "0.1.0+ab12cd34", "0.9.6", "3.11.7", "2.3.1", "2.9.0+cpu", "namespaces"
)


def test_of_now() -> None:
    made = Provenance.now({"torch": "2.9.0"})
    assert (made.torch, made.numpy, made.wall) == ("2.9.0", "unknown", NO_WALL)
    assert abs(datetime.now(UTC) - made.graded) < timedelta(minutes=1)


def test_report_csv_and_json_say_it() -> None:
    def student(name: str, *made: Provenance) -> StudentResult:
        return StudentResult(name, "", 0.0, (), made_with=made)

    results = ClassResults("ps1", 5.0, (student("ada", MADE, LATER), student("ben", LATER), student("cleo")), ())
    page = Path("/course/reports/ps1.html")
    rows = list(csv.DictReader(io.StringIO(report_csv(results, page))))
    assert rows[0]["graded"] == "2026-03-01T10:07:00+00:00; 2026-03-09T10:07:00+00:00"
    assert [(row["grader"], row["torch"], row["wall"]) for row in rows] == [
        ("0.1.0+ab12cd34", "2.9.0+cpu", "namespaces"),
        ("0.1.0+ab12cd34", "2.9.0+cpu", "namespaces"),
        ("", "", ""),
    ]
    told = json.loads(report_json(results, [], [], page, MADE.graded))
    assert [len(each["made_with"]) for each in told["students"]] == [2, 1, 0]
    assert told["students"][1]["made_with"][0] == LATER.to_dict()
    html = render_report(results, page=page)
    assert f'{MADE.programs}</th><td class="text">namespaces</td><td>2026-03-01 to 2026-03-09</td>' in html
    assert "What the grades were made with" not in render_report(ClassResults("ps1", 5.0, (student("cleo"),), ()))


def test_the_student_is_told() -> None:
    notebook = nbformat.v4.new_notebook()
    line = f"Graded on 2026-03-01 10:07 UTC with {MADE.programs}. Wall around your code: namespaces."
    assert line in render_page(notebook, "ps1", "ps1", "ada", Grades({"ps1": {}}, {}, {}, MADE))
    assert "Graded on" not in render_page(notebook, "ps1", "ps1", "ada", Grades({"ps1": {}}, {}, {}))


def test_a_gradebook_of_old_has_none_and_the_last_one_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: "x")  # asking alembic takes seconds
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        assert entered(gradebook, "ps1") == {}
        make_tables(gradebook)
        for key, made in ((("ps1", "ada", "n"), LATER), (("ps1", "ada", "n"), MADE), (("ps1", "ben", "n"), LATER)):
            enter(gradebook, key, made)
        assert entered(gradebook, "ps1") == {("ada", "n"): MADE, ("ben", "n"): LATER}
        assert entered(gradebook, "ps1", "ben") == {("ben", "n"): LATER}
        assert entered(gradebook, "ps2") == {}

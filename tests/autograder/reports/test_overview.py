"""The page of all assignments: students by assignments, linked with their reports."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.gradebook_update import versions
from autograder.reports.grades import AllGrades, Grade, Person, Task
from autograder.reports.overview import mean, render_overview, without_names, write_all
from tests.support.graded_class import HOSTILE, PS1, Class

MADE = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ADA, BEN = Person("ada", "Lovelace", "Ada", "ada@example.org"), Person("ben", HOSTILE, "", "")
GRADES = AllGrades(
    (ADA, BEN),
    (Task("ps1", datetime(2026, 3, 1), 30.0), Task("ps_2", None, 10.0), Task("not graded", None, 5.0)),
    {
        ("ps1", "ada"): Grade(None, 20.0, 2.5, waits=False),
        ("ps1", "ben"): Grade(None, 27.390100000000004, 0.0, waits=False),
        ("ps_2", "ben"): Grade(None, 3.0, 0.0, waits=True),
    },
)


@pytest.fixture
def pages(graded: Class) -> Iterator[list[Path]]:
    yield write_all(graded.course)
    for path in (graded.course.root / "reports").iterdir():
        path.unlink()


def test_cells_have_points_lateness_and_what_waits() -> None:
    page = render_overview(GRADES, "course", MADE, links={"ps1": "ps1.html"})
    assert re.findall(r"27\.39</a>", page)
    assert re.findall(r"17\.5</a> <span class=\"late\">late</span>", page)
    assert re.findall(r"3 <span class=\"waits\">so far</span>", page)
    assert "30.39" in page
    assert "1 grade waits for a person" in page
    assert "not graded" not in page
    assert "2026-03-01 00:00 UTC" in page
    assert "<script" not in page


def test_means_are_of_final_grades() -> None:
    assert mean(GRADES, GRADES.tasks[0]) == pytest.approx(22.44505)
    assert mean(GRADES, GRADES.tasks[1]) is None
    most_wait = {**GRADES.found, ("ps1", "c"): Grade(None, 1.0, 0.0, waits=True)}
    assert mean(replace(GRADES, found=most_wait), GRADES.tasks[0]) == pytest.approx(22.44505)
    most_wait |= {("ps1", student): Grade(None, 1.0, 0.0, waits=True) for student in "de"}
    assert mean(replace(GRADES, found=most_wait), GRADES.tasks[0]) is None


def test_written_beside_the_reports_and_linked_both_ways(graded: Class, pages: list[Path]) -> None:
    report, overview = pages
    assert (report.name, overview.name) == (f"{PS1}.html", "index.html")
    assert 'href="index.html"' in report.read_text(encoding="utf-8")
    links = re.findall(rf'href="{PS1}.html(#\w+)?"', overview.read_text(encoding="utf-8"))
    assert len(links) == 5
    for row in filter(None, links):
        assert f'id="{row[1:]}"' in report.read_text(encoding="utf-8")
    rows = list(csv.DictReader((overview.parent / "index.csv").open(newline="", encoding="utf-8")))
    assert {row["student"]: row["total"] for row in rows} == {
        "ada": "30.0",
        "ben": "22.5",
        "cleo": "25.0",
        "dan": "0.0",
    }
    told = json.loads((overview.parent / "index.json").read_text(encoding="utf-8"))
    assert told["assignments"][0]["assignment"] == PS1
    assert {s["student"]: s["grades"][PS1]["points"] for s in told["students"]}["ben"] == 22.5


def test_one_assignment_brings_the_overview_up_to_date_too(graded: Class, pages: list[Path]) -> None:
    pages[-1].unlink()
    assert write_all(graded.course, PS1) == pages
    assert pages[-1].is_file()


def test_without_names_there_are_none(graded: Class, pages: list[Path]) -> None:
    anonymous = write_all(graded.course, anonymous=True)
    assert [page.name for page in anonymous] == [f"{PS1}-anonymous.html", "index-anonymous.html"]
    for page in anonymous:
        for suffix in (".html", ".csv", ".json"):
            text = page.with_suffix(suffix).read_text(encoding="utf-8")
            assert "student 1" in text
            for name in ("ada", "ben", "cleo", "dan", "eve", "alert("):
                assert not re.search(rf"\b{re.escape(name)}(?!\w)", text), (page.name + suffix, name)
    hidden = without_names(GRADES)
    assert [person.id for person in hidden.people] == ["student 1", "student 2"]
    assert hidden.found["ps1", "student 1"].raw == GRADES.found["ps1", "ben"].raw
    assert not any(person.name or person.email for person in hidden.people)


def test_nothing_graded(empty_course: CourseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: versions()[1])  # asking alembic takes seconds
    with pytest.raises(UserError, match="There is no gradebook"):
        write_all(empty_course)

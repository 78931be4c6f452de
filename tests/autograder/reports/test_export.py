"""The CSV of all grades: whole or not at all."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.reports.export import export_grades
from tests.support.graded_class import PS1, Class


def test_rows(graded: Class, tmp_path: Path) -> None:
    with export_grades(graded.course, tmp_path / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {name: row["score"] for name, row in rows.items()} == {
        "ada": "30.0",
        "ben": "22.5",
        "cleo": "25.0",
        "dan": "0.0",
    }
    assert {row["assignment"] for row in rows.values()} == {PS1}
    assert list(tmp_path.iterdir()) == [tmp_path / "grades.csv"]


def test_interrupted_export_leaves_the_old_file(graded: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "grades.csv"
    target.write_text("old")

    def interrupted(plugin: CsvExportPlugin, gradebook: Gradebook) -> None:
        Path(plugin.to).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(CsvExportPlugin, "export", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_grades(graded.course, target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_comma_in_a_name(graded: Class, tmp_path: Path) -> None:
    def rename(name: str) -> None:
        with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
            gradebook.update_or_create_student("ada", last_name=name)

    rename("Lovelace, Countess")
    try:
        with pytest.raises(UserError, match=r"holds a comma or a line break.*Lovelace, Countess"):
            export_grades(graded.course, tmp_path / "grades.csv")
    finally:
        rename("")
    assert list(tmp_path.iterdir()) == []


def test_bad_targets(graded: Class, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no folder .*nowhere to write grades.csv to"):
        export_grades(graded.course, tmp_path / "nowhere" / "grades.csv")
    with pytest.raises(UserError, match="is a folder; name the CSV file"):
        export_grades(graded.course, tmp_path)


def test_no_gradebook(empty_course: CourseFolder, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no gradebook"):
        export_grades(empty_course, tmp_path / "grades.csv")


def test_empty_gradebook(empty_course: CourseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: "0")  # asking alembic takes seconds
    with Gradebook(empty_course.db_url):
        pass
    with pytest.raises(UserError, match=r"holds no grades yet"):
        export_grades(empty_course, tmp_path / "grades.csv")

"""The CSV of all grades: whole or not at all, and read back as it was whatever the names are."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin, ExportPlugin

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.gradebook import versions
from autograder.reports import export
from autograder.reports.export import COLUMNS, export_grades, grades_csv
from tests.support.graded_class import PS1, Class


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def test_rows(graded: Class, tmp_path: Path) -> None:
    rows = rows_of(export_grades(graded.course, tmp_path / "grades.csv"))
    assert {name: row["score"] for name, row in rows.items()} == {
        "ada": "30.0",
        "ben": "22.5",
        "cleo": "25.0",
        "dan": "0.0",
    }
    assert {row["assignment"] for row in rows.values()} == {PS1}
    assert list(tmp_path.iterdir()) == [tmp_path / "grades.csv"]


def test_the_same_rows_as_nbgraders(graded: Class, tmp_path: Path) -> None:
    """Where nbgrader's are whole: no name has a comma."""
    ours = rows_of(export_grades(graded.course, tmp_path / "ours.csv"))
    with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
        CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(gradebook)
    theirs = rows_of(tmp_path / "theirs.csv")
    assert ours == theirs
    assert list(ours["ada"]) == list(theirs["ada"]) == list(COLUMNS)


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


@given(TEXT, TEXT, st.floats(allow_nan=False))
@example("King, Jr.", '"Big" Al', -1.5)
@example("two\r\nlines\n", "\r", 0.0)
@example("=cmd|' /C calc'!A0", "-dash", -3.0)
@example("-5", "+4912", -0.0)
@example("\0", "👩\u200d🔬 日本 Łukasz e\u0301", 1e300)
def test_any_name_is_read_back(first: str, last: str, score: float) -> None:
    text = grades_csv(iter([(first, last, score, None)]))
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == COLUMNS
    assert [cell.removeprefix("'") for cell in row[:2]] == [first.removeprefix("'"), last.removeprefix("'")]
    assert row[2:] == [str(score), ""]
    assert not any(cell[:1] in "=@" for cell in row[:2] if cell)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-dash", "+a", "\t=1", "\r=1", "\n=1", "-1-1", "+49 12"])
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(text: str) -> None:
    assert list(csv.reader(io.StringIO(grades_csv(iter([(text,)])), newline="")))[1] == [f"'{text}"]


@pytest.mark.parametrize("text", ["ada", "12345", "-5", "+49123", "-1.5", "a=b", "O'Hara", "ada@x.org", ""])
def test_numbers_and_plain_names_stay(text: str) -> None:
    assert list(csv.reader(io.StringIO(grades_csv(iter([(text, "x")])), newline="")))[1] == [text, "x"]


def test_rows_end_as_in_nbgraders_own() -> None:
    assert grades_csv(iter([("a", "b"), ("c", "d\r")])) == f'{",".join(COLUMNS)}\na,b\nc,"d\r"\n'


def test_names_in_the_gradebook(graded: Class, tmp_path: Path) -> None:
    names = {"ada": "Lovelace, Countess", "ben": "=1+1", "cleo": "two\nlines", "dan": '"Big" Łukasz'}
    with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
        before = {student.id: student.last_name for student in gradebook.students}
        for student, name in names.items():
            gradebook.update_or_create_student(student, last_name=name)
    try:
        rows = rows_of(export_grades(graded.course, tmp_path / "grades.csv"))
    finally:
        with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
            for student, name in before.items():
                gradebook.update_or_create_student(student, last_name=name)
    assert {student: row["last_name"] for student, row in rows.items()} == {**names, "ben": "'=1+1"}


def test_interrupted_export_leaves_the_old_file(graded: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "grades.csv"
    target.write_text("old")

    def interrupted(rows: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(export, "grades_csv", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_grades(graded.course, target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


class Names(ExportPlugin):
    """A plugin of an instructor's own."""

    def export(self, gradebook: Gradebook) -> None:
        Path(self.to).write_text(" ".join(student.id for student in gradebook.students))


def test_nbgraders_settings_choose_plugin_file_and_rows(graded: Class, tmp_path: Path) -> None:
    def course(settings: dict[str, dict[str, object]]) -> CourseFolder:
        config = graded.course.config.copy()
        config.merge(settings)
        return CourseFolder(graded.course.root, config)

    to = tmp_path / "chosen.csv"
    some = course({"CsvExportPlugin": {"to": str(to), "student": ["ada", "ben"], "assignment": [PS1]}})
    assert export_grades(some) == to
    assert set(rows_of(to)) == {"ada", "ben"}
    none = course({"CsvExportPlugin": {"assignment": ["another"]}})
    assert rows_of(export_grades(none, tmp_path / "none.csv")) == {}
    own = course({"ExportApp": {"plugin_class": Names}})
    written = export_grades(own, tmp_path / "own.csv").read_text()
    assert sorted(written.split()) == ["ada", "ben", "cleo", "dan"]


def test_bad_targets(graded: Class, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no folder .*nowhere to write grades.csv to"):
        export_grades(graded.course, tmp_path / "nowhere" / "grades.csv")
    with pytest.raises(UserError, match="is a folder; name the CSV file"):
        export_grades(graded.course, tmp_path)


def test_no_gradebook(empty_course: CourseFolder, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no gradebook"):
        export_grades(empty_course, tmp_path / "grades.csv")


def test_empty_gradebook(empty_course: CourseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: versions()[1])  # asking alembic takes seconds
    with Gradebook(empty_course.db_url):
        pass
    with pytest.raises(UserError, match=r"holds no grades yet"):
        export_grades(empty_course, tmp_path / "grades.csv")

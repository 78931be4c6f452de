"""The CSV of all grades: whole or not at all, and read back as it was whatever the names are."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin, ExportPlugin

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.gradebook_update import versions
from autograder.reports import export
from autograder.reports.export import STANDARD_OUTPUT, export_grades, remarks
from autograder.reports.gradebook_csv import COLUMNS, Format
from autograder.reports.grades import AllGrades, Grade, Person, Task
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

    def interrupted(grades: object, form: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(export, "csv_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_grades(graded.course, target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_standard_output_gets_the_rows_and_nothing_else(
    graded: Class, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = export_grades(graded.course, tmp_path / "grades.csv").read_bytes()
    monkeypatch.chdir(tmp_path)
    assert export_grades(graded.course, Path("-")) == STANDARD_OUTPUT
    assert capfdbinary.readouterr() == (written, b"")
    assert list(tmp_path.iterdir()) == [tmp_path / "grades.csv"]


@pytest.mark.parametrize("form", [Format.CANVAS, Format.MOODLE])
def test_other_gradebooks_have_files_of_their_own(
    graded: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Format
) -> None:
    monkeypatch.chdir(tmp_path)
    path = export_grades(graded.course, form=form)
    assert path == Path(f"grades-{form}.csv")
    rows = list(csv.reader(path.open(newline="", encoding="utf-8")))
    assert rows[0][-1] == PS1
    assert {tuple(row[3:]) if form is Format.CANVAS else tuple(row[4:]) for row in rows[-4:]} >= {
        ("ada", "", "30.0") if form is Format.CANVAS else ("ada", "30.0")
    }


def test_what_is_missing_is_said(graded: Class, tmp_path: Path) -> None:
    said: list[str] = []
    export_grades(graded.course, tmp_path / "grades.csv", tell=said.append)
    assert said == [
        "the gradebook has no name for 3 of 4 students (ada, cleo, dan). "
        "'nbgrader db student import FILE' enters names."
    ]


def test_marks_to_come_and_too_many_points_for_moodle_are_said() -> None:
    people = (Person("a", "A", "", ""),)
    grades = AllGrades(people, (Task("x", None, 150.0),), {("x", "a"): Grade(None, 3.0, 0.0, waits=True)})
    not_final = "1 of 1 grades are not final: a person still marks something (x)."
    assert remarks(grades, Format.CANVAS) == [not_final]
    assert remarks(grades, Format.MOODLE) == [
        not_final,
        "Moodle takes more than 100 points only if its setting 'unlimitedgrades' is on.",
    ]


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
    asked_for = export_grades(own, tmp_path / "asked.csv", Format.NBGRADER)
    assert set(rows_of(asked_for)) == {"ada", "ben", "cleo", "dan"}


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


@pytest.mark.parametrize("name", ["grades.xlsx", "Grades.XLS", "grades.ods", "grades.json"])
@pytest.mark.parametrize("form", [None, Format.CANVAS])
def test_csv_does_not_go_by_another_name(graded: Class, tmp_path: Path, name: str, form: Format | None) -> None:
    with pytest.raises(UserError, match=rf"{name} would hold CSV .*: name it {Path(name).stem}\.csv"):
        export_grades(graded.course, tmp_path / name, form)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["grades.csv", "grades.txt", "grades", "grades 2026.5"])
def test_csv_has_any_name_of_its_own(graded: Class, tmp_path: Path, name: str) -> None:
    assert rows_of(export_grades(graded.course, tmp_path / name)).keys() >= {"ada"}

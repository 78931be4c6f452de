"""The CSV of grades: any name is read back, nothing is a formula, and Canvas and Moodle find what they look for."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.errors import UserError
from autograder.reports.gradebook_csv import COLUMNS, Format, csv_of, format_named, table_csv
from autograder.reports.grades import AllGrades, Grade, Person, Task


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


@given(TEXT, TEXT, st.floats(allow_nan=False))
@example("King, Jr.", '"Big" Al', -1.5)
@example("two\r\nlines\n", "\r", 0.0)
@example("=cmd|' /C calc'!A0", "-dash", -3.0)
@example("-5", "+4912", -0.0)
@example("\0", "👩\u200d🔬 日本 Łukasz e\u0301", 1e300)
def test_any_name_is_read_back(first: str, last: str, score: float) -> None:
    header, row = read(table_csv(COLUMNS, iter([(first, last, score, None)])))
    assert tuple(header) == COLUMNS
    assert [cell.removeprefix("'") for cell in row[:2]] == [first.removeprefix("'"), last.removeprefix("'")]
    assert row[2:] == [str(round(score, 2)), ""]
    assert not any(cell.strip()[:1] in "=@" for cell in row[:2] if cell.strip())


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "-dash", "+a", "\t=1", "\r=1", "\n=1", "-1-1", "+49 12", " =1+1", "\u00a0@x"]
)
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(text: str) -> None:
    assert read(table_csv(COLUMNS, iter([(text,)])))[1] == [f"'{text}"]


@pytest.mark.parametrize("text", ["ada", "12345", "-5", "+49123", "-1.5", "a=b", "O'Hara", "ada@x.org", ""])
def test_numbers_and_plain_names_stay(text: str) -> None:
    assert read(table_csv(COLUMNS, iter([(text, "x")])))[1] == [text, "x"]


def test_rows_end_as_in_nbgraders_own() -> None:
    assert table_csv(COLUMNS, iter([("a", "b"), ("c", "d\r")])) == f'{",".join(COLUMNS)}\na,b\nc,"d\r"\n'


PEOPLE = (
    Person("ada", "Lovelace", "Ada", "ada@example.org", "4711"),
    Person("ben", "=1+1", "", ""),
    Person("12b", "", "", "", "12b"),
)
DUE = datetime(2026, 3, 1)
GRADES = AllGrades(
    PEOPLE,
    (Task("ps1", DUE, 30.0), Task("@ps2", None, 20.0), Task("empty", None, 5.0)),
    {
        ("ps1", "ada"): Grade(DUE, 27.390100000000004, 0.0, waits=False),
        ("ps1", "ben"): Grade(None, 3.0, 1.005, waits=False),
        ("@ps2", "ada"): Grade(DUE, 1.0, 2.0, waits=True),
    },
)


def test_nbgraders_rows_are_sorted_rounded_and_whole() -> None:
    header, *rows = read(csv_of(GRADES, Format.NBGRADER))
    assert tuple(header) == COLUMNS
    due = str(DUE)
    assert rows[0] == ["ps1", due, due, "ada", "Lovelace", "Ada", "ada@example.org", "27.39", "0.0", "27.39", "30.0"]
    assert rows[1] == ["ps1", due, "", "ben", "'=1+1", "", "", "3.0", "1.0", "2.0", "30.0"]
    assert rows[2] == ["ps1", due, "", "12b", "", "", "", "0.0", "0.0", "0.0", "30.0"]
    assert rows[3][0:1] + rows[3][7:10] == ["'@ps2", "1.0", "2.0", "0.0"]
    assert [row[0] for row in rows[6:]] == ["empty"] * 3


def test_canvas_finds_its_columns_points_and_students() -> None:
    """As its gradebook exports and imports them: five columns, one for each assignment, points in the second row."""
    header, possible, *students = read(csv_of(GRADES, Format.CANVAS))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "ps1", "'@ps2"]
    assert possible == ["    Points Possible", "", "", "", "", "30.0", "20.0"]
    assert students == [
        ["Lovelace, Ada", "4711", "", "ada", "", "27.39", "0.0"],
        ["'=1+1", "", "", "ben", "", "2.0", ""],
        ["12b", "", "12b", "12b", "", "", ""],
    ]


def test_moodle_finds_its_columns_and_students() -> None:
    header, *students = read(csv_of(GRADES, Format.MOODLE))
    assert header == ["First name", "Last name", "ID number", "Email address", "Username", "ps1", "'@ps2"]
    assert students == [
        ["Ada", "Lovelace", "4711", "ada@example.org", "ada", "27.39", "0.0"],
        ["", "'=1+1", "", "", "ben", "2.0", ""],
        ["", "", "12b", "", "12b", "", ""],
    ]


def test_a_format_is_found_by_its_name_and_another_is_refused() -> None:
    assert format_named("Canvas") is Format.CANVAS
    with pytest.raises(UserError, match=r"no format 'excel' for grades\. There are: nbgrader, canvas, moodle"):
        format_named("excel")

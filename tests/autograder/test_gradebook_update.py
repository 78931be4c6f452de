"""A gradebook of an earlier version is copied, then brought up to date, and nothing in it is lost."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder import gradebook_update
from autograder.batch.ledger import Entry, Ledger
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.gradebook import existing_gradebook, open_gradebook
from autograder.gradebook_update import versions
from autograder.provenance import entered
from autograder.reports.results import read_results
from autograder.tables import TABLES
from tests.support.classroom import MINI, write_course

OF_0_5_5 = Path(__file__).with_name("nbgrader_0_5_5.sql").read_text(encoding="utf-8")


def content(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def change(file: Path, statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(statements)


def copies(course: CourseFolder) -> list[Path]:
    return sorted(course.root.glob("gradebook.db.*"))


@pytest.fixture
def old(tmp_path: Path) -> CourseFolder:
    """A course whose gradebook nbgrader 0.5.5 made."""
    course = write_course(tmp_path / "100% {old} course")
    change(course.root / "gradebook.db", OF_0_5_5)
    return course


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CourseFolder:
    """A course whose gradebook today's nbgrader made, with one submission."""
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: versions()[1])  # asking alembic takes seconds
    course = write_course(tmp_path / "course")
    with Gradebook(course.db_url) as gradebook:
        gradebook.add_assignment(MINI)
        gradebook.add_notebook(MINI, MINI)
        gradebook.add_student("ada")
        gradebook.add_submission(MINI, "ada")
    return course


def test_of_an_earlier_nbgrader(old: CourseFolder, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(old.root / "gradebook.db")
    results = read_results(old, MINI)
    assert {each.id: each.score for each in results.students} == {"ada": 6.0, "ben": 2.0, "dan": 5.5}
    assert [each.made_with for each in results.students] == [(), (), ()]
    with existing_gradebook(old) as gradebook:
        (comment,) = [each for each in gradebook.find_submission_notebook(MINI, MINI, "dan").comments if each.comment]
        assert comment.comment == "well said"
        assert gradebook.find_student("ben").email == "ben@x.edu"
    (copy,) = copies(old)  # once
    assert content(copy) == before
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"autograder: the gradebook {old.root / 'gradebook.db'} is brought up to date with this version. "
        f"A copy of it as it was: {copy}"
    ]


def test_what_cannot_be_upgraded_is_again_what_it_was(old: CourseFolder) -> None:
    file = old.root / "gradebook.db"
    change(file, "DROP TABLE grade_cell")
    before = content(file)
    with pytest.raises(UserError, match=r"could not be brought up to date: .*grade_cell.* again what it was. Try"):
        read_results(old, MINI)
    assert content(file) == before
    assert [content(copy) for copy in copies(old)] == [before]


def test_who_may_not_write_it_is_told_what_to_do(old: CourseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and real(path, mode))
    said = "was made by an earlier version of nbgrader. Bring it up to date with 'nbgrader db upgrade'"
    with pytest.raises(UserError, match=said), existing_gradebook(old):
        pass
    assert copies(old) == []


def test_a_copy_that_cannot_be_made_leaves_everything(old: CourseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    before = content(old.root / "gradebook.db")
    monkeypatch.setattr(gradebook_update, "copy_database", full)
    with (
        pytest.raises(UserError, match=r"gradebook.db[.].* cannot be written: No space left .* Free"),
        existing_gradebook(old),
    ):
        pass
    assert content(old.root / "gradebook.db") == before
    assert copies(old) == []


def test_of_an_earlier_version_of_ours(own: CourseFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """The ledger of the first version, and that of the one before versions were noted."""
    entry = Entry("ada", MINI, "f", '{"notes": []}', "unreadable")
    with Gradebook(own.db_url) as gradebook:
        Ledger(gradebook, MINI).enter(entry)
        gradebook.db.commit()
        gradebook.db.execute(text("DROP TABLE autograder_made_with"))
        gradebook.db.execute(text("DROP TABLE autograder_seconds"))
        gradebook.db.commit()
    before = content(own.root / "gradebook.db")
    for _ in range(2):
        with open_gradebook(own, writing=True) as gradebook:
            assert Ledger(gradebook, MINI).entries() == {("ada", MINI): entry}
            assert entered(gradebook, MINI) == {}
    (copy,) = copies(own)
    assert content(copy) == before
    assert capsys.readouterr().err.count("A copy of it as it was") == 1


def test_one_without_submissions_needs_no_copy(own: CourseFolder, capsys: pytest.CaptureFixture[str]) -> None:
    change(own.root / "gradebook.db", "DELETE FROM submitted_notebook; DELETE FROM submitted_assignment")
    with open_gradebook(own, writing=True) as gradebook:
        Ledger(gradebook, MINI)
    assert copies(own) == []
    assert capsys.readouterr().err == ""
    with closing(sqlite3.connect(own.root / "gradebook.db")) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'autograder_%'")
        assert TABLES.tables.keys() <= {name for (name,) in found}

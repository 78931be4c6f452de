"""A gradebook that cannot be used is one line that names it."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from autograder import gradebook as gradebooks
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.gradebook import existing_gradebook, open_gradebook, shown
from autograder.gradebook_update import versions
from tests.support.classroom import write_course


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CourseFolder:
    """A course with an empty gradebook, in which nobody waits for long."""
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: versions()[1])  # asking alembic takes seconds
    monkeypatch.setattr(gradebooks, "START_SECONDS", 0)
    made = write_course(tmp_path / "course")
    with Gradebook(made.db_url, made.directory.course_id):
        pass
    return made


@contextmanager
def held(course: CourseFolder, how: str) -> Iterator[None]:
    """Hold the gradebook as another program does."""
    with closing(sqlite3.connect(course.root / "gradebook.db", isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        yield


@pytest.mark.parametrize(("how", "writing"), [("IMMEDIATE", True), ("EXCLUSIVE", True), ("EXCLUSIVE", False)])
def test_in_use(course: CourseFolder, how: str, writing: bool) -> None:
    file = course.root / "gradebook.db"
    with (
        held(course, how),
        pytest.raises(UserError, match=rf"The gradebook {file} is in use by another program"),
        open_gradebook(course, writing=writing),
    ):
        pass
    with open_gradebook(course, writing=writing) as gradebook:
        assert gradebook.students == []


def test_who_only_reads_does_not_wait_for_a_writer(course: CourseFolder) -> None:
    with held(course, "IMMEDIATE"), open_gradebook(course) as gradebook:
        assert gradebook.students == []


def test_taken_later_on(
    course: CourseFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("autograder.course_folder.WAIT_SECONDS", 0)
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(UserError, match=r"is in use by another program"),
        open_gradebook(course) as gradebook,
        held(course, "IMMEDIATE"),
    ):
        gradebook.add_student("ada")
    assert not [record for record in caplog.records if record.exc_info]


def test_waiting_is_said_to_sqlite_alone(tmp_path: Path) -> None:
    assert make_url(write_course(tmp_path / "a").waiting_db_url).query == {"timeout": "60"}
    server = "postgresql+psycopg://me:secret@host/grades"
    course = write_course(tmp_path / "b", f"\nc.CourseDirectory.db_url = {server!r}\n")
    assert course.waiting_db_url == server
    assert shown(course) == "postgresql+psycopg://me:***@host/grades"


def test_not_a_gradebook(course: CourseFolder) -> None:
    course.root.joinpath("gradebook.db").write_bytes(b"something else" * 1000)
    with pytest.raises(UserError, match=r"gradebook.db cannot be used: file is not a database"), open_gradebook(course):
        pass


def test_none_is_not_made_for_reading(course: CourseFolder) -> None:
    file = course.root / "gradebook.db"
    file.unlink()
    with pytest.raises(UserError, match="There is no gradebook"), existing_gradebook(course):
        pass
    assert not file.exists()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("", "is '', which is no address of a database. Write one such as sqlite:////home/me/gradebook.db"),
        ("nonsense", "is 'nonsense', which is no address of a database. Write one such as"),
        ("postgresql://host:port/x", "which is no address of a database. Write one such as"),
        ("nosuch://host/x", "names a kind of database or driver that is not known here, 'nosuch'. Write an address"),
        ("postgresql+nosuch://h/x", "kind of database or driver that is not known here, 'postgresql[.+]nosuch'"),
        ("sqlite:////no/such/folder/x.db", "There is no folder /no/such/folder for the gradebook x.db: make it, or"),
    ],
)
def test_an_address_that_is_none(tmp_path: Path, told: str, said: str) -> None:
    course = write_course(tmp_path, f"\nc.CourseDirectory.db_url = {told!r}\n")
    for how in (open_gradebook, existing_gradebook):
        with pytest.raises(UserError) as error, how(course):
            pass
        assert re.search(said, str(error.value))
        assert "CourseDirectory.db_url" in str(error.value)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("package", "remedy"), [("psycopg", r"activation-course\[postgres\]"), ("MySQLdb", "Install it")]
)
def test_a_driver_that_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, remedy: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    kind = {"psycopg": "postgresql+psycopg", "MySQLdb": "mysql"}[package]
    course = write_course(tmp_path, f"\nc.CourseDirectory.db_url = '{kind}://me:secret@host/x'\n")
    with (
        pytest.raises(UserError, match=rf"needs the Python package {package}, .*{remedy}") as error,
        open_gradebook(course),
    ):
        pass
    assert "secret" not in str(error.value)


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    course = write_course(tmp_path, f"\nc.CourseDirectory.db_url = 'postgresql+psycopg://me@/x?host={tmp_path}'\n")
    with (
        pytest.raises(UserError, match=r"cannot be used: .*Is its server running, and is .*db_url right\?$"),
        open_gradebook(course),
    ):
        pass


def test_a_server_that_went_away_for_good(course: CourseFolder) -> None:
    said = r"'s server .* has gone, .*What was graded is saved; run this again when"
    with pytest.raises(UserError, match=said), open_gradebook(course):
        raise OperationalError("SELECT 1", {}, psycopg.errors.AdminShutdown("terminating connection"))


def stamp(course: CourseFolder, statement: str) -> None:
    with closing(sqlite3.connect(course.root / "gradebook.db", isolation_level=None)) as connection:
        connection.execute(statement)


def test_a_later_version_of_nbgrader_made_it(course: CourseFolder) -> None:
    stamp(course, "UPDATE alembic_version SET version_num = 'ffff'")
    stamp(course, "DROP TABLE course")  # a table that nbgrader would make, and that its upgrade then cannot make
    for how in (open_gradebook, existing_gradebook):
        with (
            pytest.raises(UserError, match=r"made by another version .*version ffff, those here \w+\)"),
            how(course),
        ):
            pass
    with closing(sqlite3.connect(course.root / "gradebook.db")) as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'course'").fetchall()


def test_a_table_that_is_not_there(course: CourseFolder) -> None:
    said = r"no such table: nowhere. Bring it up to date: nbgrader db upgrade.$"
    with pytest.raises(UserError, match=said), open_gradebook(course) as gradebook:
        gradebook.db.execute(text("SELECT 1 FROM nowhere"))


def test_one_that_may_not_be_written_is_refused_before_anything_is_graded(
    course: CourseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, and this test may run as root."""
    file = course.root / "gradebook.db"
    for closed in (file, course.root):
        monkeypatch.setattr(os, "access", lambda path, mode, closed=closed: path != closed or not mode & os.W_OK)
        with (
            pytest.raises(UserError, match=rf"{file} cannot be written: Permission denied. Make {closed} .* writable"),
            open_gradebook(course, writing=True),
        ):
            pass
        with open_gradebook(course) as gradebook:
            assert gradebook.students == []
    file.unlink()
    with (
        pytest.raises(UserError, match=rf"{file} cannot be made: Permission denied. Make {course.root} .* writable"),
        open_gradebook(course),
    ):
        pass


def test_one_that_may_not_be_read(course: CourseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path.is_dir())
    with (
        pytest.raises(UserError, match=r"cannot be read: Permission denied. Make .* readable"),
        existing_gradebook(course),
    ):
        pass

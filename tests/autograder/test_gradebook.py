"""A gradebook that cannot be used is one line that names it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import make_url

from autograder import gradebook as gradebooks
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.gradebook import existing_gradebook, open_gradebook, shown, versions
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

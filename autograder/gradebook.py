"""Opens the gradebook: waits while another program writes to it, and says in one line what is wrong with it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nbgrader.api import Gradebook, InvalidEntry
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from autograder.course_folder import WAIT_SECONDS, CourseFolder
from autograder.errors import UserError

START_SECONDS = 10
"""How long a command waits at its start; later, with work done already, it waits longer (`WAIT_SECONDS`)."""

LOCKED = "database is locked"


def shown(course: CourseFolder) -> str:
    """Return the gradebook's address for people: a file, or an address without its password."""
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def in_use(course: CourseFolder, seconds: int = WAIT_SECONDS) -> UserError:
    """Return the error of a gradebook that another program has not let go of for some seconds."""
    return UserError(
        f"The gradebook {shown(course)} is in use by another program (waited {seconds} seconds). "
        "What is in it stays as it is; run this again when the other program has ended."
    )


@contextmanager
def open_gradebook(course: CourseFolder, *, writing: bool = False) -> Iterator[Gradebook]:
    """Open the course's gradebook, made if there is none.

    Parameters
    ----------
    writing : bool, optional
        Whether to find out first if it can be written to, so that a run does not end after its first submission.

    Raises
    ------
    UserError
        If it is in use, or cannot be opened, read or written.
    """
    _require_free(course, "BEGIN IMMEDIATE" if writing else "SELECT count(*) FROM sqlite_master")
    library = logging.getLogger("tornado.application")  # nbgrader logs a traceback there before it raises
    library.addFilter(_is_no_database_error)
    try:
        with Gradebook(course.waiting_db_url, course.directory.course_id) as gradebook:
            yield gradebook
    except (DBAPIError, InvalidEntry) as error:
        text = str(getattr(error, "orig", None) or error).strip()
        if LOCKED in text:
            raise in_use(course) from error
        first = text.splitlines()[0] if text else type(error).__name__
        raise UserError(f"The gradebook {shown(course)} cannot be used: {first}.") from error
    finally:
        library.removeFilter(_is_no_database_error)


@contextmanager
def existing_gradebook(course: CourseFolder) -> Iterator[Gradebook]:
    """Open the course's gradebook, without making one if there is none.

    Raises
    ------
    UserError
        If there is none, or it cannot be used.
    """
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise UserError(f"There is no gradebook {url.database}: grade an assignment first (autograder grade).")
    with open_gradebook(course) as gradebook:
        yield gradebook


def _require_free(course: CourseFolder, statement: str) -> None:
    """Refuse a gradebook in SQLite that is in use, sooner than later on: now a person looks on."""
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and url.database and Path(url.database).is_file():
        with closing(sqlite3.connect(url.database, timeout=START_SECONDS)) as connection:
            try:
                connection.execute(statement)
            except sqlite3.DatabaseError as error:
                if LOCKED in str(error):
                    raise in_use(course, START_SECONDS) from error
                raise UserError(f"The gradebook {shown(course)} cannot be used: {error}.") from error


def _is_no_database_error(record: logging.LogRecord) -> bool:
    return "database error" not in record.getMessage()

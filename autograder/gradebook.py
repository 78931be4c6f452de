"""Opens the gradebook: waits while another program writes to it, and says in one line what is wrong with it."""

from __future__ import annotations

import errno
import logging
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nbgrader.api import Gradebook, InvalidEntry
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, NoSuchModuleError, OperationalError, SQLAlchemyError

from autograder.course_folder import WAIT_SECONDS, CourseFolder
from autograder.errors import UserError, make_accessible
from autograder.gradebook_update import bring_up_to_date

START_SECONDS = 10
"""How long a command waits at its start; later, with work done already, it waits longer (`WAIT_SECONDS`)."""

LOCKED = "database is locked"

SETTING = "CourseDirectory.db_url"
_EXAMPLES = "sqlite:////home/me/gradebook.db or postgresql+psycopg://me:password@host/grades"

_REMEDIES = (
    (r"disk is full|[Nn]o space left", "Free some space on its disk, and run this again."),
    (r"is not a database|malformed", f"Put a copy of the gradebook there, or correct {SETTING}."),
    (r"no such (table|column)|[Uu]ndefined(Table|Column)", "Bring it up to date: nbgrader db upgrade."),
    (r'database ".*" does not exist', f"Create that database, or correct {SETTING}."),
    (r"authentication|password|role|permission denied", f"Look at the user and the password in {SETTING}."),
    (r"refused|resolve host|timeout|timed out|No such file", f"Is its server running, and is {SETTING} right?"),
)
"""What to do, by what the database says; the first that fits."""


def address(course: CourseFolder) -> URL:
    """Return the gradebook's address.

    Raises
    ------
    UserError
        If the setting is no address, or is that of a database for which a package is missing.
    """
    told = course.db_url
    try:
        url = make_url(told)
        url.get_dialect().import_dbapi()
    except NoSuchModuleError as error:
        kind = make_url(told).drivername
        raise UserError(
            f"nbgrader's setting {SETTING} names a kind of database or driver that is not known here, {kind!r}. "
            f"Write an address such as {_EXAMPLES}."
        ) from error
    except ImportError as error:
        install = " (pip install 'activation-course[postgres]')" if error.name == "psycopg" else ""
        raise UserError(
            f"The gradebook {shown(course)} needs the Python package {error.name}, which is not installed{install}. "
            f"Install it here, or name a driver that is there in {SETTING}."
        ) from error
    except (ArgumentError, ValueError) as error:
        raise UserError(
            f"nbgrader's setting {SETTING} is {told!r}, which is no address of a database. "
            f"Write one such as {_EXAMPLES}, or leave the setting out for gradebook.db in the course folder."
        ) from error
    return url


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


def connection_lost(error: BaseException | None) -> bool:
    """Tell whether a database's server ended the connection or does not answer: it may be back in a moment."""
    if isinstance(error, InvalidEntry):  # what nbgrader makes of it where it adds something
        error = error.__context__
    return isinstance(error, OperationalError | InterfaceError) and not isinstance(error.orig, sqlite3.Error)


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
    url = address(course)
    opened = False
    library = logging.getLogger("tornado.application")  # nbgrader logs a traceback there before it raises
    library.addFilter(_is_no_database_error)
    try:
        _require_usable(course, url, writing=writing)
        with Gradebook(course.waiting_db_url, course.directory.course_id) as gradebook:
            opened = True
            yield gradebook
    except (SQLAlchemyError, sqlite3.Error, InvalidEntry) as error:
        raise _unusable(course, error, opened=opened) from error
    finally:
        library.removeFilter(_is_no_database_error)


@contextmanager
def existing_gradebook(course: CourseFolder, *, writing: bool = False) -> Iterator[Gradebook]:
    """Open the course's gradebook as `open_gradebook` does, without making one if there is none.

    Raises
    ------
    UserError
        If there is none, or it cannot be used.
    """
    file = _file(address(course))
    if file and not os.path.lexists(file) and os.access(file.parent, os.X_OK):
        raise UserError(f"There is no gradebook {file}: grade an assignment first (autograder grade).")
    with open_gradebook(course, writing=writing) as gradebook:
        yield gradebook


def which_file(course: CourseFolder) -> tuple[int, int] | None:
    """Return what tells a gradebook's file from another one that takes its place; None if it is none, or not there."""
    file = _file(address(course))
    try:
        status = file.stat() if file else None
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status else None


def _file(url: URL) -> Path | None:
    """Return the file of a gradebook in SQLite."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _require_usable(course: CourseFolder, url: URL, *, writing: bool) -> None:
    """Refuse a gradebook that cannot be used, sooner than later on: now a person looks on, and nothing has changed."""
    file = _file(url)
    if file and file.is_file():
        _require_free(course, file, "BEGIN IMMEDIATE" if writing else "SELECT count(*) FROM sqlite_master")
        for path in (file, file.parent):  # SQLite puts a journal beside it
            if writing and not os.access(path, os.W_OK):
                raise UserError(f"The gradebook {file} cannot be written: {_why_not(path)}")
    elif file and not file.parent.is_dir():
        raise UserError(
            f"There is no folder {file.parent} for the gradebook {file.name}: make it, or correct {SETTING}."
        )
    elif file and not os.access(file.parent, os.W_OK | os.X_OK):
        raise UserError(f"The gradebook {file} cannot be made: {_why_not(file.parent)}")
    bring_up_to_date(course.waiting_db_url, shown(course))


def _why_not(path: Path, how: str = "writable") -> str:
    """Return why a file or folder cannot be used, and what to do."""
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return f"{os.strerror(errno.EROFS)}. Have that disk mounted for writing, or correct {SETTING}."
    return f"{os.strerror(errno.EACCES)}. {make_accessible(path, how)}"


def _require_free(course: CourseFolder, file: Path, statement: str) -> None:
    """Refuse a gradebook in SQLite that is in use."""
    if not os.access(file, os.R_OK):
        raise UserError(f"The gradebook {file} cannot be read: {_why_not(file, 'readable')}")
    with closing(sqlite3.connect(file, timeout=START_SECONDS)) as connection:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if LOCKED in str(error):
                raise in_use(course, START_SECONDS) from error
            raise


def _unusable(course: CourseFolder, error: Exception, *, opened: bool) -> UserError:
    """Return the error of a gradebook with what its database says, and what to do."""
    said = str(getattr(error, "orig", None) or error).strip()
    if LOCKED in said:
        return in_use(course)
    if opened and connection_lost(error):
        return UserError(
            f"The gradebook's server {shown(course)} has gone, and did not come back within {WAIT_SECONDS} seconds. "
            "What was graded is saved; run this again when the server is there."
        )
    first = said.splitlines()[0].rstrip(".") if said else type(error).__name__
    if "readonly database" in said and (file := _file(make_url(course.db_url))):
        return UserError(f"The gradebook {file} cannot be written: {first}. {make_accessible(file, 'writable')}")
    remedy = next((remedy for pattern, remedy in _REMEDIES if re.search(pattern, said)), "")
    return UserError(f"The gradebook {shown(course)} cannot be used: {first}. {remedy}".rstrip())


def _is_no_database_error(record: logging.LogRecord) -> bool:
    return "database error" not in record.getMessage()

"""Brings a gradebook of an earlier version up to date, nbgrader's tables and ours, after it was copied."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from nbgrader import dbutil
from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text

from autograder.errors import UserError, cannot_write
from autograder.interrupts import tell
from autograder.tables import TABLES

_ERROR = re.compile(r"[\w.]*(Error|Exception)\b.*: ")
"""The line of a traceback that says what went wrong."""


def bring_up_to_date(address: str, shown: str) -> None:
    """Bring a gradebook up to date, and say where the copy of it is; one that is needs nothing.

    A gradebook in SQLite is copied first, to a file beside it with the date in its name, as `nbgrader db upgrade` does.
    Another database, and a file that may not be written, is left to whoever looks after it.

    Parameters
    ----------
    address : str
        As SQLAlchemy has it.
    shown : str
        The same for people.

    Raises
    ------
    UserError
        If another version of nbgrader made it, and this could not be put right here.
    """
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            if "assignment" not in tables:
                return
            earlier = _is_earlier(connection, tables, shown)
            lacking = not TABLES.tables.keys() <= tables and _has_submissions(connection)
        if not (earlier or lacking):
            return
        file = _writable_file(engine)
        if earlier and file is None:
            raise UserError(
                f"The gradebook {shown} was made by an earlier version of nbgrader. Bring it up to date with "
                "'nbgrader db upgrade', which keeps a copy of a gradebook in SQLite; copy another one yourself first."
            )
        if file is not None:
            copy = _copied(file)
            tell(f"the gradebook {shown} is brought up to date with this version. A copy of it as it was: {copy}")
            if earlier:
                _upgrade(engine, file, copy)
        if file is not None or engine.url.get_backend_name() != "sqlite":
            TABLES.create_all(engine, checkfirst=True)
    finally:
        engine.dispose()


def _is_earlier(connection: Connection, tables: set[str], shown: str) -> bool:
    """Tell whether an earlier version of nbgrader made a gradebook; a later one is refused."""
    version = "alembic_version" in tables and connection.execute(text("SELECT version_num FROM alembic_version"))
    found = version.scalar() if version else None
    known, newest = versions()
    if found is None or found in known - {newest}:
        return True
    if found == newest:
        return False
    raise UserError(
        f"The gradebook {shown} was made by another version of nbgrader, probably a later one (its tables have "
        f"version {found}, those here {newest}). Use that version here too (pip install --upgrade nbgrader), or bring "
        "back an earlier copy of the gradebook."
    )


def _has_submissions(connection: Connection) -> bool:
    return connection.execute(text("SELECT 1 FROM submitted_assignment LIMIT 1")).scalar() is not None


def _writable_file(engine: Engine) -> Path | None:
    """Return the file of a gradebook in SQLite that may be changed and copied."""
    path = engine.url.database if engine.url.get_backend_name() == "sqlite" else None
    file = Path(path) if path else None
    return file if file and all(os.access(each, os.W_OK) for each in (file, file.parent)) else None


def _copied(file: Path) -> Path:
    """Copy a gradebook to a file beside it, which is there whole or not at all."""
    copy = file.with_name(f"{file.name}.{datetime.now():%Y-%m-%d-%H%M%S.%f}")
    try:
        copy_database(file, copy)
    except (OSError, sqlite3.Error) as error:
        copy.unlink(missing_ok=True)
        number = errno.ENOSPC if "full" in str(error) else errno.EIO
        told = error if isinstance(error, OSError) else OSError(number, os.strerror(number))
        raise cannot_write(copy, told) from error
    return copy


def copy_database(file: Path, target: Path) -> None:
    """Copy a gradebook in SQLite, whatever another program writes to it meanwhile."""
    with closing(sqlite3.connect(file, timeout=60)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _upgrade(engine: Engine, file: Path, copy: Path) -> None:
    """Run nbgrader's upgrade; if it fails, the gradebook is again what it was."""
    address = engine.url.render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory(prefix="upgrade-") as folder:
        settings = Path(folder) / "alembic.ini"
        dbutil.write_alembic_ini(str(settings), address.replace("%", "%%"))
        run = subprocess.run(
            [sys.executable, "-m", "alembic", "-c", str(settings), "upgrade", "head"],
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode:
        copy_database(copy, file)
        said = next((line for line in reversed(run.stderr.splitlines()) if _ERROR.match(line)), "it ended")
        raise UserError(
            f"The gradebook {file} was made by an earlier version of nbgrader, and could not be brought up to date: "
            f"{said.removesuffix('.')}. It is again what it was. Try 'nbgrader db upgrade', or use the version that "
            "made it."
        )


def versions() -> tuple[frozenset[str], str]:
    """Return all versions of a gradebook's tables that nbgrader here knows, and the newest."""
    from alembic.script import ScriptDirectory  # a quarter of a second that `--help` need not take

    scripts = ScriptDirectory(dbutil.ALEMBIC_DIR)
    return frozenset(each.revision for each in scripts.walk_revisions()), str(scripts.get_current_head())


def add_tables(address: str) -> None:
    """Add our tables to a gradebook of nbgrader's, copied first if it holds submissions."""
    bring_up_to_date(address, make_url(address).render_as_string())

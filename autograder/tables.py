"""Our tables in the gradebook, beside nbgrader's, so that both change in one transaction.

A new version adds tables and changes none: so a gradebook of an earlier version goes on working, and one that a later
version has used as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import Column, DateTime, Executable, Float, MetaData, String, Table, Text, bindparam, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

KEY = ("assignment", "student", "notebook")
"""The columns that tell the rows of most tables apart: one student's notebook."""
TABLES = MetaData()


def _key() -> Iterator[Column[str]]:
    for name in KEY:
        yield Column(name, String(128), primary_key=True)


LEDGER = Table(
    "autograder_ledger",
    TABLES,
    *_key(),
    Column("fingerprint", String(64), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("problem", Text, nullable=False),
)
SECONDS = Table(
    "autograder_seconds",
    TABLES,
    *_key(),
    Column("seconds", Float, nullable=False),
)
MADE_WITH = Table(
    "autograder_made_with",
    TABLES,
    *_key(),
    Column("graded", DateTime, nullable=False),
    *(Column(name, String(64), nullable=False) for name in ("grader", "nbgrader", "python", "numpy", "torch")),
    Column("wall", Text, nullable=False),
)
SUMMARY = Table(
    "autograder_summary",
    TABLES,
    *_key(),
    Column("kind", String(64), nullable=False),
    Column("content", String(64), nullable=False),
    Column("stamp", String(128), nullable=False),
    Column("verdict", Text),
    Column("wall", Text, nullable=False),
    Column("words", Text, nullable=False),
)

WATCHED = Table(
    "autograder_watched",
    TABLES,
    Column("submission", String(255), primary_key=True),  # the name of its folder in the exchange
    Column("assignment", String(128), nullable=False),
    Column("student", String(255), nullable=False),
    Column("state", String(16), nullable=False),
    *(Column(name, DateTime, nullable=False) for name in ("submitted", "arrived", "ready")),
    *(Column(name, DateTime) for name in ("graded", "released")),
    Column("shown", String(64), nullable=False),
    Column("note", Text, nullable=False),
)


def make_tables(gradebook: Gradebook) -> None:
    """Make those of our tables that a gradebook does not have."""
    TABLES.create_all(gradebook.engine, checkfirst=True)


_REMOVE = {
    table: delete(table).where(*(column == bindparam(f"its_{column.name}") for column in table.primary_key))
    for table in TABLES.tables.values()
}
_INSERTS: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
"""Statements that can replace a row in one go, by dialect."""


@cache
def _replace(table: Table, dialect: str) -> Executable | None:
    """Return the statement that puts a row in the place of another, if this kind of database has one."""
    if dialect not in _INSERTS:
        return None
    added = _INSERTS[dialect](table)
    return added.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={column.name: added.excluded[column.name] for column in table.columns if not column.primary_key},
    )


def put(gradebook: Gradebook, table: Table, key: tuple[str, ...], rest: Mapping[str, Any] | None) -> None:
    """Put a row in the place of the one with this key, or nothing, as part of the gradebook's open transaction."""
    database = gradebook.db.connection()
    named = dict(zip((column.name for column in table.primary_key), key, strict=True))
    replace = None if rest is None else _replace(table, database.dialect.name)
    if replace is None:
        database.execute(_REMOVE[table], {f"its_{name}": value for name, value in named.items()})
    if rest is not None:
        database.execute(insert(table) if replace is None else replace, {**named, **rest})

"""Rows of our tables: one for each student's notebook, whatever was there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, select

from autograder.tables import SECONDS, make_tables, put

KEY = ("ps1", "ada", "ps1")


@pytest.mark.parametrize("kind", ["sqlite", "mysql"])
def test_a_row_takes_the_place_of_the_one_that_was_there(kind: str, tmp_path: Path) -> None:
    """A kind of database that cannot replace a row gets it removed first; SQLite here plays both."""
    engine = create_engine(f"sqlite:///{tmp_path / 'gradebook.db'}")
    with engine.connect() as connection:

        def execute(*statement: Any) -> Any:
            return connection.execute(*statement)

        shown = SimpleNamespace(execute=execute, dialect=SimpleNamespace(name=kind))
        gradebook = cast(Gradebook, SimpleNamespace(engine=engine, db=SimpleNamespace(connection=lambda: shown)))
        make_tables(gradebook)
        for seconds in (1.0, 2.0):
            put(gradebook, SECONDS, KEY, {"seconds": seconds})
        put(gradebook, SECONDS, ("ps1", "ben", "ps1"), {"seconds": 3.0})
        assert connection.execute(select(SECONDS)).all() == [(*KEY, 2.0), ("ps1", "ben", "ps1", 3.0)]
        put(gradebook, SECONDS, KEY, None)
        assert connection.execute(select(SECONDS.c.student)).scalars().all() == ["ben"]
    engine.dispose()

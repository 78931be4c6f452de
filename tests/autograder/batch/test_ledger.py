"""The ledger: what was graded from what, and how long it took; ledgers of earlier versions go on working."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder.batch.ledger import Entry, Ledger
from autograder.gradebook_update import versions


@pytest.fixture
def gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gradebook]:
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: versions()[1])  # asking alembic takes seconds
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as made:
        made.add_assignment("ps1")
        made.add_notebook("n", "ps1")
        made.add_student("ada")
        made.add_submission("ps1", "ada")
        yield made


def enter(gradebook: Gradebook, *entries: Entry) -> Entry:
    ledger = Ledger(gradebook, "ps1")
    for entry in entries:
        ledger.enter(entry)
    gradebook.db.commit()
    return ledger.entries()["ada", "n"]


def test_the_last_entry_counts_with_its_seconds(gradebook: Gradebook) -> None:
    first, second = Entry("ada", "n", "f1", "{}", "", 1.5), Entry("ada", "n", "f2", "{}", "unreadable", 2.5)
    found = enter(gradebook, first, second)
    assert (found, found.seconds) == (second, 2.5)
    assert enter(gradebook, first, Entry("ada", "n", "f3", "{}")).seconds is None


def test_a_ledger_of_an_earlier_version_is_read_without_seconds(gradebook: Gradebook) -> None:
    entry = Entry("ada", "n", "f", "{}", "", 1.5)
    enter(gradebook, entry)
    gradebook.db.execute(text("DROP TABLE autograder_seconds"))
    gradebook.db.commit()
    found = Ledger(gradebook, "ps1").entries()["ada", "n"]
    assert (found, found.seconds) == (entry, None)


def test_how_long_it_took_is_no_part_of_what_an_entry_says() -> None:
    fast, slow = Entry("ada", "n", "f", "{}", "", 1.0), Entry("ada", "n", "f", "{}", "", 9.0)
    assert fast == slow
    assert repr(fast) == repr(slow)

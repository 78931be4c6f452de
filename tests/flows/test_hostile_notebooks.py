"""Whatever a notebook is made of, grading it stays within bounds, and the class goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.examiner.rooms import close_room_factories
from autograder.examiner.task import Bounds
from autograder.reports.class_report import write_report
from autograder.reports.feedback import write_feedback
from tests.flows.hostile import HOSTILE, MIB, Measured
from tests.support.classroom import MINI, RIGHT, Classroom

NEIGHBOURS = ("0 before", "z after")
MOST_NOTEBOOK = 8 * MIB
MOST_PAGE = 8 * MIB
MOST_REPORT = MIB

ONLY_READ = [what for what in HOSTILE if "metadata" in what or "unknown" in what or "pasted" in what or "essay" in what]
"""Nothing in these has to do with the answers."""
UNREADABLE = ["2,500 cells"]
SETTINGS = "\nc.Examiner.cell_seconds = 5\n"
"""Cells that want more are stopped; IPython takes minutes to translate thousands of magics."""


@pytest.fixture
def room(released: Classroom, tmp_path: Path) -> Iterator[Classroom]:
    yield released.copy(tmp_path / "course", SETTINGS)
    close_room_factories()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.thorough(reason="fifty notebooks, each of which takes seconds to be stopped")
def test_each_keeps_within_the_bounds_and_the_class_goes_on(
    room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {}
    for what, make in HOSTILE.items():
        raw = make(json.loads(json.dumps(room.notebook())))
        room.hand_in(what, raw)
        names[raw] = what
    for neighbour in NEIGHBOURS:
        names[room.hand_in(neighbour, room.notebook(RIGHT)).read_bytes()] = neighbour
    assert len(names) == len(HOSTILE) + 1  # the neighbours' are the same

    (tmp_path / "took").mkdir()
    measured = Measured(names, tmp_path / "took", monkeypatch)
    summary = room.grade(lambda: measured)

    assert not summary.ungraded
    assert list(summary.problems) == UNREADABLE
    scores = room.scores()
    assert [scores[name] for name in (*NEIGHBOURS, *ONLY_READ)] == [6] * (len(NEIGHBOURS) + len(ONLY_READ))
    assert {name for name, score in scores.items() if score < 2} == set(UNREADABLE)  # one exercise at most is lost

    used = {what: measured.took(what) for what in HOSTILE}
    bounds = Bounds()
    assert {what for what, took in used.items() if took.memory_mib > bounds.memory_bytes / MIB} == set()
    assert {what for what, took in used.items() if took.reading_and_writing > bounds.reading_seconds} == set()
    # Nothing that these test cells compare with takes long: what is left is making outputs fit to be shown.
    assert {what for what, took in used.items() if sum(took.seconds.values()) > bounds.reading_seconds} == set()

    pages = {page.parent.parent.name: page for page in write_feedback(room.course, MINI)}
    assert pages.keys() == {*HOSTILE, *NEIGHBOURS}
    sizes = {what: (room.folder(what, "autograded") / f"{MINI}.ipynb").stat().st_size for what in HOSTILE}
    assert {what for what, size in sizes.items() if size > MOST_NOTEBOOK} == set()
    assert {what for what, page in pages.items() if page.stat().st_size > MOST_PAGE} == set()
    assert write_report(room.course, MINI).stat().st_size < MOST_REPORT

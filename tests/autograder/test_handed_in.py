"""All that was handed in is read at once, and nothing that students do raises."""

from __future__ import annotations

from datetime import datetime

from autograder.handed_in import HandedIn, read_handed_in
from course.handing_in.files import MAX_FILES_BYTES
from tests.support.classroom import MINI, RIGHT, Classroom
from tests.support.classroom_fixtures import released, room

__all__ = ["released", "room"]


def read(room: Classroom, most_bytes: int = MAX_FILES_BYTES) -> HandedIn:
    return read_handed_in(room.course, MINI, "ada", MINI, most_bytes)


def test_notebook_files_other_notebooks_and_date(room: Classroom) -> None:
    folder = room.hand_in("ada", RIGHT).parent
    (folder / "mine.py").write_bytes(b"x = 1")
    (folder / "other.ipynb").write_bytes(b"{}")
    (folder / "timestamp.txt").write_text("2026-06-01 23:30:00 CEST")
    told = read(room)
    assert told.notebook == (folder / f"{MINI}.ipynb").read_bytes()
    assert (told.files["mine.py"], told.files["other.ipynb"]) == (b"x = 1", b"{}")
    assert (told.timestamp, told.problem, told.notes) == (datetime(2026, 6, 1, 21, 30), "", ())


def test_what_was_left_out_and_a_date_that_is_none_are_noted(room: Classroom) -> None:
    folder = room.hand_in("ada", RIGHT).parent
    (folder / "large.bin").write_bytes(bytes(2000))
    (folder / "timestamp.txt").write_text("yesterday or so")
    told = read(room, most_bytes=1000)
    assert "large.bin" not in told.files
    assert [note for note in told.notes if "large.bin" in note]
    assert [note for note in told.notes if "timestamp.txt" in note]


def test_without_a_notebook_there_is_a_problem_and_the_date(room: Classroom) -> None:
    folder = room.hand_in("ada", RIGHT).parent
    (folder / f"{MINI}.ipynb").unlink()
    (folder / "timestamp.txt").write_text("2026-06-01 21:30:00 UTC")
    told = read(room)
    assert told.problem.startswith(f"There is no {MINI}.ipynb in the submission")
    assert (told.notebook, told.files, told.timestamp) == (b"", {}, datetime(2026, 6, 1, 21, 30))

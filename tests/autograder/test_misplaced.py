"""What was handed in under a wrong folder is told, with where it belongs; nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.misplaced import MOST_NAMED, misplaced
from tests.support.classroom import MINI, Classroom
from tests.support.classroom_fixtures import released, room

__all__ = ["released", "room"]

FILE = f"{MINI}.ipynb"


def moved(room: Classroom, place: str) -> Path:
    """Hand in somewhere else in `submitted/`, with nothing in the right place."""
    path = room.hand_in("ada")
    proper, target = path.parent, room.course.root / "submitted" / place
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    for name in proper.iterdir():
        name.unlink()
    proper.rmdir()
    return target


@pytest.mark.parametrize(
    ("place", "named", "student"),
    [
        ("ada/MINI/mini.ipynb", "ada/MINI", "ada"),
        ("ada/Mini /work.ipynb", "ada/Mini ", "ada"),
        ("ada/homework 1/mini (2).ipynb", "ada/homework 1", "ada"),
        ("ada/mini.ipynb", "ada/mini.ipynb", "ada"),
        ("mini/ada/mini.ipynb", "mini/ada", "ada"),
        ("mini/mini.ipynb", "mini/mini.ipynb", "STUDENT"),
        ("doejane_123_4567_mini-1.ipynb", "doejane_123_4567_mini-1.ipynb", "STUDENT"),
    ],
)
def test_it_is_told_where_it_belongs(room: Classroom, place: str, named: str, student: str) -> None:
    moved(room, place)
    told = f"submitted/{named} was not graded: it belongs into submitted/{student}/mini/."
    assert misplaced(room.course, MINI) == [told]
    with pytest.raises(UserError) as raised:
        room.grade()
    assert str(raised.value).endswith(f" {told}")
    room.hand_in("ben")
    assert told in room.grade().remarks


@pytest.mark.parametrize(
    "place",
    ["ada/essay/essay.ipynb", "ada/.ipynb_checkpoints/mini.ipynb", "ada/notes.txt", "ada/a/b/mini.ipynb", "x.ipynb"],
)
def test_what_is_something_else_is_not_told(room: Classroom, place: str) -> None:
    moved(room, place)
    assert misplaced(room.course, MINI) == []


def test_whoever_has_handed_in_has_handed_in(room: Classroom) -> None:
    moved(room, "ada/MINI/mini.ipynb")
    room.hand_in("ada")
    assert misplaced(room.course, MINI) == []
    assert room.grade(student="ada").remarks == []


def test_only_so_many_are_named(room: Classroom) -> None:
    for number in range(MOST_NAMED + 3):
        moved(room, f"student{number:02}/MINI/mini.ipynb")
    *named, more = misplaced(room.course, MINI)
    assert len(named) == MOST_NAMED
    assert more == "3 more in submitted/ are not where they belong."


def test_links_are_not_followed(room: Classroom) -> None:
    target = moved(room, "elsewhere/x/mini.ipynb").parent
    hidden = room.course.root / "hidden"
    target.rename(hidden)
    target.symlink_to(hidden)
    assert misplaced(room.course, MINI) == []

"""One run at a time for an assignment, and a lock that goes with its process."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.lock import PREFIX, alone
from tests.support.classroom import MINI, Classroom
from tests.support.classroom_fixtures import _frozen_source, released, room

__all__ = ["_frozen_source", "released", "room"]

HOLD = (
    "import sys; from pathlib import Path; from autograder.lock import alone\n"
    "class Course: root = Path(sys.argv[1])\n"
    "with alone(Course, 'mini'):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_the_second_run_says_so_until_the_first_has_been_killed(room: Classroom) -> None:
    room.hand_in("ada")
    command = [sys.executable, "-c", HOLD, str(room.course.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout
        assert first.stdout.readline() == b"held\n"
        said = rf"mini is being graded already \(process {first.pid} on .*, since \d\d:\d\d\). .* other assignments can"
        with pytest.raises(UserError, match=said):
            room.grade()
        with alone(room.course, "another"):
            first.kill()
    assert room.grade().graded == 1
    assert not list(room.course.root.glob(f"{PREFIX}*"))


def test_formgraders_button_says_so_and_changes_nothing(room: Classroom) -> None:
    room.hand_in("ada")
    room.hand_in("ben")
    room.grade(student="ada")
    before = room.content()
    with alone(room.course, MINI):
        for student in ("ada", "ben"):
            told = room.course.api().autograde(MINI, student)
            assert not told["success"]
            assert "mini is being graded already" in told["log"]
            assert "Traceback" not in told["log"]
    assert room.content() == before
    assert room.course.api().autograde(MINI, "ben")["success"]
    assert room.scores() == {"ada": 6, "ben": 6}
    assert not list(room.course.root.glob("gradebook.db.*"))


def test_a_file_that_its_holder_has_just_removed_is_no_lock(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, removed = fcntl.flock, []

    def late(descriptor: int, how: int) -> None:
        if not removed:
            removed.append((room.course.root / f"{PREFIX}{MINI}").unlink())
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with alone(room.course, MINI), pytest.raises(UserError, match="is being graded already"), alone(room.course, MINI):
        pass


def test_another_instructors_file_is_locked_all_the_same(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    (room.course.root / f"{PREFIX}{MINI}").write_text("process 1 of a run that was killed")
    opens = os.open

    def may_read(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opens(path, flags, mode)

    monkeypatch.setattr(os, "open", may_read)
    with alone(room.course, MINI), pytest.raises(UserError, match="is being graded already"), alone(room.course, MINI):
        pass


def test_where_nothing_can_be_locked_grading_goes_on(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", without)
    with alone(room.course, MINI), alone(room.course, MINI):
        pass
    nowhere = CourseFolder(room.course.root / "nowhere", room.course.config)
    with alone(nowhere, MINI):
        pass

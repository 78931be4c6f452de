"""Rooms weigh as one process, where control groups can be made, and leave none behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.room import control_group
from autograder.room.control_group import one_share
from autograder.room.session import RoomFactory

KERNELS_WEIGHTS = {5: 335, 10: 110, 19: 15}
"""Of a process with that niceness, from `sched_prio_to_weight` in the kernel's kernel/sched/core.c; 1024 is normal."""


def groups_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text()


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for a group of version 1; what is written to it does nothing."""
    monkeypatch.setattr(control_group, "own_group_of_version_1", lambda controller: tmp_path / controller)
    (tmp_path / "cpu").mkdir()
    return tmp_path / "cpu"


@pytest.mark.parametrize("niceness", [0, 5, 14])
def test_the_weight_is_that_of_one_process_of_a_room(
    hierarchy: Path, monkeypatch: pytest.MonkeyPatch, niceness: int
) -> None:
    monkeypatch.setattr(os, "getpriority", lambda which, who: niceness)
    monkeypatch.setattr(os, "sched_getscheduler", lambda pid: os.SCHED_OTHER)
    group = one_share([])
    assert group is not None
    assert int((group.folder / "cpu.shares").read_text()) == pytest.approx(KERNELS_WEIGHTS[niceness + 5], rel=0.05)


def test_rooms_run_all_the_same_where_none_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: str) -> Path:
        raise PermissionError

    monkeypatch.setattr(control_group, "own_group_of_version_1", refused)
    monkeypatch.setattr(control_group, "own_group_of_version_2", refused)
    before = groups_of(os.getpid())
    with RoomFactory(torch=False) as warm, warm.open_room({}) as room:
        assert room.run_cell("1 + 1").ended == "ok"
        assert warm.server is not None
        assert groups_of(warm.server.pid) == before


def test_a_grader_that_runs_when_nobody_else_wants_to_makes_none() -> None:
    """A group of its own would lift the rooms above it."""
    code = (
        "import os\nfrom autograder.room.control_group import one_share\n"
        "os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n"
        "print(one_share([]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"


def test_no_group_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    constructed = control_group.ControlGroup

    def noted(parent: Path, name: str) -> control_group.ControlGroup:
        made.append(constructed(parent, name))
        return made[-1]

    monkeypatch.setattr(control_group, "ControlGroup", noted)
    before = groups_of(os.getpid())
    with RoomFactory(torch=False) as warm, warm.open_room({}) as room:
        for group in made:
            assert group.folder.is_dir()
            assert group.folder.name in groups_of(room.pid)
        assert groups_of(os.getpid()) == before
    assert not any(group.folder.exists() for group in made)


def test_where_a_process_may_not_be_moved_no_group_is_left(hierarchy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getscheduler", lambda pid: os.SCHED_OTHER)

    def refused(group: control_group.ControlGroup, pid: int) -> None:
        (group.folder / "cpu.shares").unlink()  # of itself it goes with the folder
        raise PermissionError

    monkeypatch.setattr(control_group.ControlGroup, "add", refused)
    monkeypatch.setattr(control_group, "own_group_of_version_2", lambda: hierarchy / "not there")
    assert one_share([os.getpid()]) is None
    assert [path for path in hierarchy.iterdir() if path.is_dir()] == []


def test_groups_of_a_killed_grader_are_removed(hierarchy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getscheduler", lambda pid: os.SCHED_OTHER)
    with subprocess.Popen(["true"]) as ended:
        pass
    left = [hierarchy / f"student-rooms-{pid}-1" for pid in (ended.pid, os.getpid())]
    for folder in left:
        folder.mkdir()
    one_share([])
    assert [folder.exists() for folder in left] == [False, True]

"""What each wall needs, what it says when that is missing, and that it works for root and for others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.room import session, walls
from autograder.room.errors import SandboxUnavailable
from autograder.room.walls.landlock import may_change_user

SCRIPT = """
import sys
from autograder.room.session import RoomFactory as RoomFactory
with RoomFactory(wall=sys.argv[1]) as warm, warm.open_room({"a.txt": b"text"}) as room:
    run = room.run_cell("import os; print(open('a.txt').read(), os.getuid(), os.getpid())")
    print(run.outputs[0].text.strip(), room.run_cell("os.fork(); os._exit(1)").ended)
"""


def as_other_user(command):
    """The command as an ordinary user who can read the interpreter's folder (root only)."""
    arguments = ["bwrap", "--dev-bind", "/", "/", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    base = Path(sys.base_prefix).resolve()
    closed = [path for path in reversed(base.parents) if not path.stat().st_mode & 0o001]
    if closed:
        arguments += ["--perms", "0755", "--tmpfs", str(closed[0])]
        for path in reversed(base.parents):
            if path.is_relative_to(closed[0]):
                arguments += ["--perms", "0755", "--dir", str(path)]
        arguments += ["--ro-bind", str(base), str(base)]
    return [*arguments, "setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", *command]


USERS = [lambda command: command] + ([as_other_user] if may_change_user() and not walls.problems("namespaces") else [])


@pytest.mark.parametrize("wall", walls.NAMES)
@pytest.mark.parametrize("run_as", USERS, ids=["me", "other"][: len(USERS)])
def test_a_room_opens_for_every_kind_of_user(run_as, wall):
    if found := walls.problems(wall):
        pytest.skip(f"the wall of {wall} cannot be built here: {found[0].what}")
    done = subprocess.run(
        run_as([sys.executable, "-c", SCRIPT, wall]),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    text, user, pid, ended = done.stdout.split()
    assert (text, ended) == ("text", "died"), done.stderr
    if wall == "namespaces":
        assert (user, pid) == ("1000", "1")
    elif may_change_user():
        assert user not in ("0", str(os.getuid()))


def test_this_machine_has_what_it_needs():
    assert walls.choose().name in walls.NAMES
    assert walls.problems("landlock") == ()


@pytest.fixture(autouse=True)
def look_again():
    walls.problems.cache_clear()
    yield
    walls.problems.cache_clear()


@pytest.mark.parametrize(
    ("patched", "value", "said"),
    [
        ("namespaces.shutil.which", lambda name: None, "sudo apt install bubblewrap"),
        ("namespaces.ctypes.util.find_library", lambda name: None, "sudo apt install libseccomp2"),
        ("platform.system", lambda: "Darwin", "needs Linux"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(monkeypatch, patched, value, said):
    monkeypatch.setattr(f"autograder.room.walls.{patched}", value)
    with pytest.raises(SandboxUnavailable, match=said):
        session.RoomFactory(wall="namespaces")


def test_a_machine_without_user_namespaces_gets_the_other_wall(monkeypatch, tmp_path):
    refuses = tmp_path / "bwrap"
    refuses.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    refuses.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (problem,) = walls.problems("namespaces")
    assert "No permissions to create new namespace" in problem.what
    assert walls.choose().name == "landlock"


def test_without_landlock_there_is_no_second_wall(monkeypatch):
    monkeypatch.setattr("autograder.room.inside.landlock.abi", lambda: 0)
    (problem,) = walls.problems("landlock")
    assert "no Landlock" in problem.what

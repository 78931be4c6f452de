"""What a room may not do to another room, to the terminal of whoever grades, and to whoever cleans up after it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.room import walls
from tests.adversarial.attack import load_attacks, means
from tests.adversarial.evidence import said
from tests.adversarial.watched import WatchedProcess
from tests.autograder.room.test_session import ask, text_of

ROOT = Path(__file__).resolve().parents[3]
ATTACKS = {attack.name: attack for attack in load_attacks()}
ON_PROCESSES = (
    "signal to another process",
    "signals in other ways",
    "signals from the kernel",
    "priority of others",
    "limits of others",
    "memory by a call",
    "memory of others managed",
    "descriptors of others",
)


@pytest.mark.parametrize("name", ON_PROCESSES)
def test_one_room_does_nothing_to_another(warm, name):
    """Two rooms of one submission: the student's own, and the one that holds what is graded."""
    attack = ATTACKS[name]
    with warm.open_room({}) as attacker, warm.open_room({"precious.txt": b"secret-of-a-process"}) as other:
        victim = WatchedProcess(other.pid, "another room")
        known = {"VICTIM": victim.pid, "GRADER": warm.server.pid, "PRECIOUS": "/etc/passwd"}
        setup = "".join(f"{key} = {value!r}\n" for key, value in known.items())
        run = attacker.run_cell(setup + means(attack.code) + attack.code)
        assert run.ended in ("ok", "error"), run
        assert said(text_of(run)) == []
        assert victim.effects() == []
        assert ask(other, "print(open('precious.txt').read())") == "secret-of-a-process\n"


def test_one_room_reads_no_file_of_another(warm):
    with warm.open_room({}) as attacker, warm.open_room({"precious.txt": b"secret"}) as other:
        folders = ask(other, "import os, tempfile\nprint(os.getcwd(), os.path.expanduser('~'), tempfile.gettempdir())")
        other.run_cell("open(os.path.join(tempfile.gettempdir(), 'precious.txt'), 'w').write('secret')")
        found = ask(
            attacker,
            "import glob, os\n"
            f"for folder in {folders.split()!r} + ['/tmp', '/dev/shm', '..', '../..']:\n"
            "    inside = [os.path.join(folder, *parts, 'precious.txt') for parts in ([], ['work'])]\n"
            "    for path in glob.glob(folder + '/*') + inside:\n"
            "        try: print(open(path).read())\n        except OSError: pass\n",
        )
        assert "secret" not in found


TERMINAL = """
import os, sys
from autograder.room.session import RoomFactory as RoomFactory
wall, source = sys.argv[1:]
with RoomFactory(**({"protect": False} if wall == "none" else {"wall": wall})) as warm, warm.open_room({}) as room:
    room.run_cell(f"TERMINAL = {os.ttyname(0)!r}" + source)
"""


def shown_on_the_terminal(wall):
    """Grade in a terminal of its own what writes to terminals, and return all that is shown there."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        code = ATTACKS["terminal"].code
        os.execv(sys.executable, [sys.executable, "-c", TERMINAL, wall, "\n" + means(code) + code])
    shown = b""
    while select.select([master], [], [], 100)[0]:
        try:
            part = os.read(master, 4096)
        except OSError:  # nobody has it open any more
            break
        shown += part
    os.close(master)
    os.waitpid(pid, 0)
    return shown


@pytest.mark.parametrize("wall", walls.NAMES)
def test_the_terminal_of_whoever_grades_is_not_reached(wall):
    if found := walls.problems(wall):
        pytest.skip(f"the wall of {wall} cannot be built here: {found[0].what}")
    assert b"password?" not in shown_on_the_terminal(wall)


def test_without_a_wall_the_terminal_is_reached():
    assert b"password?" in shown_on_the_terminal("none")


def test_a_room_leaves_no_file_behind_whatever_it_does(warm, tmp_path):
    """Links are not followed, and closed, deep and strangely named folders are removed."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("kept")
    (tmp_path / "file").write_text("kept")
    before = set(everything_below(warm.server.folder))
    attack = ATTACKS["traps for the broom"]
    with warm.open_room({}) as room:
        known = {"TARGETS": [str(tmp_path / "kept"), str(tmp_path / "file")], "PLANTED": "planted"}
        known |= {name: str(tmp_path) for name in ("COURSE", "HOST_HOME", "HOST_TMP")}
        setup = "".join(f"{key} = {value!r}\n" for key, value in known.items())
        assert room.run_cell(setup + means(attack.code) + attack.code).ended == "ok"
    assert set(everything_below(warm.server.folder)) - before == set()
    assert (tmp_path / "kept" / "file").read_text() == (tmp_path / "file").read_text() == "kept"


def everything_below(folder):
    listed = subprocess.run(["find", folder], capture_output=True, check=True).stdout.splitlines()
    return [path for path in listed if not path.endswith(b"warm.log")]

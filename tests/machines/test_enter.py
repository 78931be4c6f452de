"""The machines are what they are said to be, and working on one leaves nothing behind here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.room.walls.landlock import may_change_user
from tests.machines.enter import machines

pytestmark = pytest.mark.thorough(reason="where make test itself is tried, and no part of the project")

ROOT = Path(__file__).resolve().parents[2]
RIGHTS = """
import ctypes, json, os
from pathlib import Path
from autograder.room.inside import linux
def may(act, *arguments):
    child = os.fork()
    if child == 0:
        try: act(*arguments)
        except OSError: os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0
print(json.dumps({
    "id": os.geteuid(),
    "namespaces": may(linux.unshare, linux.CLONE_NEWUSER),
    "setuid": may(os.setuid, 4321),
    "account": may(os.stat, os.path.expanduser("~")),
    "write here": os.access(".", os.W_OK),
    "here": os.getcwd(),
}))
"""
WANTED = {
    "user": {"id": 12_345, "namespaces": True, "setuid": False},
    "user-without-namespaces": {"id": 0, "namespaces": False, "setuid": False},
    "root-without-namespaces": {"id": 0, "namespaces": False, "setuid": True},
}


def enter(machine, *command):
    return subprocess.run(
        [sys.executable, "-m", "tests.machines.enter", machine, "--", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


@pytest.mark.parametrize("machine", machines())
def test_a_machine_has_the_rights_that_it_is_for(machine):
    done = enter(machine, sys.executable, "-c", RIGHTS)
    assert done.returncode == 0, done.stderr
    wanted = dict(WANTED[machine], account=True, here=str(ROOT)) | {"write here": True}
    if machine == "user" and not may_change_user():  # it is this machine
        del wanted["id"], wanted["namespaces"]
    found = json.loads(done.stdout)
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize("machine", machines())
def test_the_exit_status_is_the_commands(machine):
    assert enter(machine, "sh", "-c", "exit 7").returncode == 7
    assert enter(machine, "sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_another_user_writes_to_a_copy():
    if "user" not in machines():
        pytest.skip("a container's root cannot show another user this interpreter")
    mark = f"left-{os.getpid()}.txt"
    done = enter("user", "sh", "-c", f"echo x > {mark}; ls; echo $HOME")
    assert mark in done.stdout
    is_here = (ROOT / mark).exists()
    (ROOT / mark).unlink(missing_ok=True)
    if may_change_user():
        assert not is_here
        assert not Path(done.stdout.splitlines()[-1]).exists()
    else:
        assert is_here


def test_a_machine_that_cannot_be_made_is_refused_in_one_line(monkeypatch, capsys):
    from tests.machines import enter as module

    monkeypatch.setattr(module, "machines", lambda: ["user"])
    monkeypatch.setattr(sys, "argv", ["enter", "root-without-namespaces"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert str(ended.value).startswith("root-without-namespaces cannot be made here: it takes root")

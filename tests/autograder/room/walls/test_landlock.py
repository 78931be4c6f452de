"""The wall for machines without namespaces: older kernels, and what happens when the grader is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.room.inside import landlock
from autograder.room.inside.limits import MIB, Limits
from autograder.room.session import RoomFactory, StudentRoom
from autograder.room.walls import environment
from autograder.room.walls import landlock as host
from autograder.room.walls.landlock import LandlockWall
from tests.autograder.room.test_session import ask

pytestmark = pytest.mark.thorough(reason="each level of the second wall, as older kernels have it")

LIMITS = Limits(cell_seconds=20, memory_bytes=512 * MIB, scratch_bytes=16 * MIB)


@pytest.fixture(scope="module", params=range(1, landlock.abi() + 1))
def level(request: pytest.FixtureRequest) -> int:
    """A level of Landlock that this kernel can stand for."""
    return int(request.param)


@pytest.fixture(scope="module", params=["own user", "same user"])
def old(request: pytest.FixtureRequest, level: int) -> Iterator[RoomFactory]:
    """A fork server as on an older kernel, of root and of an ordinary user."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "same user":
            patch.setattr(host, "may_change_user", lambda: False)
        elif not host.may_change_user():
            pytest.skip("only root can give rooms users of their own")
        with RoomFactory(limits=LIMITS, wall=LandlockWall(abi=level)) as warm:
            yield warm


@pytest.fixture
def room(old: RoomFactory) -> Iterator[StudentRoom]:
    with old.open_room({"a.txt": b"text"}) as opened:
        yield opened


WORK = """
import multiprocessing, os, signal, subprocess, sys, tempfile, threading
sleeper = subprocess.Popen(["sleep", "100"], start_new_session=True)
os.killpg(sleeper.pid, signal.SIGTERM)
assert sleeper.wait() == -signal.SIGTERM
with open("b.txt", "w") as file: file.write("b")
os.truncate("b.txt", 0) if LEVEL >= 3 else None
os.rename("b.txt", "c.txt")
thread = threading.Thread(target=lambda: None); thread.start(); thread.join()
with multiprocessing.Pool(2) as pool: total = sum(pool.map(abs, [-1, 2]))
said = subprocess.run([sys.executable, "-c", "print(3)"], capture_output=True, text=True).stdout
print(open("a.txt").read(), total, said.strip(), sorted(os.listdir()), os.path.basename(tempfile.gettempdir()))
"""


def test_honest_work_goes_on(room, level):
    assert ask(room, f"LEVEL = {level}\n{WORK}") == "text 3 3 ['a.txt', 'c.txt'] tmp\n"


def test_commands_run_without_a_terminal(room):
    assert room.run_cell("!echo out; echo err >&2; exit 3\nprint(_exit_code)").outputs[0].text == "out\nerr\n3\n"


def test_files_outside_stay_as_they_are(room, tmp_path):
    precious = Path(tempfile.mkdtemp(dir="/tmp")) / "precious.txt"
    precious.parent.chmod(0o755)
    precious.write_text("text")
    precious.chmod(0o666)
    attempts = (
        "open(P)",
        "open(P, 'w')",
        "os.truncate(P, 0)",
        "os.open(P, os.O_RDONLY | os.O_TRUNC)",
        "os.open(P, os.O_WRONLY)",
        "os.unlink(P)",
        "os.rename(P, 'mine')",
        "os.link(P, 'mine')",
        "os.chmod(P, 0)",
        "os.utime(P, (0, 0))",
        "os.setxattr(P, 'user.x', b'x')",
        "ctypes.CDLL(None).syscall(463, -100, P.encode(), 0, b'user.x', b'', 16)",
    )
    status = precious.stat()
    for attempt in attempts:
        room.run_cell(f"import ctypes, os\nP = {str(precious)!r}\n{attempt}")
    after = precious.stat()
    assert precious.read_text() == "text"
    assert (after.st_mode, after.st_mtime, after.st_nlink, after.st_ctime) == (
        status.st_mode,
        status.st_mtime,
        status.st_nlink,
        status.st_ctime,
    )
    precious.unlink()
    precious.parent.rmdir()


def test_signals_stay_inside(room):
    with subprocess.Popen(["sleep", "100"]) as bystander:
        for call in (
            f"os.kill({bystander.pid}, 9)",
            f"signal.pidfd_send_signal(os.pidfd_open({bystander.pid}), 9)",
            f"ctypes.CDLL(None).syscall(234, {bystander.pid}, {bystander.pid}, 9)",
            "os.kill(-1, 9)",
        ):
            room.run_cell(f"import ctypes, os, signal\n{call}")
        time.sleep(0.1)
        assert bystander.poll() is None
        bystander.kill()


def test_what_one_process_may_do_to_another_is_refused(room):
    with subprocess.Popen(["sleep", "100"]) as bystander:
        process = psutil.Process(bystander.pid)
        before = process.nice(), process.cpu_affinity(), process.rlimit(psutil.RLIMIT_NOFILE), process.ionice()
        for call in (
            f"os.setpriority(os.PRIO_PROCESS, {bystander.pid}, 19)",
            f"os.sched_setaffinity({bystander.pid}, {{0}})",
            f"resource.prlimit({bystander.pid}, resource.RLIMIT_NOFILE, (5, 5))",
            f"ctypes.CDLL(None).syscall(251, 1, {bystander.pid}, 3 << 13)",
            f"os.setpriority(os.PRIO_USER, {os.getuid()}, 19)",
        ):
            room.run_cell(f"import ctypes, os, resource\n{call}")
        after = process.nice(), process.cpu_affinity(), process.rlimit(psutil.RLIMIT_NOFILE), process.ionice()
        bystander.kill()
    assert after == before


KILLED = """
import os, sys, time
from autograder.room.session import RoomFactory as RoomFactory
warm = RoomFactory(wall="landlock")
room = warm.open_room({})
room.run_cell(
    "import os, time\\nif os.fork() == 0:\\n    os.setsid()\\n"
    "    if os.fork() == 0:\\n        time.sleep(600)\\n    os._exit(0)"
)
print("ready", flush=True)
time.sleep(600)
"""


def test_a_killed_grader_leaves_nothing(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    tmp_path.chmod(0o755)
    grader = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, env=environment, cwd=Path(__file__).parents[4]
    )
    assert grader.stdout is not None
    assert grader.stdout.readline() == b"ready\n"
    family = psutil.Process(grader.pid).children(recursive=True)
    assert len(family) >= 4  # keeper, fork server, kernel, and what the student left
    grader.send_signal(signal.SIGKILL)
    grader.communicate()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
    assert list(tmp_path.glob("room-*")) == []


def test_a_killed_fork_server_is_replaced_and_leaves_nothing():
    with RoomFactory(limits=LIMITS, wall="landlock") as warm:
        room = warm.open_room({})
        room.run_cell("import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)")
        keeper = psutil.Process(warm.server.pid)
        family = keeper.children(recursive=True)
        family[0].kill()
        _, alive = psutil.wait_procs([keeper, *family], timeout=20)
        assert alive == [keeper] or alive == []
        with warm.open_room({}) as other:
            assert ask(other, "print(1)") == "1\n"


def test_two_graders_never_share_a_user():
    first, second = host.Users(), host.Users()
    first.take()
    second.take()
    try:
        of = [{users.of(number) for number in range(100)} for users in (first, second)]
        assert not of[0] & of[1]
        assert all(host.FIRST_USER_ID <= each < 65_536 for users in of for each in users)
    finally:
        first.give_back()
        second.give_back()


@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3), min_size=1, max_size=3),
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3), max_size=3),
)
def test_nothing_private_is_left_in_what_is_shown(shown, private):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for path in (*shown, *private):
            (root.joinpath(*path)).mkdir(parents=True, exist_ok=True)
        named = {root.joinpath(*path) for path in shown}
        hidden = {root.joinpath(*path) for path in private}
        left = list(environment.without(named, hidden))
    for path in left:
        assert path not in hidden
        assert not any(each.is_relative_to(path) for each in hidden)
        assert any(path.is_relative_to(each) for each in named)

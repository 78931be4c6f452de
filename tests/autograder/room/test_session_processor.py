"""A room that wants the processors for itself: its time is counted, its place is low, and it cannot leave that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.room.processor import ProcessorTime
from autograder.room.session import RoomFactory
from tests.autograder.room.test_session import ask, text_of

ROOT = Path(__file__).resolve().parents[3]
LIMIT = "the kernel was killed: all processes of the submission together used more than 0.3 s of processor time"

BURNERS = {
    "the kernel itself": "while True: pass",
    "a thread": "import threading, time\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()\n"
    "time.sleep(60)",
    "a child": "import os, time\nif os.fork() == 0:\n    while True: pass\ntime.sleep(60)",
    "one that outlives its parent": "import os, time\n"
    "if os.fork() == 0:\n    if os.fork() == 0:\n        while True: pass\n    os._exit(0)\n"
    "time.sleep(60)",
    "many, one after the other": "import os\nfor _ in range(10**6):\n    pid = os.fork()\n    if pid == 0:\n"
    "        sum(range(10**6))\n        os._exit(0)\n    os.waitpid(pid, 0)",
}


@pytest.mark.parametrize("who", BURNERS)
def test_all_processes_together_have_a_limit(warm, who):
    with warm.open_room({}, ProcessorTime(0.3)) as room:
        run = room.run_cell(BURNERS[who])
        assert (run.ended, run.note) == ("died", LIMIT)
        assert not room.alive


def test_another_room_of_the_submission_ends_with_it(warm):
    shared = ProcessorTime(0.3)
    with warm.open_room({}, shared) as first, warm.open_room({}, shared) as second:
        first.run_cell(BURNERS["a child"])
        run = second.run_cell("import time\ntime.sleep(60)")
        assert (run.ended, run.note) == ("died", LIMIT)


def test_a_single_process_has_a_limit_of_the_kernels_too(room):
    """For a watch that is not there."""
    assert int(ask(room, "import resource\nprint(resource.getrlimit(resource.RLIMIT_CPU)[1])")) > 300


def test_a_room_is_below_the_grader_and_stays_there(room):
    said = ask(
        room,
        "import os\nbefore = os.nice(0)\n"
        "for lower in (before - 1, -20):\n"
        "    try: os.setpriority(os.PRIO_PROCESS, 0, lower)\n"
        "    except OSError: pass\n"
        "print(before, os.nice(0))",
    )
    wanted = min(19, os.nice(0) + 5)
    assert said == f"{wanted} {wanted}\n"


def test_libraries_may_say_where_threads_run_and_nothing_changes(room):
    said = ask(
        room,
        "import os\nbefore = os.sched_getaffinity(0), os.sched_getscheduler(0)\n"
        "for core in before[0]: os.sched_setaffinity(0, {core})\n"
        "os.sched_setaffinity(0, range(1024))\n"
        "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))\n"
        "print(before == (os.sched_getaffinity(0), os.sched_getscheduler(0)), len(before[0]))",
    )
    assert said == f"True {len(os.sched_getaffinity(0))}\n"


def test_rooms_of_every_kind_stay_on_the_cores_they_are_given(warm):
    core = max(os.sched_getaffinity(0))
    leave = "import os\nos.sched_setaffinity(0, range(1024))\nprint(os.sched_getaffinity(0))"
    with RoomFactory(wall=warm.wall.name, torch=False, cores=[core]) as factory:
        for kind in (factory, factory.bare(), factory.with_torch()):
            with kind.open_room({}) as room:
                assert ask(room, leave) == f"{{{core}}}\n"


def test_cores_that_are_gone_are_no_hindrance():
    with RoomFactory(torch=False, cores=[100_000]) as factory, factory.open_room({}) as room:
        assert ask(room, "print(1)") == "1\n"


BUSY = """
import os, time
def start(many):
    for _ in range(many):
        if os.fork() == 0:
            while True: pass
"""
CROWD = """
start(40)
while os.sched_getscheduler(0) != os.SCHED_IDLE: time.sleep(0.01)
print("set back")
"""
FEW = """
start(4)
end = os.times().elapsed + 1
while os.times().elapsed < end: time.sleep(0.1)
print(os.sched_getscheduler(0))
"""


def test_a_crowd_of_busy_processes_gets_what_nobody_wants(room):
    run = room.run_cell(BUSY + CROWD, seconds=500)  # they slow one another down
    assert text_of(run) == "set back\n"


def test_a_few_busy_processes_keep_their_place(room):
    assert ask(room, BUSY + FEW) == f"{os.sched_getscheduler(0)}\n"


CONTAINER = """
import sys
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
with RoomFactory(limits=Limits(), wall=sys.argv[1], torch=False) as warm, warm.open_room({}) as room:
    print(room.run_cell(sys.argv[2], seconds=300).outputs)
"""


def test_a_root_without_the_right_to_set_priorities_sets_a_crowd_back(warm):
    """Containers have such a root; a room's user may do to its processes what root there may not."""
    command = [sys.executable, "-c", CONTAINER, warm.wall.name, BUSY + CROWD]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "set back" in done.stdout, done.stderr

"""The watch sees what a room uses."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from autograder.room import watch


def test_the_memory_of_a_room_is_seen(room):
    """Where the watch may not look into a process, its limit would never be reached, and nothing would show that."""
    with watch.seen_as(room.watch.place.user_id):
        assert watch.proportional_memory(room.pid) > 0
        assert Path(f"/proc/{room.pid}/maps").read_text() != ""


def test_memory_in_common_is_counted_in_parts():
    with_pages_of_others = watch.proportional_memory(os.getpid())
    assert 0 < with_pages_of_others <= watch.resident_memory(os.getpid())


def test_a_process_that_has_ended_uses_nothing():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert watch.proportional_memory(pid) == watch.resident_memory(pid) == 0


def test_an_ordinary_user_sees_the_open_sockets_of_a_room(room):
    """The kernel gives this folder of /proc to root where a process hides; root here would see it all the same.

    An ordinary user in a container may be called 0, too: whose the folder is counts, not that number.
    """
    folder = Path(f"/proc/{room.pid}/fd")
    its_own = psutil.Process(room.pid).uids().effective
    assert folder.stat().st_uid == its_own
    run = room.run_cell("import ctypes\nprint(ctypes.CDLL(None).prctl(4, 0, 0, 0, 0))")  # PR_SET_DUMPABLE
    assert run.outputs[0].text == "-1\n"
    assert folder.stat().st_uid == its_own


def test_what_sockets_can_hold_is_bounded_apart_from_memory(room):
    """It belongs to no process, so no limit of one counts it."""
    run = room.run_cell(
        "import os, socket, time\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0:\n"
        "        kept = [socket.socketpair() for _ in range(100)]\n        time.sleep(60)\n"
        "time.sleep(60)"
    )
    assert run.ended == "memory"
    assert run.note == "the kernel was killed: its open sockets and pipes can hold too much"

"""The descendants of a process: who they are, how many they are, and their end."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Container


def tasks(pid: int) -> list[int]:
    """Return the threads of a process; none if it has ended."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208 - asked for at every new process
    except OSError:
        return []


def children(pid: int) -> list[int]:
    """Return the children of a process; none if it has ended."""
    found: list[int] = []
    for task in tasks(pid):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children") as file:  # noqa: PTH123
            found += map(int, file.read().split())
    return found


def process_tree(root: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [root]
    for pid in found:
        found += children(pid)
    return found


def count(root: int) -> int:
    """Return how many processes and threads a process and its descendants have."""
    return sum(len(tasks(pid)) for pid in process_tree(root))


def end_children(spared: Container[int] = ()) -> None:
    """Kill the children of this process, and those they leave to it, until none but the spared is left.

    This process must be their subreaper. Only children are killed: nobody else can get the id of one before it
    has been waited for.
    """
    while ended := [pid for pid in children(os.getpid()) if pid not in spared]:
        for pid in ended:
            os.kill(pid, signal.SIGKILL)
        for pid in ended:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def end_user(user_id: int) -> None:
    """Kill all processes of a user at once, as root: a child becomes that user and kills whatever it may."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user_id)
            os.setuid(user_id)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)

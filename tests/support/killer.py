"""Ends processes of the grader from outside, as a machine does that is out of memory."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Self

import psutil


class Killer(threading.Thread):
    """Kills one process of those that grade, as soon as the code of the submission runs, once or each time.

    Parameters
    ----------
    what : str
        Which process: "child", "room", "fork server", "outermost" (of the sandbox), "worker" or "template".
    workers : Callable[[], set[int]]
        Returns the processes that submissions are handed to.
    again : bool, optional
        Kill each time.
    """

    def __init__(self, what: str, workers: Callable[[], set[int]], *, again: bool = False) -> None:
        super().__init__(daemon=True)
        self.what, self.workers, self.again = what, workers, again
        self.killed: set[int] = set()
        self.over = threading.Event()
        self.idle = {process.pid for process in self.tree()}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        self.join()

    def tree(self) -> list[psutil.Process]:
        found = []
        for pid in self.workers():
            try:
                worker = psutil.Process(pid)
                found += [worker, *worker.children(recursive=True)]
            except psutil.Error:
                continue
        return found

    def run(self) -> None:
        while not self.over.wait(0.02) and (self.again or not self.killed):
            try:
                self.look()
            except psutil.Error:  # it has just ended
                continue

    def look(self) -> None:
        tree, workers = self.tree(), self.workers()
        children = [p for p in tree if p.ppid() in workers and "autograder.examiner.server" in p.cmdline()]
        servers = [p for p in tree if "student_room.fork_server" in p.cmdline() and "bwrap" not in p.cmdline()[0]]
        rooms = [p for p in servers if not p.children()]
        # A room is a leaf below the server that forks it; before one is there, the server itself is the leaf.
        rooms = [p for p in rooms if any(other.pid == p.ppid() for other in servers) and p.pid not in self.idle]
        if not children or not rooms or any(p.cpu_times().user < 0.3 for p in rooms):
            return
        chosen = {
            "child": children[0],
            "room": rooms[0],
            "fork server": psutil.Process(rooms[0].ppid()),
            "outermost": next(p for p in tree if p.ppid() in workers and p.pid != children[0].pid),
            "worker": tree[0],
            "template": tree[0].parent(),
        }[self.what]
        if chosen.pid not in self.killed:
            self.killed.add(chosen.pid)
            chosen.send_signal(signal.SIGKILL)
            self.idle |= {p.pid for p in tree}

"""Keeps the memory of all processes of a room below its limit."""

import threading
from collections.abc import Callable
from pathlib import Path

_SECONDS_BETWEEN_LOOKS = 0.05


class MemoryWatch(threading.Thread):
    """Looks at a room's processes until it is stopped, and calls `on_excess` once if they use too much.

    Memory is the sum over all processes of what each has for itself plus its share of what it has in
    common with others (PSS), less what the fresh kernel had.
    """

    def __init__(self, root_pid: int, max_bytes: int, on_excess: Callable[[], None]) -> None:
        super().__init__(name="memory watch", daemon=True)
        self._root_pid = root_pid
        self._max_bytes = max_bytes + _resident(root_pid)
        self._on_excess = on_excess
        self._stopped = threading.Event()
        self.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()

    def run(self) -> None:
        """Look, and wait, in turns."""
        while not self._stopped.wait(_SECONDS_BETWEEN_LOOKS):
            pids = process_tree(self._root_pid)
            # Resident memory counts shared pages once for each process: a cheap upper bound.
            if sum(map(_resident, pids)) > self._max_bytes and sum(map(_proportional, pids)) > self._max_bytes:
                self._on_excess()
                return


def process_tree(root_pid: int) -> list[int]:
    """`root_pid` and all its descendants."""
    found = [root_pid]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in _read(children).split()]
    return found


def _resident(pid: int) -> int:
    return _sum_of_kib(_read(Path(f"/proc/{pid}/status")), "VmRSS:")


def _proportional(pid: int) -> int:
    return _sum_of_kib(_read(Path(f"/proc/{pid}/smaps_rollup")), "Pss:")


def _sum_of_kib(text: str, field: str) -> int:
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(field))


def _read(path: Path) -> str:
    """The file's text; empty if its process has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""

"""Runs a command and measures it with all the processes it starts: wall, CPU, memory."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder.errors import UserError
from benchmarks.accounting import open_account

SAMPLE_SECONDS = 0.5

KINDS = {"autograder.examiner.server": "workers and examiners", "fork_server": "fork servers and rooms"}
"""What a process is, by a word of its command; all others are the command itself."""
REST = "the command itself"


@dataclass(frozen=True)
class Measured:
    """What a command took, its children and their children included."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    """Largest proportional set size (PSS) of all processes together; shared pages count once."""
    output: str
    clock: str
    """How the CPU seconds were counted."""
    peak_mib_of: Mapping[str, float] = field(default_factory=dict)
    """`peak_mib` by what the processes are: see `KINDS`."""


def measure(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Measured:
    """Run a command to its end.

    Raises
    ------
    UserError
        With its last words, if it fails.
    """
    with open_account() as account:
        start = time.monotonic()
        with account.counting():
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        with _MemorySampler(process.pid) as memory:
            output, _ = process.communicate()
        wall = time.monotonic() - start
        cpu = account.seconds()
    if process.returncode != 0:
        last = "\n".join(output.strip().splitlines()[-3:])
        raise UserError(f"{' '.join(command)} failed with status {process.returncode}: {last}")
    peak = {kind: used / 1024**2 for kind, used in memory.peak.items()}
    return Measured(wall, cpu, sum(peak.values()), output, account.method, peak)


class _MemorySampler:
    """Samples the memory of a process and all below it."""

    def __init__(self, pid: int) -> None:
        self.peak: Counter[str] = Counter()
        self._root = psutil.Process(pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> _MemorySampler:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            used: Counter[str] = Counter()
            try:
                processes = [self._root, *self._root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for process in processes:
                try:
                    used[_kind(process.cmdline())] += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            if used.total() > self.peak.total():
                self.peak = used


def _kind(command: list[str]) -> str:
    return next((kind for word in command for part, kind in KINDS.items() if part in word), REST)

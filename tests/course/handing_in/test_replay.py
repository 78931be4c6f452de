"""What takes long and defines nothing is left out on every system, with a timer of the kernel's or without one."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course.handing_in import replay
from course.handing_in.replay import Namespace, Notebook


@pytest.fixture(params=["timer", "no timer"])
def notebook(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(replay, "MOST_SECONDS", 0.3)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    if request.param == "no timer":
        monkeypatch.delattr(signal, "setitimer")  # as on Windows
    shell = InteractiveShell(user_module=ModuleType("student"), user_ns=Namespace())
    shell.history_manager.enabled = False
    yield Notebook(shell)
    sys.modules.pop("student", None)


def test_what_takes_long_and_defines_nothing_is_left_out(notebook: Notebook) -> None:
    before = signal.getsignal(signal.SIGINT), threading.active_count()
    notebook.replay("a = 1\nwhile True: pass\nb = 2\nsum(range(10))", ended_well=True)
    assert (notebook.names["a"], notebook.names["b"]) == (1, 2)
    assert (signal.getsignal(signal.SIGINT), threading.active_count()) == before


def test_what_takes_long_and_defines_something_is_not(notebook: Notebook) -> None:
    busy = "import time\nend = time.process_time() + 0.6\nwhile time.process_time() < end: a = 1\nc = 3"
    notebook.replay(busy, ended_well=True)
    assert (notebook.names["a"], notebook.names["c"]) == (1, 3)


def test_a_limit_within_a_limit_is_one(notebook: Notebook) -> None:
    notebook.replay("exec('while True: pass')\na = 1", ended_well=True)
    notebook.replay("%time while True: pass\nb = 2", ended_well=True)
    assert (notebook.names["a"], notebook.names["b"]) == (1, 2)

"""A kernel says how a cell ended, and one that runs too long is interrupted, or ended if it does not react."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.rehearse.kernel import Kernel

LONG = 60.0
"""Seconds that no cell here needs."""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    made = Kernel(tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("home"))
    yield made
    made.close()


def test_values_and_errors_come_back(kernel: Kernel) -> None:
    assert kernel.run("a = 'é\\n'", LONG).ended == "ok"
    assert kernel.ask("a * 1000", LONG).answer == "é\n" * 1000
    failed = kernel.run("print('x' * 100_000)\n1 / 0", LONG)
    assert (failed.ended, failed.error) == ("error", "ZeroDivisionError: division by zero")
    assert kernel.ask("b", LONG).error == "NameError: name 'b' is not defined"
    assert "UsageError: " in kernel.run("%no_such_magic", LONG).said


def test_it_is_this_python_as_the_grader_has_it(kernel: Kernel) -> None:
    assert kernel.run("import course, os, sys", LONG).ended == "ok"
    asked = kernel.ask("os.environ['NBGRADER_EXECUTION'], sys.executable", LONG)
    assert asked.answer == ("autograde", sys.executable)


@pytest.mark.parametrize("endless", ["while True: pass", "import time\ntime.sleep(1000)"])
def test_a_cell_that_runs_too_long_is_stopped_and_the_kernel_lives(kernel: Kernel, endless: str) -> None:
    stopped = kernel.run(endless, 1.0)
    assert stopped.ended == "stopped"
    assert 1.0 <= stopped.seconds < LONG
    assert kernel.alive
    assert kernel.ask("[0 for _ in iter(int, 1)]", 1.0).ended == "stopped"
    assert kernel.ask("1 + 1", LONG).answer == 2


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("import os\nos._exit(1)", "died"),
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", "stopped"),
    ],
    ids=["ends itself", "does not react"],
)
def test_a_kernel_can_end(tmp_path: Path, code: str, ended: str) -> None:
    kernel = Kernel(tmp_path, tmp_path)
    assert kernel.run(code, LONG if ended == "died" else 2.0).ended == ended
    assert not kernel.alive
    kernel.close()

"""The command `autograder grade` as a person uses it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from autograder import cli
from autograder.examiner.scratch import PREFIX
from autograder.examiner.workers import TRIES
from autograder.room.walls import choose
from tests.support.classroom import CRASH, HALF, MINI, RIGHT, ROOT, Classroom
from tests.support.killer import Killer

FROZEN = (
    "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); "  # nohup may have started the tests
    "from autograder.batch import submissions; submissions.grader_fingerprint = lambda names: 'this program'; "
    "from autograder.__main__ import main; main()"
)
"""The command, with its own source counted as unchanged whatever is edited meanwhile."""

LOOP = {"double": "import time\nwhile True:\n    time.sleep(1)\n"}
HOURS = 3600
SLOW = f"\nc.Examiner.cell_seconds = {HOURS}\nc.Examiner.submission_seconds = {HOURS}\n"
"""A loop that outlasts every test, however slow the machine: what ends before has not waited for it."""


class Command:
    """Starts the command in a process group of its own, with a temporary folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder
        folder.mkdir()
        self.environment = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(ROOT), "COLUMNS": "80"}

    def start(self, room: Classroom, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", FROZEN, "grade", MINI, *arguments],
            cwd=room.course.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, room: Classroom, *arguments: str) -> tuple[int, list[str], list[str]]:
        """Return exit status and the lines of both streams."""
        process = self.start(room, *arguments)
        out, err = process.communicate()
        return process.returncode, out.splitlines(), err.splitlines()

    def processes(self) -> list[psutil.Process]:
        """Return every process that has our temporary folder in its environment or its command line."""
        found = []
        for process in psutil.process_iter():
            try:
                told = " ".join(process.cmdline()) + process.environ().get("TMPDIR", "")
            except psutil.Error:
                continue
            if str(self.temporary) in told:
                found.append(process)
        return found


@pytest.fixture
def command() -> Iterator[Command]:
    """The command with a short temporary folder: a socket's path has 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="batch-", dir="/tmp") as folder:
        yield Command(Path(folder, "tmp"))


@pytest.fixture
def busy(released: Classroom, tmp_path: Path) -> Classroom:
    """A class of two, the second of whom keeps the worker busy."""
    room = released.copy(tmp_path / "course", SLOW)
    room.hand_in("ada")
    room.hand_in("zoe", LOOP)
    return room


@pytest.mark.slow
def test_summary_and_exit_status(room: Classroom, command: Command) -> None:
    for student in ("ada", "ben", "cleo [x]"):
        room.hand_in(student)
    room.hand_in("odd", b"{")
    notebook = room.notebook(CRASH)
    del notebook.cells[4]
    room.hand_in("dan", notebook)
    status, out, err = command.run(room, "--workers", "2")
    assert (status, err) == (1, [])
    assert "5/5" in out[0]
    assert "/min" in out[0]
    assert out[1:] == [
        "5 graded, 0 unchanged since they were graded, 1 could not be graded.",
        f"Wall around student code: {choose().sentence}.",
        "dan: cell 'test_mean' was missing; it was put back",
        "dan: double: the kernel's process ended itself with exit status 1",
        "odd: zero points. mini.ipynb cannot be read: it is not JSON; perhaps the file was cut off. "
        "Please hand it in again as JupyterLab saves it.",
    ]
    assert room.scores() == {"ada": 6, "ben": 6, "cleo [x]": 6, "dan": 2, "odd": 0}
    assert list(command.temporary.iterdir()) == []
    room.hand_in("odd", HALF)
    status, out, err = command.run(room, "--workers", "1")
    assert (status, err) == (0, [])
    assert out[1] == "1 graded, 4 unchanged since they were graded, 0 could not be graded."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([MINI, "--student", "eve"], "There is no submission of 'eve': "),
        (["minni"], "There is no assignment 'minni' in "),
        ([MINI, "--course", "/"], "No nbgrader_config.py in / or above it: "),
    ],
    ids=["nobody", "no assignment", "no course"],
)
def test_a_mistake_is_one_line(
    room: Classroom,
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    room.hand_in("ada")
    monkeypatch.chdir(room.course.root)
    monkeypatch.setattr(sys, "argv", ["autograder", "grade", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"autograder: {said}")


def wait_for(what: Callable[[], object]) -> None:
    """Wait as long as the test may take."""
    while not what():
        time.sleep(0.2)  # each look opens the gradebook or goes through all processes


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_stopped_it_saves_what_was_ready_and_ends_at_once(
    busy: Classroom, command: Command, number: signal.Signals
) -> None:
    """Ctrl-C, and a terminal that closes."""
    process = command.start(busy, "--workers", "1")
    wait_for(lambda: busy.scores() == {"ada": 6})
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=240)  # of the hour that the loop would take
    assert process.returncode == 128 + number
    assert err == "autograder: stopped. What was graded is saved; run it again to go on.\n"
    wait_for(lambda: not command.processes())
    assert list(command.temporary.iterdir()) == []
    assert busy.scores() == {"ada": 6}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_it_leaves_no_process_and_the_next_run_clears_its_files(busy: Classroom, command: Command) -> None:
    for kill in (os.kill, os.killpg):
        process = command.start(busy, "--workers", "1", "--force")
        wait_for(lambda: "ada/mini/mini.ipynb" in busy.graded_files())
        assert any("student_room.fork_server" in found.cmdline() for found in command.processes())
        kill(process.pid, signal.SIGKILL)
        process.communicate()
        wait_for(lambda: not command.processes())
        [left] = command.temporary.iterdir()
        assert left.name.startswith(PREFIX)
        (busy.folder("ada", "autograded") / f"{MINI}.ipynb").unlink()
    busy.hand_in("zoe", HALF)
    assert command.run(busy, "--workers", "1")[0] == 0
    assert list(command.temporary.iterdir()) == []
    assert busy.scores() == {"ada": 6, "zoe": 2}


BUSY = "import time\nend = time.monotonic() + 4\nwhile time.monotonic() < end:\n    pass\n"


@pytest.mark.slow
@pytest.mark.thorough(reason="three tries of several seconds each; test_workers.py kills below the command")
def test_what_is_killed_at_each_try_is_left_ungraded_and_the_next_run_grades_it(
    room: Classroom, command: Command
) -> None:
    room.hand_in("ada")
    room.hand_in("ben", {**RIGHT, "double": BUSY + RIGHT["double"]})
    room.hand_in("cleo", HALF)
    process = command.start(room, "--workers", "1")

    def workers() -> set[int]:
        """Below the command there is a template, and below that its workers."""
        templates = psutil.Process(process.pid).children() if process.poll() is None else []
        return {worker.pid for template in templates for worker in template.children()}

    with Killer("outermost", workers, again=True) as killer:
        out, err = process.communicate()
    assert len(killer.killed) >= TRIES  # a neighbour that is hit is graded at its next try
    assert process.returncode == 1
    lines = out.splitlines()
    assert "2 graded, 0 unchanged since they were graded, 0 could not be graded." in lines
    assert "1 left ungraded by a failure that is not theirs; run it again." in lines
    (line,) = (line for line in lines if line.startswith("ben"))
    assert re.fullmatch(r"ben: left ungraded: .*ended.*\. Look at submitted/ben/mini; run it again\.", line)
    assert "Traceback" not in out + err
    assert room.scores() == {"ada": 6, "cleo": 2}

    status, lines, _ = command.run(room, "--workers", "1")
    assert status == 0
    assert "1 graded, 2 unchanged since they were graded, 0 could not be graded." in lines
    assert room.scores() == {"ada": 6, "ben": 6, "cleo": 2}
    assert command.processes() == []

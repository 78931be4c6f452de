"""Students work natively on Windows and macOS; instructors there are told how to get a Linux."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
every_system = pytest.mark.parametrize("system", ["Windows", "Darwin"])


def elsewhere(system: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.project.elsewhere", system, *arguments],
        cwd=ROOT, env=os.environ | {"MPLBACKEND": "agg"}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@every_system
def test_all_of_the_course_runs(system: str) -> None:
    done = elsewhere(system, "modules", "demos", "checks", "lessons")
    assert done.returncode == 0, done.stderr[-2000:]
    found = {word: int(number) for number, word in (line.split() for line in done.stdout.splitlines()[:2])}
    assert found["demos"] >= 26
    assert found["modules"] > found["demos"]
    assert done.stdout.splitlines()[2] == "checks score"
    assert done.stdout.splitlines()[-1] == f"{len(list((ROOT / 'course/lessons').glob('*.ipynb')))} lessons"


@pytest.mark.parametrize(("system", "what"), [("Windows", "fork"), ("Windows", "fcntl"), ("Darwin", "proc")])
def test_what_only_linux_has_is_really_gone(system: str, what: str) -> None:
    done = elsewhere(system, f"planted_{what}")
    assert done.returncode == 1
    assert "Error" in done.stderr.splitlines()[-1]
    assert "nothing was refused" not in done.stdout


@pytest.mark.parametrize("command", [["grade", "ps1_from_scratch"], ["demo"], ["bench"]])
@pytest.mark.parametrize(
    ("system", "line"),
    [
        ("Windows", "autograder: grading needs Linux; here on Windows use WSL 2: wsl --install (docs/instructors.md)"),
        (
            "Darwin",
            "autograder: grading needs Linux; here on macOS use the container: docker build -t activation-course . "
            "(docs/instructors.md)",
        ),
    ],
)
def test_grading_says_in_one_line_that_it_needs_linux(system: str, line: str, command: list[str]) -> None:
    done = elsewhere(system, "autograder", *command)
    assert (done.returncode, done.stdout, done.stderr.splitlines()) == (1, "", [line])


@every_system
def test_what_runs_no_code_of_students_works(system: str, tmp_path: Path) -> None:
    target = tmp_path / "bundle.zip"
    done = elsewhere(system, "autograder", "bundle", "--to", str(target))
    assert done.returncode == 0, done.stderr[-2000:]
    assert any(name.endswith("course/checks.py") for name in zipfile.ZipFile(target).namelist())


@every_system
@pytest.mark.parametrize("command", ["export", "report", "feedback"])
def test_what_needs_only_the_gradebook_gets_to_its_own_message(system: str, command: str, tmp_path: Path) -> None:
    arguments = [] if command == "export" else ["ps1_from_scratch"]
    done = elsewhere(system, "autograder", command, *arguments, "--course", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("autograder: ")
    assert "Linux" not in done.stderr
    assert "Traceback" not in done.stderr

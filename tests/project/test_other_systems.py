"""Students work natively on Windows and macOS; instructors there are told how to get a Linux."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.thorough(reason="all of course/ once more, as on Windows and macOS")
every_system = pytest.mark.parametrize("system", ["Windows", "Darwin"])


def elsewhere(system: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.project.elsewhere", system, *arguments],
        cwd=ROOT, env=os.environ | {"MPLBACKEND": "agg"}, capture_output=True, text=True, check=False,
    )  # fmt: skip


PROGRAMS = {
    "Windows": ("modules", "demos", "checks", "rehearsal", "lessons", "planted_fork", "planted_fcntl"),
    "Darwin": ("modules", "demos", "checks", "rehearsal", "planted_proc", "planted_affinity"),
}
"""What runs there; the lessons only on Windows, which lacks all that macOS lacks, and more."""


@functools.cache
def said(system: str) -> dict[str, str]:
    """What each program said at its end; all in one process, since the libraries take longer than most of them."""
    done = elsewhere(system, *PROGRAMS[system])
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line.partition(": ") for line in done.stdout.splitlines()]
    return {program: what for program, _, what in lines if program in PROGRAMS[system]}


@pytest.mark.slow
@pytest.mark.timeout(1200)
@every_system
def test_every_module_demo_check_and_lesson_runs(system: str) -> None:
    found = said(system)
    demos = int(found["demos"].removesuffix(" demos"))
    assert demos >= 26
    assert int(found["modules"].removesuffix(" modules")) > demos
    assert found["checks"] == "checks score"
    assert found["rehearsal"] == "status 1, selu: 6 of 6 visible checks pass, selu_derivative: not written yet"
    if "lessons" in PROGRAMS[system]:
        assert found["lessons"] == f"{len(list((ROOT / 'course/lessons').glob('*.ipynb')))} lessons"


@pytest.mark.parametrize(
    ("system", "what"), [("Windows", "fork"), ("Windows", "fcntl"), ("Darwin", "proc"), ("Darwin", "affinity")]
)
def test_what_only_linux_has_is_really_gone(system: str, what: str) -> None:
    assert said(system)[f"planted_{what}"].startswith("refused: ")


ADVICE = {
    "Windows": "autograder: grading needs Linux; here on Windows use WSL 2: wsl --install (docs/instructors.md)",
    "Darwin": "autograder: grading needs Linux; here on macOS use the container: docker build -t activation-course . "
    "(docs/instructors.md)",
}
GRADING = [["grade", "ps1_from_scratch"], ["demo"]]


@every_system
def test_instructors_are_told_how_to_get_a_linux_and_the_rest_works(system: str, tmp_path: Path) -> None:
    target = tmp_path / "bundle.zip"
    empty = ["--course", str(tmp_path)]
    others = [["export", *empty], ["report", "ps1_from_scratch", *empty], ["feedback", "ps1_from_scratch", *empty]]
    done = elsewhere(system, "autograder", json.dumps([*GRADING, *others, ["bundle", "--to", str(target)]]))
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads(done.stdout)
    for command, result in zip(GRADING, results, strict=False):
        assert result == [1, "", ADVICE[system] + "\n"], command
    for command, (status, _, told) in zip(others, results[len(GRADING) :], strict=False):
        assert status == 1, (command, status)
        assert told.startswith("autograder: "), command
        assert "Linux" not in told, command
    assert results[-1][0] == 0, results[-1]
    assert any(name.endswith("course/checks/scoring.py") for name in zipfile.ZipFile(target).namelist())

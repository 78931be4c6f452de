"""Students work natively on Windows and macOS; instructors there are told how to get a Linux."""

from __future__ import annotations

import json
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
def test_every_module_demo_and_check_runs(system: str) -> None:
    done = elsewhere(system, "modules", "demos", "checks")
    assert done.returncode == 0, done.stderr[-2000:]
    modules, demos, checks = done.stdout.splitlines()
    assert int(demos.removesuffix(" demos")) >= 26
    assert int(modules.removesuffix(" modules")) > int(demos.removesuffix(" demos"))
    assert checks == "checks score"


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_lesson_runs() -> None:
    """Windows lacks all that macOS lacks, and more."""
    done = elsewhere("Windows", "lessons")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == f"{len(list((ROOT / 'course/lessons').glob('*.ipynb')))} lessons"


@pytest.mark.parametrize(
    ("system", "what"), [("Windows", "fork"), ("Windows", "fcntl"), ("Darwin", "proc"), ("Darwin", "affinity")]
)
def test_what_only_linux_has_is_really_gone(system: str, what: str) -> None:
    done = elsewhere(system, f"planted_{what}")
    assert done.returncode == 1
    assert "Error" in done.stderr.splitlines()[-1]
    assert "nothing was refused" not in done.stdout


ADVICE = {
    "Windows": "autograder: grading needs Linux; here on Windows use WSL 2: wsl --install (docs/instructors.md)",
    "Darwin": "autograder: grading needs Linux; here on macOS use the container: docker build -t activation-course . "
    "(docs/instructors.md)",
}
GRADING = [["grade", "ps1_from_scratch"], ["demo"], ["bench"]]


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
    for command, (status, _, said) in zip(others, results[len(GRADING) :], strict=False):
        assert status == 1, (command, status)
        assert said.startswith("autograder: "), command
        assert "Linux" not in said, command
    assert results[-1][0] == 0, results[-1]
    assert any(name.endswith("course/checks/scoring.py") for name in zipfile.ZipFile(target).namelist())

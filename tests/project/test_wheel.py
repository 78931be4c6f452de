"""The grader as a wheel, installed by itself, grades another course in a folder of its own."""

from __future__ import annotations

import csv
import os
import shutil
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.classroom import HALF, MINI, Classroom, write_course

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("autograder", "course")

pytestmark = pytest.mark.thorough(
    reason="builds a wheel and a virtual environment, and grades in new processes: a minute"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, since building writes beside the sources; nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / "src" / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "src")
    pip = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(folder / "src")], check=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def program(wheel: Path) -> Path:
    """The command in an environment that has the wheel, and of all else what is installed here."""
    folder = wheel.parent / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(python), "install", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    linked = wheel.parent / "linked" / "site-packages"  # below /tmp, over which rooms have their own
    linked.parent.mkdir()
    linked.symlink_to(site.getsitepackages()[0])
    (packages / "dependencies.pth").write_text(str(linked))  # its own .pth files do not count
    return folder / "bin" / "autograder"


def test_everything_is_in_it(wheel: Path) -> None:
    there = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts
    }
    lessons = {name for name in wanted if name.startswith("course/lessons/")}
    wanted -= lessons | {"course/README.md"}
    assert len(wanted) > 200
    assert wanted - there == set()
    assert not [name for name in there if name.startswith(("tests/", "source/", "benchmarks/"))]


def test_it_grades_another_course(program: Path, tmp_path: Path) -> None:
    room = Classroom(write_course(tmp_path / "their course"))
    folder = room.course.root
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*command: str) -> str:
        told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr + told.stdout
        return told.stdout

    def autograder(*arguments: str) -> str:
        return run(str(program), *arguments)

    run(str(program.with_name("python")), "-m", "nbgrader", "generate_assignment", MINI)
    room.hand_in("ada")
    room.hand_in("ben", HALF)
    where = "import autograder, course; print(autograder.__file__, course.__file__)"
    assert str(ROOT) not in run(str(program.with_name("python")), "-c", where)

    assert "2 graded" in autograder("grade", MINI, "--workers", "1")
    assert room.scores() == {"ada": 6.0, "ben": 2.0}
    assert "Feedback for 2" in autograder("feedback", MINI)
    assert "double(100) is 6" not in (folder / "feedback" / "ada" / MINI / f"{MINI}.html").read_text()
    autograder("report", MINI)
    assert "Class report" in (folder / "reports" / f"{MINI}.html").read_text()
    autograder("export")
    rows = list(csv.DictReader((folder / "grades.csv").read_text().splitlines()))
    assert {row["student_id"]: float(row["score"]) for row in rows} == {"ada": 6.0, "ben": 2.0}
    assert "packages for grading" in autograder("doctor")
    assert str(ROOT) not in autograder("--version")

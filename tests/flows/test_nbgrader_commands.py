"""nbgrader's own commands work from the course folder: assignment, exchange, grades, feedback, export."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import get_username

from autograder.answers import load_answers
from course.lab.working_copy import refresh
from tests.support.graded_class import CATALOGUE, PS1, ROOT, copy_course

COURSE_ID = "activations"


class Commands:
    """Runs nbgrader as a person does, with a home and an exchange of its own."""

    def __init__(self, folder: Path, exchange: Path | None = None) -> None:
        self.home = folder / "home"
        self.exchange = exchange or folder / "exchange"
        self.home.mkdir(parents=True)
        if exchange is None:
            self.exchange.mkdir()
            self.exchange.chmod(0o777)  # nbgrader refuses an exchange that others cannot write to
        jupyter = {f"JUPYTER_{name}_DIR": str(self.home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        self.environment = {
            **os.environ,
            **jupyter,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
        }

    def __call__(self, folder: Path, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command in a folder."""
        settings = [f"--Exchange.root={self.exchange}", f"--Exchange.cache={self.home / 'cache'}"]
        return subprocess.run(
            ["nbgrader", command, *arguments, *settings],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
        )

    def well(self, folder: Path, command: str, *arguments: str) -> str:
        """Run one command that has to succeed and return what it printed."""
        done = self(folder, command, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def solve(path: Path, right: bool) -> None:
    """Write right answers into a student's notebook, or wrong ones."""
    notebook = nbformat.read(path, as_version=4)
    answers = {a.exercise: a.source for a in load_answers(CATALOGUE, PS1) if a.right == right}
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    path.chmod(0o644)
    nbformat.write(notebook, path)


@pytest.mark.slow
def test_from_assignment_to_feedback_through_the_exchange(tmp_path: Path) -> None:
    nbgrader = Commands(tmp_path)
    course = copy_course(tmp_path / "course")  # release/ is there, as in a clone; the gradebook is filled all the same
    me = get_username()
    desk = tmp_path / "desk"
    refresh(ROOT, desk)  # what a student of a bundle with assignments works in

    nbgrader.well(course.root, "generate_assignment", PS1)
    assert "HIDDEN TESTS" not in (course.folder("release", PS1) / f"{PS1}.ipynb").read_text()
    nbgrader.well(course.root, "release_assignment", PS1)
    assert f"{COURSE_ID} {PS1} (already downloaded)" in nbgrader.well(desk, "list")
    mine = desk / PS1 / f"{PS1}.ipynb"
    solve(mine, right=True)
    assert "Success! Your notebook passes all the tests." in nbgrader.well(desk, "validate", str(mine))
    nbgrader.well(desk, "submit", PS1)
    nbgrader.well(course.root, "collect", PS1)

    ben = course.folder("submitted", PS1, "ben")
    shutil.copytree(course.folder("release", PS1), ben)
    cleo = course.folder("submitted", PS1, "cleo")
    cleo.mkdir(parents=True)
    (cleo / f"{PS1}.ipynb").write_text('{"cells": [')
    assert f"cleo: zero points. {PS1}.ipynb cannot be read: " in nbgrader.well(course.root, "autograde", PS1)

    nbgrader.well(course.root, "generate_feedback", PS1)
    # Only what came through the exchange has the secret that nbgrader wants for the way back.
    nbgrader.well(course.root, "release_feedback", PS1, f"--student={me}")
    nbgrader.well(desk, "fetch_feedback", PS1)
    [feedback] = desk.glob(f"{PS1}/feedback/*/{PS1}.html")
    assert "<strong>30</strong> of 30 points" in feedback.read_text(encoding="utf-8")
    assert "numpy_reference" not in feedback.read_text(encoding="utf-8")

    nbgrader.well(course.root, "export", "--to=grades.csv")
    with (course.root / "grades.csv").open(newline="", encoding="utf-8") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores[me] == 30.0
    assert scores["ben"] == scores["cleo"] == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("generate_assignment", ["ps9"], "No notebooks were matched by"),
        ("autograde", [PS1], "No notebooks were matched by"),
    ],
    ids=["unknown assignment", "nothing submitted"],
)
def test_bad_input(tmp_path: Path, command: str, arguments: list[str], said: str) -> None:
    course = copy_course(tmp_path / "course")
    done = Commands(tmp_path)(course.root, command, *arguments)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr

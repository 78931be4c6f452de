"""Grades one attack with stock nbgrader, and an honest submission after it, in a course folder of their own.

Stock nbgrader runs student code with the rights of whoever grades: attacks that would harm the machine itself say so
(`Attack.not_on_stock`) and are never run here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

from autograder.course_folder import CONFIG_NAME, CourseFolder
from benchmarks.honest import STOCK_CONFIG
from tests.adversarial.attack import Attack
from tests.adversarial.evidence import Outcome
from tests.adversarial.ours import ASSIGNMENT, released
from tests.adversarial.world import World

ATTACKER, HONEST = "mallory", "student0000"
SECONDS = 180.0


def undisturbed_on_stock(template: CourseFolder, scratch: Path) -> float | None:
    """Return what stock nbgrader gives the honest submission when nobody attacks."""
    course = _copy(template, scratch / "course")
    (scratch / "home").mkdir()
    _autograde(course, scratch / "home", "*")
    return _score(course, HONEST)


def outcome_on_stock(attack: Attack, template: CourseFolder, scratch: Path, undisturbed: float | None) -> Outcome:
    """Grade an attack by a run of `nbgrader autograde`, and the honest submission too if the attack is on others.

    Parameters
    ----------
    template : CourseFolder
        A stock course with one honest submission; copied for each attack.
    scratch : Path
        An empty folder to work in.
    undisturbed : float | None
        `undisturbed_on_stock`
    """
    course = _copy(template, scratch / "course")
    home = scratch / "home"
    home.mkdir()
    with World(course.root, home) as world:
        submission = attack.hand_in(released(course), world.prelude())
        folder = course.folder("submitted", ASSIGNMENT, ATTACKER)
        folder.mkdir(parents=True)
        (folder / f"{ASSIGNMENT}.ipynb").write_bytes(submission.raw())
        for name, content in submission.files.items():
            (folder / name).write_bytes(content)
        others_meant = attack.group in ("Harming", "Persisting")
        _autograde(course, home, "*" if others_meant else ATTACKER)  # the other half of the time, saved
        return Outcome(
            points=_score(course, ATTACKER) or 0.0,
            notebook=_graded(course, ATTACKER),
            honest_unchanged=not others_meant or _score(course, HONEST) == undisturbed,
            effects=world.effects(),
        )


def _copy(template: CourseFolder, folder: Path) -> CourseFolder:
    shutil.copytree(template.root, folder)
    (folder / CONFIG_NAME).write_text(STOCK_CONFIG.format(root=folder, assignment=ASSIGNMENT), encoding="utf-8")
    return CourseFolder.load(folder)


def _autograde(course: CourseFolder, home: Path, student: str) -> None:
    """Run it in a session of its own, with nothing of this user's home folder, for at most `SECONDS`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "XDG"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, "--student", student],
        cwd=course.root,
        env={**kept, "HOME": str(home), "GRADER_SECRET": "secret-in-the-environment"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _score(course: CourseFolder, student: str) -> float | None:
    with Gradebook(course.db_url) as gradebook:
        try:
            return float(gradebook.find_submission(ASSIGNMENT, student).score)
        except MissingEntry:
            return None


def _graded(course: CourseFolder, student: str) -> NotebookNode | None:
    path = course.folder("autograded", ASSIGNMENT, student) / f"{ASSIGNMENT}.ipynb"
    if not path.exists():
        return None
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook

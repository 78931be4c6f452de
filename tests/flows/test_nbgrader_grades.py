"""`autograder grade`, `nbgrader autograde` and Formgrader's button give the same grades."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.batch.coordinator import grade_class
from autograder.batch.run import how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.practice.sample_class import Kind, make_sample_class
from autograder.publish.notebooks import generate_assignment
from tests.support.classroom import ROOT, Inline, content_of_gradebook

PS1 = "ps1_from_scratch"
KINDS = [kind for kind in Kind if kind not in (Kind.LOOP, Kind.MEMORY, Kind.RENAMED, Kind.TRUNCATED)]
"""nbgrader itself does not grade the last two: it enters no score."""


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    """One student of each kind in the sample class that ends soon."""
    root = tmp_path / "batch"
    shutil.copytree(ROOT / "source" / PS1, root / "source" / PS1)
    shutil.copy(ROOT / CONFIG_NAME, root)
    made = CourseFolder.load(root)
    generate_assignment(made, PS1)
    students = make_sample_class(made, ROOT / "autograder" / "practice" / "answers", root / "submitted")
    chosen = {next(student.id for student in students if student.kinds[PS1] is kind) for kind in KINDS}
    for student in students:
        if student.id not in chosen:
            shutil.rmtree(root / "submitted" / student.id)
    return made


def scores(course: CourseFolder) -> list[Any]:
    """Return the gradebook without our ledger, which nbgrader does not write."""
    return [row for row in content_of_gradebook(course, PS1) if row[0] != "ledger"]


def outputs(course: CourseFolder) -> dict[str, list[Any]]:
    """Return the cells of the graded notebooks."""
    found = sorted((course.root / "autograded").glob(f"*/{PS1}/{PS1}.ipynb"))
    return {str(path.relative_to(course.root)): nbformat.read(path, as_version=4).cells for path in found}


@pytest.mark.slow
def test_three_ways_to_the_same_grades(course: CourseFolder, tmp_path: Path) -> None:
    by_command, by_button = tmp_path / "command", tmp_path / "button"
    shutil.copytree(course.root, by_command)
    shutil.copytree(course.root, by_button)
    grade_class(course, PS1, how_configured(course), Inline, 1)

    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    nbgrader = [sys.executable, "-m", "nbgrader", "autograde", PS1]
    subprocess.run(nbgrader, cwd=by_command, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    formgrader = CourseFolder.load(by_button)
    for student in formgrader.students(PS1):
        assert formgrader.api().autograde(PS1, student)["success"]

    assert len(outputs(course)) == len(KINDS)
    for other in (CourseFolder.load(by_command), formgrader):
        assert scores(other) == scores(course)
        assert outputs(other) == outputs(course)

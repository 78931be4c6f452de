"""Otter-Grader on the same submissions: `otter run`, which grades one after the other, without a container.

It has an environment of its own (`make otter`), since it wants other versions of Jupyter's packages than the course.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nbformat

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from benchmarks.measure import measure
from benchmarks.pages import ROOT

ENVIRONMENT = ROOT / "build" / "otter"
"""Where `make otter` makes it."""
TEST = """from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points!r}

VISIBLE = {source!r}


@test_case(points=points)
def visible_tests(env):
    exec(compile(VISIBLE, name, "exec"), env)
    assert all(check.passed for check in env["checks"].score().checks)
"""
"""A visible test cell of ours as a test of Otter's."""
SETTINGS = {"pdf": False, "print_score": False, "print_summary": False}


def python_of_otter(asked: Path | None) -> Path | None:
    """Return the Python that has Otter: the one that was asked for, or that of the environment; None if there is none.

    Raises
    ------
    UserError
        If the one that was asked for does not have it.
    """
    found = asked or ENVIRONMENT / "bin" / "python"
    if asked is None and not found.is_file():
        return None
    try:
        subprocess.run([found, "-c", "import otter"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(f"{found} is no Python with Otter-Grader: make otter, or --otter PYTHON") from error
    return found


def version_of(python: Path) -> str:
    """Return the version of Otter that a Python has."""
    asked = "from importlib import metadata; print(metadata.version('otter-grader'))"
    return subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True).stdout.strip()


def measure_otter(python: Path, course: CourseFolder, assignment: str) -> dict[str, float]:
    """Grade all submissions of an assignment with Otter.

    Parameters
    ----------
    python : Path
        The Python that has it.
    course : CourseFolder
        Where the assignment was released and handed in.

    Returns
    -------
    dict
        Seconds for each submission, and memory.

    Raises
    ------
    UserError
        If it fails, or gives a right answer less than all points.
    """
    folder = course.root / "otter"
    names = write_tests(folder, course, assignment)
    (folder / "otter_config.json").write_text(json.dumps(SETTINGS))
    otter = [str(python), "-m", "otter"]
    # Our checks are a package; what else is on the path of this process is not Otter's.
    environment = {"PYTHONPATH": str(ROOT)}
    zipped = [*otter, "generate", "--tests-dir", "tests", "--output-path", "autograder.zip", "--no-requirements"]
    measure([*zipped, "--no-environment"], folder, environment)
    students = course.students(assignment)
    wall = cpu = peak = 0.0
    for student in students:
        notebook = course.folder("submitted", assignment, student) / f"{assignment}.ipynb"
        results = folder / student
        results.mkdir()
        run = [*otter, "run", str(notebook), "--autograder", "autograder.zip", "--output-dir", str(results)]
        found = measure([*run, "--no-logo"], folder, environment)
        require_all_points(results / "results.json", names)
        wall, cpu, peak = wall + found.wall_s, cpu + found.cpu_s, max(peak, found.peak_mib)
    count = len(students)
    return {"otter_wall_s": wall / count, "otter_cpu_s": cpu / count, "otter_peak_mib": peak}


def write_tests(folder: Path, course: CourseFolder, assignment: str) -> list[str]:
    """Write the visible tests of an assignment as Otter wants them, and return their names."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    released = nbformat.read(course.folder("release", assignment) / f"{assignment}.ipynb", as_version=4)
    names = []
    for cell in released.cells:
        ours = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and ours.get("grade") and not ours.get("solution"):
            name = ours["grade_id"]
            text = TEST.format(name=name, points=ours["points"], source=cell.source)
            (tests / f"{name}.py").write_text(text, encoding="utf-8")
            names.append(name)
    return names


def require_all_points(results: Path, names: list[str]) -> None:
    """Refuse results in which a test was not run to its end: what does nothing is fast."""
    told: dict[str, Any] = json.loads(results.read_text())
    lost = [test for test in told["tests"] if test.get("max_score") and test.get("score") != test["max_score"]]
    run = [test for test in told["tests"] if test.get("max_score")]
    if lost or len(run) != len(names):
        raise UserError(f"Otter gave right answers less than all points, or ran other tests: {results.read_text()}")

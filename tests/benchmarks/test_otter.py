"""Otter gets the visible tests, and its results count only if it has run them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from benchmarks import otter
from benchmarks.measure import Measured
from benchmarks.otter import measure_otter, python_of_otter, require_all_points, write_tests
from course.checks import Checks

TEST = """checks = Checks("double", points=5)
with checks("right"):
    assert double(2) == 4
checks.score()"""


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    """An assignment with one test, which one student has handed in."""
    made = CourseFolder(tmp_path, Config())
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell(TEST)]
    notebook.cells[1].metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "test_double", "points": 5}
    for folder in (made.folder("release", "ps0"), made.folder("submitted", "ps0", "ada")):
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "ps0.ipynb")
    return made


@pytest.mark.parametrize(("answer", "passes"), [(lambda x: 2 * x, True), (lambda x: x, False)])
def test_a_test_of_otters_fails_as_ours_does(
    answer: object, passes: bool, course: CourseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "otter").mkdir()
    (tmp_path / "otter" / "__init__.py").touch()
    (tmp_path / "otter" / "test_files.py").write_text("def test_case(points):\n    return lambda function: function\n")
    assert write_tests(tmp_path / "made", course, "ps0") == ["test_double"]
    found: dict[str, object] = {}
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        exec((tmp_path / "made" / "tests" / "test_double.py").read_text(), found)
        for name in ("otter", "otter.test_files"):
            patch.delitem(sys.modules, name)
    assert (found["name"], found["points"]) == ("test_double", 5)
    test = found["visible_tests"]
    assert callable(test)
    environment = {"double": answer, "Checks": Checks}
    if passes:
        test(environment)
    else:
        with pytest.raises(AssertionError):
            test(environment)


def test_seconds_are_those_of_one_submission(course: CourseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(command: list[str], folder: Path, environment: dict[str, str]) -> Measured:
        if "run" in command:
            points = {"tests": [{"name": "test_double", "score": 5, "max_score": 5}]}
            Path(command[command.index("--output-dir") + 1], "results.json").write_text(json.dumps(points))
        return Measured(3.0, 2.0, 100.0, "", "")

    monkeypatch.setattr(otter, "measure", measure)
    told = measure_otter(Path(sys.executable), course, "ps0")
    assert told == {"otter_wall_s": 3.0, "otter_cpu_s": 2.0, "otter_peak_mib": 100.0}


@pytest.mark.parametrize("tests", [[], [{"name": "a", "score": 4, "max_score": 5}], [{"name": "a", "output": "x"}]])
def test_what_was_not_run_to_its_end_is_no_measurement(tests: list[dict[str, object]], tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps({"tests": tests}))
    with pytest.raises(UserError, match="Otter gave right answers less than all points"):
        require_all_points(tmp_path / "results.json", ["a"])


def test_without_otter_nothing_is_measured_and_a_wrong_python_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otter, "ENVIRONMENT", tmp_path)
    assert python_of_otter(None) is None
    for wrong in (tmp_path / "none", Path(sys.executable)):
        with pytest.raises(UserError, match="is no Python with Otter-Grader: make otter, or --otter PYTHON"):
            python_of_otter(wrong)

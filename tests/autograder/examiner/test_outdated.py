"""A test cell of another version of the grader ends the run before anybody gets zero points for it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from sqlalchemy import text

from autograder.errors import UserError
from autograder.examiner.outdated import problems, require_this_version
from autograder.publish.notebooks import generate_assignment
from course.handing_in.sourcecells import SourceCell, SourceNotebook
from tests.support.classroom import DOUBLE, MINI, TEST_DOUBLE, Classroom, mini_notebook
from tests.support.classroom_fixtures import _frozen_source, released

__all__ = ["_frozen_source", "released"]

ROOT = Path(__file__).resolve().parents[3]
GIVEN = "import numpy as np\nfrom course.checks import Checks, expect_close\n"


def notebook(*cells: tuple[str, str, bool]) -> SourceNotebook:
    """Make one of name, source, and whether the cell is locked."""
    made = [SourceCell(name, "code", source, "", locked, False, False, False, 0.0) for name, source, locked in cells]
    return SourceNotebook("hw", "hw", None, tuple(made))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "from autograder.hidden_checks.gone import check",
            "it imports check from autograder.hidden_checks.gone, which",
        ),
        ("from course.checks import gone", "it imports gone from course.checks, which is not there"),
        ("import autograder.gone", "it imports autograder.gone, which is not there"),
        ("import course.checks as c\nc.gone(1)", "it calls c.gone, which is not there"),
        ("checks = Checks()", "it calls Checks in a way that it does not take (missing a required argument"),
        ("expect_close(f(1), 2, nonsense=3)", "unexpected keyword argument 'nonsense'"),
        ("%matplotlib inline\nexpect_close()", "it calls expect_close in a way"),
    ],
)
def test_what_does_not_go_with_this_version(source: str, why: str) -> None:
    ((cell, said),) = problems(notebook(("given", GIVEN, True), ("test_f", source, True)))
    assert cell == "test_f"
    assert why in said
    with pytest.raises(
        UserError, match=r"Cell 'test_f' of hw.ipynb goes with another version .*generate_assignment hw"
    ):
        require_this_version(notebook(("given", GIVEN, True), ("test_f", source, True)))


@pytest.mark.parametrize(
    "source",
    [
        "expect_close(f(1), 2)",
        "expect_close(*arguments)\nexpect_close(1, **more)",
        "def expect_close(): pass\nexpect_close()",
        "try:\n    from course.checks import gone\nexcept ImportError:\n    gone = None\ngone(1)",
        "from elsewhere import gone\ngone(1)",
        "f(1)\nf.anything()\nnp.gone(1)",
        "this is no Python",
    ],
)
def test_what_is_left_alone(source: str) -> None:
    assert list(problems(notebook(("given", GIVEN, True), ("test_f", source, True)))) == []


def test_cells_of_students_are_left_alone() -> None:
    assert list(problems(notebook(("given", GIVEN, True), ("answer", "from course.checks import gone", False)))) == []


def test_every_assignment_of_the_course_goes_with_it() -> None:
    paths = sorted(ROOT.glob("source/*/*.ipynb"))
    assert len(paths) >= 6
    for path in paths:
        cells = [c for c in nbformat.read(path, as_version=4).cells if "nbgrader" in c.metadata]
        locked = [(c.metadata.nbgrader.grade_id, c.source, c.metadata.nbgrader.locked) for c in cells]
        assert list(problems(notebook(*locked))) == [], path


def test_nobody_gets_zero_points_for_it(released: Classroom, tmp_path: Path) -> None:
    room = released.copy(tmp_path / "course")
    room.hand_in("ada")
    room.grade()
    outdated = TEST_DOUBLE.replace("points=4", "points=4, of_old=True")
    nbformat.write(mini_notebook(DOUBLE, outdated), room.course.source / MINI / f"{MINI}.ipynb")
    generate_assignment(room.course, MINI)
    with pytest.raises(UserError, match=r"Cell 'test_double' of mini.ipynb goes with another version"):
        room.grade()
    before = room.content()
    with room.gradebook() as gradebook:  # as after an update
        gradebook.db.execute(text("UPDATE autograder_made_with SET grader = '0.0.1+abc'"))
        gradebook.db.commit()
    told = room.course.api().autograde(MINI, "ada")
    assert not told["success"]
    assert "Cell 'test_double' of mini.ipynb goes with another version" in told["log"]
    assert "Traceback" not in told["log"]
    assert room.content() == before
    assert room.scores() == {"ada": 6.0}
    nbformat.write(mini_notebook(), room.course.source / MINI / f"{MINI}.ipynb")
    generate_assignment(room.course, MINI)
    assert room.grade().skipped == 1

"""In in-kernel mode the scores are stock nbgrader's, cell for cell; docs/measured/parity.md says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UserError
from tests.flows.parity import KINDS, PAGE, Comparison, compare_documentation, compare_ps1, compare_quickstart, page
from tests.support.classroom import RIGHT, Classroom

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning", "ignore::nbformat.warnings.MissingIDFieldWarning"
)


@pytest.mark.slow
def test_equal_scores_cell_for_cell(tmp_path: Path) -> None:
    ps1, quickstart = compare_ps1(tmp_path / "ps1"), compare_quickstart(tmp_path / "quickstart")
    assert ps1.differing == {}
    assert quickstart.differing == {}
    assert len(ps1.stock) == 6 * len(KINDS)
    assert {cell[1] for cell in quickstart.stock} == {"problem1", "problem2", "scores"}
    assert_all_kinds_of_scores(ps1, quickstart)
    assert PAGE.read_text(encoding="utf-8") == page([ps1, quickstart])


def assert_all_kinds_of_scores(ps1: Comparison, quickstart: Comparison) -> None:
    assert {0.0, 5.0} < set(ps1.stock.values())  # and partial credit
    assert {0.0, 0.5, 1.0, None} <= set(quickstart.stock.values())
    assert quickstart.stock["solved", "scores", "not_a_number"] == 1.0


def test_a_package_that_is_none(released: Classroom, tmp_path: Path) -> None:
    settings = "\nc.Examiner.mode = 'in-kernel'\nc.Examiner.kernel_packages = ['autogradr']\n"
    room = released.copy(tmp_path / "course", settings)
    room.hand_in("ada")
    with pytest.raises(UserError, match=r"Examiner\.kernel_packages names 'autogradr', which is not"):
        room.grade()


@pytest.mark.slow
@pytest.mark.thorough(reason="stock nbgrader takes half a minute for each of the two assignments")
@pytest.mark.parametrize(("assignment", "cells"), [("ps1", 117), ("ps1_autotest", 110)])
def test_the_documentation_of_nbgrader_gives_the_same_in_both_modes(
    tmp_path: Path, assignment: str, cells: int
) -> None:
    """A test of it deletes a function of the student's, and puts it back."""
    found = compare_documentation(tmp_path, assignment)
    assert found.differing == {}
    assert found.differing_in_examiner_mode == []
    assert len(found.stock) == cells
    needs = {student for student in found.kinds if found.examiner[student, "problem1", "sum_of_squares_uses_squares"]}
    assert needs - {"bitdiddle", "hacker"} == {"solved", "inner", "numpy", "errors"}


GENEROUS = """\
import course.checks
course.checks.Checks.score = lambda self: 1000.0
"""


def test_more_points_than_there_are_cost_one_cell(released: Classroom, tmp_path: Path) -> None:
    """Stock nbgrader loses the whole submission then."""
    room = released.copy(tmp_path / "course", "\nc.Examiner.mode = 'in-kernel'\n")
    room.hand_in("ada", {**RIGHT, "double": GENEROUS + RIGHT["double"]})
    summary = room.grade()
    assert not summary.problems
    assert room.scores() == {"ada": 2}

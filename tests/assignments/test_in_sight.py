"""What a student sees of the checks of ps1 and ps5, and how a function is looked at."""

from __future__ import annotations

import re
from collections import OrderedDict, namedtuple
from enum import Enum

import numpy as np
import pytest

from course.checks import outputs
from course.checks.beside.calls import LAYOUTS, laid_out
from course.checks.elementwise import Observed
from tests.support.notebook_runner import grade, notebook_cells


@pytest.mark.parametrize("assignment", ["ps1_from_scratch", "ps5_outputs_and_losses"])
def test_a_third_of_the_points_is_in_sight_and_the_number_of_further_checks_is_said(assignment):
    cells = {cell.grade_id: cell for cell in notebook_cells("release", assignment)}
    for name, score in grade(assignment, {}).items():
        text = cells[name].source
        seen = [check for check in score.checks if f'"{check.name}"' in text]
        assert sum(check.max_points for check in seen) >= cells[name].points / 3 - 1e-9
        said = re.search(r"checks\.at_grading\(\s*(\d+)", text)
        assert int(said[1]) == len(score.checks) - len(seen)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_keeps_numbers_and_shape_and_is_not_contiguous(layout):
    x = np.arange(24.0).reshape(2, 3, 4)
    found = laid_out(x, layout)
    assert np.array_equal(found, x)
    assert not found.flags.c_contiguous


def test_a_change_in_any_call_is_told_and_the_caller_s_array_stays():
    watched = Observed(lambda x: x.__iadd__(3).__isub__(3))
    small = np.array([1e-17])
    watched(np.array([1.0]))
    watched.expect_arguments_unchanged()
    watched(small)
    assert small == 1e-17
    with pytest.raises(AssertionError, match="writes into the array"):
        watched.expect_arguments_unchanged()


def test_named_tuples_string_enums_and_ordered_dicts_are_taken_for_what_they_are():
    class Name(str, Enum):  # noqa: UP042 - a StrEnum is another kind
        ACTIVATION = "identity"
        LOSS = "MSELoss"

    pair = namedtuple("pair", "activation loss")
    outputs.expect_output_layer(lambda task: pair(Name.ACTIVATION, np.str_("MSELoss")), "t", [("identity", "MSELoss")])
    found, _ = outputs.trained(
        lambda X, y, steps: OrderedDict(losses=(1.0,), probabilities=np.ones((2, 1))), None, [0, 0], 1
    )
    assert found.tolist() == [1.0]

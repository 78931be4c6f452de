"""Fairness of ps1: right answers of every style agree with the reference on inputs nobody chose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.answers import load_answers
from autograder.hidden_checks.elementwise import FLOAT32_RTOL, FLOAT64_RTOL
from autograder.reference import numpy_reference
from course.checks import expect_array, expect_close
from course.checks.elementwise import Observed
from tests.support.notebook_runner import ROOT, notebook_cells, score_of

ASSIGNMENT = "ps1_from_scratch"
ANSWERS = load_answers(ROOT / "autograder" / "practice" / "answers", ASSIGNMENT)
RIGHT = [answer for answer in ANSWERS if answer.right]
WRONG = [answer for answer in ANSWERS if not answer.right]
GIVEN = "\n".join(c.source for c in notebook_cells("source", ASSIGNMENT) if c.grade_id in ("setup", "selu_constants"))

KINKS = {"selu_derivative": [0.0], "hardswish_derivative": [-3.0, 3.0]}


def named(answer):
    return f"{answer.exercise}: {answer.name}"


def function_of(answer):
    namespace = {}
    exec(GIVEN, namespace)
    exec(answer.source, namespace)
    return namespace[answer.exercise]


@st.composite
def inputs(draw, kinks):
    dtype, width = draw(st.sampled_from([(np.float32, 32), (np.float64, 64)]))
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    away = st.floats(-1000, 1000, width=width).filter(lambda x: all(abs(x - kink) > 1e-3 for kink in kinks))
    return draw(arrays.arrays(dtype, shape, elements=away))


@pytest.mark.parametrize("answer", RIGHT, ids=named)
def test_right_answers_agree_with_the_reference_on_any_input(answer):
    function = function_of(answer)
    reference = getattr(numpy_reference, answer.exercise)

    @settings(max_examples=25, deadline=None)
    @given(inputs(KINKS.get(answer.exercise, [])))
    def agrees(x):
        expected = reference(x)
        actual = expect_array(function(x.copy()), shape=x.shape, dtype=x.dtype)
        if x.dtype == np.float32:
            expect_close(actual, expected, x=x, rtol=FLOAT32_RTOL, atol=1e-6)
        else:
            expect_close(actual, expected, x=x, rtol=FLOAT64_RTOL, atol=1e-12)
        watched = Observed(function)
        watched(x)
        watched.expect_no_warning()
        watched.expect_arguments_unchanged()

    agrees()


@pytest.mark.parametrize("exercise", sorted({answer.exercise for answer in ANSWERS}))
def test_a_library_call_earns_nothing(exercise):
    callers = [answer for answer in WRONG if answer.exercise == exercise and "torch's function" in answer.name]
    assert callers
    for answer in callers:
        assert score_of(answer) == 0


@pytest.mark.parametrize("exercise", sorted({answer.exercise for answer in ANSWERS}))
def test_a_table_of_the_visible_answers_earns_less_than_half(exercise):
    tables = [answer for answer in WRONG if answer.exercise == exercise and answer.name.startswith("knows")]
    assert tables
    for answer in tables:
        assert score_of(answer) < 0.5 * 5

"""How a function of numbers is looked at, call by call."""

from __future__ import annotations

import numpy as np
import pytest

from course.checks import student_side
from course.checks.elementwise import Observed


def test_a_change_in_any_call_is_told_and_the_caller_s_array_stays():
    watched = Observed(lambda x: x.__iadd__(3).__isub__(3))
    small = np.array([1e-17])
    watched(np.array([1.0]))
    watched.expect_arguments_unchanged()
    watched(small)
    assert small == 1e-17
    with pytest.raises(AssertionError, match="writes into what"):
        watched.expect_arguments_unchanged()


class Asked(student_side.SameKernel):
    """Counts the questions."""

    count = 0

    def run(self, helper, *args, **kwargs):
        self.count += 1
        return super().run(helper, *args, **kwargs)


@pytest.fixture
def asked():
    side = Asked()
    before = student_side.switch(side)
    yield side
    student_side.switch(before)


def test_several_inputs_are_one_question_and_looked_at_one_by_one(asked):
    watched = Observed(lambda x: np.log(x) if x.ndim else x.__iadd__(1))
    seen = []
    for result in watched.each(np.array([1.0, np.e]), np.array([-1.0])):
        seen.append((result.tolist()[0], watched.warnings))
    assert asked.count == 1
    assert seen[0] == (0.0, [])
    assert seen[1][1] == ["invalid value encountered in log"]
    watched.expect_arguments_unchanged()
    for _ in watched.each(np.array(0.0), np.array([1.0])):
        with pytest.raises(AssertionError, match="writes into what"):
            watched.expect_arguments_unchanged()


def test_what_fails_among_several_inputs_is_told_when_its_turn_comes(asked):
    def reciprocal(x):
        if not x.all():
            raise ValueError("zero")
        return 1 / x

    several = Observed(reciprocal).each(np.array([2.0]), np.array([4.0]), np.array([0.0]), np.array([5.0]))
    assert [next(several), next(several)] == [0.5, 0.25]
    assert asked.count == 1
    with pytest.raises(ValueError, match="zero"):
        next(several)


def test_a_layout_is_that_of_each_of_several_inputs(asked):
    watched = Observed(lambda x: np.array(x.flags.c_contiguous))
    assert list(watched.each(np.ones((2, 3)), np.ones((3, 2)), layout="transposed")) == [False, False]

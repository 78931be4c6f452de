"""Questions about warnings and about the argument of a student's function."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from course.checks import student_side
from course.checks.beside.calls import LAYOUTS, laid_out, observed
from course.checks.elementwise import Observed

LARGE = np.array([-1000.0, 1000.0])


def expect_no_warning(function, x):
    watched = Observed(function)
    watched(x)
    watched.expect_no_warning()


def expect_input_unchanged(function, x):
    watched = Observed(function)
    watched(x)
    watched.expect_arguments_unchanged()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (np.exp, "overflow encountered in exp"),
        (lambda x: np.exp(x) / np.exp(x), "overflow encountered in exp"),
        (lambda x: 1 / (x - x), "divide by zero encountered in divide"),
        (np.sqrt, "invalid value encountered in sqrt"),
        (lambda x: warnings.warn("my own", RuntimeWarning, stacklevel=1), "my own"),
    ],
)
def test_a_floating_point_warning_is_told(function, message):
    with pytest.raises(AssertionError, match=rf"^NumPy warned: {message}\.$"):
        expect_no_warning(function, LARGE)


def a_silenced_overflow(x):
    with np.errstate(over="ignore"):
        return np.exp(x)


def a_deprecation(x):
    warnings.warn("old name", DeprecationWarning, stacklevel=1)
    return x


@pytest.mark.parametrize("function", [np.tanh, lambda x: np.exp(-np.abs(x)), a_silenced_overflow, a_deprecation])
def test_underflow_silenced_overflow_and_other_warnings_are_no_mistake(function):
    expect_no_warning(function, LARGE)


def test_a_warning_counts_although_it_was_given_before():
    assert len(observed(np.exp, (LARGE,), {})[1]) == len(observed(np.exp, (LARGE,), {})[1]) == 1


def test_a_warning_counts_although_the_student_silenced_all_before():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert observed(np.exp, (LARGE,), {})[1]


def test_the_settings_of_the_student_are_left_as_they_were():
    with np.errstate(all="raise"):
        observed(np.exp, (LARGE,), {})[1]
        assert np.geterr()["over"] == "raise"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_function_that_writes_into_its_argument_is_told(dtype):
    def doubles(x):
        x *= 2
        return x

    x = np.array([1.0, 2.0], dtype=dtype)
    with pytest.raises(AssertionError, match=r"^The function writes into what it was given; work on a copy\.$"):
        expect_input_unchanged(doubles, x)
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("function", [np.exp, lambda x: x, lambda x: x.copy().sort()])
def test_a_function_that_leaves_its_argument_passes(function):
    expect_input_unchanged(function, np.array([2.0, np.nan, -np.inf]))


@pytest.mark.parametrize("expect", [expect_no_warning, expect_input_unchanged])
def test_an_error_of_the_student_comes_through(expect):
    with pytest.raises(ZeroDivisionError):
        expect(lambda x: 1 // 0, LARGE)


@pytest.mark.parametrize("expect", [expect_no_warning, expect_input_unchanged])
def test_the_function_is_called_on_the_student_s_side(expect):
    class Elsewhere(student_side.SameKernel):
        def run(self, helper, *args, **kwargs):
            asked.append(args[0])
            return helper(*args, **kwargs)

    asked = []
    before = student_side.switch(Elsewhere())
    try:
        expect(np.tanh, LARGE)
    finally:
        student_side.switch(before)
    assert asked == [np.tanh]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_keeps_numbers_and_shape_and_is_not_contiguous(layout):
    x = np.arange(24.0).reshape(2, 3, 4)
    found = laid_out(x, layout)
    assert np.array_equal(found, x)
    assert not found.flags.c_contiguous

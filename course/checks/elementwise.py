"""What is expected of a function of numbers apart from its values: no warning, and an argument left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks import student_side
from course.checks.beside.calls import argument_after_call, warnings_of


def expect_no_warning(function: Callable[[Any], Any], x: Any) -> None:
    """Expect that `function(x)` makes NumPy warn of nothing: no overflow, no invalid value.

    Raises
    ------
    AssertionError
        With the first warning.
    """
    warned = student_side.run(warnings_of, function, x)
    if warned:
        raise AssertionError(f"NumPy warned: {warned[0]}.")


def expect_input_unchanged(function: Callable[[Any], Any], x: Any) -> None:
    """Expect that the array handed to the function holds the same numbers afterwards.

    Raises
    ------
    AssertionError
        If it does not.
    """
    before = np.array(x)
    after = student_side.run(argument_after_call, function, x)
    if not np.array_equal(before, after, equal_nan=True):
        raise AssertionError("The function writes into the array it was given; work on a copy.")

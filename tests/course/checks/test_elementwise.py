"""How a function of numbers is looked at, call by call."""

from __future__ import annotations

import numpy as np
import pytest

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

"""NaN and infinity are close to nothing."""

from __future__ import annotations

import numpy as np
import pytest

from course.checks.closeness import within


def test_the_tolerance_is_relative_to_what_was_expected():
    assert within([1.0, 1.09, 1.11, -1.0, 0.0], [1.0, 1.0, 1.0, 1.0, 0.0], 0.1).tolist() == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert within(0.05, 0.0, 0.1, 0.06)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_close_to_nothing(odd):
    for pair in ((odd, 1.0), (1.0, odd), (odd, odd)):
        assert not within(*pair, rtol=0.5, atol=1e300)

"""A comparison of numbers in which NaN and infinity prove nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def within(actual: ArrayLike, expected: ArrayLike, rtol: ArrayLike, atol: ArrayLike = 0.0) -> NDArray[np.bool_]:
    """Tell for each number whether it is finite and `|actual - expected| <= atol + rtol |expected|`.

    Parameters
    ----------
    actual, expected : array_like
        Numbers, of shapes that broadcast.
    rtol, atol : array_like
        Tolerances, dimensionless and in units of `expected`.
    """
    got, wanted = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(got - wanted) <= np.asarray(atol) + np.asarray(rtol) * np.abs(wanted)
    return np.asarray(near & np.isfinite(got) & np.isfinite(wanted))

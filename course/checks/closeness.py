"""Comparisons of numbers in which NaN and infinity prove nothing: written once, so that none lets them pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor


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


def alive(gradient: Any) -> NDArray[np.bool_]:
    """Tell for each entry of a gradient whether something can be learned from it: it is finite and not 0."""
    values = gradient.detach().double().numpy() if isinstance(gradient, Tensor) else np.asarray(gradient)
    return np.asarray(np.isfinite(values) & (values != 0))

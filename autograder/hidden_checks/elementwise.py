"""Checks of a function that works on each element of an array: values, extremes, types, side effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from course.checks import Checks, expect_array, expect_close
from course.checks.beside.calls import LAYOUTS
from course.checks.elementwise import Observed
from course.checks.messages import numbers

Array = NDArray[Any]

FLOAT64_RTOL = 1e-6
"""Relative tolerance of float64 values: wide enough for constants given to 8 digits, far below any slip."""

FLOAT32_RTOL = 1e-5
"""Relative tolerance of float32 values: about a hundred roundings."""

NEAR_ZERO = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 1e-6}
"""How far from 0 a value may be where 0 is right: elsewhere the rule is relative."""

FAR = (-1e30, -1e5, -200.0, 200.0, 1e5, 1e30)
"""Inputs far out. float32 ends at 3e38, where 6 x is infinite; 1e30 leaves room for that, but not for a square."""


@dataclass(frozen=True)
class Elementwise:
    """What a function of each element of an array should be."""

    reference: Callable[[Array], Array]
    torch_reference: Callable[[torch.Tensor], torch.Tensor]
    ranges: Sequence[tuple[float, float]]
    """(low, high) of each piece of the function, checked apart so that a right piece earns its points."""
    limits: tuple[float, float]
    """Limits of the function towards -inf and +inf."""
    kinks: Sequence[float] = ()
    """Inputs at which the derivative is a matter of convention; no input comes closer than 1e-3."""
    small: Sequence[float] = ()
    """Inputs at which a careless formula loses its digits; checked by themselves."""
    zeros: Sequence[float] = ()
    """Inputs at which the function crosses 0 by cancellation; no float32 input comes closer than 0.1."""


def check_elementwise(
    checks: Checks, function: Callable[[Array], Array], right: Elementwise, *, needs: Sequence[str]
) -> None:
    """Check an elementwise function of the student: values, extremes, types, side effects.

    They are asked in the bare room, where a library's function is not there. A table of the visible answers earns no
    points for its side effects: those need one range of unseen inputs to be right.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Callable[[Array], Array]
        The student's function.
    right : Elementwise
        What it should be.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    rng = np.random.default_rng(20)

    def expect_values(*inputs: Array, layout: str = "") -> None:
        for x, actual in zip(inputs, watched.each(*inputs, layout=layout), strict=True):
            expect_right(x, actual, right.reference(x))

    def expect_right(x: Array, actual: Any, expected: Array) -> None:
        actual = numbers(actual)
        if actual.shape == expected.shape:
            actual = np.where((expected == 0) & (np.abs(actual) <= NEAR_ZERO[x.dtype]), 0.0, actual)
        expect_close(actual, expected, x=x, rtol=FLOAT32_RTOL if x.dtype == np.float32 else FLOAT64_RTOL)

    watched = Observed(function)
    scratch = "written from scratch"
    with checks(scratch, needs=needs):
        watched(np.array([-1.5, 0.5]))
    pieces = {f"right on 100 inputs from {low:g} to {high:g}": (low, high) for low, high in right.ranges}
    for piece, (low, high) in pieces.items():
        with checks(piece, needs=scratch):
            expect_values(_away(rng.uniform(low, high, 100), right.kinks))
    with checks("agrees with torch in float32", needs=scratch):
        x = _away(_away(rng.normal(0, 3, 100), right.kinks), right.zeros, 0.1).astype(np.float32)
        expect_right(x, watched(x), right.torch_reference(torch.from_numpy(x)).numpy())
    if right.small:
        with checks("small results keep their digits", needs=scratch):
            both = {dtype: np.array(right.small, dtype=dtype) for dtype in (np.float64, np.float32)}
            expect_values(*(x[np.abs(right.reference(x)) >= np.finfo(dtype).tiny] for dtype, x in both.items()))
    with checks("right from ±200 to ±1e30", needs=scratch):
        expect_values(*(np.array(FAR, dtype=dtype) for dtype in (np.float64, np.float32)))
    with checks("no warning up to ±1e30", needs=pieces):
        for _ in watched.each(*(np.array([*FAR, -1000.0, 1000.0], dtype=dtype) for dtype in (np.float64, np.float32))):
            watched.expect_no_warning()
    with checks("NaN and infinities as in torch", needs=pieces):
        _expect_special_values(watched, right)
    with checks("any shape, also none and empty", needs=pieces):
        inputs = [np.full(shape, 0.5) for shape in [(), (0,), (2, 0), (4,), (2, 3), (2, 1, 3)]]
        for x, actual in zip(inputs, watched.each(*inputs), strict=True):
            expect_right(x, expect_array(actual, shape=x.shape, dtype=x.dtype), right.reference(x))
        inputs = [np.full(shape, 0.5, dtype=np.float32) for shape in [(), (2, 2)]]
        for x, actual in zip(inputs, watched.each(*inputs), strict=True):
            expect_array(actual, shape=x.shape, dtype=x.dtype)
    with checks("right for transposed and strided arrays", needs=pieces):
        x = _away(rng.uniform(-6, 6, 40), right.kinks)[:30]
        for layout in LAYOUTS:
            expect_values(x.reshape(5, 6), x.reshape(2, 5, 3), layout=layout)
    with checks("leaves its input unchanged", needs=pieces):
        inputs = [np.array([-1.5, -0.5, 0.5, 1.5]), np.array([-1e-17, 1e-17, -1e30, 1e30]), np.array(0.5)]
        for _ in watched.each(*inputs):
            watched.expect_arguments_unchanged()


def _away(x: Array, places: Sequence[float], distance: float = 1e-3) -> Array:
    """Return the inputs that are not as close as that to one of the places."""
    return x[np.all(np.abs(x - np.reshape(places, (-1, 1))) > distance, axis=0)]


def _expect_special_values(function: Callable[[Array], Any], right: Elementwise) -> None:
    """Accept torch's value or the mathematical one: torch's hardswish(-inf) is NaN, its selu'(NaN) is 1.05."""
    x = np.array([np.nan, -np.inf, np.inf])
    actual = expect_array(function(x), shape=(3,))
    mathematical = np.array([np.nan, *right.limits])
    as_torch = right.torch_reference(torch.from_numpy(x)).numpy()
    agrees = np.isclose(actual, mathematical, equal_nan=True)
    expect_close(actual, np.where(agrees, actual, as_torch), x=x, rtol=FLOAT64_RTOL)

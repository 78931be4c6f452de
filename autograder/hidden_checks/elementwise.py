"""Checks of a function that works on each element of an array: values, extremes, types, side effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from course.checks import Checks, expect_array, expect_close
from course.checks.elementwise import expect_input_unchanged, expect_no_warning

Array = NDArray[Any]

FLOAT64_RTOL = 1e-6
"""Relative tolerance of float64 values: wide enough for constants given to 8 digits, far below any slip."""

FLOAT32_RTOL = 1e-5
"""Relative tolerance of float32 values: about a hundred roundings."""


@dataclass(frozen=True)
class Elementwise:
    """What a function of each element of an array should be."""

    name: str
    """What the notebook calls it."""
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

    def expect_values(x: Array, expected: Array, *, rtol: float = FLOAT64_RTOL, atol: float = 0.0) -> None:
        # The copy keeps a function that writes into its argument from spoiling x, which the message names.
        expect_close(function(x.copy()), expected, x=x, rtol=rtol, atol=atol)

    scratch = "written from scratch"
    with checks(scratch, needs=needs):
        function(np.array([-1.5, 0.5]))
    pieces = {f"right on 100 inputs from {low:g} to {high:g}": (low, high) for low, high in right.ranges}
    for piece, (low, high) in pieces.items():
        with checks(piece, needs=scratch):
            x = _away(rng.uniform(low, high, 100), right.kinks)
            expect_values(x, right.reference(x), atol=1e-12)
    with checks("agrees with torch in float32", needs=scratch):
        x = _away(rng.normal(0, 3, 100).astype(np.float32), right.kinks)
        expect_values(x, right.torch_reference(torch.from_numpy(x)).numpy(), rtol=FLOAT32_RTOL, atol=1e-6)
    if right.small:
        with checks("small results keep their digits", needs=scratch):
            x = np.array(right.small)
            expect_values(x, right.reference(x))
    with checks("right at -1000 and 1000", needs=scratch):
        x = np.array([-1000.0, -800.0, 800.0, 1000.0])
        expect_values(x, right.reference(x), atol=1e-12)
    with checks("no warning at -1000 and 1000", needs=pieces):
        for dtype in (np.float64, np.float32):
            expect_no_warning(function, np.array([-1000.0, 1000.0], dtype=dtype))
    with checks("NaN and infinities as in torch", needs=pieces):
        _expect_special_values(function, right)
    with checks("float32 in gives float32 out", needs=pieces):
        x = np.array([-2.5, 0.5, 4.0], dtype=np.float32)
        expect_array(function(x), shape=(3,), dtype=np.float32)
    with checks("any shape, also none and empty", needs=pieces):
        for shape in [(), (0,), (2, 0), (4,), (2, 3), (2, 1, 3)]:
            expect_array(function(np.full(shape, 0.5)), shape=shape, dtype=np.float64)
    with checks("leaves its input unchanged", needs=pieces):
        expect_input_unchanged(function, np.array([-1.5, -0.5, 0.5, 1.5]))


def _away(x: Array, kinks: Sequence[float]) -> Array:
    """Return the inputs that are not within 1e-3 of a kink."""
    return x[np.all(np.abs(x - np.reshape(kinks, (-1, 1))) > 1e-3, axis=0)]


def _expect_special_values(function: Callable[[Array], Array], right: Elementwise) -> None:
    """Accept torch's value or the mathematical one: torch's hardswish(-inf) is NaN, its selu'(NaN) is 1.05."""
    x = np.array([np.nan, -np.inf, np.inf])
    actual = expect_array(function(x.copy()), shape=(3,))
    mathematical = np.array([np.nan, *right.limits])
    as_torch = right.torch_reference(torch.from_numpy(x)).numpy()
    agrees = np.isclose(actual, mathematical, equal_nan=True)
    expect_close(actual, np.where(agrees, actual, as_torch), x=x, rtol=FLOAT64_RTOL)

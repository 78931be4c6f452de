"""What every elementwise reference function shares: which arrays it takes, its dtype, shape and limits."""

from __future__ import annotations

import functools
import inspect
import math
import numbers
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
Double = NDArray[np.float64]
P = ParamSpec("P")
Limit = float | Callable[..., float]


class Elementwise(Protocol[P]):
    """A function of a float32 or float64 array and parameters that keeps shape and dtype."""

    def __call__(self, x: FloatArray, *args: P.args, **kwargs: P.kwargs) -> FloatArray:
        """Return the function's values at x."""
        ...


def elementwise(
    *, minus_inf: Limit, plus_inf: Limit, nan: Limit = math.nan
) -> Callable[[Callable[Concatenate[Double, P], Double]], Elementwise[P]]:
    """Turn a formula for finite float64 values into a function of any float32 or float64 array.

    `minus_inf`, `plus_inf` and `nan` are the results at those three inputs: numbers, or functions of the
    parameters (called by keyword). The formula never sees them, so it cannot raise floating-point flags there.

    float32 values are computed in float64 and rounded once. Underflow is never reported, because a result below
    the smallest normal number is rounded to the nearest subnormal number or zero, which is as exact as the dtype
    allows. Overflow is reported as `np.errstate` says, and happens only where the true result is out of range.

    Raises TypeError for anything but a float32 or float64 NumPy array (or scalar) and for a parameter that is not a
    real number; ValueError for a parameter that is not finite.
    """

    def decorate(formula: Callable[Concatenate[Double, P], Double]) -> Elementwise[P]:
        signature = inspect.signature(formula)

        def function(x: FloatArray, *args: P.args, **kwargs: P.kwargs) -> FloatArray:
            values = as_double(x, formula.__name__)
            bound = signature.bind(values, *args, **kwargs)
            bound.apply_defaults()
            parameters = {
                name: finite_parameter(value, name, formula.__name__)
                for name, value in list(bound.arguments.items())[1:]
            }
            finite = np.isfinite(values)
            with np.errstate(under="ignore"):
                result = formula(np.where(finite, values, 0.0), **parameters)  # type: ignore[arg-type, call-arg]
                if not finite.all():
                    for limit, chosen in (
                        (nan, np.isnan(values)),
                        (minus_inf, values == -np.inf),
                        (plus_inf, values == np.inf),
                    ):
                        result = np.where(chosen, limit(**parameters) if callable(limit) else limit, result)
                return np.asarray(result).astype(x.dtype)

        functools.update_wrapper(function, formula)
        return function

    return decorate


def as_double(x: object, function: str) -> Double:
    """Return a float32 or float64 array as float64 (exactly), or raise TypeError naming `function`."""
    if not isinstance(x, np.ndarray | np.floating):
        raise TypeError(
            f"{function}: x must be a NumPy array of float32 or float64, not {type(x).__name__}; "
            "convert it with np.asarray(x, dtype=np.float64)"
        )
    if x.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(
            f"{function}: x must have dtype float32 or float64, not {x.dtype}; convert it with x.astype(np.float64)"
        )
    return np.asarray(x, dtype=np.float64)


def finite_parameter(value: object, name: str, function: str) -> float:
    """Return a real, finite parameter as a float, or raise TypeError or ValueError naming it."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{function}: {name} must be a real number, not {type(value).__name__}")
    if not math.isfinite(value):
        raise ValueError(f"{function}: {name} must be finite, not {value}")
    return float(value)

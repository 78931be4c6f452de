"""Questions put to a student's function that only an observer next to it can answer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

LAYOUTS = ("transposed", "every second")
"""Ways in which the same numbers can lie in memory; `laid_out` makes them."""


def observed(
    function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any], layout: str = ""
) -> tuple[Any, list[str], list[Any]]:
    """Call a student's function, each time alike, whatever is tested.

    Parameters
    ----------
    function : Callable[..., Any]
        The student's function.
    arguments : tuple[Any, ...]
        Arrays or tensors, of which the function gets copies.
    options : dict[str, Any]
        Arguments by name.
    layout : str, optional
        One of LAYOUTS, for the first argument.

    Returns
    -------
    tuple[Any, list[str], list[Any]]
        What it returned, NumPy's warnings meanwhile, and the arguments as they are afterwards.
    """
    import warnings

    copies = [copy.deepcopy(argument) for argument in arguments]
    if layout:
        copies[0] = laid_out(copies[0], layout)
    # Underflow to zero or a subnormal is no mistake: exp(-1000) is 0.
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        result = function(*copies, **options)
    warned = [str(warning.message) for warning in caught if issubclass(warning.category, RuntimeWarning)]
    return result, warned, copies


def observed_each(
    function: Callable[..., Any], inputs: list[Any], layout: str = ""
) -> list[tuple[Any, list[str], list[Any]]]:
    """Call a student's function with one input after the other, as `observed` does, and stop before one that fails."""
    found = []
    for x in inputs:
        try:
            found.append(observed(function, (x,), {}, layout))
        except Exception:
            break
    return found


def laid_out(x: Any, layout: str) -> Any:
    """Return an array with the numbers and the shape of x that lies in memory as one of LAYOUTS says."""
    if layout == "transposed":
        return np.ascontiguousarray(x.T).T
    wide = np.zeros((2 * len(x), *x.shape[1:]), dtype=x.dtype)
    wide[::2] = x
    return wide[::2]

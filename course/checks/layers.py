"""What is expected of a list with one number for each layer of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.checks.closeness import within
from course.checks.messages import NotNumbersError, described, numbers
from course.checks.scoring import told_apart

Array = NDArray[np.float64]


def expect_by_layer(
    actual: Any,
    expected: Sequence[float],
    *,
    layer: str,
    rtol: float,
    hint: Callable[[Array, Array], str] | None = None,
) -> None:
    """Expect one number for each layer, each within `rtol` of the expected one; 0 must be 0.

    Parameters
    ----------
    actual : Any
        What the student's function returned: a sequence of numbers of any kind, or one array or tensor.
    expected : Sequence[float]
        First layer first.
    layer : str
        What messages call a layer.
    rtol : float
        Relative tolerance.
    hint : Callable[[Array, Array], str], optional
        Given what came and what was expected, names the slip if they give it away; the sentence ends the message.

    Raises
    ------
    AssertionError
        With the first layer that is wrong, what came and what was expected.
    """
    got, wanted = _one_each(actual, layer), np.asarray(expected, dtype=np.float64)
    if got.shape != wanted.shape:
        raise AssertionError(f"Expected {len(wanted)} numbers, one for each {layer}, got {got.size}.")
    wrong = ~within(got, wanted, rtol)
    if wrong.any():
        first = int(np.argmax(wrong))
        came, right = told_apart(float(got[first]), float(wanted[first]))
        slip = hint(got, wanted) if hint else ""
        raise AssertionError(f"Layer {first + 1} of {len(wanted)}: got {came}, expected {right}.{slip}")


def _one_each(value: Any, layer: str) -> Array:
    """Return the numbers of a sequence, array or tensor, shape (n,); a column of numbers counts as a sequence."""
    if not isinstance(value, list | tuple | np.ndarray) and not hasattr(value, "detach"):
        raise AssertionError(f"Expected a list of numbers, one for each {layer}, got {described(value)}.")
    try:
        found = numbers(value)
    except NotNumbersError:
        raise AssertionError("Expected a list of numbers; at least one entry is no single number.") from None
    if found.ndim > 1 and found.size != len(found):
        raise AssertionError("Expected a list of numbers; at least one entry is no single number.")
    return found.reshape(-1)


def expect_list_of_floats(value: Any) -> None:
    """Expect a list of Python floats; NumPy's float64 is one.

    Raises
    ------
    AssertionError
        With what came.
    """
    if not isinstance(value, list):
        raise AssertionError(f"Expected a list, got {described(value)}.")
    other = next((number for number in value if not isinstance(number, float)), None)
    if other is not None:
        raise AssertionError(f"Expected floats in the list, got {described(other)}.")

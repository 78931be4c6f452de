"""What all checks say alike and read alike: the name of what came, and the numbers in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.checks.student_side import type_name


class NotNumbersError(AssertionError):
    """What a student's function gave holds something other than real numbers, or rows of different lengths."""


def described(value: Any) -> str:
    """Return how messages name a value that was not expected: `None`, or `a value of type list`."""
    return described_type(type_name(value))


def described_type(name: str) -> str:
    """Return what `described` returns for a value whose class has this name."""
    return "None" if name == type(None).__name__ else f"a value of type {name}"


def numbers(value: Any, what: str = "numbers") -> NDArray[np.float64]:
    """Return the numbers that a student's function gave, in the shape in which they came.

    Accepted are

    - a Python `bool`, `int` or `float`, and NumPy's scalars of these kinds;
    - a NumPy array of bools, integers or floats of any size, 0-d arrays and empty ones included;
    - a torch tensor or parameter of these kinds, `bfloat16` included, on any device, with or without a gradient;
    - a list or tuple of any of these, nested as long as the rows are equally long. An array or tensor of one element
      counts as its number where the others in the list are numbers.

    NaN and infinities are numbers. Complex numbers, text, None, sets and dicts are not.

    Parameters
    ----------
    value : Any
        What the student's function returned.
    what : str, optional
        What was expected, for the message.

    Raises
    ------
    NotNumbersError
        With `what` and the class of the value.
    """
    # What stayed on the student's side holds no numbers, and says so when it is looked at.
    found = None if hasattr(type(value), "student_type_name") else _as_array(value)
    if found is None:
        raise NotNumbersError(f"Expected {what}, got {described(value)}.")
    return found


def finite_numbers(value: Any, what: str = "numbers") -> NDArray[np.float64]:
    """Return what `numbers` returns if none of them is NaN or infinite: those prove nothing in any comparison.

    Raises
    ------
    AssertionError
        With the first number that is not finite.
    """
    found = numbers(value, what)
    strange = found[~np.isfinite(found)]
    if strange.size:
        raise AssertionError(f"Expected {what}, all finite, got {strange[0]}.")
    return found


def _as_array(value: Any) -> NDArray[np.float64] | None:
    """Return the numbers as float64; None if the value is something else."""
    try:
        array = _equal_rows(_without_torch(value))
        if array.dtype.kind in "biuf":
            return array.astype(np.float64)
        # NumPy keeps integers of more than 64 bits as objects.
        if array.dtype.kind == "O" and all(isinstance(entry, int | float | np.number) for entry in array.flat):
            return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        pass  # rows of different lengths, an integer above 1e308, a sparse tensor, a list that contains itself
    return None


def _without_torch(value: Any) -> Any:
    """Return the value with an array for each tensor in it.

    A tensor is known by its `detach`, and torch is not imported: a parameter in the student room shows it too.
    """
    if hasattr(value, "detach"):
        tensor = value.detach().cpu()
        return tensor.numpy() if tensor.is_complex() else tensor.double().numpy()  # NumPy has no bfloat16
    if isinstance(value, list | tuple):
        return [_without_torch(entry) for entry in value]
    return value


def _equal_rows(value: Any) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except ValueError:
        if not isinstance(value, list):
            raise
        return np.asarray([e.reshape(()) if isinstance(e, np.ndarray) and e.size == 1 else e for e in value])

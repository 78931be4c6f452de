"""What is expected of a function that measures gradients: right numbers, and a model left as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from course.checks import student_side, told_apart
from course.checks.beside.gradient_flow import Measure
from course.checks.beside.networks import network_state, state_after_call
from course.checks.closeness import within
from course.checks.messages import NotNumbersError, described, numbers
from course.checks.networks import first_difference

RTOL = 1e-4
"""Relative tolerance of a norm: about a thousand roundings in float32, a tenth of what any slip changes."""


def expect_norms(actual: Any, expected: Sequence[float]) -> None:
    """Expect one number for each layer, each within `RTOL` of the expected one; 0 must be 0.

    Parameters
    ----------
    actual : Any
        What the student's function returned: a sequence of numbers of any kind, or one array or tensor.
    expected : Sequence[float]
        Norms, first layer first.

    Raises
    ------
    AssertionError
        With the first layer that is wrong, what came, what was expected, and a hint where the slip shows.
    """
    got = _norms(actual)
    wanted = np.asarray(expected, dtype=np.float64)
    if got.shape != wanted.shape:
        raise AssertionError(f"Expected {len(wanted)} numbers, one for each nn.Linear, got {got.size}.")
    wrong = ~within(got, wanted, RTOL)
    if wrong.any():
        layer = int(np.argmax(wrong))
        where = f"Layer {layer + 1} of {len(wanted)}"
        came, right = told_apart(float(got[layer]), float(wanted[layer]))
        raise AssertionError(f"{where}: got {came}, expected {right}.{_hint(got, wanted)}")


def _norms(value: Any) -> NDArray[np.float64]:
    """Return the numbers of a sequence, array or tensor, shape (n,); a column of numbers counts as a sequence."""
    if not isinstance(value, list | tuple | np.ndarray) and not hasattr(value, "detach"):
        raise AssertionError(f"Expected a list of numbers, one for each nn.Linear, got {described(value)}.")
    try:
        found = numbers(value)
    except NotNumbersError:
        raise AssertionError("Expected a list of numbers; at least one entry is no single number.") from None
    if found.ndim > 1 and found.size != len(found):
        raise AssertionError("Expected a list of numbers; at least one entry is no single number.")
    return found.reshape(-1)


def _hint(got: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> str:
    """Name the slip, where the numbers give it away."""
    if within(got[::-1], wanted, RTOL).all():
        return " The numbers are right, in the reverse order."
    if within(np.sqrt(np.abs(got)), wanted, RTOL).all():
        return " These are the squares of the norms."
    if len(wanted) > 1 and wanted[0] and got[0] and within(got, got[0] / wanted[0] * wanted, RTOL).all():
        return f" Every layer is {got[0] / wanted[0]:.3g} times what it should be."
    return ""


def expect_model_unchanged(function: Measure, model: nn.Module, X: Tensor, y: Tensor) -> None:
    """Expect that a call of the function leaves the model, `X` and `y` as they were, except for `.grad` of the model.

    Raises
    ------
    AssertionError
        Naming what is not as it was.
    """
    before, after = network_state(model), student_side.run(state_after_call, function, model, X, y)
    weights = dict(model.named_parameters())
    buffers = dict(model.named_buffers())
    arguments = dict(zip("Xy", after["arguments"], strict=True))
    asking = dict(zip("Xy", after["asking"], strict=True))
    changed = {
        "the weights": bool(first_difference(weights, after["values"])),
        "which weights need a gradient": after["trainable"] != before["trainable"],
        "the buffers": bool(first_difference(buffers, after["values"])),
        "the layers": after["layers"] != before["layers"],
        "the mode (train or eval)": after["modes"] != before["modes"],
        "the number of hooks": any(after["more_hooks"].values()),
        "the methods of the model": bool(after["new_methods"]),
        "what is set for all of torch (" + ", ".join(after["switched"]) + ")": bool(after["switched"]),
        "X": bool(first_difference({"X": X}, arguments)) or asking["X"],
        "y": bool(first_difference({"y": y}, arguments)) or asking["y"],
    }
    if any(changed.values()):
        raise AssertionError(f"Not as before the call: {', '.join(name for name in changed if changed[name])}.")

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
from course.checks.networks import differences, first_difference

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


UNCHANGED = {
    "weights": "the weights",
    "trainable": "which weights need a gradient",
    "buffers": "the buffers",
    "layers": "the layers",
    "modes": "the mode (train or eval)",
    "hooks left": "the number of hooks",
    "hooks lost": "the number of hooks",
    "methods": "the methods of the model",
    "switches": "what is set for all of torch ({all})",
}
"""What messages call the ways in which a call may not change a model; what it leaves in `.grad` is up to it."""


def expect_model_unchanged(function: Measure, model: nn.Module, X: Tensor, y: Tensor) -> None:
    """Expect that a call of the function leaves the model, `X` and `y` as they were, except for `.grad` of the model.

    Raises
    ------
    AssertionError
        Naming what is not as it was.
    """
    after = student_side.run(state_after_call, function, model, X, y)
    found = differences(network_state(model), after)
    changed = [what.format(all=", ".join(found[kind])) for kind, what in UNCHANGED.items() if kind in found]
    for name, argument, now, asks in zip("Xy", (X, y), after["arguments"], after["asking"], strict=True):
        if first_difference({name: argument}, {name: now}) or asks:
            changed.append(name)
    if changed:
        raise AssertionError(f"Not as before the call: {', '.join(dict.fromkeys(changed))}.")

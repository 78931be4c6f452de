"""What is expected of a function that measures gradients: right numbers, and a model left as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from course.checks import student_side
from course.checks.beside.gradient_flow import Measure
from course.checks.beside.networks import network_state, state_after_call
from course.checks.closeness import within
from course.checks.layers import expect_by_layer
from course.checks.networks import differences, first_difference

RTOL = 1e-4
"""Relative tolerance of a norm: about a thousand roundings in float32, a tenth of what any slip changes."""


def expect_norms(actual: Any, expected: Sequence[float]) -> None:
    """Expect one number for each `nn.Linear`, as `expect_by_layer` does; the message ends in a hint if a slip shows.

    Raises
    ------
    AssertionError
        With the first layer that is wrong, what came and what was expected.
    """
    expect_by_layer(actual, expected, layer="nn.Linear", rtol=RTOL, hint=_slip)


def _slip(got: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> str:
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

"""What a check of an activation asks next to the student's function: slopes from autograd, the argument afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from course.checks.student_side import type_name

Activation = Callable[[Tensor], Tensor]


def value_and_slope(activation: Activation, x: Tensor) -> tuple[Any, Tensor | None]:
    """Return the activation's values at ``x`` and autograd's slopes there; called beside the student's code.

    Parameters
    ----------
    activation : takes a tensor and returns one
    x : floating-point tensor of any shape; not changed

    Returns
    -------
    tuple
        What the activation returned, detached, and the derivative of its sum by ``x`` in the shape and dtype of
        ``x``; None if no gradient reaches ``x``.
    """
    leaf = x.clone().requires_grad_()
    # Outside it, a student's own torch.no_grad() of an earlier cell would look like a design without slope.
    with torch.enable_grad():
        # A copy, so that an activation that works in place does not fail here for it.
        values = activation(leaf.clone())
        if not isinstance(values, Tensor):
            return values, None
        slopes = None
        if values.requires_grad:
            (slopes,) = torch.autograd.grad(values.sum(), leaf, allow_unused=True)
    return values.detach(), slopes


def argument_after(activation: Activation, x: Tensor) -> Tensor:
    """Return the tensor handed to the activation as it is after the call; called beside the student's code."""
    x = x.clone()
    activation(x)
    return x


def accuracies(
    compare: Callable[..., Any], activations: Mapping[str, Activation], seeds: Sequence[int], data: tuple[Tensor, ...]
) -> Any:
    """Return ``compare(activations, seeds, data)``, any kind of dict as a plain one; called beside the student's code.

    The names of the activations, a list of seeds and a tuple of data go to the student's function as they are.
    """
    result = compare(dict(activations), list(seeds), data)
    return dict(result) if isinstance(result, dict) else result


def expect_tensor(actual: Any, like: Tensor) -> Tensor:
    """Return ``actual``, without its gradient, if it is a tensor of the shape and dtype of ``like``.

    Raises
    ------
    AssertionError
        With what came and what was expected.
    """
    if not isinstance(actual, Tensor):
        kind = "None" if actual is None else f"a value of type {type_name(actual)}"
        raise AssertionError(f"Expected a torch tensor, got {kind}.")
    if actual.shape != like.shape:
        raise AssertionError(f"Expected shape {tuple(like.shape)}, got {tuple(actual.shape)}.")
    if actual.dtype != like.dtype:
        raise AssertionError(f"Expected dtype {like.dtype}, got {actual.dtype}.")
    return actual.detach()


def bend(activation: Activation) -> float:
    """Return how far the activation leaves its best straight line on [-4, 4], as a share of its range there.

    0 for a straight line, 0.25 for ReLU.

    Raises
    ------
    AssertionError
        If the activation gives no tensor like its input, or values that are not finite.
    """
    x = torch.linspace(-4, 4, 401, dtype=torch.float64)
    y = expect_tensor(activation(x.clone()), like=x)
    if not y.isfinite().all():
        raise AssertionError("Some values between -4 and 4 are not finite.")
    powers = torch.stack([torch.ones_like(x), x], dim=1)
    line = powers @ torch.linalg.lstsq(powers, y[:, None]).solution
    height = (y.max() - y.min()).item()
    return (y - line[:, 0]).abs().max().item() / height if height > 0 else 0.0

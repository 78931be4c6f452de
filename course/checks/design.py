"""What is expected of an activation of a student's own design."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from course.checks.beside.design import Activation
from course.checks.messages import described


def expect_tensor(actual: Any, like: Tensor) -> Tensor:
    """Return `actual`, without its gradient, if it is a tensor of the shape and dtype of `like`.

    Raises
    ------
    AssertionError
        With what came and what was expected.
    """
    if not isinstance(actual, Tensor):
        raise AssertionError(f"Expected a torch tensor, got {described(actual)}.")
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

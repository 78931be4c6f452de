"""What a check asks next to a student's activation: its slopes from autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Activation = Callable[[Tensor], Tensor]


def value_and_slope(activation: Activation, x: Tensor) -> tuple[Any, Tensor | None]:
    """Return the activation's values at `x` and autograd's slopes there; called beside the student's code.

    Parameters
    ----------
    activation : Activation
        Takes a tensor and returns one.
    x : Tensor
        Floating-point tensor of any shape; not changed.

    Returns
    -------
    tuple
        What the activation returned, detached, and the derivative of its sum by `x` in the shape and dtype of
        `x`; None if no gradient reaches `x`.

    Raises
    ------
    RuntimeError
        If autograd cannot go back, in short where torch's own words are long.
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
            try:
                (slopes,) = torch.autograd.grad(values.sum(), leaf, allow_unused=True)
            except RuntimeError as error:
                if "inplace operation" not in str(error):
                    raise
                raise RuntimeError(
                    "torch needs a tensor for the gradient that was changed in place meanwhile; work on a copy."
                ) from None
    return values.detach(), slopes

"""Calls a student's measurement of gradients, and looks at the model before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

Measure = Callable[[nn.Module, Tensor, Tensor], Any]
"""A function of a model, its inputs (n, features) and its targets (n,) that returns one number a layer."""


def state_after_call(function: Measure, model: nn.Module, X: Tensor, y: Tensor) -> dict[str, list[Any]]:
    """Return `state_of` what was handed to the function, after the call."""
    function(model, X, y)
    return state_of(model, X, y)


def state_of(model: nn.Module, X: Tensor, y: Tensor) -> dict[str, list[Any]]:
    """Return, as plain data under names for messages, what a measurement has no business to change."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return {
        "the weights": [weight.detach().clone() for weight in model.parameters()],
        "which weights need a gradient": [weight.requires_grad for weight in model.parameters()],
        "the buffers": [buffer.clone() for buffer in model.buffers()],
        "the mode (train or eval)": [module.training for module in model.modules()],
        "the number of hooks": [len(getattr(module, kind)) for module in model.modules() for kind in hooks],
        "X": [X.detach().clone()],
        "y": [y.detach().clone()],
    }


def result_of_second_call(function: Measure, model: nn.Module, X: Tensor, y: Tensor) -> Any:
    """Return what a second call on the same model gives. Runs on the student's side."""
    function(model, X, y)
    return function(model, X, y)


def result_on_used_model(function: Measure, model: nn.Module, X: Tensor, y: Tensor) -> Any:
    """Return what a call gives on a model that carries gradients of another loss. Runs on the student's side."""
    model(X).square().sum().backward()
    return function(model, X, y)

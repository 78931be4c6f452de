"""Calls a student's measurement of gradients twice, and measures something else in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from course.checks.beside.plain import plain

Measure = Callable[[nn.Module, Tensor, Tensor], Any]
"""A function of a model, its inputs (n, features) and its targets (n,) that returns one number a layer."""


def result_of_second_call(function: Measure, model: nn.Module, X: Tensor, y: Tensor) -> Any:
    """Return what a second call on the same model gives. Runs on the student's side."""
    function(model, X, y)
    return plain(function(model, X, y))


def millionths(model: nn.Module, X: Tensor, y: Tensor) -> list[float]:
    """Return a small number for each Linear layer: a millionth of what its weights and the data sum up to."""
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    return [1e-6 * (layer.weight.abs().sum().item() + X.mean().item() + y.mean().item()) for layer in linear]

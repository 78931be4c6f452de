"""Calls a student's measurement of gradients twice, or on a model that was used before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

Measure = Callable[[nn.Module, Tensor, Tensor], Any]
"""A function of a model, its inputs (n, features) and its targets (n,) that returns one number a layer."""


def result_of_second_call(function: Measure, model: nn.Module, X: Tensor, y: Tensor) -> Any:
    """Return what a second call on the same model gives. Runs on the student's side."""
    function(model, X, y)
    return function(model, X, y)


def result_on_used_model(function: Measure, model: nn.Module, X: Tensor, y: Tensor) -> Any:
    """Return what a call gives on a model that carries gradients of another loss. Runs on the student's side."""
    model(X).square().sum().backward()
    return function(model, X, y)

"""Reference for dead units: counts them layer by layer, and replaces each ReLU with another activation."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class LayerCount(NamedTuple):
    """Dead units and all units of one ReLU layer."""

    dead: int
    units: int


def count_dead_units(model: nn.Module, X: Tensor) -> list[LayerCount]:
    """Count the units of each ReLU layer that are exactly 0 on every row of `X`, in eval mode.

    Parameters
    ----------
    model : nn.Module
        A network whose ReLUs are `nn.ReLU` modules; not changed.
    X : Tensor
        A batch, shape (rows, ...).

    Returns
    -------
    list of LayerCount
        One for each time a ReLU runs, in running order. A unit is an index of axis 1 of the ReLU's output, so of
        a convolution's output (rows, channels, height, width) it is a channel.
    """
    model = copy.deepcopy(model).eval()
    counts: list[LayerCount] = []

    def count(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        alive = (output != 0).transpose(0, 1).flatten(start_dim=1).any(dim=1)
        counts.append(LayerCount(int((~alive).sum()), len(alive)))

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(count)
    with torch.no_grad():
        model(X)
    return counts


def with_activation(model: nn.Module, make: Callable[[], nn.Module]) -> nn.Module:
    """Return a copy of the network in which each ReLU is replaced with a module that `make` returns.

    A ReLU that stands in several places of the network is replaced in all of them, by a module for each.
    """
    model = copy.deepcopy(model)
    for parent in list(model.modules()):
        # named_children would show a shared module once only.
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, make())
    return model

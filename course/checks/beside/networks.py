"""Looks at networks beside the student's code: what a call leaves behind on them, and what they compute."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence, Sized
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course.checks.student_side import type_name


class Residual(nn.Module):
    """A residual block, `relu(x + block(x))`: its own ReLU is declared first and runs last.

    It stands here, and not in a notebook, because networks of it are sent to the student's side: a class that both
    sides import is the same on both, and `isinstance` works there.
    """

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output, added to its input, after ReLU; shape of `x`."""
        return self.relu(x + self.block(x))


EVERYWHERE = "every module of torch"
"""Stands for a module's name where a hook is on all modules there are."""


def model_after_call(function: Callable[..., Any], model: nn.Module, *args: Any) -> dict[str, Any]:
    """Return what is to be seen on a copy of the network after `function` worked on it.

    Before the call each module has a hook of somebody else's, and each gradient is all ones.

    Returns
    -------
    dict
        `hooks`: hooks and patched methods by module, more (positive) or fewer than before;
        `layers`, `state`, `modes`: by name; `gradients`, `trainable`: by parameter;
        `enabled`: whether torch still records gradients.
    """
    model = copy.deepcopy(model)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    for module in model.modules():
        module.register_forward_hook(_look_on)
    before = _hooks_of(model)
    with torch.enable_grad():
        function(model, *args)
        enabled = torch.is_grad_enabled()
    after = _hooks_of(model)
    return {
        "hooks": {name: after.get(name, 0) - count for name, count in before.items()},
        "layers": layers_of(model),
        "state": dict(model.state_dict()),
        "modes": modes_of(model),
        "gradients": {name: parameter.grad for name, parameter in model.named_parameters()},
        "trainable": {name: parameter.requires_grad for name, parameter in model.named_parameters()},
        "enabled": enabled,
    }


def _look_on(module: nn.Module, inputs: Any, output: Any) -> None:
    """Do nothing; stands for a hook that somebody else registered."""


def _hooks_of(model: nn.Module) -> dict[str, int]:
    everywhere = torch.nn.modules.module
    counts = {
        EVERYWHERE: sum(
            len(hooks)
            for hooks in (
                everywhere._global_forward_hooks,
                everywhere._global_forward_pre_hooks,
                everywhere._global_backward_hooks,
                everywhere._global_backward_pre_hooks,
            )
        )
    }
    for name, module in model.named_modules():
        hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks, module._backward_pre_hooks)
        counts[name] = sum(map(len, hooks)) + ("forward" in vars(module))
    return counts


def layers_of(model: nn.Module) -> dict[str, str]:
    """Return the class name of every module by its name."""
    return {name: type(module).__name__ for name, module in model.named_modules()}


def modes_of(model: nn.Module) -> dict[str, bool]:
    """Return for every module, by its name, whether it is in train mode."""
    return {name: module.training for name, module in model.named_modules()}


def state_of(network: Any) -> dict[str, Any]:
    """Return the weights and buffers of a network by name."""
    return dict(_checked(network).state_dict())


def output_and_gradients(network: Any, X: Tensor) -> dict[str, Any]:
    """Return the network's output in eval mode, and the gradient of a weighted sum of it for each parameter.

    The weights of the sum are those of `weights_of_sum`. A parameter without a gradient has None.
    """
    _checked(network).eval()
    parameters = dict(network.named_parameters())
    with torch.enable_grad():
        output = network(X)
        total = (output * weights_of_sum(output)).sum()
    found: Sequence[Tensor | None] = [None] * len(parameters)
    if total.requires_grad and parameters:
        found = torch.autograd.grad(total, list(parameters.values()), allow_unused=True)
    return {"output": output.detach(), "gradients": dict(zip(parameters, found, strict=True))}


def weights_of_sum(output: Tensor) -> Tensor:
    """Return the square roots of 1/n, 2/n, ..., 1 in the shape of `output`: no two of them cancel by symmetry."""
    count = output.numel()
    return (torch.arange(1, count + 1, dtype=output.dtype) / count).sqrt().reshape(output.shape)


def original_after_training(function: Callable[..., Any], model: nn.Module) -> dict[str, Any]:
    """Return the weights of `model` after every weight of the network that `function` makes of it was moved."""
    model = copy.deepcopy(model)
    network = _checked(function(model))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1.0)
    return dict(model.state_dict())


def _checked(network: Any) -> nn.Module:
    if not isinstance(network, nn.Module):
        raise AssertionError(f"Expected a network (nn.Module), got a value of type {type_name(network)}.")
    return network


def network_state(model: nn.Module) -> dict[str, Any]:
    """Return what a function that only looks at a network leaves as it was.

    Returns
    -------
    dict
        `layers`: name and class of each module; `training`: mode of each module; `hooks`: how many there are;
        `trainable`: `requires_grad` of each parameter; `gradients`: names of parameters that hold one;
        `values`: parameters and buffers by name.
    """
    modules = dict(model.named_modules())
    return {
        "layers": {name: type(module).__name__ for name, module in modules.items()},
        "training": {name: bool(module.training) for name, module in modules.items()},
        "hooks": sum(len(hooks) for module in modules.values() for hooks in _hooks(module)),
        "trainable": {name: bool(p.requires_grad) for name, p in model.named_parameters()},
        "gradients": [name for name, p in model.named_parameters() if p.grad is not None],
        "values": {name: value.detach().clone() for name, value in model.state_dict().items()},
    }


def _hooks(module: nn.Module) -> tuple[Sized, ...]:
    return module._forward_hooks, module._forward_pre_hooks, module._backward_hooks


def state_after_call(function: Callable[..., Any], model: nn.Module, X: NDArray[np.float64]) -> dict[str, Any]:
    """Return `network_state` of a copy of the model after `function(model, X)`, and the copy of X it was given."""
    model, X = copy.deepcopy(model), X.copy()
    function(model, X)
    return network_state(model) | {"X": X}

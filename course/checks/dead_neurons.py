"""Questions put to a student's function that works on a network, and to a network that it returns.

The functions that begin with ``expect`` judge. The others run beside the student's code and give plain data back.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course.checks import student_side
from course.checks.student_side import type_name


class Residual(nn.Module):
    """A residual block, ``relu(x + block(x))``: its own ReLU is declared first and runs last.

    It stands here, and not in a notebook, because networks of it are sent to the student's side: a class that both
    sides import is the same on both, and ``isinstance`` works there.
    """

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output, added to its input, after ReLU; shape of ``x``."""
        return self.relu(x + self.block(x))


EVERYWHERE = "every module of torch"
"""Stands for a module's name where a hook is on all modules there are."""

# What becomes of the network handed to a function -------------------------------------------------------


def expect_hooks_unchanged(function: Callable[..., Any], model: nn.Module, *args: Any) -> None:
    """Expect that ``function(model, *args)`` leaves no hook or patched method behind, and other people's hooks alone.

    Raises
    ------
    AssertionError
        Naming the module, and whether something was left or lost.
    """
    hooks = student_side.run(model_after_call, function, model, *args)["hooks"]
    for name, difference in hooks.items():
        if difference > 0:
            raise AssertionError(f"The function leaves a hook or a patched method behind on {place(name)}.")
        if difference < 0:
            raise AssertionError(f"The function removes a hook of somebody else's from {place(name)}.")


def expect_state_unchanged(function: Callable[..., Any], model: nn.Module, *args: Any) -> None:
    """Expect that ``function(model, *args)`` leaves the network's layers, weights and buffers as they were.

    Raises
    ------
    AssertionError
        Naming the first that is not.
    """
    after = student_side.run(model_after_call, function, model, *args)
    if after["layers"] != layers_of(model):
        raise AssertionError("The function puts other layers into the network it was given; work on a copy.")
    name = _first_difference(model.state_dict(), after["state"])
    if name:
        raise AssertionError(f"The function changes {name} of the network it was given.")


def expect_modes_unchanged(function: Callable[..., Any], model: nn.Module, *args: Any) -> None:
    """Expect that after ``function(model, *args)`` every module is in train or eval mode as it was before.

    Raises
    ------
    AssertionError
        Naming the first module that is not.
    """
    after = student_side.run(model_after_call, function, model, *args)["modes"]
    for name, training in modes_of(model).items():
        if after.get(name) != training:
            was, now = ("train", "eval") if training else ("eval", "train")
            raise AssertionError(f"After the call {place(name)} is in {now} mode; before it was in {was} mode.")


def expect_gradients_unchanged(function: Callable[..., Any], model: nn.Module, *args: Any) -> None:
    """Expect that ``function(model, *args)`` leaves gradients, and what asks for them, as they were.

    Raises
    ------
    AssertionError
        Saying what is different.
    """
    after = student_side.run(model_after_call, function, model, *args)
    if not after["enabled"]:
        raise AssertionError("The function switches gradients off for all of torch and not on again.")
    for name, parameter in model.named_parameters():
        if after["trainable"].get(name) != parameter.requires_grad:
            raise AssertionError(f"The function changes requires_grad of {name}.")
        gradient = after["gradients"].get(name)
        if gradient is None or not torch.equal(gradient, torch.ones_like(parameter)):
            raise AssertionError(f"The gradient stored in {name} is not what it was before the call.")


def model_after_call(function: Callable[..., Any], model: nn.Module, *args: Any) -> dict[str, Any]:
    """Return what is to be seen on a copy of the network after ``function`` worked on it.

    Before the call each module has a hook of somebody else's, and each gradient is all ones.

    Returns
    -------
    dict
        ``hooks``: hooks and patched methods by module, more (positive) or fewer than before;
        ``layers``, ``state``, ``modes``: by name; ``gradients``, ``trainable``: by parameter;
        ``enabled``: whether torch still records gradients.
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


def place(name: str) -> str:
    """Return how messages call the module of that name in a network."""
    return {"": "the network itself", EVERYWHERE: EVERYWHERE}.get(name, f"layer {name}")


# A network that a function returns ----------------------------------------------------------------------


def expect_same_weights(network: Any, model: nn.Module) -> None:
    """Expect that ``network`` has every weight and buffer of ``model`` under its name; it may have others besides.

    Raises
    ------
    AssertionError
        Naming the first that is missing or different, or if ``network`` is no ``nn.Module``.
    """
    name = _first_difference(model.state_dict(), student_side.run(state_of, network))
    if name:
        raise AssertionError(f"The new network's {name} is missing or not the same as the original's.")


def expect_gradient_in_every_unit(network: Any, X: Tensor, biases: Sequence[str]) -> None:
    """Expect a gradient other than 0 for each entry of the named biases, so for each unit of those layers.

    Parameters
    ----------
    network : what the student returned
    X : a batch
    biases : names of biases, one entry for each unit or channel

    Raises
    ------
    AssertionError
        Naming the first layer with a unit that gets none.
    """
    gradients = student_side.run(output_and_gradients, network, X)["gradients"]
    for name in biases:
        if name not in gradients:
            raise AssertionError(f"The new network has no parameter called {name}.")
        gradient = gradients[name]
        if gradient is None:
            raise AssertionError(f"No gradient reaches {name} at all.")
        without = int((gradient == 0).sum())
        if without:
            raise AssertionError(f"{without} of {gradient.numel()} units of {name} get no gradient.")


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
    """Return the square roots of 1/n, 2/n, ..., 1 in the shape of ``output``: no two of them cancel by symmetry."""
    count = output.numel()
    return (torch.arange(1, count + 1, dtype=output.dtype) / count).sqrt().reshape(output.shape)


def original_after_training(function: Callable[..., Any], model: nn.Module) -> dict[str, Any]:
    """Return the weights of ``model`` after every weight of the network that ``function`` makes of it was moved."""
    model = copy.deepcopy(model)
    network = _checked(function(model))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1.0)
    return dict(model.state_dict())


def expect_weights_of_its_own(function: Callable[..., Any], model: nn.Module) -> None:
    """Expect that training the network that ``function`` returns leaves the one it was made of alone.

    Raises
    ------
    AssertionError
        Naming a weight that both share.
    """
    name = _first_difference(model.state_dict(), student_side.run(original_after_training, function, model))
    if name:
        raise AssertionError(f"The two networks share {name}: training the new one changes the original.")


def _checked(network: Any) -> nn.Module:
    if not isinstance(network, nn.Module):
        raise AssertionError(f"Expected a network (nn.Module), got a value of type {type_name(network)}.")
    return network


def _first_difference(expected: Mapping[str, Tensor], actual: Mapping[str, Any]) -> str:
    """Return the name of the first tensor that ``actual`` lacks or has otherwise; an empty string if there is none."""
    for name, tensor in expected.items():
        other = actual.get(name)
        if not isinstance(other, Tensor) or other.dtype != tensor.dtype or not torch.equal(tensor, other):
            return name
    return ""

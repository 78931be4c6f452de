"""What is expected of a function that works on a network, and of a network that it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course.checks import student_side
from course.checks.beside.networks import (
    network_state,
    original_after_training,
    output_and_gradients,
    state_after_call,
)
from course.checks.networks import differences, expect_none_of, first_difference, place

# What becomes of the network handed to a function -------------------------------------------------------

LEFT_BEHIND = {
    "hooks left": "The function leaves a hook or a patched method behind on {first}.",
    "methods": "The function leaves a hook or a patched method behind on {first}.",
    "hooks lost": "The function removes a hook that it did not register from {first}.",
    "switches": "The function does not put back for all of torch: {all}.",
}
STATE = {
    "layers": "The function puts other layers into the network it was given; work on a copy.",
    "weights": "The function changes {first} of the network it was given.",
    "buffers": "The function changes {first} of the network it was given.",
}
GRADIENTS = {
    "recording": "The function switches gradients off for all of torch and not on again.",
    "trainable": "The function changes requires_grad of {first}.",
    "gradients": "The gradient stored in {first} is not what it was before the call.",
}


def expect_hooks_unchanged(function: Callable[..., Any], model: nn.Module, *args: Any) -> None:
    """Expect that `function(model, *args)` leaves no hook, patched method or mode behind, and others' hooks alone.

    Raises
    ------
    AssertionError
        Naming the module, and whether something was left or lost, or what is switched.
    """
    expect_none_of(_differences(function, model, *args), LEFT_BEHIND)


def expect_state_unchanged(function: Callable[..., Any], model: nn.Module, *args: Any) -> None:
    """Expect that `function(model, *args)` leaves the network's layers, weights and buffers as they were.

    Raises
    ------
    AssertionError
        Naming the first that is not.
    """
    expect_none_of(_differences(function, model, *args), STATE)


def expect_modes_unchanged(function: Callable[..., Any], model: nn.Module, *args: Any) -> None:
    """Expect that after `function(model, *args)` every module is in train or eval mode as it was before.

    Raises
    ------
    AssertionError
        Naming the first module that is not.
    """
    for name in _differences(function, model, *args).get("modes", []):
        training = network_state(model)["modes"].get(name)
        if training is not None:  # or the module is new
            was, now = ("train", "eval") if training else ("eval", "train")
            raise AssertionError(f"After the call {place(name)} is in {now} mode; before it was in {was} mode.")


def expect_gradients_unchanged(function: Callable[..., Any], model: nn.Module, *args: Any) -> None:
    """Expect that `function(model, *args)` leaves gradients, and what asks for them, as they were.

    Raises
    ------
    AssertionError
        Saying what is different.
    """
    expect_none_of(_differences(function, model, *args), GRADIENTS)


def _differences(function: Callable[..., Any], model: nn.Module, *args: Any) -> dict[str, list[str]]:
    after = student_side.run(state_after_call, function, model, *args, in_training=True)
    return differences(network_state(model), after, in_training=True)


# A network that a function returns ----------------------------------------------------------------------


def expect_same_weights(network: Any, model: nn.Module) -> None:
    """Expect that `network` has every weight and buffer of `model` under its name; it may have others too.

    Raises
    ------
    AssertionError
        Naming the first that is missing or different, or if `network` is no `nn.Module`.
    """
    name = first_difference(model.state_dict(), student_side.run(network_state, network)["values"])
    if name:
        raise AssertionError(f"The new network's {name} is missing or not the same as the original's.")


def expect_gradient_in_every_unit(network: Any, X: Tensor, biases: Sequence[str]) -> None:
    """Expect a gradient other than 0 for each entry of the named biases, so for each unit of those layers.

    NaN and infinity are no gradient, here and in any other weight: a step along them ends the training.

    Parameters
    ----------
    network : Any
        What the student returned.
    X : Tensor
        A batch.
    biases : Sequence[str]
        Names of biases, one entry for each unit or channel.

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
        without = int((~gradient.isfinite() | (gradient == 0)).sum())
        if without:
            raise AssertionError(f"{without} of {gradient.numel()} units of {name} get {_instead(gradient)}.")
    for name, gradient in gradients.items():
        if gradient is not None and not bool(torch.isfinite(gradient).all()):
            raise AssertionError(f"In {name} there is {_instead(gradient)}.")


def _instead(gradient: Tensor) -> str:
    return "no gradient" if bool(torch.isfinite(gradient).all()) else "NaN or infinity in place of a gradient"


def expect_weights_of_its_own(function: Callable[..., Any], model: nn.Module) -> None:
    """Expect that training the network that `function` returns leaves the one it was made of alone.

    Raises
    ------
    AssertionError
        Naming a weight that both share.
    """
    name = first_difference(model.state_dict(), student_side.run(original_after_training, function, model))
    if name:
        raise AssertionError(f"The two networks share {name}: training the new one changes the original.")

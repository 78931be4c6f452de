"""What is expected of gated units, of what autograd keeps of a function, and of a network in another form of GELU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course.checks import student_side
from course.checks.beside.gated_units import (
    Forward,
    bytes_and_traces,
    converted_and_original,
    pass_of_function,
    product_and_gradients,
    unit_with_weights,
)
from course.checks.messages import described, numbers
from course.checks.scoring import expect_close

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-9}
"""Largest error of a number y, in units of 1 + |y|: about a hundred roundings in float32; in float64 ten million, which
is still ten thousand times less than what float32 gives away."""


def expect_near(actual: Any, expected: Any, *, like: Tensor, name: str = "the result", x: Tensor | None = None) -> None:
    """Expect a tensor of these numbers in the type of `like`, within `TOLERANCE`.

    Parameters
    ----------
    actual : Any
        What the student's code gave.
    expected : Any
        Finite numbers: a list or a tensor.
    like : Tensor
        A tensor of the expected type.
    name : str, optional
        What messages call it.
    x : Tensor, optional
        The inputs, if there is one for each number; names the worst place in the message.

    Raises
    ------
    AssertionError
        With what came and what was expected.
    """
    if not isinstance(actual, Tensor):
        raise AssertionError(f"Expected a torch tensor as {name}, got {described(actual)}.")
    if actual.dtype != like.dtype:
        raise AssertionError(f"Expected {name} in {like.dtype}, got {actual.dtype}.")
    right, tolerance = torch.as_tensor(expected, dtype=torch.float64).numpy(), TOLERANCE[like.dtype]
    try:
        expect_close(actual, right, x=x, rtol=tolerance, atol=tolerance)
    except AssertionError as error:
        said = str(error)
        raise AssertionError(f"{name[0].upper()}{name[1:]}: {said[0].lower()}{said[1:]}") from None


def gated_product(swiglu: Forward, x: Tensor, W: Tensor, V: Tensor) -> dict[str, Any]:
    """Return `product_and_gradients` from the student's side."""
    found: dict[str, Any] = student_side.run(product_and_gradients, swiglu, x, W, V)
    return found


def width_of(hidden: int) -> int:
    """Return the width at which three matrices have as many weights as two of this width, to the nearest."""
    return (2 * hidden + 1) // 3


def gated_unit(
    make: Callable[[int, int], Any], d: int, hidden: int, weights: Tensor, x: Tensor, *, seed: int = 0
) -> dict[str, Any]:
    """Return `unit_with_weights` from the student's side, of a module with as many weights as there should be.

    Raises
    ------
    AssertionError
        If it has another number of weights.
    """
    found: dict[str, Any] = student_side.run(unit_with_weights, make, d, hidden, weights, x, seed)
    count, width = sum(found["sizes"]), width_of(hidden)
    if count != len(weights):
        biases = 2 * width + d
        slips = {
            3 * d * width + biases: " Its three matrices have no biases." if biases % (3 * d) else "",
            3 * d * hidden: " The width is that of the ReLU block; two thirds of it make as many weights.",
            0: " Does it register them as parameters?",
        }
        raise AssertionError(
            f"With d = {d} and hidden = {hidden} it has {count} weights; expected {len(weights)}, 3 times {d} times "
            f"{width}.{slips.get(count, '')}"
        )
    return found


def lean_pass(function: Any, x: Tensor, incoming: Tensor) -> dict[str, Any]:
    """Return `pass_of_function` from the student's side.

    Raises
    ------
    AssertionError
        If `apply` gives something other than a tensor.
    """
    found: dict[str, Any] = student_side.run(pass_of_function, function, x, incoming)
    if "kept" not in found:
        raise AssertionError(f"Expected a torch tensor from apply(x), got {described(found['output'])}.")
    return found


def expect_one_kept(found: dict[str, Any], *, size: int) -> None:
    """Expect that autograd keeps one tensor, with `ctx.save_for_backward`, of at most `size` bytes.

    Parameters
    ----------
    found : dict[str, Any]
        `lean_pass`.
    size : int
        Bytes of the input.

    Raises
    ------
    AssertionError
        With what is kept.
    """
    if found["on_ctx"]:
        raise AssertionError("It keeps a tensor as an attribute of ctx; hand it to ctx.save_for_backward.")
    kept = found["kept"]
    if len(kept) != 1:
        raise AssertionError(f"Of x with {size} bytes, ctx.save_for_backward keeps {len(kept)} tensors; expected 1.")
    if kept[0] > size:
        raise AssertionError(f"What is kept takes {kept[0]} bytes; x has {size}.")


def saved_by(saved_bytes: Callable[[Any, Tensor], Any], function: Any, x: Tensor) -> Any:
    """Return what `saved_bytes(function, x)` gives on the student's side."""
    return student_side.run(bytes_and_traces, saved_bytes, function, x)["result"]


def expect_bytes(actual: Any, expected: int) -> None:
    """Expect a number of bytes.

    Raises
    ------
    AssertionError
        With what came and what was expected.
    """
    found = numbers(actual, "a number of bytes")
    if found.shape != () or found != expected:
        raise AssertionError(f"Got {f'{found.item():g}' if found.size == 1 else 'an array'}, expected {expected}.")


def conversion(convert: Callable[[nn.Module], Any], model: nn.Module, X: Tensor) -> dict[str, Any]:
    """Return `converted_and_original` from the student's side."""
    found: dict[str, Any] = student_side.run(converted_and_original, convert, model, X)
    return found


def converted_outputs(convert: Callable[[nn.Module], Any], model: nn.Module, X: Tensor) -> Any:
    """Return the output, in eval mode, of the network that `convert(model)` gives."""
    return conversion(convert, model, X)["copy"]["output"]


def original_output(convert: Callable[[nn.Module], Any], model: nn.Module, X: Tensor) -> Any:
    """Return the output, in eval mode, of the network that was handed over, after the call."""
    return conversion(convert, model, X)["original"]

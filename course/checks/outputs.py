"""What is expected of a student's losses, output layers and training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from course.checks.closeness import within
from course.checks.messages import described, finite_numbers, numbers
from course.checks.results import result_of

Array = NDArray[Any]

LOSS_RTOL = 1e-4
"""Relative tolerance of losses and probabilities in training: a few hundred float32 roundings."""

TEMPERATURE_STEP = 1.021
"""Ratio of a temperature and those beside it: where both have a larger loss, the best one is within 1 %, half of it."""


def expect_lower_loss_than_beside(T: Any, logits: Any, y: Any) -> None:
    """Expect T to give a smaller cross-entropy of logits / T than temperatures a little away on either side.

    The loss has a single minimum, so a T that passes is as close to it.

    Parameters
    ----------
    T : Any
        What the student returned.
    logits, y : Any
        Arrays of shapes (n, K) and (n,).

    Raises
    ------
    AssertionError
        If T is no positive number, or with the side on which the loss is smaller.
    """
    value = numbers(T, "numbers as temperature")
    if value.shape != () or not 0 < value < np.inf:
        raise AssertionError(f"Expected a positive number, got {f'{value:.4g}' if value.ndim == 0 else 'an array'}.")
    for step, side in ((TEMPERATURE_STEP, "larger"), (1 / TEMPERATURE_STEP, "smaller")):
        if not _cross_entropy_at(value * step, logits, y) > _cross_entropy_at(value, logits, y):
            raise AssertionError(f"At T = {value:.4g} the loss is not the smallest: it falls towards {side} T.")


def trained(train: Callable[..., Any], X: Any, y: Any, steps: int) -> tuple[Array, Array]:
    """Call `train(X, y, steps=steps)` and return its losses and probabilities as float64 arrays.

    Parameters
    ----------
    train : Callable[..., Any]
        Returns a mapping with `losses`, one for each step, and `probabilities`, shape (n, K).
    X, y : Any
        Tensors of shapes (n, d) and (n,).

    Raises
    ------
    AssertionError
        If what came is something else, or a number in it is not finite.
    """
    result = result_of(train, X, y, steps=steps)
    if not isinstance(result, Mapping) or not {"losses", "probabilities"} <= set(result):
        raise AssertionError(f"Expected a dict with 'losses' and 'probabilities', got {described(result)}.")
    losses = finite_numbers(result["losses"], "numbers as losses")
    probabilities = finite_numbers(result["probabilities"], "numbers as probabilities")
    if losses.shape != (steps,):
        raise AssertionError(f"Expected {steps} losses after {steps} steps, got shape {losses.shape}.")
    if probabilities.ndim != 2 or len(probabilities) != len(y):
        raise AssertionError(f"Expected a row of probabilities for each of {len(y)} inputs, got {probabilities.shape}.")
    return losses, probabilities


def expect_loss_of_probabilities(train: Callable[..., Any], X: Any, y: Any, *, steps: int) -> None:
    """Expect the next loss to be the cross-entropy of the probabilities that `steps` steps led to.

    One run stops after `steps` steps and gives the probabilities. Another one, which starts the same, goes a step
    further: its last loss must be the mean of -log of the probabilities given to the true classes.

    Raises
    ------
    AssertionError
        With the loss and the cross-entropy.
    """
    _, probabilities = trained(train, X, y, steps)
    losses, _ = trained(train, X, y, steps + 1)
    with np.errstate(all="ignore"):
        expected = cross_entropy_of(probabilities, y)
    if not within(losses[-1], expected, LOSS_RTOL, LOSS_RTOL):
        expect_from_0_to_1(probabilities)
        raise AssertionError(
            f"After {steps} steps the loss is {losses[-1]:.4f}, "
            f"but the cross-entropy of the probabilities is {expected:.4f}."
        )


def expect_from_0_to_1(probabilities: Array) -> None:
    """Expect numbers that can be probabilities. Above 1 a little rounding is allowed.

    Raises
    ------
    AssertionError
        With the number that is out of range.
    """
    for outermost in (probabilities.min(), probabilities.max()):
        if not 0 <= outermost <= 1 + LOSS_RTOL:
            raise AssertionError(f"A probability is {outermost:.4g}; it should be from 0 to 1.")


def expect_rows_sum_to_one(probabilities: Array) -> None:
    """Expect numbers from 0 to 1 that sum to 1 in each row.

    Raises
    ------
    AssertionError
        With the sum that is farthest off, or with the number out of range.
    """
    expect_from_0_to_1(probabilities)
    sums = probabilities.sum(axis=-1)
    worst = sums[np.argmax(np.abs(sums - 1))]
    if not within(worst, 1, LOSS_RTOL):
        raise AssertionError(f"A row of probabilities sums to {worst:.6g}, not to 1.")


def expect_output_layer(output_layer: Callable[[str], Any], task: str, accepted: Sequence[tuple[str, str]]) -> None:
    """Expect `output_layer(task)` to be one of the accepted pairs, each an activation and a loss that fits it.

    Raises
    ------
    AssertionError
        With what came and which part of it does not fit; the right answer is not told.
    """
    answer = result_of(output_layer, task)
    if type(answer) is not tuple or len(answer) != 2 or not all(type(name) is str for name in answer):
        raise AssertionError(f"Expected a tuple of two strings, got {described(answer)}.")
    if answer in accepted:
        return
    parts = zip(("activation", "loss"), answer, zip(*accepted, strict=True), strict=True)
    misfits = [f"the {part} {name[:40]!r}" for part, name, fitting in parts if name not in fitting]
    verb = "does" if len(misfits) == 1 else "do"
    raise AssertionError(f"For {task}, {' and '.join(misfits)} {verb} not fit.")


def expect_refusal(output_layer: Callable[[str], Any], task: str) -> None:
    """Expect `output_layer(task)` to raise a ValueError whose message names the task.

    Raises
    ------
    AssertionError
        If it returns something, raises something else, or leaves out the name.
    """
    try:
        result_of(output_layer, task)
    except NotImplementedError:
        raise
    except ValueError as error:
        if task not in str(error):
            raise AssertionError(f"The message of the ValueError does not name the task {task!r}.") from None
    except Exception as error:
        kind = getattr(error, "ename", type(error).__name__)
        raise AssertionError(f"For {task!r}, which is not in the list, expected a ValueError, got {kind}.") from None
    else:
        raise AssertionError(f"{task!r} is not in the list, but no ValueError was raised.")


def cross_entropy_of(probabilities: Array, y: Any) -> float:
    """Return the mean of -log p over the probabilities p, shape (n, K), that the rows give to their true classes y."""
    return float(-np.log(probabilities[np.arange(len(y)), np.asarray(y)]).mean())


def _cross_entropy_at(T: Any, logits: Any, y: Any) -> float:
    return float(torch.nn.functional.cross_entropy(torch.as_tensor(logits) / float(T), torch.as_tensor(y)))

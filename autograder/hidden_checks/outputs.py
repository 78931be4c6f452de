"""Checks of what stands at the output of a network: softmax, losses, temperature, and training with them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autograder.hidden_checks.elementwise import FLOAT32_RTOL, FLOAT64_RTOL
from autograder.reference import numpy_reference, outputs, torch_reference
from course.checks import Checks, expect_array, expect_close, student_side
from course.checks.beside.calls import with_labels
from course.checks.elementwise import expect_input_unchanged, expect_no_warning
from course.checks.outputs import (
    cross_entropy_of,
    expect_loss_of_probabilities,
    expect_output_layer,
    expect_refusal,
    expect_rows_sum_to_one,
    trained,
)

Array = NDArray[Any]
OverAxis = Callable[..., Array]

ATOL = 1e-12
"""Absolute tolerance of float64 values: what is left of a probability that rounding to 1 has swallowed."""

TEMPERATURE_RTOL = 0.01
"""The syllabus' own bound on the fitted temperature."""

TRAINING_TOL = 0.01
"""Relative and absolute tolerance of losses and probabilities after some steps of training.

Formulas that agree on paper differ by float32 roundings, which training enlarges: by less than 1e-5 in the 40 steps
here. Another learning rate, seed or network makes a difference of more than 0.1.
"""

SCRATCH = "written from scratch"


def check_softmax(checks: Checks, softmax: OverAxis, *, needs: Sequence[str]) -> None:
    """Check softmax along an axis and its temperature.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    softmax : OverAxis
        The student's function, called as `softmax(z)`, `softmax(z, axis=axis)` and with `T=T`
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    _check_over_axis(checks, softmax, numpy_reference.softmax, torch_reference.softmax, needs=needs)
    rng = np.random.default_rng(52)

    def expect_values(z: Array, T: float, axis: int = -1) -> None:
        expected = numpy_reference.softmax(z, axis=axis, temperature=T)
        expect_close(softmax(z.copy(), T=T, axis=axis), expected, x=z, rtol=FLOAT64_RTOL, atol=ATOL)

    with checks("right at unseen temperatures", needs=SCRATCH):
        for T in (0.2, 0.7, 3.0, 12.0):
            expect_values(rng.normal(0, 4, (10, 5)), T)
        expect_values(rng.normal(0, 4, (5, 3)), 5, axis=0)
    with checks("a tiny T leaves the largest, ties share", needs=SCRATCH):
        expect_values(np.array([[3.0, 1.0, 2.9], [2.0, 2.0, -7.0], [-400.0, 1000.0, 1000.0]]), 1e-3)
    with checks("a huge T makes all alike", needs=SCRATCH):
        expect_values(np.array([[3.0, 1.0, -2.0], [-400.0, 1000.0, 0.0]]), 1e9)


def check_log_softmax(checks: Checks, log_softmax: OverAxis, *, needs: Sequence[str]) -> None:
    """Check the logarithm of softmax along an axis.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    log_softmax : OverAxis
        The student's function, called as `log_softmax(z)` and `log_softmax(z, axis=axis)`
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    _check_over_axis(checks, log_softmax, numpy_reference.log_softmax, torch_reference.log_softmax, needs=needs)


def _check_over_axis(
    checks: Checks,
    function: OverAxis,
    reference: OverAxis,
    as_torch: Callable[[Tensor], Tensor],
    *,
    needs: Sequence[str],
) -> None:
    """Check what softmax and its logarithm have in common, at temperature 1.

    They are asked in the bare room, where a library's function is not there. What concerns types and side effects needs
    unseen rows to be right, so a function that only knows the visible rows earns nothing for those.
    """
    rng = np.random.default_rng(51)
    unseen = "right on unseen rows"

    def expect_values(z: Array, **axis: int) -> None:
        expect_close(function(z.copy(), **axis), reference(z, **axis), x=z, rtol=FLOAT64_RTOL, atol=ATOL)

    with checks(SCRATCH, needs=needs):
        function(np.array([[-1.5, 0.5, 1.0]]))
    with checks(unseen, needs=SCRATCH):
        expect_values(rng.normal(0, 4, (25, 6)))
    with checks("works along any axis", needs=SCRATCH):
        expect_values(rng.normal(0, 2, (4, 4)), axis=0)
        for axis in (0, 1, -2, 2):
            expect_values(rng.normal(0, 2, (2, 3, 4)), axis=axis)
    with checks("agrees with torch in float32", needs=SCRATCH):
        z = rng.normal(0, 3, (20, 5)).astype(np.float32)
        expect_close(function(z.copy()), as_torch(torch.from_numpy(z)), x=z, rtol=FLOAT32_RTOL, atol=1e-6)
    with checks("right at -1000 and 1000", needs=SCRATCH):
        expect_values(np.array([[1000.0, -1000.0, 0.0], [1000.0, 1000.0, 999.0], [-1000.0, -999.0, -1000.0]]))
    with checks("right for rows far apart", needs=SCRATCH):
        expect_values(np.array([[1.0, 2.0, 3.0], [901.0, 902.0, 904.0], [-900.0, -903.0, -901.5]]))
    with checks("-inf rules a class out", needs=SCRATCH):
        expect_values(np.array([[1.0, -np.inf, 2.0], [-np.inf, -np.inf, -5.0], [0.5, 1.5, -0.5]]))
    with checks("right for one class", needs=unseen):
        expect_values(np.array([[3.0], [-1000.0], [1000.0]]))
    with checks("no warning at -1000, 1000 and -inf", needs=unseen):
        for dtype in (np.float64, np.float32):
            expect_no_warning(function, np.array([[-1000.0, 1000.0, 0.0], [2.0, -np.inf, 1.0]], dtype=dtype))
    with checks("same shape and dtype out, float32 too", needs=unseen):
        for shape in [(3,), (2, 3), (2, 1, 3)]:
            for dtype in (np.float64, np.float32):
                expect_array(function(np.ones(shape, dtype=dtype)), shape=shape, dtype=dtype)
    with checks("leaves its input unchanged", needs=unseen):
        expect_input_unchanged(function, np.array([[-1.5, -0.5], [0.5, 1.5]]))


def check_cross_entropy(checks: Checks, cross_entropy: Callable[[Array, Array], Any], *, needs: Sequence[str]) -> None:
    """Check the mean cross-entropy of logits and integer labels.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    cross_entropy : Callable[[Array, Array], Any]
        The student's function, called as `cross_entropy(logits, y)`
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    rng = np.random.default_rng(53)
    unseen = "right on unseen rows"

    def expect_value(logits: Array, y: Sequence[int] | Array) -> None:
        y = np.asarray(y)
        actual = cross_entropy(logits.copy(), y)
        expect_close(actual, outputs.cross_entropy(logits, y), rtol=FLOAT64_RTOL, atol=ATOL)

    def of_logits(y: Sequence[int]) -> Callable[[Array], Any]:
        return student_side.run(with_labels, cross_entropy, np.array(y))

    with checks(SCRATCH, needs=needs):
        cross_entropy(np.array([[-1.5, 0.5], [0.3, 0.1]]), np.array([1, 0]))
    with checks(unseen, needs=SCRATCH):
        expect_value(rng.normal(0, 3, (40, 5)), rng.integers(0, 5, 40))
        expect_value(rng.normal(0, 3, (7, 7)), rng.integers(0, 7, 7))
    with checks("agrees with torch in float32", needs=SCRATCH):
        logits, y = rng.normal(0, 3, (30, 4)).astype(np.float32), rng.integers(0, 4, 30)
        expected = nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(y))
        expect_close(cross_entropy(logits.copy(), y), expected, rtol=FLOAT32_RTOL, atol=1e-6)
    with checks("right at -1000 and 1000", needs=SCRATCH):
        expect_value(np.array([[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 800.0]]), [1, 1, 0])
    with checks("right for rows far apart", needs=SCRATCH):
        expect_value(np.array([[1.0, 2.0, 3.0], [901.0, 902.0, 904.0], [-900.0, -903.0, -901.5]]), [0, 1, 2])
    with checks("-inf rules a class out", needs=SCRATCH):
        expect_value(np.array([[1.0, -np.inf, 2.0], [-np.inf, 0.5, -5.0]]), [2, 1])
    with checks("right if a class has no row", needs=SCRATCH):
        expect_value(rng.normal(0, 2, (6, 5)), [0, 1, 1, 0, 2, 1])
        expect_value(rng.normal(0, 2, (4, 3)), [2, 2, 2, 2])
    with checks("right for one class and for one row", needs=unseen):
        expect_value(np.array([[3.0], [-1000.0]]), [0, 0])
        expect_value(np.array([[0.5, 1.5, -0.5]]), [0])
    with checks("labels of any integer dtype", needs=unseen):
        for integer in (np.int32, np.uint8):
            expect_value(rng.normal(0, 2, (8, 3)), rng.integers(0, 3, 8).astype(integer))
    with checks("no warning at -1000, 1000 and -inf", needs=unseen):
        for dtype in (np.float64, np.float32):
            expect_no_warning(of_logits([0, 2]), np.array([[-1000.0, 1000.0, 0.0], [2.0, -np.inf, 1.0]], dtype=dtype))
    with checks("leaves the logits unchanged", needs=unseen):
        expect_input_unchanged(of_logits([0, 1]), np.array([[-1.5, -0.5], [0.5, 1.5]]))


def check_fit_temperature(checks: Checks, fit_temperature: Callable[[Array, Array], Any], *, needs: str) -> None:
    """Check that the fitted temperature is within 1 % of the one with the smallest loss.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    fit_temperature : Callable[[Array, Array], Any]
        The student's function, called as `fit_temperature(logits, y)`
    needs : str
        Name of a check above that must pass before any of these counts.
    """
    rng = np.random.default_rng(54)

    def expect_best(logits: Array, y: Array) -> None:
        best = outputs.best_temperature(logits, y)
        expect_close(fit_temperature(logits.copy(), y.copy()), best, rtol=TEMPERATURE_RTOL)

    named = {
        "right for overconfident logits": [(4, 2.5), (3, 6.0)],
        "right for underconfident logits": [(4, 0.5), (5, 0.15)],
        "right for calibrated logits": [(3, 1.0)],
        "right for two classes": [(2, 1.7)],
    }
    for check, cases in named.items():
        with checks(check, needs=needs):
            for classes, factor in cases:
                logits, y = _drawn(rng, classes)
                expect_best(factor * logits, y)
    with checks("the same with 1000 added to every logit", needs=needs):
        logits, y = _drawn(rng, 4)
        expect_best(0.5 * logits + 1000, y)
    with checks("leaves the logits unchanged", needs=list(named)):
        logits, y = _drawn(rng, 3)
        expect_input_unchanged(student_side.run(with_labels, fit_temperature, y), 2 * logits)


def _drawn(rng: np.random.Generator, classes: int) -> tuple[Array, Array]:
    """Return logits, shape (250, classes), and labels drawn from their softmax, so that the best T is about 1."""
    logits = rng.normal(0, 2, (250, classes))
    # The largest of logits plus Gumbel noise is a draw from their softmax.
    return logits, np.argmax(logits + rng.gumbel(size=logits.shape), axis=-1)


def check_output_layer(checks: Checks, output_layer: Callable[[str], Any]) -> None:
    """Check the activation and the loss that go with each task the visible checks leave out, and other names.

    A constant earns no more than the one task it fits: "regression", a check above, or "multi-class
    classification" must be right before the others count.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    output_layer : Callable[[str], Any]
        The student's function.
    """
    with checks("multi-class classification"):
        expect_output_layer(output_layer, "multi-class classification", [("softmax", "CrossEntropyLoss")])
    with checks("multi-label classification", needs="multi-class classification"):
        expect_output_layer(output_layer, "multi-label classification", [("sigmoid", "BCEWithLogitsLoss")])
    with checks("bounded regression", needs="regression"):
        # BCEWithLogitsLoss takes targets between 0 and 1 as well, and from the logits.
        accepted = [("sigmoid", "MSELoss"), ("sigmoid", "BCEWithLogitsLoss")]
        expect_output_layer(output_layer, "bounded regression", accepted)
    with checks("names that only resemble a task are refused", needs=["regression", "multi-class classification"]):
        for task in ("classification", "multi-task regression", "label", ""):
            expect_refusal(output_layer, task)


def check_training(checks: Checks, train: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check the corrected training script on data of its own: five classes in three dimensions.

    Its losses and probabilities must fit together, must lead to a good classifier, and must be those of a training
    on logits with the same network, seed and steps.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    train : Callable[..., Any]
        The student's function, called as `train(X, y, steps=steps)`
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    X, y = _clusters()
    steps = 40

    @functools.cache
    def run() -> tuple[Array, Array]:
        return trained(train, X, y, steps)

    with checks("right with five classes", needs=needs):
        expect_loss_of_probabilities(train, X, y, steps=10)
    with checks("probabilities sum to 1 in every row", needs=needs):
        expect_rows_sum_to_one(run()[1])
    with checks("learns five classes", needs=needs):
        _expect_to_learn(trained(train, X, y, 0)[1], run()[1], y)
    with checks("network, seed, optimiser and steps are as they were", weight=2, needs=needs):
        expected, probabilities = outputs.train_on_logits(_network(3, 5), X, y, steps=steps, lr=0.5)
        expect_close(run()[0], expected, rtol=TRAINING_TOL, atol=TRAINING_TOL)
        # Logits in their place fail a check of their own.
        if np.allclose(run()[1].sum(axis=-1), 1):
            expect_close(run()[1], probabilities, rtol=TRAINING_TOL, atol=TRAINING_TOL)


def _clusters() -> tuple[Tensor, Tensor]:
    """Return points, (100, 3), in five clusters that overlap a little, and the number of the cluster of each."""
    rng = np.random.default_rng(55)
    y = np.tile(np.arange(5), 20)
    centres = rng.normal(0, 3.5, (5, 3))
    return torch.tensor(centres[y] + rng.normal(0, 0.6, (100, 3)), dtype=torch.float32), torch.tensor(y)


def _network(features: int, classes: int) -> nn.Module:
    """Return the network of the script without its last layer, with the weights the script starts from."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(features, 16), nn.ReLU(), nn.Linear(16, classes))


def _expect_to_learn(before: Array, after: Array, y: Tensor) -> None:
    """Expect the probabilities before and after training to be those of a network that learned to tell the classes."""
    accuracies = [float((probabilities.argmax(axis=-1) == y.numpy()).mean()) for probabilities in (before, after)]
    with np.errstate(all="ignore"):
        loss = cross_entropy_of(after, y)
    if not (accuracies[0] < 0.6 and accuracies[1] >= 0.95 and loss <= 0.2):
        raise AssertionError(
            f"Training took the accuracy from {accuracies[0]:.2f} to {accuracies[1]:.2f}, "
            f"and the cross-entropy of the probabilities to {loss:.3f}."
        )

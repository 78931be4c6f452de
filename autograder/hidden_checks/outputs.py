"""Checks of what stands at the output of a network: softmax, losses, temperature, and training with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autograder.hidden_checks.elementwise import FLOAT32_RTOL, FLOAT64_RTOL
from autograder.reference import numpy_reference, outputs, torch_reference
from course.checks import Checks, expect_array, expect_close
from course.checks.beside.calls import LAYOUTS
from course.checks.elementwise import Observed
from course.checks.outputs import (
    cross_entropy_of,
    expect_from_0_to_1,
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

SCALES = 0.45 * 1.0035 ** np.arange(8)
"""Factors of the logits, and so of the best temperature.

They cover 2.5 % in steps smaller than the tolerance, so a grid whose neighbours are more than 2 % apart is too far from
one of the answers, wherever its points lie.
"""

TRAINING_TOL = 0.01
"""Relative and absolute tolerance of losses and probabilities after some steps of training.

Formulas that agree on paper differ by float32 roundings, which training enlarges: by less than 1e-5 in the 40 steps
here. Another learning rate, seed or network makes a difference of more than 0.1.
"""

LEARNED_LOSS = 0.2
"""The loss that five classes must be learned to: the reference's is 0.037, with a spread of 0.0025 over 60 seeds."""

LEARNED_ACCURACY = 0.9
"""The share of rows that must be classified as labelled then: the reference's is 1.00 with each of 60 seeds."""

MIXED_UP_LOSS = 1.0
"""The loss above which a network stays if its labels are mixed up.

The reference's is 1.49, with a spread of 0.011 over 60 seeds. Numbers made up to fit each other fall below it.
"""

SCRATCH = "written from scratch"

LEARNS = "learns five classes, and mixed-up labels hardly"


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
    watched = _check_over_axis(checks, softmax, numpy_reference.softmax, torch_reference.softmax, needs=needs)
    rng = np.random.default_rng(52)

    def expect_values(z: Array, T: float, axis: int = -1) -> None:
        expected = numpy_reference.softmax(z, axis=axis, temperature=T)
        expect_close(watched(z, T=T, axis=axis), expected, x=z, rtol=FLOAT64_RTOL, atol=ATOL)

    with checks("right at unseen temperatures", needs=SCRATCH):
        for T in (0.2, 0.7, 3.0, 12.0):
            expect_values(rng.normal(0, 4, (10, 5)), T)
        expect_values(rng.normal(0, 4, (5, 3)), 5, axis=0)
        expect_values(np.array([[1.0, -np.inf, 2.0], [-np.inf, -np.inf, -5.0]]), 0.7)
    with checks("a tiny T leaves the largest, ties share", needs=SCRATCH):
        expect_values(np.array([[3.0, 1.0, 2.9], [2.0, 2.0, -7.0], [-400.0, 1000.0, 1000.0]]), 1e-3)
    with checks("a huge T makes all alike", needs=SCRATCH):
        expect_values(np.array([[3.0, 1.0, -2.0], [-400.0, 1000.0, 0.0]]), 1e9)
    with checks("no warning at T = 0.5 and T = 2", needs="right at unseen temperatures"):
        for z in _warning_rows():
            for T in (0.5, 2.0):
                watched(z, T=T)
                watched.expect_no_warning()


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
) -> Observed:
    """Check what softmax and its logarithm have in common, at temperature 1, and return the function, observed.

    They are asked in the bare room, where a library's function is not there. What concerns types and side effects needs
    unseen rows to be right, so a function that only knows the visible rows earns nothing for those.
    """
    rng = np.random.default_rng(51)
    unseen = "right on unseen rows"
    watched = Observed(function)

    def expect_values(z: Array, *, layout: str = "", **axis: int) -> None:
        actual = watched(z, layout=layout, **axis)
        expect_close(actual, reference(z, **axis), x=z, rtol=FLOAT64_RTOL, atol=ATOL)

    with checks(SCRATCH, needs=needs):
        watched(np.array([[-1.5, 0.5, 1.0]]))
    with checks(unseen, needs=SCRATCH):
        expect_values(rng.normal(0, 4, (25, 6)))
    with checks("works along any axis", needs=SCRATCH):
        expect_values(rng.normal(0, 2, (4, 4)), axis=0)
        for axis in (0, 1, -2, 2):
            expect_values(rng.normal(0, 2, (2, 3, 4)), axis=axis)
    with checks("agrees with torch in float32", needs=SCRATCH):
        z = rng.normal(0, 3, (20, 5)).astype(np.float32)
        # float32 numbers near 1000 lie 6e-5 apart: a formula that does not subtract the maximum first is off by that.
        for far in (z, z + np.float32(1000)):
            expect_close(watched(far), as_torch(torch.from_numpy(far)), x=far, rtol=FLOAT32_RTOL, atol=1e-6)
    with checks("right up to ±1e30", needs=SCRATCH):
        expect_values(np.array([[1000.0, -1000.0, 0.0], [1000.0, 1000.0, 999.0], [-1000.0, -999.0, -1000.0]]))
        expect_values(np.array([[1e5, -1e5, 1e5], [1e30, -1e30, 0.0], [-1e30, -200.0, 1e5]]))
    with checks("right for rows far apart", needs=SCRATCH):
        expect_values(np.array([[1.0, 2.0, 3.0], [901.0, 902.0, 904.0], [-900.0, -903.0, -901.5]]))
    with checks("-inf rules a class out", needs=SCRATCH):
        expect_values(np.array([[1.0, -np.inf, 2.0], [-np.inf, -np.inf, -5.0], [0.5, 1.5, -0.5]]))
    with checks("right for one class", needs=unseen):
        expect_values(np.array([[3.0], [-1000.0], [1000.0]]))
    with checks("no warning up to ±1e30 and at -inf", needs=unseen):
        for z in _warning_rows():
            watched(z)
            watched.expect_no_warning()
    with checks("same shape and dtype out, float32 too", needs=unseen):
        for shape in [(3,), (2, 3), (2, 1, 3)]:
            for dtype in (np.float64, np.float32):
                expect_array(watched(np.ones(shape, dtype=dtype)), shape=shape, dtype=dtype)
    with checks("right for transposed and strided arrays", needs=unseen):
        for layout in LAYOUTS:
            expect_values(rng.normal(0, 2, (3, 4)), layout=layout)
            expect_values(rng.normal(0, 2, (2, 3, 4)), layout=layout, axis=1)
    with checks("leaves its input unchanged", needs=unseen):
        watched(np.array([[-1.5, -0.5], [0.5, 1.5]]))
        watched.expect_arguments_unchanged()
    return watched


def _warning_rows() -> list[Array]:
    """Return logits, (4, 3), of both dtypes, at which a careless formula overflows or has no value."""
    rows = [[-1000.0, 1000.0, 0.0], [2.0, -np.inf, 1.0], [-1e5, 1e5, 1e5], [1e30, -1e30, 0.0]]
    return [np.array(rows, dtype=dtype) for dtype in (np.float64, np.float32)]


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
    watched = Observed(cross_entropy)

    def expect_value(logits: Array, y: Sequence[int] | Array, layout: str = "") -> None:
        y = np.asarray(y)
        actual = watched(logits, y, layout=layout)
        expect_close(actual, outputs.cross_entropy(logits, y), rtol=FLOAT64_RTOL, atol=ATOL)

    with checks(SCRATCH, needs=needs):
        watched(np.array([[-1.5, 0.5], [0.3, 0.1]]), np.array([1, 0]))
    with checks(unseen, needs=SCRATCH):
        expect_value(rng.normal(0, 3, (40, 5)), rng.integers(0, 5, 40))
        expect_value(rng.normal(0, 3, (7, 7)), rng.integers(0, 7, 7))
    with checks("agrees with torch in float32", needs=SCRATCH):
        logits, y = rng.normal(0, 3, (30, 4)).astype(np.float32), rng.integers(0, 4, 30)
        for far in (logits, logits + np.float32(1000)):
            expected = nn.functional.cross_entropy(torch.from_numpy(far), torch.from_numpy(y))
            expect_close(watched(far, y), expected, rtol=FLOAT32_RTOL, atol=1e-6)
    with checks("right up to ±1e30", needs=SCRATCH):
        expect_value(np.array([[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 800.0]]), [1, 1, 0])
        expect_value(np.array([[1e5, -1e5], [-1e5, 1e5], [200.0, 1e5]]), [1, 1, 0])
        expect_value(np.array([[1e30, -1e30], [-200.0, 1e30]]), [1, 0])
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
        for integer in (np.int32, np.uint8, np.int8, np.uint64):
            expect_value(rng.normal(0, 2, (8, 3)), rng.integers(0, 3, 8).astype(integer))
    with checks("more rows than the labels' dtype counts to", needs=unseen):
        for integer in (np.uint8, np.int8):
            expect_value(rng.normal(0, 2, (300, 5)), rng.integers(0, 5, 300).astype(integer))
    with checks("no warning up to ±1e30 and at -inf", needs=unseen):
        for z in _warning_rows():
            watched(z, np.array([0, 2, 1, 0]))
            watched.expect_no_warning()
    with checks("right for transposed and strided arrays", needs=unseen):
        for layout in LAYOUTS:
            expect_value(rng.normal(0, 2, (6, 4)), rng.integers(0, 4, 6), layout)
    with checks("leaves its arguments unchanged", needs=unseen):
        watched(np.array([[-1.5, -0.5], [0.5, 1.5]]), np.array([0, 1]))
        watched.expect_arguments_unchanged()


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
    watched = Observed(fit_temperature)

    def expect_best(logits: Array, y: Array, layout: str = "") -> None:
        best = outputs.best_temperature(logits, y)
        expect_close(watched(logits, y, layout=layout), best, rtol=TEMPERATURE_RTOL)

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
    with checks("within 1 % at every scale of the logits", needs=list(named)):
        logits, y = _drawn(rng, 3)
        for scale in SCALES:
            expect_best(scale * logits, y)
    with checks("right for transposed logits", needs=list(named)):
        logits, y = _drawn(rng, 3)
        expect_best(2 * logits, y, "transposed")
    with checks("leaves its arguments unchanged", needs=list(named)):
        logits, y = _drawn(rng, 3)
        watched(2 * logits, y)
        watched.expect_arguments_unchanged()


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
        for task in ("classification", "multi-task regression", "label", "", "Regression", "regression "):
            expect_refusal(output_layer, task)


def check_training(checks: Checks, train: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check the corrected training script on data of its own: five classes in three dimensions.

    Its losses and probabilities must fit together, must lead to a good classifier unless the labels are mixed up, and
    must be those of a training on logits with the same network, seed and steps, which is carried out here.

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
    mixed_up = y[torch.from_numpy(np.random.default_rng(56).permutation(len(y)))]

    with checks(LEARNS, needs=needs):
        _expect_to_learn(trained(train, X, y, 40)[1], y)
        _expect_not_to_learn(trained(train, X, mixed_up, 40)[1], mixed_up)
    with checks("right with five classes", needs=LEARNS):
        expect_loss_of_probabilities(train, X, y, steps=10)
    with checks("probabilities sum to 1 in every row", needs=LEARNS):
        expect_rows_sum_to_one(trained(train, X, y, 40)[1])
    with checks("network, seed, optimiser and steps are as they were", weight=2, needs=needs):
        _expect_reference(train, X, y, 40)
        _expect_reference(train, X[y != 2], y[y != 2], 5)  # the network has an output for the class without a row, too
    with checks("the same with the labels mixed up", needs=needs):
        _expect_reference(train, X, mixed_up, 25)


def _expect_reference(train: Callable[..., Any], X: Tensor, y: Tensor, steps: int) -> None:
    """Expect the losses and probabilities of a training on logits that is carried out here."""
    losses, probabilities = trained(train, X, y, steps)
    network = _network(X.shape[1], int(y.max()) + 1)
    expected, expected_probabilities = outputs.train_on_logits(network, X, y, steps=steps, lr=0.5)
    expect_close(losses, expected, rtol=TRAINING_TOL, atol=TRAINING_TOL)
    # Logits in their place fail a check of their own.
    if np.allclose(probabilities.sum(axis=-1), 1):
        expect_close(probabilities, expected_probabilities, rtol=TRAINING_TOL, atol=TRAINING_TOL)


def _clusters() -> tuple[Tensor, Tensor]:
    """Return points, (100, 3), in five clusters that do not overlap, and the number of the cluster of each."""
    rng = np.random.default_rng(55)
    y = np.tile(np.arange(5), 20)
    centres = np.array([[2, 0, 0], [-2, 0, 0], [0, 2, 0], [0, -2, 0], [0, 0, 2]])
    return torch.tensor(centres[y] + rng.normal(0, 0.4, (100, 3)), dtype=torch.float32), torch.tensor(y)


def _network(features: int, classes: int) -> nn.Module:
    """Return the network of the script without its last layer, with the weights the script starts from."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(features, 16), nn.ReLU(), nn.Linear(16, classes))


def _expect_to_learn(probabilities: Array, y: Tensor) -> None:
    """Expect the probabilities after training to be those of a network that learned to tell the classes."""
    accuracy, loss = _accuracy_and_loss(probabilities, y)
    if not (accuracy >= LEARNED_ACCURACY and loss <= LEARNED_LOSS):
        raise AssertionError(
            f"After training, {accuracy:.0%} of the rows are classified as labelled, "
            f"and the cross-entropy of the probabilities is {loss:.3f}."
        )


def _expect_not_to_learn(probabilities: Array, y: Tensor) -> None:
    """Expect the probabilities not to fit labels that have nothing to do with the inputs."""
    _, loss = _accuracy_and_loss(probabilities, y)
    if not loss >= MIXED_UP_LOSS:
        expect_from_0_to_1(probabilities)
        raise AssertionError(
            f"With labels that are mixed up, this network cannot learn much, "
            f"but the cross-entropy of the probabilities is {loss:.3f}."
        )


def _accuracy_and_loss(probabilities: Array, y: Tensor) -> tuple[float, float]:
    with np.errstate(all="ignore"):
        return float((probabilities.argmax(axis=-1) == y.numpy()).mean()), cross_entropy_of(probabilities, y)

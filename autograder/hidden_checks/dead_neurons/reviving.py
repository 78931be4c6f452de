"""Checks of a function that revives dead units, by what the network that it returns does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from autograder.hidden_checks.dead_neurons.cases import (
    Case,
    all_dead,
    convolution,
    living_neighbours,
    nested,
    one_hidden_layer,
    own_class,
    shared_relu,
    train_and_eval,
)
from autograder.reference.dead_neurons import with_activation
from course.checks import Checks, expect_close, student_side
from course.checks.beside.networks import network_state, output_and_gradients, weights_of_sum
from course.checks.closeness import within
from course.checks.dead_neurons import (
    expect_gradient_in_every_unit,
    expect_gradients_unchanged,
    expect_hooks_unchanged,
    expect_modes_unchanged,
    expect_same_weights,
    expect_state_unchanged,
    expect_weights_of_its_own,
)
from course.checks.messages import described
from course.checks.networks import place
from course.checks.results import result_with_network

OUTPUT_RTOL = 1e-4
"""Relative tolerance of a revived network's float32 outputs, for sums carried out in another order."""

GRADIENT_RTOL = 0.02
"""Relative tolerance of gradients: slopes are taken from values 1 % apart, so a curved cure is off by its curvature."""

MIN_SLOPE, MAX_SLOPE = 0.001, 0.9
"""Slopes that a cure may have left of 0: the task states them."""

SLOPE_SLACK = 1e-3
"""Relative error of a slope taken from float32 values 1 % apart: 2 * 6e-8 / 0.01, times a margin of eighty."""

BEND_ENDS = 0.5
"""Distance from 0 within which a slope may be above `MAX_SLOPE`, so that the bend may be a smooth one."""

GRID = torch.logspace(-3, 3, 600)
"""Distances from 0 at which values and gradients are looked at, 2.3 % apart, so that no flat part lies between them."""

NEAR = 4.0
"""Distance from 0 up to which a pre-activation counts as near."""

EPSILON = torch.finfo(torch.float32).eps


def check_revive(checks: Checks, function: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check `revive(model)`, by what the new network does and not by what it is made of.

    The activation that replaces ReLU is known from the revived network of one unit with weights 1. With
    it, outputs and gradients of every other network are computed here, and the student's have to agree with them.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Callable[..., Any]
        The student's function.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    cure = Cure(function)
    deep = "a deep network: every unit gets a gradient"
    with checks(deep, needs=needs):
        for case in (nested(), all_dead()):
            expect_gradient_in_every_unit(_revived(function, case), case.X, case.biases)
    with checks("right of 0 as ReLU", needs=deep, weight=2):
        expect_close(cure(GRID), GRID.numpy(), x=GRID, rtol=OUTPUT_RTOL)
    with checks("left of 0 a slope from 0.001 to 0.9", needs=deep, weight=3):
        expect_slopes(cure, -GRID[GRID <= NEAR])
    with checks("a slope far left too", needs=deep, weight=2):
        expect_slopes(cure, -GRID[GRID >= NEAR])
    with checks("gradients follow from slope and weights", needs=deep, weight=2):
        expect_gradients_of_one_layer(function, cure)
        expect_gradients_between_slopes(cure, GRID)
        expect_gradients_between_slopes(cure, -GRID)
    places = {
        "a channel of Conv2d gets a gradient": convolution(),
        "a ReLU module used twice": shared_relu(),
        "a network with a class of its own": own_class(),
    }
    for name, case in places.items():
        with checks(name, needs=deep):
            expect_gradient_in_every_unit(_revived(function, case), case.X, case.biases)
            expect_outputs(function, cure, case)
    with checks("nothing else in the network changes", needs=deep):
        for case in (nested(), living_neighbours()):
            expect_outputs(function, cure, case)
    case = train_and_eval()
    with checks("batch norm, dropout and modes are kept", needs=deep):
        expect_outputs(function, cure, case)
        _expect_modes_kept(student_side.run(network_state, _revived(function, case))["modes"], case.network)
    with checks("a float64 network stays float64", needs=deep):
        case = in_double_precision(nested())
        expect_gradient_in_every_unit(_revived(function, case), case.X, case.biases)
        expect_outputs(function, cure, case)
    case = train_and_eval()
    with checks("weights and buffers under the same names", needs=deep):
        for other in (nested(), case):
            expect_same_weights(_revived(function, other), other.network)
    with checks("the original stays as it was", needs=deep):
        expect_state_unchanged(function, nested().network)
        expect_modes_unchanged(function, case.network)
        expect_hooks_unchanged(function, nested().network)
        expect_gradients_unchanged(function, nested().network)
    with checks("weights of its own", needs=deep):
        expect_weights_of_its_own(function, nested().network)


class Cure:
    """The activation that the student uses instead of ReLU, known by its values."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, z: Tensor) -> Tensor:
        """Return the activation of each entry of `z`, any shape, float32."""
        unit = nn.Linear(1, 1)
        nn.init.ones_(unit.weight)
        nn.init.zeros_(unit.bias)
        network = result_with_network(self._function, nn.Sequential(unit, nn.ReLU()))
        answer = student_side.run(output_and_gradients, network, z.reshape(-1, 1))
        return _tensor(answer["output"], (z.numel(), 1)).reshape(z.shape)

    def derivatives(self, z: Tensor) -> Tensor:
        """Return what autograd says the slope is at each entry of `z`, shape (n,).

        For each there is a unit with that bias and weight 0, so the gradient of the bias is the slope there.
        """
        units = nn.Linear(1, len(z))
        nn.init.zeros_(units.weight)
        with torch.no_grad():
            units.bias.copy_(z)
        network = result_with_network(self._function, nn.Sequential(units, nn.ReLU()))
        gradient = student_side.run(output_and_gradients, network, torch.zeros(1, 1))["gradients"].get("0.bias")
        if gradient is None:
            raise AssertionError("No gradient reaches 0.bias.")
        return _tensor(gradient, (len(z),)) / weights_of_sum(z)

    def slopes(self, z: Tensor) -> Tensor:
        """Return the slope at each entry of `z`, from values at `z` and 1 % (at least 0.01) further from 0.

        Both lie on one side of 0, so that the kink there stays out of it.
        """
        step = torch.sign(z) * torch.clamp(0.01 * z.abs(), min=0.01)
        further = z + step  # rounded: the slope divides by the step as it came out
        near, far = self(torch.stack([z, further]))
        return (far - near) / (further - z)


class _AsStudent(nn.Module):
    """An activation that asks the student's for each value."""

    def __init__(self, cure: Cure) -> None:
        super().__init__()
        self._cure = cure

    def forward(self, z: Tensor) -> Tensor:
        return self._cure(z.float()).to(z.dtype)


def expect_slopes(cure: Cure, z: Tensor) -> None:
    """Expect slopes from 0.001 to 0.9 between all neighbours in `z`, negative and falling; near 0, from 0.001 on."""
    slopes, slack = chords(cure, z)
    for at, slope, error in zip(z.tolist(), slopes.tolist(), slack.tolist(), strict=False):
        highest = MAX_SLOPE if at <= -BEND_ENDS else math.inf
        if not MIN_SLOPE * (1 - SLOPE_SLACK) - error <= slope <= highest * (1 + SLOPE_SLACK) + error:
            wanted = "from 0.001 to 0.9" if at <= -BEND_ENDS else "at least 0.001"
            raise AssertionError(
                f"At a pre-activation of {at:.4g} the slope is {slope + 0.0:.3g}; it must be {wanted} there."
            )


def chords(cure: Cure, z: Tensor) -> tuple[Tensor, Tensor]:
    """Return the slope from each entry of `z` to the next, and how far float32 may be off, shapes (n - 1,) in float64.

    A value is rounded when it is computed from parts, which may be larger: up to as large as `z`.
    """
    values, at = cure(z).double(), z.double()
    size = torch.maximum(values.abs(), 0.1 * at.abs())
    width = at.diff().abs()
    return values.diff() / at.diff(), 2 * EPSILON * torch.maximum(size[1:], size[:-1]) / width


def expect_gradients_between_slopes(cure: Cure, z: Tensor) -> None:
    """Expect autograd's slope at each entry of `z` to lie between the slopes to its two neighbours, or nearly.

    Those are differences of values: a gradient that does not belong to them, NaN among others, is seen wherever it is.
    """
    slopes, slack = chords(cure, z)
    left, right, error = slopes[:-1], slopes[1:], torch.maximum(slack[1:], slack[:-1])
    margin = GRADIENT_RTOL * torch.maximum(left.abs(), right.abs()) + error
    found = cure.derivatives(z).double()[1:-1]
    low, high = torch.minimum(left, right) - margin, torch.maximum(left, right) + margin
    wrong = ~((found >= low) & (found <= high))
    if bool(wrong.any()):
        place = int(wrong.int().argmax())
        raise AssertionError(
            f"At a pre-activation of {z[1:-1][place]:.4g} backpropagation takes a slope of {found[place]:.3g}; "
            f"the values there have a slope of {right[place] + 0.0:.3g}."
        )


def expect_outputs(function: Callable[..., Any], cure: Cure, case: Case) -> None:
    """Expect the outputs, in eval mode, that the original's weights and the cure give."""
    twin = with_activation(case.network, lambda: _AsStudent(cure)).eval()
    with torch.no_grad():
        expected = twin(case.X)
    answer = student_side.run(output_and_gradients, _revived(function, case), case.X)
    actual = _tensor(answer["output"], tuple(expected.shape))
    scale = float(expected.abs().max())
    if actual.dtype != expected.dtype:
        raise AssertionError(f"The new network gives {actual.dtype}, the original {expected.dtype}.")
    if not within(actual, expected, OUTPUT_RTOL, OUTPUT_RTOL * scale).all():
        far = float((actual - expected).abs().max())
        raise AssertionError(
            f"The outputs differ by up to {far:.3g} from those of the same network with your activation for ReLU."
        )


def expect_gradients_of_one_layer(function: Callable[..., Any], cure: Cure) -> None:
    """Expect the first layer's gradients to be what backpropagation gives with slopes taken from values.

    With output weights v and the sum's weights c: dL/dz = c v f'(z), dL/db its sum over the rows, dL/dW = (dL/dz)^T X.
    """
    case = one_hidden_layer()
    gradients = student_side.run(output_and_gradients, _revived(function, case), case.X)["gradients"]
    with torch.no_grad():
        z = case.network.get_submodule("0")(case.X)
        backward = weights_of_sum(z[:, :1]) * case.network.get_parameter("2.weight") * cure.slopes(z)
        expected = {"0.bias": backward.sum(dim=0), "0.weight": backward.T @ case.X}
    for name, right in expected.items():
        if gradients.get(name) is None:
            raise AssertionError(f"No gradient reaches {name}.")
        actual = _tensor(gradients[name], tuple(right.shape))
        scale = right.abs().amax(dim=-1, keepdim=True) if right.ndim > 1 else right.abs()
        if not within(actual, right, 0.0, GRADIENT_RTOL * scale).all():
            raise AssertionError(f"The gradient of {name} is not what the slope of your activation gives.")


def in_double_precision(case: Case) -> Case:
    """Return the case with its network and batch in float64."""
    return replace(case, network=case.network.double(), X=case.X.double())


def _revived(function: Callable[..., Any], case: Case) -> Any:
    return result_with_network(function, case.network)


def _expect_modes_kept(modes: Any, network: nn.Module) -> None:
    for name, training in network_state(network)["modes"].items():
        # A new activation has no use for its mode.
        if "ReLU" not in type(network.get_submodule(name)).__name__ and modes.get(name) != training:
            raise AssertionError(
                f"In the new network {place(name)} is not in the mode, train or eval, of the original."
            )


def _tensor(value: Any, shape: tuple[int, ...]) -> Tensor:
    """Return `value` if it is a float tensor of that shape."""
    if not isinstance(value, Tensor) or not value.is_floating_point():
        raise AssertionError(f"Expected a tensor of numbers, got {described(value)}.")
    if tuple(value.shape) != shape:
        raise AssertionError(f"Expected shape {shape}, got {tuple(value.shape)}.")
    return value.detach()

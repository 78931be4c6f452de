"""Checks of functions that count dead units, and of one that revives them, on networks whose dead units are known."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autograder.reference.dead_neurons import count_dead_units, with_activation
from course.checks import Checks, expect_close, student_side
from course.checks.beside.networks import Residual, modes_of, output_and_gradients, weights_of_sum
from course.checks.dead_neurons import (
    expect_gradient_in_every_unit,
    expect_gradients_unchanged,
    expect_hooks_unchanged,
    expect_modes_unchanged,
    expect_same_weights,
    expect_state_unchanged,
    expect_weights_of_its_own,
    place,
)
from course.checks.student_side import type_name

SHARE_RTOL = 1e-6
"""Relative tolerance of shares: they are ratios of small integers, and float32 holds those to 6e-8."""

OUTPUT_RTOL = 1e-4
"""Relative tolerance of a revived network's float32 outputs, for sums carried out in another order."""

GRADIENT_RTOL = 0.02
"""Relative tolerance of gradients: slopes are taken from values 1 % apart, so a curved cure is off by its curvature."""

MIN_SLOPE, MAX_SLOPE = 0.001, 0.9
"""Slopes that a cure may have left of 0: the task states them."""

SLOPE_SLACK = 1e-3
"""Relative error of a slope taken from float32 values 1 % apart: 2 * 6e-8 / 0.01, times a margin of eighty."""

RIGHT = ("right for one ReLU layer", "right for a nested network")
"""One of these two must pass before any other check of the counting functions counts."""


@dataclass(frozen=True)
class Case:
    """A network, a batch for it, and what is known of its dead units by construction.

    Attributes
    ----------
    dead, units : tuple[int, ...]
        Of each ReLU layer, in running order.
    biases : tuple[str, ...]
        Names of the biases whose entries are the units of those layers.
    """

    network: nn.Module
    X: Tensor
    dead: tuple[int, ...]
    units: tuple[int, ...]
    biases: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share of dead units among all units; 0 where there is none."""
        return sum(self.dead) / sum(self.units) if self.units else 0.0

    @property
    def shares(self) -> list[float]:
        """Share of dead units of each layer."""
        return [dead / units for dead, units in zip(self.dead, self.units, strict=True)]


# Networks with a known number of dead units --------------------------------------------------------------


class _Maker:
    """Makes layers with random weights and a chosen number of dead units, the same at every run."""

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)

    def batch(self, *shape: int) -> Tensor:
        """Return inputs between -1 and 1, as `linear` needs them."""
        return self._uniform(*shape)

    def linear(self, inputs: int, units: int, dead: int = 0) -> nn.Linear:
        """Return a layer whose last `dead` units are negative on inputs that are all in [-1, 1] or all positive."""
        return self._filled(nn.Linear(inputs, units), inputs, dead)

    def conv(self, channels: int, units: int, dead: int = 0) -> nn.Conv2d:
        """Return a 2 by 2 convolution whose last `dead` channels are dead, as in `linear`."""
        layer = nn.Conv2d(channels, units, kernel_size=2)
        return self._filled(layer, 4 * channels, dead)

    def _filled(self, layer: Any, fan_in: int, dead: int) -> Any:
        with torch.no_grad():
            # Weights lean to the positive side, or units fed by many positive inputs would die by chance.
            layer.weight.copy_(self._uniform(*layer.weight.shape) + 0.2)
            layer.bias.copy_(0.4 * self._uniform(*layer.bias.shape))
            first_dead = len(layer.bias) - dead
            layer.weight[first_dead:] = -layer.weight[first_dead:].abs()
            layer.bias[first_dead:] = -fan_in - 0.5
        return layer

    def _uniform(self, *shape: int) -> Tensor:
        return 2 * torch.rand(shape, generator=self._generator) - 1


def nested() -> Case:
    """Return three ReLU layers, in Sequentials within Sequentials, each silent on many rows."""
    make = _Maker(14)
    inner = nn.Sequential(nn.Sequential(make.linear(8, 6, dead=3), nn.ReLU()), make.linear(6, 5, dead=1))
    network = nn.Sequential(nn.Sequential(make.linear(3, 8, dead=2), nn.ReLU()), inner, nn.ReLU(), make.linear(5, 2))
    return Case(network, make.batch(60, 3), (2, 3, 1), (8, 6, 5), ("0.0.bias", "1.0.0.bias", "1.1.bias"))


def unequal_widths() -> Case:
    """Return a wide healthy layer and a narrow one that is nearly dead."""
    make = _Maker(2)
    network = nn.Sequential(make.linear(4, 15), nn.ReLU(), make.linear(15, 3, dead=2), nn.ReLU())
    return Case(network, make.batch(80, 4), (0, 2), (15, 3), ("0.bias", "2.bias"))


def none_dead() -> Case:
    """Return every unit lives, and each is silent on about half of the rows."""
    make = _Maker(3)
    return Case(nn.Sequential(make.linear(4, 7), nn.ReLU(), make.linear(7, 2)), make.batch(100, 4), (0,), (7,))


def all_dead() -> Case:
    """Return every unit of both layers is dead."""
    make = _Maker(4)
    layers = make.linear(4, 6, dead=6), nn.ReLU(), make.linear(6, 3, dead=3), nn.ReLU(), make.linear(3, 1)
    return Case(nn.Sequential(*layers), make.batch(30, 4), (6, 3), (6, 3), ("0.bias", "2.bias"))


def no_relu() -> Case:
    """Return no ReLU at all, and outputs that are 0 none the less."""
    make = _Maker(5)
    last = make.linear(4, 3)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return Case(nn.Sequential(make.linear(2, 4), nn.Tanh(), last), make.batch(10, 2), (), ())


def one_row() -> Case:
    """Return each unit is 0 on 300 rows but one, and that one is neither the first nor the last."""
    layer = nn.Linear(2, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]))
        layer.bias.copy_(torch.tensor([-0.5, -0.5, -0.5]))
    X = torch.zeros(300, 2)
    X[211], X[87] = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    return Case(nn.Sequential(layer, nn.ReLU()), X, (1,), (3,))


def tiny_outputs() -> Case:
    """Four dead units, and four that live although they never give more than 1e-9."""
    make = _Maker(6)
    layer = make.linear(3, 8, dead=4)
    with torch.no_grad():
        layer.weight.mul_(1e-10)
        layer.bias.mul_(1e-10)
    return Case(nn.Sequential(layer, nn.ReLU()), make.batch(50, 3), (4,), (8,))


def convolution() -> Case:
    """Return two convolutions and a linear layer; some living channels are 0 on every row at one position."""
    make = _Maker(8)
    network = nn.Sequential(
        make.conv(2, 6, dead=2), nn.ReLU(), make.conv(6, 4, dead=3), nn.ReLU(),
        nn.Flatten(), make.linear(16, 5, dead=1), nn.ReLU(), make.linear(5, 2),
    )  # fmt: skip
    X = make.batch(20, 2, 4, 4)
    X[:, :, :2, :2] = 0.0  # in this corner the first layer gives its bias, which may be negative
    return Case(network, X, (2, 3, 1), (6, 4, 5), ("0.bias", "2.bias", "5.bias"))


def shared_relu() -> Case:
    """Return one ReLU module in two places, with different dead units in each."""
    make, relu = _Maker(8), nn.ReLU()
    network = nn.Sequential(make.linear(3, 10, dead=1), relu, make.linear(10, 4, dead=3), relu, make.linear(4, 1))
    return Case(network, make.batch(50, 3), (1, 3), (10, 4), ("0.bias", "2.bias"))


def other_activations() -> Case:
    """Return a Tanh that gives exactly 0 everywhere, a Hardtanh stuck at 0, a Leaky ReLU, and one ReLU."""
    make = _Maker(9)
    silent = make.linear(4, 5)
    nn.init.zeros_(silent.weight)
    nn.init.zeros_(silent.bias)
    stuck = nn.Sequential(make.linear(3, 4, dead=4), nn.Hardtanh(0.0, 1.0))
    last = make.linear(5, 4)
    with torch.no_grad():
        last.bias.copy_(torch.tensor([0.3, 0.1, 0.2, -0.5]))  # its input is 0: the bias alone decides
    network = nn.Sequential(stuck, make.linear(4, 4), nn.LeakyReLU(0.1), silent, nn.Tanh(), last, nn.ReLU())
    return Case(network, make.batch(20, 3), (1,), (4,))


def living_neighbours() -> Case:
    """Return a ReLU among other activations that all matter for the output."""
    make = _Maker(16)
    network = nn.Sequential(
        make.linear(3, 6), nn.Tanh(), make.linear(6, 5, dead=2), nn.ReLU(),
        make.linear(5, 4), nn.LeakyReLU(0.3), make.linear(4, 3), nn.Hardtanh(0.0, 1.0),
    )  # fmt: skip
    return Case(network, make.batch(20, 3), (2,), (5,), ("2.bias",))


def in_place() -> Case:
    """ReLUs that write over their input."""
    make = _Maker(9)
    first, second = nn.ReLU(inplace=True), nn.ReLU(inplace=True)
    network = nn.Sequential(make.linear(3, 5, dead=2), first, make.linear(5, 6, dead=1), second)
    return Case(network, make.batch(40, 3), (2, 1), (5, 6))


def own_class() -> Case:
    """Return two residual blocks, whose outer ReLU is declared first and runs last."""
    make = _Maker(11)
    first = Residual(nn.Sequential(make.linear(4, 8, dead=4), nn.ReLU(), make.linear(8, 4)))
    second = Residual(nn.Sequential(make.linear(4, 6, dead=1), nn.ReLU(), make.linear(6, 4, dead=3)))
    network = nn.Sequential(make.linear(3, 4), first, second)
    inner = ("1.block.0.bias", "2.block.0.bias")
    counts = count_dead_units(network, X := make.batch(60, 3))
    return Case(network, X, tuple(c.dead for c in counts), tuple(c.units for c in counts), inner)


def train_and_eval() -> Case:
    """Return a network in train mode with a frozen batch norm; dropout and batch statistics would give other counts."""
    make = _Maker(12)
    learning, frozen = nn.BatchNorm1d(6), nn.BatchNorm1d(4)
    network = nn.Sequential(
        make.linear(3, 6), learning, nn.ReLU(), nn.Dropout(0.99), make.linear(6, 4), frozen, nn.ReLU()
    )
    with torch.no_grad():
        # So far right of the batch that these units are dead, but in eval mode only: then five of the first layer, more
        # than the second layer has at all, so no luck with dropout makes up for them.
        learning.get_buffer("running_mean")[:5] = 50.0
        frozen.get_buffer("running_mean")[3] = 50.0
    frozen.eval()
    return Case(network, make.batch(40, 3), (5, 1), (6, 4), ("1.bias", "5.bias"))


def single_row() -> Case:
    """Return one row in float64."""
    make = _Maker(5)
    network, X = nn.Sequential(make.linear(3, 6, dead=2), nn.ReLU()).double(), make.batch(1, 3).double()
    dead = int((network(X) == 0).sum())
    return Case(network, X, (dead,), (6,))


def random_network(seed: int, layers: int) -> Case:
    """Return a network of so many ReLU layers, with random widths and a random number of dead units in each."""
    draw, make = np.random.default_rng(seed), _Maker(seed)
    widths = draw.integers(2, 9, size=layers).tolist()
    dead = [int(draw.integers(0, width + 1)) for width in widths]
    modules: list[nn.Module] = []
    for inputs, width, silent in zip([3, *widths], widths, dead, strict=False):
        modules += [make.linear(inputs, width, silent), nn.ReLU()]
    network, X = nn.Sequential(*modules), make.batch(50, 3)
    counts = count_dead_units(network, X)
    return Case(network, X, tuple(c.dead for c in counts), tuple(c.units for c in counts))


# Counting ------------------------------------------------------------------------------------------------


def check_dead_neuron_rate(checks: Checks, function: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check `dead_neuron_rate(model, X)`: one share for the whole network.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Callable[..., Any]
        The student's function.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """

    def expect_rate(case: Case) -> None:
        try:
            expect_close(_called(function, case), case.rate, rtol=SHARE_RTOL)
        except AssertionError as error:
            found = f"{sum(case.dead)} of {sum(case.units)} units in {len(case.units)} ReLU layers are dead"
            raise AssertionError(f"{found}: {error}") from None

    _check_counts(checks, function, expect_rate, needs)
    with checks("gives a float", needs=RIGHT):
        value = _called(function, nested())
        if not isinstance(value, float):
            raise AssertionError(f"Expected a float, got a value of type {type_name(value)}.")


def check_dead_by_layer(checks: Checks, function: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check `dead_by_layer(model, X)`: a share for each ReLU layer, in running order.

    Parameters are those of `check_dead_neuron_rate`.
    """

    def expect_shares(case: Case) -> None:
        expect_layers(_called(function, case), case.shares)

    _check_counts(checks, function, expect_shares, needs)
    with checks("gives a list of floats", needs=RIGHT):
        value = _called(function, nested())
        if not isinstance(value, list):
            raise AssertionError(f"Expected a list, got a value of type {type_name(value)}.")
        for share in value:
            if not isinstance(share, float):
                raise AssertionError(f"Expected floats in the list, got a value of type {type_name(share)}.")


def expect_layers(actual: Any, expected: Sequence[float]) -> None:
    """Expect one share for each layer, in order; the message names the first layer that is wrong."""
    if not isinstance(actual, list | tuple | np.ndarray | Tensor):
        raise AssertionError(f"Expected a list of shares, got a value of type {type_name(actual)}.")
    shares = np.asarray(actual, dtype=np.float64)
    if shares.shape != (len(expected),):
        raise AssertionError(f"ReLU layers of the network: {len(expected)}; shares in the list: {shares.size}.")
    for number, (share, right) in enumerate(zip(shares, expected, strict=True), start=1):
        if not abs(share - right) <= SHARE_RTOL * abs(right):
            raise AssertionError(f"Layer {number} of {len(expected)}: got {share:.4g}, expected {right:.4g}.")


def _check_counts(
    checks: Checks,
    function: Callable[..., Any],
    expect: Callable[[Case], None],
    needs: Sequence[str],
) -> None:
    """Add the checks that both counting functions share.

    A constant and a table of the visible answers earn nothing: all need one of the first two, of unseen networks.
    """
    with checks(RIGHT[0], needs=needs):
        for seed in range(31, 35):
            expect(random_network(seed, layers=1))
    with checks(RIGHT[1], needs=needs):
        expect(nested())
    for name, cases in _groups().items():
        with checks(name, needs=RIGHT):
            for case in cases:
                expect(case)
    _check_manners(checks, function)


def _groups() -> dict[str, list[Case]]:
    """Return networks by the name of the check that counts their dead units."""
    return {
        "right on random networks": [random_network(20 + layers, layers) for layers in (2, 3, 4)],
        "layers of different width": [unequal_widths()],
        "no unit dead, and every unit dead": [none_dead(), all_dead()],
        "no ReLU at all": [no_relu()],
        "one row out of 300 makes a unit alive": [one_row()],
        "a tiny output is not 0": [tiny_outputs()],
        "a channel of Conv2d is one unit": [convolution()],
        "a ReLU module used twice is two layers": [shared_relu()],
        "other activations do not count": [other_activations()],
        "ReLU(inplace=True)": [in_place()],
        "a network with a class of its own": [own_class()],
        "a single row, and float64": [single_row()],
        "measured in eval mode": [train_and_eval()],
    }


def _check_manners(checks: Checks, function: Callable[..., Any]) -> None:
    """Check that counting leaves the network as it was: weights, modes, gradients, hooks."""
    plain, mixed = nested(), train_and_eval()
    with checks("leaves weights and buffers as they were", needs=RIGHT):
        expect_state_unchanged(function, mixed.network, mixed.X)
    with checks("leaves every module in its mode", needs=RIGHT):
        expect_modes_unchanged(function, mixed.network, mixed.X)
        expect_modes_unchanged(function, plain.network.eval(), plain.X)
    with checks("leaves gradients as they were", needs=RIGHT):
        expect_gradients_unchanged(function, mixed.network, mixed.X)
    with checks("leaves other people's hooks alone", needs=RIGHT):
        expect_hooks_unchanged(function, plain.network, plain.X)


def _called(function: Callable[..., Any], case: Case) -> Any:
    """Call the student's function on a copy, as the examiner does anyway: what it does to it must not come back."""
    return function(copy.deepcopy(case.network), case.X.clone())


# Reviving ------------------------------------------------------------------------------------------------


def check_revive(checks: Checks, function: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check `revive(model)`, by what the new network does and not by what it is made of.

    The activation that stands in the place of ReLU is known from the revived network of one unit with weights 1. With
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
        z = torch.tensor([1e-3, 0.1, 0.7, 2.0, 40.0])
        expect_close(cure(z), z.numpy(), x=z, rtol=OUTPUT_RTOL)
    with checks("left of 0 a slope from 0.001 to 0.9", needs=deep, weight=3):
        expect_slopes(cure, -torch.linspace(0.5, 4.0, 8))
    with checks("a slope far left too", needs=deep, weight=2):
        expect_slopes(cure, -torch.tensor([20.0, 60.0, 150.0, 300.0, 1000.0]))
    with checks("gradients follow from slope and weights", needs=deep):
        expect_gradients_of_one_layer(function, cure)
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
        _expect_modes_kept(student_side.run(modes_of, _revived(function, case)), case.network)
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
    """The activation that the student puts in the place of ReLU, known by its values."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, z: Tensor) -> Tensor:
        """Return the activation of each entry of `z`, any shape, float32."""
        unit = nn.Linear(1, 1)
        nn.init.ones_(unit.weight)
        nn.init.zeros_(unit.bias)
        network = self._function(nn.Sequential(unit, nn.ReLU()))
        answer = student_side.run(output_and_gradients, network, z.reshape(-1, 1))
        return _tensor(answer["output"], (z.numel(), 1)).reshape(z.shape)

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
        return self._cure(z)


def expect_slopes(cure: Cure, z: Tensor) -> None:
    """Expect slopes from 0.001 to 0.9 at every entry of `z`, all negative."""
    for at, slope in zip(z.tolist(), cure.slopes(z).tolist(), strict=True):
        if not MIN_SLOPE * (1 - SLOPE_SLACK) <= slope <= MAX_SLOPE * (1 + SLOPE_SLACK):
            raise AssertionError(
                f"At a pre-activation of {at:.4g} the slope is {slope + 0.0:.3g}; it must be from 0.001 to 0.9 there."
            )


def expect_outputs(function: Callable[..., Any], cure: Cure, case: Case) -> None:
    """Expect the outputs, in eval mode, that the original's weights and the cure give."""
    twin = with_activation(case.network, lambda: _AsStudent(cure)).eval()
    with torch.no_grad():
        expected = twin(case.X)
    answer = student_side.run(output_and_gradients, _revived(function, case), case.X)
    actual = _tensor(answer["output"], tuple(expected.shape))
    scale = float(expected.abs().max())
    if not torch.allclose(actual, expected, rtol=OUTPUT_RTOL, atol=OUTPUT_RTOL * scale):
        far = float((actual - expected).abs().max())
        raise AssertionError(
            f"The outputs differ by up to {far:.3g} from those of the same network with your activation for ReLU."
        )


def one_hidden_layer() -> Case:
    """Four units, two of them dead, and one output; no pre-activation is closer to 0 than 0.02."""
    make = _Maker(15)
    network = nn.Sequential(make.linear(2, 4, dead=2), nn.ReLU(), make.linear(4, 1))
    X = make.batch(12, 2)
    near = (network.get_submodule("0")(X).abs() < 0.02).any(dim=1)
    return Case(network, X[~near], (2,), (4,), ("0.bias",))


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
        if not bool(((actual - right).abs() <= GRADIENT_RTOL * scale).all()):
            raise AssertionError(f"The gradient of {name} is not what the slope of your activation gives.")


def _revived(function: Callable[..., Any], case: Case) -> Any:
    return function(copy.deepcopy(case.network))


def _expect_modes_kept(modes: Any, network: nn.Module) -> None:
    for name, training in modes_of(network).items():
        # A new activation has no use for its mode.
        if "ReLU" not in type(network.get_submodule(name)).__name__ and modes.get(name) != training:
            raise AssertionError(
                f"In the new network {place(name)} is not in the mode, train or eval, of the original."
            )


def _tensor(value: Any, shape: tuple[int, ...]) -> Tensor:
    """Return `value` if it is a float tensor of that shape."""
    if not isinstance(value, Tensor) or not value.is_floating_point():
        raise AssertionError(f"Expected a tensor of numbers, got a value of type {type_name(value)}.")
    if tuple(value.shape) != shape:
        raise AssertionError(f"Expected shape {shape}, got {tuple(value.shape)}.")
    return value.detach()

"""Networks with a known number of dead units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autograder.reference.dead_neurons import count_dead_units
from course.checks.beside.networks import Residual


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
    """Return a network in which every unit is alive, each silent on about half of the rows."""
    make = _Maker(3)
    return Case(nn.Sequential(make.linear(4, 7), nn.ReLU(), make.linear(7, 2)), make.batch(100, 4), (0,), (7,))


def all_dead() -> Case:
    """Return a network in which every unit of both layers is dead."""
    make = _Maker(4)
    layers = make.linear(4, 6, dead=6), nn.ReLU(), make.linear(6, 3, dead=3), nn.ReLU(), make.linear(3, 1)
    return Case(nn.Sequential(*layers), make.batch(30, 4), (6, 3), (6, 3), ("0.bias", "2.bias"))


def no_relu() -> Case:
    """Return a network without any ReLU whose outputs are 0 all the same."""
    make = _Maker(5)
    last = make.linear(4, 3)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return Case(nn.Sequential(make.linear(2, 4), nn.Tanh(), last), make.batch(10, 2), (), ())


def one_row() -> Case:
    """Return a dead unit and two that are 0 on all of 300 rows but one, which is neither the first nor the last."""
    layer = nn.Linear(2, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]))
        layer.bias.copy_(torch.tensor([-0.5, -0.5, -0.5]))
    X = torch.zeros(300, 2)
    X[211], X[87] = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    return Case(nn.Sequential(layer, nn.ReLU()), X, (1,), (3,))


def tiny_outputs() -> Case:
    """Return four dead units, and four that live although they never give more than 1e-9."""
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
    """Return a network whose ReLUs write over their input."""
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
    """Return a network and a single row of inputs in float64."""
    make = _Maker(5)
    network, X = nn.Sequential(make.linear(3, 6, dead=2), nn.ReLU()).double(), make.batch(1, 3).double()
    dead = int((network(X) == 0).sum())
    return Case(network, X, (dead,), (6,))


def double_precision() -> Case:
    """Return a float64 network whose living units give less than float32 can hold, so that there they would be 0."""
    make = _Maker(21)
    layer = make.linear(3, 7, dead=3).double()
    with torch.no_grad():
        layer.weight.mul_(1e-60)
        layer.bias.mul_(1e-60)
    return Case(nn.Sequential(layer, nn.ReLU()), make.batch(30, 3).double(), (3,), (7,))


def transposed_batch() -> Case:
    """Return a network and pictures whose rows and channels do not lie one after another in memory."""
    make = _Maker(18)
    network = nn.Sequential(make.conv(2, 5, dead=2), nn.ReLU(), nn.Flatten(), make.linear(45, 4, dead=1), nn.ReLU()).to(
        memory_format=torch.channels_last
    )  # type: ignore[call-overload]
    X = make.batch(20, 2, 4, 4).contiguous(memory_format=torch.channels_last)
    return Case(network, X, (2, 1), (5, 4))


def sequences() -> Case:
    """Return a convolution over sequences, whose output (rows, channels, positions) has living channels and dead."""
    make = _Maker(19)
    layer = nn.Conv1d(2, 5, kernel_size=3)
    with torch.no_grad():
        layer.weight.copy_(make.batch(5, 2, 3) + 0.2)
        layer.get_parameter("bias").copy_(torch.tensor([0.1, -0.2, 0.0, -7.0, -7.0]))
        layer.weight[3:] = -layer.weight[3:].abs()
    return Case(nn.Sequential(layer, nn.ReLU()), make.batch(12, 2, 9), (2,), (5,))


def overwritten() -> Case:
    """Return ReLUs whose output the next layer writes over: dead units come to look alive, and living ones dead."""
    make = _Maker(20)
    network = nn.Sequential(
        make.linear(3, 6, dead=2), nn.ReLU(), nn.Hardtanh(0.5, 9.0, inplace=True),
        make.linear(6, 5, dead=1), nn.ReLU(), nn.Threshold(50.0, 0.0, inplace=True),
    )  # fmt: skip
    return Case(network, make.batch(40, 3), (2, 1), (6, 5))


def random_network(seed: int, layers: int) -> Case:
    """Return a network of `layers` ReLU layers, with random widths and a random number of dead units in each."""
    draw, make = np.random.default_rng(seed), _Maker(seed)
    widths = draw.integers(2, 9, size=layers).tolist()
    dead = [int(draw.integers(0, width + 1)) for width in widths]
    modules: list[nn.Module] = []
    for inputs, width, silent in zip([3, *widths], widths, dead, strict=False):
        modules += [make.linear(inputs, width, silent), nn.ReLU()]
    network, X = nn.Sequential(*modules), make.batch(50, 3)
    counts = count_dead_units(network, X)
    return Case(network, X, tuple(c.dead for c in counts), tuple(c.units for c in counts))


def one_hidden_layer() -> Case:
    """Return four units, two of them dead, and one output; no pre-activation is closer to 0 than 0.02."""
    make = _Maker(15)
    network = nn.Sequential(make.linear(2, 4, dead=2), nn.ReLU(), make.linear(4, 1))
    X = make.batch(12, 2)
    near = (network.get_submodule("0")(X).abs() < 0.02).any(dim=1)
    return Case(network, X[~near], (2,), (4,), ("0.bias",))

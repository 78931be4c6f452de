"""Small networks fitted to a curve, one for each of several seeds, with any activation and two kinds of start.

For what periodic activations (SIREN, Snake) do that others do not, and for the controls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from course.computations.training import batches, descend, one_thread

SIZES = (1, 64, 64, 1)
SEEDS = 5
STEPS = 800
OMEGA = 30.0
"""What SIREN multiplies pre-activations by: Sitzmann et al., "Implicit Neural Representations with Periodic Activation
Functions" (2020)."""


def siren(z: Tensor) -> Tensor:
    """Return sin(30 z)."""
    return torch.sin(OMEGA * z)


class Curves(nn.Module):
    """Networks of one shape, one for each seed.

    Parameters
    ----------
    activation : callable
        From Tensor to Tensor, element by element.
    stretch : float
        Multiplies weights and biases of the first layer at the start.
    as_siren : bool
        Whether the weights start as SIREN's do, and not as those of nn.Linear.
    """

    def __init__(self, activation: Callable[[Tensor], Tensor], *, stretch: float = 1.0, as_siren: bool = False) -> None:
        super().__init__()
        self.activation = activation
        generator = torch.Generator().manual_seed(0)
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for layer, (fan_in, fan_out) in enumerate(pairwise(SIZES)):
            bound = fan_in**-0.5
            size = bound if layer or not as_siren else 1.0 / fan_in
            if as_siren and layer:
                size = 6**0.5 * bound / OMEGA
            factor = stretch if layer == 0 else 1.0
            weight = 2 * torch.rand(SEEDS, fan_in, fan_out, generator=generator) - 1
            bias = 2 * torch.rand(SEEDS, 1, fan_out, generator=generator) - 1
            self.weights.append(nn.Parameter(weight * size * factor))
            self.biases.append(nn.Parameter(bias * bound * factor))

    def forward(self, x: Tensor) -> Tensor:
        """Return the curve of each seed, (SEEDS, n), at the points `x`, shape (n,)."""
        h = x[:, None].expand(SEEDS, -1, -1)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = torch.baddbmm(bias, self.activation(h) if layer else h, weight)
        return h.squeeze(-1)


def squared_error(curves: Curves, x: Tensor, y: Tensor) -> Tensor:
    """Return the mean squared error of each seed: shape (SEEDS,)."""
    return (curves(x) - y).square().mean(dim=1)


def fit(curves: Curves, x: Tensor, y: Tensor, steps: int = STEPS) -> Curves:
    """Train with Adam at 0.001 on all points in each step, and return what was trained."""
    optimizer = torch.optim.Adam(curves.parameters(), lr=1e-3, fused=True)

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum over seeds, which do not touch each other."""
        return (outputs - targets).square().mean(dim=1).sum()

    deque(descend(curves, loss, batches(x, y, steps=steps), optimizer), maxlen=0)
    return curves


@one_thread()
@torch.no_grad()
def spread(curves: Curves, x: Tensor, y: Tensor) -> tuple[float, float, float]:
    """Return median, smallest and largest mean squared error over seeds."""
    errors = squared_error(curves, x, y)
    return errors.median().item(), errors.min().item(), errors.max().item()

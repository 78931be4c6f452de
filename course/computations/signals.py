"""Signals and gradients in deep networks before the first training step, for several seeds at once.

The networks have equal hidden layers: z = W h + b, then h' = f(z), or h' = h + f(z) with residual connections. They
classify handwritten digits. All seeds are computed together, as one batch of matrices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.computations.data import digits
from course.computations.functions import ACTIVATIONS, FloatArray
from course.computations.training import one_thread

WIDTH = 64  # units of every hidden layer, and pixels of a digit
CLASSES = 10
SAMPLES = 16
SEEDS = 5
DEEPEST = 30
INITIALISATIONS = {"default": 1 / 3, "xavier": 1.0, "he": 2.0}
"""Variance of a hidden weight, times fan_in."""
INITIALISATION_LABELS = {"default": "PyTorch's default", "xavier": "Xavier (Glorot)", "he": "He (Kaiming)"}


@dataclass(frozen=True)
class Network:
    """A deep network at the start of training.

    Attributes
    ----------
    activation : str
        A key of `course.computations.functions.ACTIVATIONS`.
    depth : int
        Hidden layers, 1 to DEEPEST.
    initialisation : str
        A key of INITIALISATIONS. The default draws weights and biases uniformly from ±1/√fan_in, as nn.Linear
        does (variance 1/(3·fan_in)). The others draw normal weights and have no biases. Xavier's variance
        2/(fan_in + fan_out) is 1/fan_in here, because hidden layers have as many outputs as inputs.
    scale : float
        Multiplies every hidden weight, positive.
    residual : bool
        Whether each hidden layer adds its input to its output.
    """

    activation: str
    depth: int = 20
    initialisation: str = "xavier"
    scale: float = 1.0
    residual: bool = False


@dataclass(frozen=True)
class Signals:
    """What one forward and one backward pass leave in the hidden layers: float32, axes (layer, seed, sample, unit).

    `inputs` are what each layer was fed, `gradients` the derivatives of the mean loss by the pre-activations.
    """

    inputs: Tensor
    pre_activations: Tensor
    gradients: Tensor


@cache
def _draws(uniform: bool) -> tuple[Tensor, ...]:
    """Return numbers of mean 0 and variance 1: for hidden weights, their biases, and the output layer."""
    generator = torch.Generator().manual_seed(0)
    shapes = ((DEEPEST, SEEDS, WIDTH, WIDTH), (DEEPEST, SEEDS, 1, WIDTH), (SEEDS, WIDTH, CLASSES))
    if uniform:
        return tuple((2 * torch.rand(shape, generator=generator) - 1) * math.sqrt(3) for shape in shapes)
    return tuple(torch.randn(shape, generator=generator) for shape in shapes)


def factors(network: Network) -> tuple[float, float, float]:
    """Return the standard deviations of the hidden weights, of their biases, and of the output layer's weights."""
    spread = math.sqrt(INITIALISATIONS[network.initialisation] / WIDTH)
    return spread * network.scale, spread if network.initialisation == "default" else 0.0, spread


def parameters(network: Network, seeds: int = SEEDS) -> tuple[Tensor, Tensor, Tensor]:
    """Return weights (depth, seeds, in, out), biases (depth, seeds, 1, out), output weights (seeds, in, CLASSES)."""
    weights, biases, output = _draws(network.initialisation == "default")
    weight, bias, last = factors(network)
    return weights[: network.depth, :seeds] * weight, biases[: network.depth, :seeds] * bias, output[:seeds] * last


@one_thread()
def propagate(network: Network, seeds: int = SEEDS) -> Signals:
    """Run one forward and one backward pass of the digits' cross-entropy, for the first `seeds` seeds."""
    f = ACTIVATIONS[network.activation].torch_function
    weights, biases, output = _draws(network.initialisation == "default")
    weight, bias, last = factors(network)
    x, labels = (part[:SAMPLES] for part in digits()[:2])  # none held out: nothing is learned from them
    h = x.expand(seeds, -1, -1)
    inputs, pre_activations = [], []
    for w, b in zip(weights[: network.depth, :seeds], biases[:, :seeds], strict=False):
        z = torch.baddbmm(b, h, w, beta=bias, alpha=weight)
        if not z.requires_grad:  # the first layer: derivatives are taken from here on
            z.requires_grad_()
        inputs.append(h.detach())
        pre_activations.append(z)
        h = h + f(z) if network.residual else f(z)
    logits = last * (h @ output[:seeds]).flatten(0, 1)
    # A sum over seeds, which do not touch each other: each seed gets the gradient of its own mean loss.
    loss = F.cross_entropy(logits, labels.repeat(seeds), reduction="sum") / SAMPLES
    gradients = torch.autograd.grad(loss, pre_activations)
    return Signals(torch.stack(inputs), torch.stack(pre_activations).detach(), torch.stack(gradients))


@one_thread()
def weight_gradient_norms(signals: Signals) -> FloatArray:
    """Return the norm of the mean loss's gradient by each hidden layer's weights: shape (depth, seeds)."""
    return _norms(signals.inputs.transpose(-1, -2) @ signals.gradients)


@one_thread()
def pre_activation_gradient_norms(signals: Signals) -> FloatArray:
    """Return the norm of the mean loss's gradient by each layer's pre-activations: shape (depth, seeds)."""
    return _norms(signals.gradients)


@one_thread()
def update_ratios(network: Network, signals: Signals, rate: float) -> FloatArray:
    """Return ‖update‖ / ‖weights‖ of each hidden layer in one step of gradient descent: shape (depth, seeds)."""
    seeds = signals.inputs.shape[1]
    return rate * weight_gradient_norms(signals) / _norms(parameters(network, seeds)[0])


def _norms(matrices: Tensor) -> FloatArray:
    """Return Frobenius norms over the last two axes."""
    return torch.linalg.vector_norm(matrices, dim=(-2, -1), dtype=torch.float64).numpy()


@one_thread()
def slopes(activation: str, z: Tensor) -> Tensor:
    """Return the derivative of the activation at each element of `z`; the shape of `z`."""
    leaf = z.detach().requires_grad_()
    (slope,) = torch.autograd.grad(ACTIVATIONS[activation].torch_function(leaf).sum(), leaf)
    return slope


@one_thread()
def saturation(network: Network, signals: Signals, flat: float = 0.1) -> FloatArray:
    """Return the share of pre-activations, in [0, 1], where the activation's slope is below `flat` in size.

    (depth, seeds).
    """
    small = slopes(network.activation, signals.pre_activations).abs() < flat
    return np.asarray(small.double().mean(dim=(-2, -1)))

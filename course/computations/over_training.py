"""A network of four hidden layers on the digits, examined while it learns: what drifts, what saturates, what dies.

Networks from several seeds are trained side by side, see `course.computations.experiments`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from course.computations.data import digits
from course.computations.experiments import Team
from course.computations.functions import FLAT, FloatArray
from course.computations.signals import slopes
from course.computations.training import batches, descend, one_thread

LAYERS = 4
UNITS = 64  # of every hidden layer
SEEDS = range(3)
STEPS = 80
EVERY = 2  # steps between two records
BATCH = 64
SAMPLES = 300  # digits on which the networks are examined
EDGES = np.linspace(-5.0, 5.0, 81)
"""Of the bins of the histograms."""


@dataclass(frozen=True, eq=False)
class Record:
    """What the networks are after some steps.

    Attributes
    ----------
    step : int
    counts : ndarray, shape (LAYERS, bins)
        Share of the pre-activations in each bin of EDGES, all seeds together.
    spread : ndarray, shape (LAYERS, seeds)
        Standard deviation of the pre-activations.
    flat : ndarray, shape (LAYERS, seeds)
        Share of the pre-activations where the slope is below FLAT in size.
    dead : ndarray of int, shape (LAYERS, seeds)
        Units whose slope is flat on every sample.
    picture : ndarray of bool, shape (LAYERS, UNITS, SAMPLES)
        Where the slope is flat, for the first seed; samples in the order of their classes.
    ratio : ndarray, shape (LAYERS, seeds)
        Norm of the last step over the norm of the weights before it; NaN at the start.
    loss, accuracy : ndarray, shape (seeds,)
        On the samples.
    """

    step: int
    counts: FloatArray
    spread: FloatArray
    flat: FloatArray
    dead: NDArray[np.int64]
    picture: NDArray[np.bool_]
    ratio: FloatArray
    loss: FloatArray
    accuracy: FloatArray


def samples() -> tuple[Tensor, Tensor]:
    """Return the digits on which the networks are examined, the zeros first: shapes (SAMPLES, 64) and (SAMPLES,)."""
    x, y, *_ = digits(hold_out=5, dtype=torch.float64)
    order = y[:SAMPLES].argsort(stable=True)
    return x[order], y[order]


@lru_cache(maxsize=12)
def watch(activation: str, scale: float, rate: float) -> list[Record]:
    """Train networks with Adam and return their records, at step 0 and then every EVERY steps.

    Parameters
    ----------
    activation : str
        A key of `course.computations.functions.ACTIVATIONS`.
    scale : float
        Multiplies the hidden weights at the start, which else suit the activation: see `Team`.
    rate : float
        Learning rate.
    """
    with one_thread(), torch.no_grad():
        team = Team((64, *[UNITS] * LAYERS, 10), activation, SEEDS)
        for weight in team.weights[:LAYERS]:
            weight *= scale
    optimizer = torch.optim.Adam(team.parameters(), rate, fused=True)
    before = _hidden_weights(team)
    records = [_examine(team, activation, 0, np.full((LAYERS, len(SEEDS)), np.nan))]
    for step, _ in enumerate(descend(team, _loss, _batches(), optimizer), start=1):
        after = _hidden_weights(team)
        if step % EVERY == 0:
            ratio = [(_norm(new - old) / _norm(old)).numpy() for new, old in zip(after, before, strict=True)]
            records.append(_examine(team, activation, step, np.array(ratio)))
        before = after
    return records


def _batches() -> Iterator[tuple[Tensor, Tensor]]:
    x, y, *_ = digits(hold_out=5, dtype=torch.float64)
    for given in zip(*(batches(x, y, steps=STEPS, size=BATCH, seed=seed) for seed in SEEDS), strict=True):
        inputs, classes = zip(*given, strict=True)
        yield torch.stack(inputs), torch.stack(classes)


def _loss(logits: Tensor, classes: Tensor) -> Tensor:
    return _losses(logits, classes).sum()  # networks do not touch each other


def _losses(logits: Tensor, classes: Tensor) -> Tensor:
    """Return the mean cross-entropy of each network, shape (seeds,), from shapes (seeds, n, 10) and (seeds, n)."""
    return F.cross_entropy(logits.flatten(0, 1), classes.flatten(), reduction="none").view_as(classes).mean(dim=1)


def _hidden_weights(team: Team) -> list[Tensor]:
    return [weight.detach().clone() for weight in team.weights[:LAYERS]]


def _norm(matrices: Tensor) -> Tensor:
    return torch.linalg.vector_norm(matrices, dim=(-2, -1))


@one_thread()
def _examine(team: Team, activation: str, step: int, ratio: FloatArray) -> Record:
    x, y = samples()
    with torch.no_grad():
        *inside, logits = team.pre_activations(x)
        loss = _losses(logits, y.expand(len(SEEDS), -1))
        accuracy = (logits.argmax(dim=-1) == y).double().mean(dim=1)
    z = torch.stack(inside)  # layer, seed, sample, unit
    flat = slopes(activation, z).abs() < FLAT
    return Record(
        step,
        np.array([np.histogram(layer, EDGES)[0] for layer in z.numpy()]) / z[0].numel(),
        z.std(dim=(-2, -1)).numpy(),
        flat.double().mean(dim=(-2, -1)).numpy(),
        flat.all(dim=-2).sum(dim=-1).numpy(),
        flat[:, 0].transpose(-1, -2).numpy().copy(),
        ratio,
        loss.numpy(),
        accuracy.numpy(),
    )

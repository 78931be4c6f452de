"""Small networks on points of the plane, recorded while they learn, so that each layer can be looked at at any step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from course.computations.data import make_data
from course.computations.experiments import Team
from course.computations.functions import ACTIVATIONS, FloatArray
from course.computations.training import batches, descend, one_thread

SEEDS = range(10)
STEPS = 300
EVERY = 5  # steps between two records
RATE = 0.05  # of Adam
NOISE = 0.05  # of the points
DIRECTIONS = 180
"""In how many directions `fewest_wrong` tries straight lines."""


@dataclass(frozen=True, eq=False)
class Recording:
    """Networks of one shape on one data set: one for each of SEEDS, at step 0 and then every EVERY steps.

    Attributes
    ----------
    activation : str
        A key of `course.computations.functions.ACTIVATIONS`.
    points : ndarray of float64, shape (n, 2)
    labels : ndarray of bool, shape (n,)
        Whether a point is of class 1.
    weights, biases : tuple of ndarray
        One for each layer, shapes (records, seeds, inputs, outputs) and (records, seeds, 1, outputs).
    loss : ndarray of float64, shape (records, seeds)
        Mean logistic loss.
    wrong : ndarray of int, shape (records, seeds)
        Points on the wrong side of the network's boundary.
    """

    activation: str
    points: FloatArray
    labels: NDArray[np.bool_]
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    loss: FloatArray
    wrong: NDArray[np.int64]

    @one_thread()
    @torch.no_grad()
    def layers(self, record: int, seed: int, places: FloatArray) -> list[FloatArray]:
        """Return what each hidden layer makes of places (n, 2), shapes (n, units), and the logits, shape (n, 1)."""
        f = ACTIVATIONS[self.activation].torch_function
        found, h = [], torch.from_numpy(places)
        for weight, bias in zip(self.weights, self.biases, strict=True):
            z = torch.from_numpy(bias[record, seed]) + h @ torch.from_numpy(weight[record, seed])
            h = f(z)
            found.append(h.numpy())
        return [*found[:-1], z.numpy()]  # no activation on the logits


@cache
def record(data: str, activation: str, hidden: tuple[int, ...] = (2, 2)) -> Recording:
    """Train networks with Adam on all points at once, and return what was recorded.

    Parameters
    ----------
    data : str
        A kind of `course.computations.data.make_data`.
    activation : str
        See `Recording`.
    hidden : tuple of int
        Units of each hidden layer.
    """
    points, labels = make_data(data, NOISE)
    with one_thread():
        team = Team((2, *hidden, 1), activation, SEEDS)
    optimizer = torch.optim.Adam(team.parameters(), RATE, fused=True)
    states = [_state(team, points, labels)]
    samples = batches(points, labels, steps=STEPS)
    for step, _ in enumerate(descend(team, lambda z, y: _losses(z, y).sum(), samples, optimizer), start=1):
        if step % EVERY == 0:
            states.append(_state(team, points, labels))
    weights, biases, loss, wrong = zip(*states, strict=True)
    return Recording(
        activation, points.numpy(), labels[:, 0].numpy() > 0.5,
        tuple(np.stack(layer) for layer in zip(*weights, strict=True)),
        tuple(np.stack(layer) for layer in zip(*biases, strict=True)),
        np.stack(loss), np.stack(wrong),
    )  # fmt: skip


def _losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean logistic loss of each network: shape (seeds,)."""
    return F.binary_cross_entropy_with_logits(logits, labels.expand_as(logits), reduction="none").mean(dim=(1, 2))


@one_thread()
@torch.no_grad()
def _state(
    team: Team, points: Tensor, labels: Tensor
) -> tuple[list[FloatArray], list[FloatArray], FloatArray, NDArray[np.int64]]:
    logits = team(points)
    wrong = ((logits > 0) != (labels > 0.5)).sum(dim=(1, 2))
    weights, biases = ([p.detach().clone().numpy() for p in kind] for kind in (team.weights, team.biases))
    return weights, biases, _losses(logits, labels).numpy(), wrong.numpy()


def fewest_wrong(places: FloatArray, labels: NDArray[np.bool_]) -> int:
    """Return how many points the best straight line leaves on the wrong side, of lines in DIRECTIONS directions.

    Parameters
    ----------
    places : ndarray of float64, shape (n, 2)
    labels : ndarray of bool, shape (n,)
    """
    spread = places.std(axis=0)
    even = (places - places.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)  # a layer may have flattened them
    angles = np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    along = even @ np.stack([np.cos(angles), np.sin(angles)])
    order = along.argsort(axis=0)
    # Behind the k-th point along a direction: how many more of class 1 than of class 0 there have been so far.
    surplus = np.where(labels, 1, -1)[order].cumsum(axis=0)
    ones = labels.sum()
    wrong = np.minimum(ones - surplus, len(labels) - ones + surplus)  # either side may be that of class 1
    gaps = np.diff(np.take_along_axis(along, order, axis=0), axis=0)
    between = np.where(gaps > 1e-9, wrong[:-1], wrong[-1])  # no line runs between points that lie on each other
    return int(min(between.min(), wrong[-1].min()))

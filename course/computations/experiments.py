"""Fair comparisons: the same start, data order and budget for each activation, many seeds trained side by side.

The runs of one activation are a batch of matrices, so twenty seeds cost little more than one. They never touch each
other: `descend` minimises the sum of their losses, and the gradient of each run is its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike
from scipy.special import stdtrit
from torch import Tensor, nn

from course.computations.data import linear_rule, make_data, pixels, standardise
from course.computations.functions import ACTIVATIONS, FloatArray
from course.computations.training import batches, descend, one_thread

MOMENTUM = 0.9
GAINS = {"identity": 1.0, "sigmoid": 4.0, "tanh": 1.0}
"""Standard deviation of a hidden weight times √fan-in: Xavier's 1, He's √2 for ReLU and what looks like it. The slope
of the sigmoid is at most 1/4; four times Xavier's weights make up for it."""
HE = 2**0.5

Samples = tuple[Tensor, Tensor]
Function = str | Callable[[Tensor], Tensor]
"""A key of `course.computations.functions.ACTIVATIONS`, or a function of a tensor that treats each element by
itself."""


@dataclass(frozen=True)
class Task:
    """Data in three parts, and the network that is to learn them.

    Attributes
    ----------
    train, validation, test : pair of Tensor
        Inputs (float64, shape (n, inputs)) and classes (int64, shape (n,)). The training part is what is learned, the
        validation part is for every choice, the test part for the last number alone.
    sizes : tuple of int
        Inputs, units of each hidden layer, classes.
    batch : int
        Samples in a step.
    """

    train: Samples
    validation: Samples
    test: Samples
    sizes: tuple[int, ...]
    batch: int


@cache
def make_task(name: str) -> Task:
    """Return one of "digits", "spirals" and "linear rule". Always the same data: seeds are for networks."""
    if name == "digits":
        return _digits()
    if name == "spirals":
        points = [make_data("spirals", 0.05, seed) for seed in range(3)]
        train, validation, test = ((x, y[:, 0].long()) for x, y in points)
        return Task(train, validation, test, (2, 32, 32, 2), batch=50)
    x, y = linear_rule()
    train, validation, test = zip(x.split(1000), y.split(1000), strict=True)
    return Task(train, validation, test, (20, 64, 32, 16, 2), batch=32)


def _digits() -> Task:
    x, y = pixels()
    order = np.random.default_rng(0).permutation(len(y))  # writers come in blocks
    parts = np.split(order, [600, 1200])
    inputs = standardise(*(x[rows] for rows in parts))  # by the training part: no peeking
    train, validation, test = (
        (torch.tensor(part), torch.tensor(y[rows])) for part, rows in zip(inputs, parts, strict=True)
    )
    return Task(train, validation, test, (64, 32, 32, 10), batch=32)


@cache
def _draws(sizes: tuple[int, ...], seed: int) -> tuple[Tensor, ...]:
    """Return standard normal numbers for the weights of each layer: shapes (inputs, outputs)."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(pair, dtype=torch.float64, generator=generator) for pair in pairwise(sizes))


class Team(nn.Module):
    """Networks of one shape, one for each seed in `seeds`, computed together.

    The same seed gives every activation the same random numbers, times the gain of that activation: `GAINS`, or He's.
    Biases start at 0. The weights of the output layer have gain 1.
    """

    def __init__(self, sizes: tuple[int, ...], activation: Function, seeds: Sequence[int]) -> None:
        super().__init__()
        self.function = ACTIVATIONS[activation].torch_function if isinstance(activation, str) else activation
        draws = [torch.stack(layer) for layer in zip(*(_draws(sizes, seed) for seed in seeds), strict=True)]
        gain_inside = GAINS.get(activation, HE) if isinstance(activation, str) else HE
        gains = [gain_inside] * (len(draws) - 1) + [1.0]
        self.weights = nn.ParameterList(
            gain * draw / draw.shape[1] ** 0.5 for gain, draw in zip(gains, draws, strict=True)
        )
        self.biases = nn.ParameterList(torch.zeros_like(draw[:, :1]) for draw in draws)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (seeds, n, classes) of inputs (seeds, n, inputs), or (n, inputs) for all alike."""
        return self.pre_activations(x)[-1]

    def pre_activations(self, x: Tensor) -> list[Tensor]:
        """Return those of each hidden layer, shapes (seeds, n, units), and the logits; `x` as for `forward`."""
        found = [x.expand(len(self.weights[0]), -1, -1)]
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            found.append(torch.baddbmm(bias, self.function(found[-1]) if layer else found[-1], weight))
        return found[1:]


@dataclass(frozen=True)
class Record:
    """How all runs stand after some steps: arrays of shape (rates, seeds)."""

    step: int
    loss: FloatArray
    """Mean cross-entropy on the training part; not finite if a run has diverged."""
    error: FloatArray
    """Share of the training part that is classified wrongly, in [0, 1]."""
    accuracy: FloatArray
    """Share of the validation part that is classified correctly, in [0, 1]."""


class Runs:
    """One activation in an experiment: a run for each pair of a learning rate and a seed.

    A seed decides the start and the order of the data. Two activations with the same seed see the same batches, so
    their results can be compared in pairs.

    Parameters
    ----------
    task : Task
    activation : str or callable
        See `Function`.
    rates : sequence of float
        Learning rates of stochastic gradient descent with momentum MOMENTUM.
    seeds : Sequence[int]
        Sequence of int.
    every : int
        Steps between two records.

    Attributes
    ----------
    records : list of Record
        At step 0 and then every `every` steps, as far as the steps have been taken.
    """

    def __init__(
        self, task: Task, activation: Function, rates: Sequence[float], seeds: Sequence[int], every: int = 10
    ) -> None:
        self.task, self.rates, self.seeds = task, tuple(rates), tuple(seeds)
        self._every = every
        with one_thread():
            self._team = Team(task.sizes, activation, self.seeds * len(self.rates))
        self.records = [self._examine(0)]

    def steps(self, count: int) -> Iterator[int]:
        """Take `count` steps, one for each number drawn from the iterator. To be called once."""
        rates = torch.tensor(self.rates, dtype=torch.float64).repeat_interleave(len(self.seeds))

        def loss(logits: Tensor, classes: Tensor) -> Tensor:
            """Return each run's mean loss times its learning rate: the same step as with a learning rate of its own."""
            each = rates * _losses(logits, classes)
            return torch.where(each.isfinite(), each, 0.0).sum()  # a run that has diverged must not end the others

        optimizer = torch.optim.SGD(self._team.parameters(), lr=1.0, momentum=MOMENTUM, fused=True)
        for step, _ in enumerate(descend(self._team, loss, self._batches(count), optimizer), start=1):
            if step % self._every == 0:
                self.records.append(self._examine(step))
            yield step

    def train(self, count: int) -> Runs:
        """Take `count` steps at once."""
        deque(self.steps(count), maxlen=0)
        return self

    def test_accuracy(self) -> FloatArray:
        """Return the share of the test part that is classified correctly: shape (rates, seeds).

        Look once, after all choices.
        """
        return self._accuracy(*self.task.test)

    def _batches(self, count: int) -> Iterator[Samples]:
        x, y = self.task.train
        orders = [batches(x, y, steps=count, size=self.task.batch, seed=seed) for seed in self.seeds]
        for given in zip(*orders, strict=True):
            inputs, classes = (torch.stack(part) for part in zip(*given, strict=True))
            yield inputs.repeat(len(self.rates), 1, 1), classes.repeat(len(self.rates), 1)

    @one_thread()
    @torch.no_grad()
    def _examine(self, step: int) -> Record:
        x, y = self.task.train
        logits = self._team(x)
        loss = self._shaped(_losses(logits, y.expand(len(logits), -1)))
        error = self._shaped((logits.argmax(-1) != y).double().mean(-1))
        return Record(step, loss, error, self._accuracy(*self.task.validation))

    @one_thread()
    @torch.no_grad()
    def _accuracy(self, x: Tensor, y: Tensor) -> FloatArray:
        return self._shaped((self._team(x).argmax(-1) == y).double().mean(-1))

    def _shaped(self, values: Tensor) -> FloatArray:
        return values.reshape(len(self.rates), len(self.seeds)).numpy()


def _losses(logits: Tensor, classes: Tensor) -> Tensor:
    """Return the mean cross-entropy of each run, shape (runs,), from shapes (runs, n, k) and (runs, n)."""
    return F.cross_entropy(logits.flatten(0, 1), classes.flatten(), reduction="none").view_as(classes).mean(1)


def steps_until(records: Sequence[Record], error: float) -> FloatArray:
    """Return the first recorded step with a training error of at most `error`.

    Shape (rates, seeds), infinite if never.
    """
    reached = np.array([record.error <= error for record in records])
    steps = np.array([record.step for record in records], dtype=np.float64)
    return np.where(reached.any(axis=0), steps[reached.argmax(axis=0)], np.inf)


class Interval(NamedTuple):
    """A mean and its confidence interval."""

    mean: float
    low: float
    high: float


def confidence_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Return Student's t interval for the mean of independent, roughly normal values.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        At least two. Give it the differences of pairs to compare two methods seed by seed.
    level : float
        Between 0 and 1.
    """
    v = np.asarray(values, dtype=np.float64)
    half = stdtrit(len(v) - 1, (1 + level) / 2) * v.std(ddof=1) / len(v) ** 0.5
    return Interval(float(v.mean()), float(v.mean() - half), float(v.mean() + half))

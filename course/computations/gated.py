"""Feed-forward blocks with and without a gate, at equal parameters, trained side by side for several seeds.

A plain block computes f(x W) U, a gated one (g(x W) ⊙ x V) U. What the block puts out is added to its input, as in a
transformer, and one linear layer reads the sum. The networks of all seeds are a batch of matrices and never touch each
other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.computations.experiments import Samples, make_task
from course.computations.functions import ACTIVATIONS, FloatArray
from course.computations.training import batches, descend, one_thread

PLAIN: Mapping[str, str] = {"ReLU": "relu", "GELU": "gelu", "SiLU": "silu"}
GATES: Mapping[str, str] = {
    "GLU": "sigmoid", "ReGLU": "relu", "GEGLU": "gelu", "SwiGLU": "silu", "bilinear": "identity",
}  # fmt: skip
"""Name of the block -> the activation of its hidden layer, or of its gate: a key of ACTIVATIONS."""

RATES = (0.003, 0.01, 0.03, 0.1)
TUNING_SEEDS = (100, 101, 102)
STEPS = 200
BATCH = 50
FACTOR = 4  # hidden units of a plain block by inputs
INPUTS = 16  # of made-up data
SAMPLES = 1000  # in each part of made-up data
TASKS = ("products", "bends", "digits")


@dataclass(frozen=True)
class Parts:
    """Data in three parts: to learn from, to choose by, and for the last number.

    Inputs (n, d); targets (n, 1), or classes (n,) if `classes` is not 0.
    """

    train: Samples
    validation: Samples
    test: Samples
    classes: int = 0


@cache
def parts(task: str) -> Parts:
    """Return the data of one of TASKS, always the same.

    The digits, a sum of products x₁x₂ + x₃x₄ + …, or a sum of bends |x₁| + |x₂| + …: both of standard normal inputs,
    shifted and scaled to mean 0 and variance 1.
    """
    if task == "digits":
        digits = make_task("digits")
        learned, chosen, last = ((x.float(), y) for x, y in (digits.train, digits.validation, digits.test))
        return Parts(learned, chosen, last, classes=10)
    made = []
    for seed in range(3):
        x = torch.randn(SAMPLES, INPUTS, dtype=torch.float32, generator=torch.Generator().manual_seed(seed))
        if task == "products":
            y = (x[:, ::2] * x[:, 1::2]).sum(dim=1) / (INPUTS / 2) ** 0.5
        else:  # |x| of a standard normal x has mean √(2/π) and variance 1 − 2/π
            y = (x.abs() - (2 / np.pi) ** 0.5).sum(dim=1) / (INPUTS * (1 - 2 / np.pi)) ** 0.5
        made.append((x, y[:, None]))
    return Parts(made[0], made[1], made[2])


def width(block: str, inputs: int) -> int:
    """Return the hidden units of a block: FACTOR · inputs, and two thirds of that, rounded down, if it is gated."""
    return FACTOR * inputs * 2 // 3 if block in GATES else FACTOR * inputs


class Blocks(nn.Module):
    """One block of a kind for each seed, with its input added, and the linear layer that reads it.

    Weights are normal with variance 1/fan_in, the block's last matrix starts at a tenth of its draw.
    """

    def __init__(self, block: str, inputs: int, outputs: int, seeds: Sequence[int]) -> None:
        super().__init__()
        hidden = width(block, inputs)
        self.function = ACTIVATIONS[{**PLAIN, **GATES}[block]].torch_function
        draws = [torch.Generator().manual_seed(seed) for seed in seeds]

        def matrix(fan_in: int, fan_out: int) -> nn.Parameter:
            drawn = torch.stack([torch.randn(fan_in, fan_out, generator=draw) for draw in draws])
            return nn.Parameter(drawn / fan_in**0.5)

        self.first, self.last, self.reader = matrix(inputs, hidden), matrix(hidden, inputs), matrix(inputs, outputs)
        self.last.data *= 0.1
        self.value = matrix(inputs, hidden) if block in GATES else None
        self.bias = nn.Parameter(torch.zeros(len(draws), 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Return outputs (seeds, n, outputs) of inputs (seeds, n, inputs), or (n, inputs) for all alike."""
        hidden = self.function(x @ self.first)
        if self.value is not None:
            hidden = hidden * (x @ self.value)
        return (x + hidden @ self.last) @ self.reader + self.bias

    def block_parameters(self) -> int:
        """Return how many parameters the block of one seed has, without the layer that reads it."""
        return sum(m[0].numel() for m in (self.first, self.last, self.value) if m is not None)


def train(task: str, block: str, rate: float, seeds: Sequence[int], steps: int = STEPS) -> Blocks:
    """Return blocks trained with Adam; the same seed sees the same batches, whatever the block."""
    data = parts(task)
    x, y = data.train
    with one_thread():
        blocks = Blocks(block, x.shape[1], data.classes or 1, seeds)
    orders = [batches(x, y, steps=steps, size=BATCH, seed=seed) for seed in seeds]
    samples = (
        (torch.stack(a), torch.stack(b)) for a, b in (zip(*given, strict=True) for given in zip(*orders, strict=True))
    )
    optimizer = torch.optim.Adam(blocks.parameters(), lr=rate, fused=True)

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum over seeds of each one's mean loss: Adam treats each weight by itself."""
        if not data.classes:
            return (outputs - targets).square().mean(dim=(1, 2)).sum()
        each = F.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction="none")
        return each.view(targets.shape).mean(dim=1).sum()

    deque(descend(blocks, loss, samples, optimizer), maxlen=0)
    return blocks


@one_thread()
@torch.no_grad()
def error(blocks: Blocks, task: str, part: str) -> FloatArray:
    """Return each seed's error on "validation" or "test": share of wrong classes, or mean squared error; (seeds,)."""
    data = parts(task)
    x, y = getattr(data, part)
    outputs = blocks(x)
    wrong = outputs.argmax(dim=-1) != y if data.classes else (outputs - y).square().squeeze(-1)
    return np.asarray(wrong.double().mean(dim=1))


def tuned_rate(task: str, block: str) -> float:
    """Return the learning rate of RATES with the smallest mean error on the validation part, by seeds of its own."""
    means = [error(train(task, block, rate, TUNING_SEEDS), task, "validation").mean() for rate in RATES]
    return RATES[int(np.argmin(means))]


@cache
def fresh_errors(task: str, block: str, seeds: int = 10) -> FloatArray:
    """Return the error on the test part of blocks trained at their tuned rate, for the first `seeds` seeds."""
    return error(train(task, block, tuned_rate(task, block), range(seeds)), task, "test")

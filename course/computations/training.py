"""The one training loop of all lessons and demos: `descend` over `batches`.

A lesson calls it without a widget: `losses = list(descend(...))`. `course.demos.framework.training` runs it behind a
button.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def one_thread() -> Iterator[None]:
    """Have torch compute with one thread in this context.

    Sharing out the small matrices of a demo costs more than it gains: many times as much where cores are busy.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def batches(
    x: Tensor, y: Tensor, *, steps: int, size: int | None = None, seed: int = 0
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield samples for `steps` steps, in a new random order on each pass through the data.

    Parameters
    ----------
    x, y : Tensor, shapes (n, ...)
        Inputs and targets, one row a sample.
    steps : int
        How many batches to give.
    size : int, optional
        Rows in a batch, at most n. The last batch of a pass may have fewer. Without it every batch is all the data.
    seed : int
        Of the random order. The same seed gives the same batches; torch's global generator is left alone.
    """
    if size is None:
        yield from ((x, y) for _ in range(steps))
        return
    generator = torch.Generator().manual_seed(seed)
    given = 0
    while given < steps:
        for rows in torch.randperm(len(x), generator=generator).split(size)[: steps - given]:
            given += 1
            yield x[rows], y[rows]


def descend(
    model: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    samples: Iterator[tuple[Tensor, Tensor]],
    optimizer: torch.optim.Optimizer,
) -> Iterator[float]:
    """Train `model`: one optimizer step for each batch. Yield the loss of the batch, as it was before the step.

    It ends with the samples, or earlier with a loss that is not finite: no step is taken then.
    """
    while True:
        with one_thread():
            batch = next(samples, None)
            if batch is None:
                return
            value = loss(model(batch[0]), batch[1])
            number = value.item()
            if math.isfinite(number):
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
        yield number
        if not math.isfinite(number):
            return

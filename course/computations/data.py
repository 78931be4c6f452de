"""The data of lessons and demos: handwritten digits and made-up sets, each loaded and scaled here alone."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn import datasets
from torch import Tensor

from course.computations.functions import FloatArray

SAMPLES = 200
"""Points of `make_data`, of both classes together."""
NOISE = 0.3
"""Standard deviation of the noise in `noisy_digits`, where a pixel without noise is between 0 and 1."""


class Digits(NamedTuple):
    """Handwritten digits in two parts: to learn from, and held out.

    `x` and `unseen_x` are of shape (n, 64), `y` and `unseen_y` are classes 0 to 9, int64, shape (n,).
    """

    x: Tensor
    y: Tensor
    unseen_x: Tensor
    unseen_y: Tensor


@cache
def digits(hold_out: int = 0, *, standardised: bool = True, dtype: torch.dtype = torch.float32) -> Digits:
    """Return the handwritten digits, held out first and scaled by the training part afterwards.

    Parameters
    ----------
    hold_out : int
        Every `hold_out`-th digit is held out, from the first on. With 0 no digit is held out.
    standardised : bool
        Whether the pixels are standardised, see `standardise`. If not, they reach from 0 to 16.
    dtype : torch.dtype
        Of the pixels.
    """
    x, y = pixels()
    held_out = np.arange(len(x)) % hold_out == 0 if hold_out else np.zeros(len(x), dtype=bool)
    parts = [x[~held_out], x[held_out]]
    learned, unseen = standardise(*parts) if standardised else parts
    return Digits(
        torch.tensor(learned, dtype=dtype), torch.tensor(y[~held_out]),
        torch.tensor(unseen, dtype=dtype), torch.tensor(y[held_out]),
    )  # fmt: skip


@cache
def noisy_digits() -> tuple[Tensor, Tensor]:
    """Return all digits in random order, pixels 0 to 1 plus noise: float64 (1797, 64), and classes int64 (1797,)."""
    rng = np.random.default_rng(0)
    x, y = pixels()
    order = rng.permutation(len(y))  # writers come in blocks: every part should have all of them
    return torch.tensor(x[order] / 16 + NOISE * rng.standard_normal(x.shape)), torch.tensor(y[order])


def pixels() -> tuple[FloatArray, NDArray[np.int64]]:
    """Return all handwritten digits as they are: pixels 0 to 16, float64 (1797, 64), and classes int64 (1797,)."""
    x, y = datasets.load_digits(return_X_y=True)
    return x, y


def standardise(learned: FloatArray, *others: FloatArray) -> list[FloatArray]:
    """Scale every column of `learned` to mean 0 and standard deviation 1, and `others` by the same numbers.

    What is held out belongs to `others`: if it had a say in the scaling, it would not be unseen. A column that is
    constant in `learned`, such as a pixel that is always empty, is shifted only.

    Parameters
    ----------
    learned, *others : array of float, shape (n, columns)
        `n` may differ.
    """
    mean, spread = learned.mean(axis=0), learned.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return [(part - mean) / spread for part in (learned, *others)]


def linear_rule(seed: int = 42) -> tuple[Tensor, Tensor]:
    """Return 3000 samples that a straight cut separates: float64 (3000, 20), and classes int64 (3000,).

    The inputs are standard normal, and the class says whether the first five have a positive sum.
    """
    x = torch.randn(3000, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return x, (x[:, :5].sum(dim=1) > 0).long()


def make_data(kind: str, noise: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return SAMPLES points in two classes, within about ±1.2 plus noise.

    Parameters
    ----------
    kind : str
        "xor", "moons", "circles" or "spirals".
    noise : float
        Standard deviation of what is added to each coordinate.
    seed : int
        Another seed gives other points of the same kind.

    Returns
    -------
    points : Tensor of float64, shape (SAMPLES, 2)
    labels : Tensor of float64, shape (SAMPLES, 1)
        0 or 1.

    Raises
    ------
    ValueError
        There is no such kind.
    """
    rng = np.random.default_rng(seed)
    if kind == "xor":
        points = rng.uniform(-1.0, 1.0, (SAMPLES, 2))
        labels = (points[:, 0] * points[:, 1] < 0).astype(int)
    elif kind == "moons":
        points, labels = datasets.make_moons(SAMPLES, random_state=seed)
        points = 0.8 * (points - [0.5, 0.25])
    elif kind == "circles":
        points, labels = datasets.make_circles(SAMPLES, factor=0.45, random_state=seed)
    elif kind == "spirals":
        labels = np.arange(SAMPLES) % 2
        along = np.sqrt(rng.uniform(0.02, 1.0, SAMPLES))  # evenly dense on the arms
        angle = 1.3 * 2 * np.pi * along + np.pi * labels
        points = 1.1 * along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    else:
        raise ValueError(f"no data of kind {kind!r}; there are xor, moons, circles and spirals")
    points = points + noise * rng.standard_normal(points.shape)
    return torch.tensor(points), torch.tensor(labels, dtype=torch.float64)[:, None]

"""Made-up data in two classes, for demos and experiments."""

from __future__ import annotations

import numpy as np
import torch
from sklearn import datasets
from torch import Tensor

SAMPLES = 200  # of both classes together; as many again are held out


def make_data(kind: str, noise: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return SAMPLES points in two classes, within about ±1.2 plus noise.

    Parameters
    ----------
    kind : str
        A value of `DATA`.
    noise : float
        Standard deviation of what is added to each coordinate.
    seed : int
        Another seed gives other points of the same kind.

    Returns
    -------
    points : Tensor of float64, shape (SAMPLES, 2)
    labels : Tensor of float64, shape (SAMPLES, 1)
        0 or 1.
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
    else:
        labels = np.arange(SAMPLES) % 2
        along = np.sqrt(rng.uniform(0.02, 1.0, SAMPLES))  # evenly dense on the arms
        angle = 1.3 * 2 * np.pi * along + np.pi * labels
        points = 1.1 * along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    points = points + noise * rng.standard_normal(points.shape)
    return torch.tensor(points), torch.tensor(labels, dtype=torch.float64)[:, None]

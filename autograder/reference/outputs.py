"""The cross-entropy of logits, the temperature that minimises it, and plain training by gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autograder.reference.numpy_reference import log_softmax

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]

_HALVINGS = 60  # of an interval of 28 in log T: what remains is below a rounding of T
_T_RANGE = (1e-6, 1e6)


def cross_entropy(logits: FloatArray, y: IntArray) -> float:
    """Return the mean over rows of -log softmax(logits)[y].

    Parameters
    ----------
    logits : FloatArray
        Shape (n, K), float32 or float64, n and K at least 1; -inf rules a class out.
    y : IntArray
        Shape (n,), the true class of each row, 0 to K - 1.

    Returns
    -------
    float
        At least 0, in nats; inf if a true class is ruled out.
    """
    of_labels = np.take_along_axis(log_softmax(logits, axis=-1), y[:, np.newaxis], axis=-1)
    return float(-of_labels.astype(np.float64).mean())


def best_temperature(logits: FloatArray, y: IntArray) -> float:
    """Return the T > 0 at which cross_entropy(logits / T, y) is smallest (Guo et al. 2017), to about 1e-15.

    The loss is convex in b = 1/T, and its slope there is the mean of sum_k p_k z_k - z_y, where p is
    softmax(b z). The zero of the slope is found by halving an interval of log T.

    Raises
    ------
    ValueError
        If the smallest loss is not between T = 1e-6 and 1e6: all labels have the largest logit of their
        row, or the logits say nothing about the labels.
    """
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = shifted - shifted.max(axis=-1, keepdims=True)
    target = np.take_along_axis(shifted, y[:, np.newaxis], axis=-1).mean()

    def slope(log_t: float) -> float:
        weights = np.exp(shifted / np.exp(log_t))
        return float(((weights * shifted).sum(axis=-1) / weights.sum(axis=-1)).mean() - target)

    low, high = np.log(_T_RANGE)
    if not slope(high) < 0 < slope(low):
        raise ValueError("no temperature between 1e-6 and 1e6 gives the smallest loss")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if slope(middle) > 0:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))


def train_on_logits(model: nn.Module, X: Tensor, y: Tensor, *, steps: int, lr: float) -> tuple[Sequence[float], Tensor]:
    """Train a network on the cross-entropy of its logits, by gradient descent on all rows at once.

    Parameters
    ----------
    model : nn.Module
        Gives the logits, (n, K), of the rows of X; changed in place.
    X, y : Tensor
        Shapes (n, d) and (n,).
    steps, lr : int and float
        How many steps, and their learning rate.

    Returns
    -------
    losses : the loss before each step
    probabilities : shape (n, K), softmax of the logits after the last step
    """
    weights = list(model.parameters())
    losses = []
    for _ in range(steps):
        log_probabilities = torch.log_softmax(model(X), dim=-1)
        loss = -log_probabilities[torch.arange(len(y)), y].mean()
        losses.append(loss.item())
        # Not torch.optim: its first step imports torch's compiler, which takes seconds.
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.sub_(lr * gradient)
    with torch.no_grad():
        return losses, torch.softmax(model(X), dim=-1)

"""What a network for two classes computes: features of its last hidden layer, logits and their slopes.

All in float64, in evaluation mode, on a copy: the network handed over stays as it is.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Array = NDArray[np.float64]


def features(model: nn.Sequential, X: NDArray[Any]) -> Array:
    """Return what goes into the last module of the network, shape (rows of X, width of the last hidden layer)."""
    with torch.no_grad():
        found: Array = _copy(model)[:-1](_tensor(X)).numpy()
    return found


def logits(model: nn.Sequential, X: NDArray[Any]) -> Array:
    """Return the logit of class 1 for each row of X, shape (n,)."""
    with torch.no_grad():
        found: Array = _copy(model)(_tensor(X))[:, 0].numpy()
    return found


def logit_slopes(model: nn.Sequential, X: NDArray[Any]) -> Array:
    """Return the gradient of the logit by the inputs for each row of X, shape (n, columns of X)."""
    inputs = _tensor(X).requires_grad_()
    # Each row's logit depends on that row alone, so the gradient of the sum has each row's own in its place.
    (slopes,) = torch.autograd.grad(_copy(model)(inputs).sum(), inputs)
    found: Array = slopes.numpy()
    return found


def _copy(model: nn.Sequential) -> nn.Sequential:
    return copy.deepcopy(model).double().eval()


def _tensor(X: NDArray[Any]) -> torch.Tensor:
    return torch.tensor(X, dtype=torch.float64)

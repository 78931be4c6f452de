"""Gradient norm of each Linear layer of a model, by torch's autograd."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def gradient_norms(model: nn.Module, X: Tensor, y: Tensor) -> list[float]:
    """Return the Euclidean norm of the gradient of each `nn.Linear` weight, in the order of `modules()`.

    The loss is the mean binary cross-entropy of the logits.

    Parameters
    ----------
    model : nn.Module
        Gives logits of shape (n, 1); runs in the mode it is in; stays as it is, buffers included.
    X : Tensor
        Shape (n, ...), the model's dtype.
    y : Tensor
        Shape (n,), 0 or 1, the model's dtype.
    """
    model = copy.deepcopy(model)
    weights = [module.weight for module in model.modules() if isinstance(module, nn.Linear)]
    loss = F.binary_cross_entropy_with_logits(model(X), y[:, None])
    return [gradient.norm().item() for gradient in torch.autograd.grad(loss, weights)]

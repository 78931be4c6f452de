"""A check-up of a network: what each layer shows in one forward pass, one backward pass and one step."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course.computations.functions import FLAT


@dataclass(frozen=True)
class LayerReport:
    """What a linear layer and its activation show on the samples of a check-up.

    Attributes
    ----------
    name : str
        The kinds of the two modules.
    units : int
    dead : int or None
        Units whose output is 0 on every sample. None for the last layer, which has no activation to ask.
    zeros : float or None
        Share of zeros among all outputs, over units and samples, in [0, 1].
    no_gradient : int
        Units whose weights all get a gradient of exactly 0 from the batch.
    flat : float or None
        Share of pre-activations z, in [0, 1], where the activation's slope is below FLAT in size.
    spread : float
        Standard deviation of z over units and samples.
    gradient : float
        Norm of the loss's gradient by the weights.
    update : float
        Norm of what one step adds to the weights, over the norm of the weights.
    """

    name: str
    units: int
    dead: int | None
    zeros: float | None
    no_gradient: int
    flat: float | None
    spread: float
    gradient: float
    update: float


def check_up(
    model: nn.Sequential,
    loss: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    optimizer: torch.optim.Optimizer,
    batch: int | None = None,
) -> list[LayerReport]:
    """Look at every linear layer of `model`. Model and optimizer are copied first, so the check-up changes neither.

    Parameters
    ----------
    model : nn.Sequential
        Linear layers and activations, in the order of the signal; normalisation may stand between them.
    loss : callable
        Of outputs and targets, a scalar.
    x, y : Tensor, shapes (n, ...)
        Samples. Take many: a unit is dead on what it was shown.
    optimizer : Optimizer
        The one that trains `model`, as it stands now.
    batch : int, optional
        Gradient and step come from the first `batch` samples. Without it, from all.

    Raises
    ------
    TypeError
        If `model` is not an nn.Sequential: the order of its layers would be a guess.
    """
    if not isinstance(model, nn.Sequential):
        raise TypeError(f"check_up needs an nn.Sequential, not {type(model).__name__}")
    patient, stepper = copy.deepcopy((model, optimizer))
    passes = _forward(patient, x)
    stepper.zero_grad()
    loss(patient(x[:batch]), y[:batch]).backward()
    before = {layer: layer.weight.detach().clone() for layer in passes}
    stepper.step()
    return [_report(layer, found, before[layer]) for layer, found in passes.items()]


@dataclass
class _Pass:
    """What went through a layer: pre-activations; and, with an activation, the module and its outputs."""

    z: Tensor
    activation: nn.Module | None = None
    outputs: Tensor | None = None


@torch.no_grad()
def _forward(model: nn.Sequential, x: Tensor) -> dict[nn.Linear, _Pass]:
    passes: dict[nn.Linear, _Pass] = {}
    last = [module for module in model if isinstance(module, nn.Linear)][-1]
    here = last
    for module in model:
        z, x = x, module(x.clone())  # a clone, because an activation may work in place
        if isinstance(module, nn.Linear):
            here, passes[module] = module, _Pass(x)
        elif here is not last and type(module).__module__ == nn.ReLU.__module__:
            passes[here] = _Pass(z, module, x)
    return passes


def _report(layer: nn.Linear, found: _Pass, before: Tensor) -> LayerReport:
    gradient = layer.weight.grad if layer.weight.grad is not None else torch.zeros_like(before)
    dead = zeros = flat = None
    name = "Linear"
    if found.activation is not None and found.outputs is not None:
        name += f" + {type(found.activation).__name__}"
        is_zero = found.outputs == 0
        dead, zeros = int(is_zero.all(dim=0).sum()), is_zero.double().mean().item()
        flat = (_slopes(found.activation, found.z).abs() < FLAT).double().mean().item()
    return LayerReport(
        name=name,
        units=layer.out_features,
        dead=dead,
        zeros=zeros,
        no_gradient=int((gradient == 0).all(dim=1).sum()),
        flat=flat,
        spread=found.z.std().item(),
        gradient=gradient.norm().item(),
        update=((layer.weight.detach() - before).norm() / before.norm()).item(),
    )


def _slopes(activation: nn.Module, z: Tensor) -> Tensor:
    leaf = z.clone().requires_grad_()
    (slopes,) = torch.autograd.grad(activation(leaf.clone()).sum(), leaf)
    return slopes

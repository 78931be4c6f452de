"""SwiGLU, SiLU's slope, what autograd keeps of a function, and the tanh form of GELU throughout a network."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn


def swiglu(x: Tensor, W: Tensor, V: Tensor) -> Tensor:
    """Return SiLU(x W) times x V, shape (..., h), for x of shape (..., d) and W, V of shape (d, h)."""
    return nn.functional.silu(x @ W) * (x @ V)


def silu_slope(x: Tensor) -> Tensor:
    """Return the derivative of x sigmoid(x), elementwise."""
    s = torch.sigmoid(x)
    return s * (1 + x * torch.sigmoid(-x))


def places(sizes: Sequence[int], d: int, width: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield all ways to read parameters of these sizes, laid out one after another, as the matrices W, V and U.

    Parameters
    ----------
    sizes : Sequence[int]
        Number of entries of each parameter; each holds one, two or all three of the matrices.
    d, width : int
        W and V have the shape (d, width), U has (width, d).

    Yields
    ------
    tuple[Tensor, Tensor, Tensor]
        For each entry of W, V and U its place among all entries. There is none if a size is no multiple of d times
        width.
    """
    if any(size == 0 or size % (d * width) for size in sizes):
        return
    parts = torch.arange(sum(sizes)).split(list(sizes))
    for chosen in itertools.product(*(list(_readings(part, d, width)) for part in parts)):
        for W, V, U in itertools.permutations(itertools.chain(*chosen)):
            yield W, V, U.T


def _readings(part: Tensor, d: int, width: int) -> Iterator[tuple[Tensor, ...]]:
    """Yield the ways to read one parameter as matrices of shape (d, width)."""
    count = len(part) // (d * width)
    chunks = part.split(d * width)
    yield from itertools.product(*((chunk.reshape(d, width), chunk.reshape(width, d).T) for chunk in chunks))
    if count > 1:  # side by side: rows or entries of one matrix between those of another
        yield part.reshape(d, count, width).unbind(1)
        yield tuple(matrix.T for matrix in part.reshape(width, count, d).unbind(1))
        yield part.reshape(d, width, count).unbind(2)
        yield tuple(matrix.T for matrix in part.reshape(width, d, count).unbind(2))


def kept_bytes(function: Callable[[Tensor], Tensor], x: Tensor) -> int:
    """Return the bytes of all storages that autograd keeps for the backward pass of `function(x)`."""
    kept: list[torch.UntypedStorage] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.append(tensor.untyped_storage())
        return tensor

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        function(x.clone().requires_grad_())
    return sum({storage.data_ptr(): storage.nbytes() for storage in kept}.values())


def with_short_gelu(model: nn.Module) -> nn.Module:
    """Return a copy of the network in which each `nn.GELU` has the tanh form."""
    converted = copy.deepcopy(model)
    for module in converted.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return converted

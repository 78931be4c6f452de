"""Runs what a student wrote on gated units beside the student's code, and reports it as plain data."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.autograd.function import BackwardCFunction

from course.checks.beside.networks import (
    checked,
    fresh_switches,
    more_hooks,
    network_state,
    new_methods,
    output_and_gradients,
    result_and_state,
    switched_by,
    weights_of_sum,
)
from course.checks.beside.plain import plain

Forward = Callable[..., Tensor]

# Networks that are sent to the student's side: a class that both sides import is the same on both.


class Branches(nn.Module):
    """A network with a list of modules, whose outputs are added, and a dict of modules, whose outputs are joined."""

    def __init__(self, branches: Iterable[nn.Module], heads: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.heads = nn.ModuleDict(dict(heads))

    def forward(self, x: Tensor) -> Tensor:
        """Return the heads of the sum of all branches, joined along the last axis."""
        total = sum(branch(x) for branch in self.branches)
        return torch.cat([head(total) for head in self.heads.values()], dim=-1)


class ScaledGELU(nn.GELU):
    """A GELU with a setting of its own."""

    def __init__(self, scale: float, approximate: str = "none") -> None:
        super().__init__(approximate)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Return `scale` times GELU, in the form that is set."""
        return self.scale * nn.functional.gelu(x, approximate=self.approximate)


class SquareOf(torch.autograd.Function):
    """The square of x, whose backward pass keeps x and a mask of where it is not 0: somebody else's function."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return x * x."""
        ctx.save_for_backward(x, x != 0)
        return x * x

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Return the gradient with respect to x."""
        x, there = ctx.saved_tensors
        return gradient * 2 * x * there


class TanhInUsedMemory(torch.autograd.Function):
    """Tanh, whose backward pass keeps its result: somebody else's function, with memory of its own.

    Whether an allocator gives an address again at once depends on all that ran before. This memory always does.
    """

    free: ClassVar[list[npt.NDArray[np.uint8]]] = []

    @classmethod
    def in_used_memory(cls, value: Tensor) -> Tensor:
        """Return a copy in the memory that became free last, which is free again once no storage holds it."""
        size = value.numel() * value.element_size()
        fitting = [number for number, memory in enumerate(cls.free) if memory.nbytes == size]
        memory = cls.free.pop(fitting[-1]) if fitting else np.empty(size, dtype=np.uint8)
        lent = memory[:]
        weakref.finalize(lent, cls.free.append, memory)
        return torch.from_numpy(lent).view(value.dtype).view(value.shape).copy_(value)

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return tanh(x)."""
        result = TanhInUsedMemory.in_used_memory(torch.tanh(x))
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Return the gradient with respect to x."""
        (result,) = ctx.saved_tensors
        return gradient * (1 - result * result)


# Functions of which autograd keeps something.


def square_of(x: Tensor) -> Tensor:
    """Return the square, by somebody else's function."""
    squared: Tensor = SquareOf.apply(x)  # type: ignore[no-untyped-call]
    return squared


def gelu_written_out(x: Tensor) -> Tensor:
    """Return the tanh form of GELU, step by step."""
    return 0.5 * x * (1 + torch.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def mish_written_out(x: Tensor) -> Tensor:
    """Return Mish, step by step."""
    return x * torch.tanh(torch.log1p(torch.exp(x)))


def chain(x: Tensor) -> Tensor:
    """Return a function of a function of a function, seven deep."""
    return x.sin().exp().cos().exp().sin().exp().tanh()


def tanh_again_and_again(x: Tensor) -> Tensor:
    """Return tanh four times in a row, of which each result is kept: in memory that is used again once it is free."""
    for _ in range(4):
        x = TanhInUsedMemory.apply(x)  # type: ignore[no-untyped-call]
    return x


def neighbours(x: Tensor) -> Tensor:
    """Return the products of neighbours: two views of x."""
    return x[..., :-1] * x[..., 1:]


def with_the_first(x: Tensor) -> Tensor:
    """Return x times the first entry of exp(x) along the last axis: a view of a part, beside the whole."""
    return x * x.exp()[..., :1]


def with_the_mean(x: Tensor) -> Tensor:
    """Return x times its mean: one number, seen as many."""
    return x * x.mean().expand(x.shape)


def gram(x: Tensor) -> Tensor:
    """Return the products of the rows of x with each other: x, and its transpose."""
    return x @ x.mT


def masked(x: Tensor) -> Tensor:
    """Return x where it is positive: a mask of one byte an entry."""
    return torch.where(x > 0, x, torch.zeros_like(x))


def in_order(x: Tensor) -> Tensor:
    """Return x in order along the last axis: indices of eight bytes an entry."""
    return x.sort(dim=-1).values


def square_where_positive(x: Tensor) -> Tensor:
    """Return x squared where it is positive: x and a mask."""
    return torch.where(x > 0, x * x, x)


# What is asked of each exercise -------------------------------------------------------------------------


def product_and_gradients(swiglu: Forward, x: Tensor, W: Tensor, V: Tensor) -> dict[str, Any]:
    """Return what `swiglu(x, W, V)` gives, its gradients, and the arguments afterwards.

    Returns
    -------
    dict
        `output`; `gradients`: by name, of the sum of the output weighted by `weights_of_sum`, None where none comes;
        `after`: the arguments as they are after the call, by name.
    """
    leaves = {name: _leaf(value) for name, value in (("x", x), ("W", W), ("V", V))}
    with torch.enable_grad():
        output = swiglu(*leaves.values())
        gradients = _gradients(output, list(leaves.values()))
    return {
        "output": _detached(output),
        "gradients": dict(zip(leaves, gradients, strict=True)),
        "after": {name: leaf.detach() for name, leaf in leaves.items()},
    }


def unit_with_weights(
    make: Callable[[int, int], Any], d: int, hidden: int, weights: Tensor, x: Tensor, seed: int
) -> dict[str, Any]:
    """Return what the module `make(d, hidden)` gives for `x` once these weights are in it.

    Parameters
    ----------
    make : Callable[[int, int], Any]
        The student's class.
    d, hidden : int
        Its arguments.
    weights : Tensor
        As many as the module has, in the order of its parameters, shape (n,).
    x : Tensor
        The input, shape (..., d), in the type of the weights.
    seed : int
        Of torch's generator before the module is made.

    Returns
    -------
    dict
        `sizes`: number of entries of each parameter; `start`: all weights as they started, shape (n,). If there are as
        many as in `weights`: `output`; `gradients` by all weights, shape (n,), of the weighted sum of the output, None
        if one parameter gets none; and `x` afterwards.

    Raises
    ------
    AssertionError
        If what it made is no `nn.Module`.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = checked(make(d, hidden))
        if any(isinstance(parameter, nn.UninitializedParameter) for parameter in module.parameters()):
            module(torch.zeros(d))
    module.to(x.dtype)
    parameters = list(module.parameters())
    found: dict[str, Any] = {
        "sizes": [parameter.numel() for parameter in parameters],
        "start": torch.cat([weights[:0], *(parameter.detach().reshape(-1) for parameter in parameters)]),
    }
    if sum(found["sizes"]) != len(weights):
        return found
    nn.utils.vector_to_parameters(weights.clone(), parameters)
    x = x.clone()
    with torch.enable_grad():
        output = module(x)
        gradients = _gradients(output, parameters)
    complete = all(gradient is not None for gradient in gradients)
    return found | {
        "output": _detached(output),
        "gradients": torch.cat([g.reshape(-1) for g in gradients if g is not None]) if complete else None,
        "x": x,
    }


def pass_of_function(function: Any, x: Tensor, incoming: Tensor) -> dict[str, Any]:
    """Return what `function.apply(x)` gives, its gradient, and what autograd keeps of it.

    Returns
    -------
    dict
        `output`; `gradient` with respect to x for this gradient of the output, None if none comes; `kept`: bytes of
        each storage that is kept with `ctx.save_for_backward`; `on_ctx`: of each that an attribute of ctx keeps; `own`:
        whether the backward pass is one written in Python; `x` and `incoming` afterwards.
    """
    leaf, incoming = _leaf(x), incoming.clone()
    kept: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, _same):
        output = function.apply(leaf)
    if not isinstance(output, Tensor):
        return {"output": plain(output)}
    node = output.grad_fn
    own = isinstance(node, BackwardCFunction)
    gradient = None
    if output.requires_grad:
        (gradient,) = torch.autograd.grad(output, leaf, incoming, allow_unused=True)
    return {
        "output": output.detach(),
        "gradient": gradient,
        "kept": _sizes(kept),
        "on_ctx": _sizes(_tensors(vars(node))) if own else [],
        "own": own,
        "x": leaf.detach(),
        "incoming": incoming,
    }


def twice_in_a_network(function: Any, x: Tensor, weights: list[Tensor]) -> dict[str, Any]:
    """Return output and gradients by the weights of a network that adds the function of each product to the product.

    Returns
    -------
    dict
        `output`, and `gradients`: one for each weight, of the weighted sum of the output.
    """
    leaves = [_leaf(weight) for weight in weights]
    with torch.enable_grad():
        output = x
        for leaf in leaves:
            product = output @ leaf
            output = product + function.apply(product)
        gradients = _gradients(output, leaves)
    return {"output": _detached(output), "gradients": gradients}


def bytes_and_traces(saved_bytes: Callable[[Any, Tensor], Any], function: Forward, x: Tensor) -> dict[str, Any]:
    """Return what `saved_bytes(function, x)` gives, and what the call left behind.

    A module is in the middle of a training: each of its parameters has a gradient of ones.

    Returns
    -------
    dict
        `result`; `x` afterwards; `asks`: whether x asks for a gradient or has one; `module`: what `state_after_call`
        tells of the function, if it is a module, and of torch.
    """
    x, function = x.clone(), copy.deepcopy(function)
    module = function if isinstance(function, nn.Module) else nn.Identity()
    for parameter in module.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = network_state(module)
    with torch.enable_grad(), fresh_switches():
        switched, result = switched_by(saved_bytes, function, x)
    after = network_state(module)
    return {
        "result": plain(result),
        "x": x.detach(),
        "asks": x.requires_grad or x.grad is not None,
        "module": after
        | {"switched": switched, "more_hooks": more_hooks(before, after), "new_methods": new_methods(before, after)},
    }


def converted_and_original(convert: Callable[[nn.Module], Any], model: nn.Module, X: Tensor) -> dict[str, Any]:
    """Return what becomes of a network and of its copy.

    Returns
    -------
    dict
        What `result_and_state` gives in the middle of a training; `copy`: `output_and_gradients` of the copy; `state`:
        its `network_state`; `names`: a name for each parameter that it has, one place each; `original`: the output of
        the network that was handed over.
    """
    original: list[nn.Module] = []

    def observed(network: nn.Module) -> Any:
        original.append(network)
        return convert(network)

    found = result_and_state(observed, model, in_training=True)
    network = checked(found.pop("result"))
    state = network_state(network)
    with torch.no_grad():
        before = original[0].eval()(X)
    return found | {
        "state": state,
        "names": [name for name, _ in network.named_parameters()],
        "copy": output_and_gradients(network, X),
        "original": before.detach(),
    }


def _leaf(value: Tensor) -> Tensor:
    """Return a copy that lies in memory as the value does, and asks for a gradient."""
    if value.is_contiguous() or value.numel() == 0:
        return value.clone().requires_grad_()
    extent = 1 + sum((size - 1) * stride for size, stride in zip(value.shape, value.stride(), strict=True))
    laid_out = torch.zeros(extent, dtype=value.dtype).as_strided(value.shape, value.stride())
    return laid_out.copy_(value).requires_grad_()


def _gradients(output: Any, leaves: Sequence[Tensor]) -> list[Tensor | None]:
    """Return the gradient of the weighted sum of the output by each leaf, None where none comes."""
    if not isinstance(output, Tensor) or not output.requires_grad:
        return [None] * len(leaves)
    asking = [leaf for leaf in leaves if leaf.requires_grad]
    found = iter(torch.autograd.grad((output * weights_of_sum(output)).sum(), asking, allow_unused=True))
    return [next(found) if leaf.requires_grad else None for leaf in leaves]


def _detached(output: Any) -> Any:
    return output.detach() if isinstance(output, Tensor) else plain(output)


def _tensors(value: Any) -> list[Tensor]:
    """Return the tensors in a value, in containers too."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [tensor for entry in value for tensor in _tensors(entry)] if isinstance(value, list | tuple | set) else []


def _sizes(tensors: Iterable[Tensor]) -> list[int]:
    """Return the bytes of each storage that the tensors lie in."""
    storages = (tensor.untyped_storage() for tensor in tensors)
    return list({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _same(tensor: Tensor) -> Tensor:
    return tensor

"""Looks at networks beside the student's code: what a call leaves behind on them, and what they compute."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course.checks.beside.plain import plain
from course.checks.messages import described


class Residual(nn.Module):
    """A residual block, `relu(x + block(x))`: its own ReLU is declared first and runs last.

    It stands here, and not in a notebook, because networks of it are sent to the student's side: a class that both
    sides import is the same on both, and `isinstance` works there.
    """

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output, added to its input, after ReLU; shape of `x`."""
        return self.relu(x + self.block(x))


EVERYWHERE = "every module of torch"
"""Stands for a module's name where a hook is on all modules there are."""

RECORDING = "recording of gradients"
"""The switch of torch that students know as `torch.no_grad`."""


def network_state(network: Any) -> dict[str, Any]:
    """Return what a function that only looks at a network leaves as it was.

    Returns
    -------
    dict
        `layers`: class name of each module, `modes`: whether it is in train mode, by module; `values`: parameters and
        buffers, by name; `trainable`: `requires_grad`, and `gradients`: what `.grad` holds or None, by parameter;
        `hooks`: how many there are of all kinds, by module, with those on all modules under `EVERYWHERE`; `patched`:
        by module, the methods that the module has of its own in place of its class's.

    Raises
    ------
    AssertionError
        If it is not an `nn.Module`.
    """
    network = checked(network)
    modules = dict(network.named_modules())
    parameters = dict(network.named_parameters(remove_duplicate=False))
    values = parameters | dict(network.named_buffers(remove_duplicate=False))
    return {
        "layers": {name: type(module).__name__ for name, module in modules.items()},
        "modes": {name: bool(module.training) for name, module in modules.items()},
        "values": {name: value.detach().clone() for name, value in values.items()},
        "trainable": {name: bool(parameter.requires_grad) for name, parameter in parameters.items()},
        "gradients": {name: _copy_of(parameter.grad) for name, parameter in parameters.items()},
        "hooks": {EVERYWHERE: _global_hooks()} | {name: _hooks_on(module) for name, module in modules.items()},
        "patched": {name: _patched_methods(module) for name, module in modules.items()},
    }


def state_after_call(
    function: Callable[..., Any], model: nn.Module, *args: Any, in_training: bool = False
) -> dict[str, Any]:
    """Return what `result_and_state` returns, without the result."""
    seen = result_and_state(function, model, *args, in_training=in_training)
    del seen["result"]
    return seen


def result_and_state(
    function: Callable[..., Any], model: nn.Module, *args: Any, in_training: bool = False
) -> dict[str, Any]:
    """Return what `function(copy, *args)` gives, the state of that copy of the network, and what the call left behind.

    Whatever is tested, the function is called from here and its traces are looked for: no call looks like a test of
    traces.

    Parameters
    ----------
    function : Callable[..., Any]
        The student's.
    model : nn.Module
        The network; it and the arguments are copied before the call.
    args : Any
        Further arguments.
    in_training : bool, optional
        Call the function in the middle of a training: torch records gradients, each parameter has a gradient of
        ones, and each module has a hook that someone else registered.

    Returns
    -------
    dict
        `network_state` of the copy; `result`: what the function gave; `arguments`: the copies of `args`; `asking`: for
        each of them, whether it asks for a gradient or has one; `switched`: which switches and modes of torch are not
        as before, `RECORDING` first;
        `more_hooks`: by place, how many hooks there are more (or fewer, negative) than before; `new_methods`: places
        where a method is not the one it was. A place is a module's name, `EVERYWHERE`, or `every ReLU` for a class.
    """
    model, args = copy.deepcopy(model), copy.deepcopy(args)
    if in_training:
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        for module in model.modules():
            module.register_forward_hook(Onlooker())
    before, methods = network_state(model), _methods_of_classes(model)
    # Either way, what the function does to the recording of gradients ends here and costs no other exercise.
    with torch.set_grad_enabled(in_training or torch.is_grad_enabled()), fresh_switches():
        switched, result = switched_by(function, model, *args)
    after = network_state(model)
    shared = [
        f"every {kind.__name__}"
        for kind, old in methods.items()
        if any(new is not was for new, was in zip(_methods(kind), old, strict=True))
    ]
    return after | {
        "result": plain(result),
        "arguments": [arg.detach().clone() if isinstance(arg, Tensor) else arg for arg in args],
        "asking": [isinstance(arg, Tensor) and (arg.requires_grad or arg.grad is not None) for arg in args],
        "switched": switched,
        "more_hooks": more_hooks(before, after),
        "new_methods": new_methods(before, after) + shared,
    }


def more_hooks(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, int]:
    """Return how many hooks there are more in the second `network_state` than in the first, by place."""
    places = before["hooks"] | after["hooks"]
    return {place: after["hooks"].get(place, 0) - before["hooks"].get(place, 0) for place in places}


def new_methods(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the modules with a method of their own in the second `network_state` that they had not in the first."""
    return [name for name, patched in after["patched"].items() if patched != before["patched"].get(name, [])]


class Onlooker:
    """A hook that does nothing; stands for one that someone else registered.

    It is a class because classes of the course are the same on both sides: a network with it can be pickled there.
    """

    def __call__(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """Do nothing."""


@contextlib.contextmanager
def fresh_switches() -> Iterator[None]:
    """Set torch's switches as a new process has them, and afterwards as they were.

    What an earlier call of the function left on would otherwise be on before this call too, and no difference be seen.
    """
    anomaly, deterministic = torch.is_anomaly_enabled(), torch.get_deterministic_debug_mode()
    dtype, hooks = torch.get_default_dtype(), hooks_on_saved()
    _set_switches(False, 0, torch.float32)
    try:
        yield
    finally:
        _set_switches(anomaly, deterministic, dtype)
        while (left := hooks_on_saved()) is not None and left != hooks:
            torch._C._autograd._pop_saved_tensors_default_hooks()


def _set_switches(anomaly: bool, deterministic: int, dtype: torch.dtype) -> None:
    torch.autograd.set_detect_anomaly(anomaly)
    torch.set_deterministic_debug_mode(deterministic)
    torch.set_default_dtype(dtype)


def switched_by(function: Callable[..., Any], *args: Any) -> tuple[list[str], Any]:
    """Return which switches of torch are not as before `function(*args)`, `RECORDING` first, and what it gave."""
    before = _switches()
    result = function(*args)
    return [name for name, value in _switches().items() if value != before[name]], result


def _switches() -> dict[str, Any]:
    """Return what is set for all of torch, by the name that a message gives it."""
    return {
        RECORDING: torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "anomaly detection": torch.is_anomaly_enabled(),
        "default dtype": str(torch.get_default_dtype()),
        "deterministic algorithms": torch.get_deterministic_debug_mode(),
        "modes that see each function": torch._C._len_torch_function_stack(),
        "modes that see each operation": torch._C._len_torch_dispatch_stack(),
        "hooks on what autograd keeps": hooks_on_saved(),
    }


def hooks_on_saved() -> Any:
    """Return the innermost pair of hooks on what autograd keeps for the backward pass, None if there is none."""
    return torch._C._autograd._top_saved_tensors_default_hooks(True)


def _hooks_on(module: nn.Module) -> int:
    """Return how many hooks there are on a module and on its own parameters and buffers.

    Torch keeps each kind (forward, backward, before and after each, saving and loading) in a dict whose name ends in
    `_hooks`; those of a tensor are in a dict as well, or None stands in its place.
    """
    tensors = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    kept = [kind for tensor in tensors for kind in (tensor._backward_hooks, _accumulate_hooks(tensor))]
    return _count(vars(module)) + sum(len(hooks) for hooks in kept if hooks)


def _global_hooks() -> int:
    return _count(vars(nn.modules.module))


def _count(namespace: Mapping[str, Any]) -> int:
    """Return how many hooks are in the dicts of a namespace that torch keeps hooks in."""
    return sum(len(hooks) for name, hooks in namespace.items() if name.endswith("_hooks") and isinstance(hooks, dict))


def _accumulate_hooks(tensor: Tensor) -> Any:
    return getattr(tensor, "_post_accumulate_grad_hooks", None)


def _patched_methods(module: nn.Module) -> list[str]:
    """Return the names of the methods patched on an object; a method of its class that was put back does not count."""
    kind = type(module)
    return [
        name
        for name, value in vars(module).items()
        if callable(method := getattr(kind, name, None))
        and not (getattr(value, "__func__", None) is method and getattr(value, "__self__", None) is module)
    ]


def _methods_of_classes(model: nn.Module) -> dict[type, tuple[Any, ...]]:
    """Return the methods that run a module, for each class in the network and for those that they derive from."""
    return {kind: _methods(kind) for module in model.modules() for kind in type(module).__mro__ if kind is not object}


def _methods(kind: type) -> tuple[Any, ...]:
    return tuple(vars(kind).get(name) for name in ("forward", "__call__", "_call_impl"))


def output_and_gradients(network: Any, X: Tensor) -> dict[str, Any]:
    """Return the network's output in eval mode, and the gradient of a weighted sum of it for each parameter.

    The weights of the sum are those of `weights_of_sum`. A parameter without a gradient has None.
    """
    checked(network).eval()
    parameters = dict(network.named_parameters())
    with torch.enable_grad():
        output = network(X)
        total = (output * weights_of_sum(output)).sum()
    found: Sequence[Tensor | None] = [None] * len(parameters)
    if total.requires_grad and parameters:
        found = torch.autograd.grad(total, list(parameters.values()), allow_unused=True)
    return {"output": output.detach(), "gradients": dict(zip(parameters, found, strict=True))}


def weights_of_sum(output: Tensor) -> Tensor:
    """Return the square roots of 1/n, 2/n, ..., 1 in the shape of `output`: no two of them cancel by symmetry."""
    count = output.numel()
    return (torch.arange(1, count + 1, dtype=output.dtype) / count).sqrt().reshape(output.shape)


def original_after_training(function: Callable[..., Any], model: nn.Module) -> dict[str, Any]:
    """Return the weights of `model` after every weight of the network that `function` makes of it was moved."""
    model = copy.deepcopy(model)
    network = checked(function(model))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1.0)
    return dict(model.state_dict())


def checked(network: Any) -> nn.Module:
    """Return what a student gave if it is a network.

    Raises
    ------
    AssertionError
        With what came.
    """
    if not isinstance(network, nn.Module):
        raise AssertionError(f"Expected a network (nn.Module), got {described(network)}.")
    return network


def _copy_of(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.detach().clone()

"""Checks of ps7: the gated product, the block, the lean SiLU, the meter of what is kept, and the conversion of GELU.

What a module or function computes is compared with references that run here, on weights that were chosen here.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from autograder.reference.gated_units import kept_bytes, places, silu_slope, swiglu, with_short_gelu
from course.checks import Checks, student_side
from course.checks.beside import gated_units as probes
from course.checks.beside.gated_units import Branches, Forward, ScaledGELU, bytes_and_traces, twice_in_a_network
from course.checks.beside.networks import network_state, weights_of_sum
from course.checks.closeness import within
from course.checks.dead_neurons import GRADIENTS, LEFT_BEHIND, STATE, expect_weights_of_its_own
from course.checks.gated_units import (
    TOLERANCE,
    conversion,
    converted_outputs,
    expect_bytes,
    expect_near,
    expect_one_kept,
    gated_product,
    gated_unit,
    lean_pass,
    width_of,
)
from course.checks.messages import described
from course.checks.networks import differences, expect_none_of, first_difference, place

DTYPES = (torch.float32, torch.float64)

FAR = 1e4
"""The largest input, on both sides, that the assignment speaks of."""

MODES = {"modes": "The function changes the mode, train or eval, of {first}."}


def _random(*shape: int, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def _wide(value: Tensor) -> Tensor:
    """Return a copy in float64 that asks for a gradient."""
    return value.detach().clone().double().requires_grad_()


# The gated product --------------------------------------------------------------------------------------


def check_swiglu(checks: Checks, function: Forward, *, needs: str) -> None:
    """Check `swiglu(x, W, V)` on unseen numbers.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Forward
        The student's function.
    needs : str
        Name of the check above that must pass before any of these counts.
    """
    written: set[str] = set()

    def called(x: Tensor, W: Tensor, V: Tensor) -> dict[str, Any]:
        found = gated_product(function, x, W, V)
        written.add(first_difference({"x": x, "W": W, "V": V}, found["after"]))
        return found

    def expect_right(x: Tensor, W: Tensor, V: Tensor) -> None:
        expect_near(called(x, W, V)["output"], swiglu(x.double(), W.double(), V.double()), like=x)

    with checks("right on other numbers", needs=needs):
        for dtype in DTYPES:
            for d, width in [(5, 7), (4, 1), (1, 3)]:
                expect_right(*_arguments(d, width, (6, d), dtype))
    with checks("finite for gates far from 0, gradients included", needs=needs):
        for dtype in DTYPES:
            x = torch.tensor([[FAR], [-FAR], [500.0], [-500.0], [90.0], [-90.0]], dtype=dtype)
            W, V = torch.tensor([[1.0, 0.9]], dtype=dtype), torch.tensor([[0.001, -0.002]], dtype=dtype)
            expect_right(x, W, V)
            _expect_gradients(called, x, W, V)
    with checks("single rows, stacks and none", needs=needs):
        for dtype in DTYPES:
            for shape in [(5,), (1, 5), (0, 5), (2, 0, 5), (2, 3, 4, 5)]:
                expect_right(*_arguments(5, 3, shape, dtype))
    with checks("transposed and strided tensors", needs=needs):
        for dtype in DTYPES:
            for x, W, V in _laid_out_otherwise(dtype):
                expect_right(x, W, V)
                _expect_gradients(called, x, W, V)
    with checks("right gradients for x, W and V", needs=needs, weight=2):
        for dtype in DTYPES:
            for shape in [(4,), (3, 4), (2, 2, 4)]:
                _expect_gradients(called, *_arguments(4, 3, shape, dtype))
    with checks("leaves its arguments as they were", needs=needs):
        for dtype in DTYPES:
            called(*_arguments(4, 3, (50, 4), dtype))
        if names := sorted(written - {""}):
            raise AssertionError(f"The function writes into {' and '.join(names)}; work on a copy.")


def _arguments(d: int, width: int, shape: tuple[int, ...], dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """Return random x of this shape, W and V."""
    seed = 100 * d + 10 * width + len(shape)
    return (
        _random(*shape, seed=seed, dtype=dtype),
        _random(d, width, seed=seed + 1, dtype=dtype),
        _random(d, width, seed=seed + 2, dtype=dtype),
    )


def _laid_out_otherwise(dtype: torch.dtype) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield arguments that do not lie in memory row by row."""
    x, W, V = _arguments(4, 4, (4, 4), dtype)
    yield x.T, W.T, V
    yield x, W, V.T
    x, W, V = _arguments(6, 5, (3, 4, 6), dtype)
    yield x.transpose(0, 1), W, V
    yield x[:, ::2, :3], W[::2], V[3:]
    yield x[..., 1::2], W[:3, ::2], V[1:4, 2:]


def _expect_gradients(called: Callable[..., dict[str, Any]], x: Tensor, W: Tensor, V: Tensor) -> None:
    leaves = {name: _wide(value) for name, value in (("x", x), ("W", W), ("V", V))}
    output = swiglu(*leaves.values())
    expected = torch.autograd.grad((output * weights_of_sum(output)).sum(), list(leaves.values()))
    found = called(x, W, V)["gradients"]
    for name, right in zip(leaves, expected, strict=True):
        expect_near(found[name], right, like=x, name=f"the gradient of {name}")


# The block ----------------------------------------------------------------------------------------------


def check_swiglu_block(checks: Checks, make: Callable[[int, int], Any], *, needs: str) -> None:
    """Check `SwiGLU(d, hidden)` with weights that are chosen here, however the module lays them out.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    make : Callable[[int, int], Any]
        The student's class.
    needs : str
        Name of the check above that must pass before any of these counts.
    """
    any_weights = "right with any weights"
    with checks(any_weights, needs=needs, weight=2):
        for d, hidden in [(3, 7), (4, 6), (5, 3)]:
            expect_unit(make, d, hidden, torch.float32)
    with checks("as many weights as other ReLU blocks", needs=needs):
        for d, hidden in [(1, 1), (2, 2), (3, 3), (2, 11), (5, 13), (16, 64), (7, 100)]:
            gated_unit(make, d, hidden, torch.full((3 * d * width_of(hidden),), 0.1), torch.ones(d))
    with checks("single rows, stacks and none", needs=needs):
        for shape in [(2,), (1, 2), (0, 2), (2, 0, 2), (2, 3, 4, 2)]:
            x = _random(*shape, seed=7, dtype=torch.float32)
            z = 0.5 * x.double().sum(-1, keepdim=True)
            right = (2 * nn.functional.silu(z) * z).expand(shape)
            expect_near(gated_unit(make, 2, 6, torch.full((24,), 0.5), x)["output"], right, like=x)
    with checks("right gradients for every weight", needs=needs, weight=2):
        for d, hidden in [(3, 7), (2, 4)]:
            expect_unit(make, d, hidden, torch.float32, gradients=True)
    with checks("float64 is computed in float64", needs=any_weights):
        expect_unit(make, 4, 9, torch.float64, gradients=True)
    with checks("weights start at random, each by itself", needs=any_weights):
        _expect_random_start(make)
    with checks("leaves x as it was", needs=any_weights):
        x = _random(4, 3, seed=8, dtype=torch.float32)
        found = gated_unit(make, 3, 6, torch.full((36,), 0.25), x)
        if first_difference({"x": x}, found):
            raise AssertionError("The module writes into x; work on a copy.")


def expect_unit(
    make: Callable[[int, int], Any], d: int, hidden: int, dtype: torch.dtype, *, gradients: bool = False
) -> None:
    """Expect output, or output and gradients, to be what the weights give in one of the ways to read them."""
    width = width_of(hidden)
    weights, x = _random(3 * d * width, seed=10 * d + hidden, dtype=dtype), _random(6, d, seed=hidden, dtype=dtype)
    found = gated_unit(make, d, hidden, weights, x)
    output = found["output"]
    expect_near(output, output if isinstance(output, Tensor) else 0.0, like=x)  # a tensor of that type
    tolerance = TOLERANCE[dtype]
    leaf, inputs = _wide(weights), x.double()
    read = [
        right
        for W, V, U in places(found["sizes"], d, width)
        if (right := swiglu(inputs, leaf[W], leaf[V]) @ leaf[U]).shape == output.shape
        and within(output, right.detach(), tolerance, tolerance).all()
    ]
    if not read:
        raise AssertionError(
            f"With d = {d}, hidden = {hidden} and random weights: the output is not swiglu(x, W, V) U, whichever of "
            "the weights are taken for W, V and U."
        )
    if not gradients:
        return
    if found["gradients"] is None:
        raise AssertionError("No gradient reaches at least one of its parameters.")
    expected = [torch.autograd.grad((right * weights_of_sum(right)).sum(), leaf)[0] for right in read]
    if not any(within(found["gradients"], right, tolerance, tolerance).all() for right in expected):
        expect_near(found["gradients"], expected[0], like=x, name="the gradient of the weights")


def _expect_random_start(make: Callable[[int, int], Any]) -> None:
    weights, x = torch.full((1152,), 0.1), torch.ones(12)
    first, second = (gated_unit(make, 12, 48, weights, x, seed=seed)["start"] for seed in (0, 1))
    if not first.isfinite().all():
        raise AssertionError("Some weights start as NaN or infinity.")
    different = len(first.unique())
    if different < 0.99 * len(first):
        raise AssertionError(f"Of its {len(first)} weights, {different} start with different values.")
    if (first == second).double().mean() > 0.01:
        raise AssertionError("Two modules, made one after another, start from the same weights.")


# The lean SiLU ------------------------------------------------------------------------------------------


def check_lean_silu(checks: Checks, function: Any, *, needs: str) -> None:
    """Check `LeanSiLU`: values, gradients, and what it keeps.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Any
        The student's class.
    needs : str
        Name of the check above that must pass before any of these counts.
    """

    def expect_value(x: Tensor) -> None:
        expect_near(_passed(function, x)["output"], nn.functional.silu(x.double()), like=x, x=x)

    def expect_slope(x: Tensor) -> None:
        right = _incoming(x).double() * silu_slope(x.double())
        expect_near(_passed(function, x)["gradient"], right, like=x, name="the gradient of x", x=x)

    with checks("right values from -10^4 to 10^4", needs=needs):
        expect_value(_grid(torch.float32))
    with checks("right slopes from -10^4 to 10^4", needs=needs, weight=2):
        expect_slope(_grid(torch.float32))
    with checks("float64 keeps its digits", needs=needs):
        expect_value(_grid(torch.float64))
        expect_slope(_grid(torch.float64))
    with checks("any shape, also none and empty", needs=needs):
        for dtype in DTYPES:
            for shape in [(), (0,), (2, 0), (1,), (5, 3), (2, 3, 4, 4)]:
                x = _random(*shape, seed=20 + len(shape), dtype=dtype)
                expect_value(x)
                expect_slope(x)
            x = _random(5, 3, seed=25, dtype=dtype).T
            expect_value(x)
            expect_slope(x)
    with checks("right where a network uses it twice", needs=needs, weight=2):
        for dtype in DTYPES:
            _expect_network(function, dtype)
    with checks("keeps one tensor for other inputs too", needs=needs):
        for x in (_random(40, 50, seed=27, dtype=torch.float32), _random(30, seed=28), _random(4, 5, 6, seed=29)):
            expect_one_kept(_passed(function, x), size=x.nbytes)
    with checks("a backward pass of its own", needs=needs):
        if not _passed(function, _random(4, seed=30))["own"]:
            raise AssertionError("The backward pass is not that of a torch.autograd.Function written in Python.")
    with checks("leaves x and the incoming gradient as they were", needs=needs):
        for dtype in DTYPES:
            x = _random(4, 3, seed=31, dtype=dtype)
            written = first_difference({"x": x, "incoming": _incoming(x)}, _passed(function, x))
            if written:
                what = "x" if written == "x" else "the gradient that comes in"
                raise AssertionError(f"The function writes into {what}; work on a copy.")


def _passed(function: Any, x: Tensor) -> dict[str, Any]:
    return lean_pass(function, x, _incoming(x))


def _incoming(x: Tensor) -> Tensor:
    """Return a gradient of the output in which no two entries are alike."""
    return weights_of_sum(x) - 0.4


def _grid(dtype: torch.dtype) -> Tensor:
    """Return inputs from -10^4 to 10^4, close together near 0."""
    near, far = torch.linspace(0, 30, 301, dtype=torch.float64), torch.logspace(1.5, 4, 60, dtype=torch.float64)
    right = torch.cat([near, far]).clamp(max=FAR)
    return torch.cat([-right.flip(0), right]).to(dtype)


def _expect_network(function: Any, dtype: torch.dtype) -> None:
    x = _random(6, 3, seed=32, dtype=dtype)
    weights = [_random(3, 5, seed=33, dtype=dtype), _random(5, 2, seed=34, dtype=dtype)]
    leaves = [_wide(weight) for weight in weights]
    output = x.double()
    for leaf in leaves:
        product = output @ leaf
        output = product + nn.functional.silu(product)
    expected = torch.autograd.grad((output * weights_of_sum(output)).sum(), leaves)
    found = student_side.run(twice_in_a_network, function, x, weights)
    expect_near(found["output"], output.detach(), like=x)
    for name, gradient, right in zip(("first", "second"), found["gradients"], expected, strict=True):
        expect_near(gradient, right, like=x, name=f"the gradient of the {name} layer's weights")


# What autograd keeps ------------------------------------------------------------------------------------


def check_saved_bytes(checks: Checks, function: Callable[[Any, Tensor], Any], *, needs: str) -> None:
    """Check `saved_bytes(function, x)` against what autograd keeps here.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Callable[[Any, Tensor], Any]
        The student's function.
    needs : str
        Name of the check above that must pass before any of these counts.
    """

    def expect_right(measured: Any, x: Tensor) -> None:
        expect_bytes(student_side.run(bytes_and_traces, function, measured, x)["result"], kept_bytes(measured, x))

    for name, cases in kept_by_check().items():
        with checks(name, needs=needs):
            for measured, x in cases:
                expect_right(measured, x)
    with checks("the result is an int", needs=needs):
        found = student_side.run(bytes_and_traces, function, torch.exp, _random(3, 4, seed=41))["result"]
        if not isinstance(found, int) or isinstance(found, bool):
            raise AssertionError(f"Expected an int, got {described(found)}.")
    with checks("leaves x, weights, hooks and switches as they were", needs=needs):
        _expect_no_trace(function)


@functools.cache
def kept_by_check() -> dict[str, list[tuple[Any, Tensor]]]:
    """Return functions and inputs by the name of the check that measures them."""
    x = _random(6, 8, seed=40, dtype=torch.float32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(43)
        shared = nn.Linear(8, 8)
        modules = [
            nn.Linear(8, 3),
            nn.Sequential(nn.Linear(8, 16, bias=False), nn.GELU(), nn.Linear(16, 4)),
            nn.Sequential(shared, nn.Tanh(), shared, nn.Dropout(0.5)),
            nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 2).requires_grad_(False), nn.PReLU()),
        ]
    return {
        "functions of several steps": [
            (probes.gelu_written_out, x),
            (probes.mish_written_out, x),
            (probes.chain, x),
        ],
        "a view counts by its storage, once": [
            (probes.neighbours, x),
            (probes.with_the_first, x),
            (probes.with_the_mean, x),
            (probes.gram, x),
        ],
        "masks and indices by their own size": [
            (probes.masked, x),
            (probes.in_order, x),
            (probes.square_where_positive, x),
            (probes.masked, x.double()),
        ],
        "modules: weights count as well": [(module, x) for module in modules],
        "functions with a backward of their own": [
            (function, value)
            for function in (probes.square_of, probes.tanh_again_and_again)
            for value in (x, x.double())
        ],
        "any shape, also none and empty": [
            (torch.exp, _random(seed=44)),
            (probes.mish_written_out, _random(0, seed=45)),
            (probes.mish_written_out, _random(7, seed=46)),
            (probes.gelu_written_out, _random(2, 3, 4, seed=47)),
        ],
    }


def _expect_no_trace(function: Callable[[Any, Tensor], Any]) -> None:
    module, x = kept_by_check()["modules: weights count as well"][1]
    found = student_side.run(bytes_and_traces, function, module, x)
    _expect_untouched(module, found["module"])
    if first_difference({"x": x}, found):
        raise AssertionError("The function writes into x.")
    if found["asks"]:
        raise AssertionError("After the call x asks for a gradient, or has one in .grad.")


def _expect_untouched(network: nn.Module, after: dict[str, Any]) -> None:
    """Expect a network that was in the middle of a training to be as it was before the call."""
    changes = differences(network_state(network), after, in_training=True)
    if "modes" in changes:
        changes["modes"] = [place(name) for name in changes["modes"]]
    expect_none_of(changes, STATE | GRADIENTS | MODES | LEFT_BEHIND)


# The conversion -----------------------------------------------------------------------------------------


def check_convert_gelu(checks: Checks, convert: Callable[[nn.Module], Any], *, needs: str) -> None:
    """Check `convert_gelu(model)` by what the copy and the original compute.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    convert : Callable[[nn.Module], Any]
        The student's function.
    needs : str
        Name of the check above that must pass before any of these counts.
    """
    X = torch.tensor([[-2.25, 0.75, 2.5], [1.5, -0.5, 3.0]])

    def expect_short(networks: Sequence[nn.Module], X: Tensor = X) -> None:
        for network in networks:
            with torch.no_grad():
                expected = with_short_gelu(network).eval()(X)
            expect_near(converted_outputs(convert, network, X), expected, like=X, name="the output of the copy")

    with checks("deep in nested networks", needs=needs):
        expect_short(one_gelu_each())
    with checks("a GELU that is the whole network", needs=needs):
        expect_short([nn.GELU()])
    with checks("subclasses stay of their class", needs=needs):
        networks = [nn.Sequential(ScaledGELU(3.0)), Branches([nn.Identity()], {"a": ScaledGELU(-2.0)}), ScaledGELU(5.0)]
        expect_short(networks)
        for network in networks:
            _expect_rest_kept(convert, network, X)
    with checks("a short form stays short", needs=needs):
        short = nn.GELU(approximate="tanh")
        expect_short([nn.Sequential(short), nn.Sequential(nn.GELU(), nn.Sequential(short)), short])
    with checks("nothing else changes", needs=needs, weight=2):
        expect_short([mixed()])
        _expect_rest_kept(convert, mixed(), X)
    with checks("what is shared stays shared", needs=needs):
        network = shared()
        expect_short([network])
        if conversion(convert, network, X)["names"] != [name for name, _ in network.named_parameters()]:
            raise AssertionError("A weight that the original shares between two places is two weights in the copy.")
    with checks("the original stays as it was", needs=needs):
        _expect_original_kept(convert, X)
    with checks("weights of its own", needs=needs):
        expect_weights_of_its_own(convert, mixed())
    with checks("a float64 network", needs=needs):
        expect_short([mixed().double(), shared().double()], X.double())


def _linear(inputs: int, outputs: int, seed: int) -> nn.Linear:
    """Return a layer with random weights, the same at every run."""
    layer = nn.Linear(inputs, outputs)
    with torch.no_grad():
        layer.weight.copy_(_random(outputs, inputs, seed=seed))
        layer.bias.copy_(_random(outputs, seed=seed + 1))
    return layer


def one_gelu_each() -> list[nn.Module]:
    """Return networks in which a single GELU decides the output, each in another place."""
    identity, gelu = nn.Identity(), nn.GELU()
    return [
        nn.Sequential(nn.Sequential(nn.Sequential(identity, nn.Sequential(gelu)))),
        nn.Sequential(identity, Branches([nn.Sequential(identity, nn.Sequential(gelu))], {"a": identity})),
        Branches([identity], {"a": identity, "b": Branches([nn.Sequential(gelu)], {"c": identity})}),
        nn.Sequential(Branches([Branches([identity], {"a": identity, "b": gelu})], {"a": nn.Sequential(identity)})),
    ]


def mixed() -> nn.Module:
    """Return a network with other activations, batch norm that is frozen, and dropout."""
    norm = nn.BatchNorm1d(4)
    with torch.no_grad():
        norm.get_buffer("running_mean").copy_(_random(4, seed=53))
        norm.get_buffer("running_var").copy_(_random(4, seed=54).square() + 0.5)
    norm.eval()
    branches = [nn.Sequential(_linear(4, 4, 55), nn.SiLU()), nn.Sequential(nn.ReLU(), nn.Dropout(0.9))]
    heads = {"a": nn.Sequential(nn.GELU(), _linear(4, 2, 57)), "b": nn.LeakyReLU(0.3)}
    first = nn.Sequential(_linear(3, 4, 51), nn.GELU())
    return nn.Sequential(first, norm, nn.Sequential(Branches(branches, heads)))


def shared() -> nn.Module:
    """Return a network with one layer in two places, and another two layers with one weight."""
    twice, first, second = _linear(3, 3, 61), _linear(3, 3, 63), _linear(3, 3, 65)
    second.weight = first.weight
    return nn.Sequential(twice, nn.GELU(), twice, nn.Sequential(nn.GELU(), first), nn.GELU(), second)


def both_forms() -> nn.Module:
    """Return a network in which some GELUs have the short form already."""
    heads = {"a": ScaledGELU(2.0, "tanh"), "b": nn.GELU()}
    return nn.Sequential(_linear(3, 3, 67), nn.GELU("tanh"), Branches([nn.Identity()], heads))


def _expect_rest_kept(convert: Callable[[nn.Module], Any], network: nn.Module, X: Tensor) -> None:
    """Expect layers, weights, names and modes of the original in the copy; a plain GELU may be another module."""
    before, after = network_state(network), conversion(convert, network, X)["state"]
    name = first_difference(before["values"], after["values"])
    if name:
        raise AssertionError(f"The new network's {name} is missing or not the same as the original's.")
    for name, module in network.named_modules():
        if type(module) is nn.GELU:
            continue
        for what in ("layers", "modes"):
            if after[what].get(name) != before[what][name]:
                was = before[what][name] if what == "layers" else "train" if before[what][name] else "eval"
                raise AssertionError(
                    f"In the new network {place(name)} is {_what_is(after, what, name)}; in the original it is "
                    f"{was if what == 'layers' else f'in {was} mode'}."
                )


def _what_is(state: Any, what: str, name: str) -> str:
    if name not in state[what]:
        return "missing"
    return str(state[what][name]) if what == "layers" else f"in {'train' if state[what][name] else 'eval'} mode"


def _expect_original_kept(convert: Callable[[nn.Module], Any], X: Tensor) -> None:
    for network in (mixed(), shared(), both_forms()):
        with torch.no_grad():
            expected = copy.deepcopy(network).eval()(X)
        found = conversion(convert, network, X)
        expect_near(found["original"], expected, like=X, name="the output of the original after the call")
        _expect_untouched(network, found)

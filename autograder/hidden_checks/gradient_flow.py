"""Checks of ps3: gradient norms on unseen networks, the comparison over seeds, the figure by its data."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autograder.reference.gradient_flow import gradient_norms
from course.checks import Checks, figures
from course.checks.beside.gradient_flow import Measure, millionths
from course.checks.gradient_flow import expect_model_unchanged, expect_norms
from course.checks.layers import expect_list_of_floats
from course.checks.messages import described
from course.checks.results import result_of, result_with_network

Case = tuple[nn.Module, Tensor, Tensor]
"""A model, inputs of shape (n, features), and targets 0 or 1 of shape (n,)."""

Activations = Mapping[str, Callable[[], nn.Module]]


def check_gradient_norms(checks: Checks, function: Measure, *, needs: Sequence[str]) -> None:
    """Check the student's gradient norms against autograd on unseen networks, and what a call leaves behind.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Measure
        The student's function.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """

    def measured(case: Case, *, in_training: bool = False) -> Any:
        return result_with_network(function, *case, in_training=in_training)

    expected = _expected()
    for name, cases in cases_by_check().items():
        with checks(name, needs=needs):
            for case, norms in zip(cases, expected[name], strict=True):
                expect_norms(measured(case), norms)
    with checks("old gradients do not count", needs=needs):
        case = _case([3, 6, 4, 1], nn.Tanh, seed=31)
        expect_norms(measured(case, in_training=True), gradient_norms(*case))
    with checks("leaves model and data as they were", needs=list(expected)[:3]):
        frozen = nn.BatchNorm1d(5).requires_grad_(False)
        layers = [nn.Linear(3, 5), frozen, nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 1)]
        expect_model_unchanged(function, *_with_data(lambda: nn.Sequential(*layers).eval(), 3, seed=32))


@functools.cache
def cases_by_check() -> dict[str, list[Case]]:
    """Return the networks of each check of values, by the name of the check."""
    return {
        "right on unseen networks of 1 to 8 layers": [
            _case([3, 1], nn.ReLU, seed=1),
            _case([5, 7, 1], nn.Tanh, seed=2),
            _case([2, 16, 4, 16, 1], nn.ReLU, seed=3),
            _case([4, *[9] * 7, 1], nn.GELU, seed=4),
        ],
        "right where gradients are tiny or zero": [
            _case([2, *[12] * 13, 1], nn.Sigmoid, seed=5),
            _with_data(_dead, 2, seed=6),
        ],
        "right on nested networks": [_with_data(_nested, 3, seed=7)],
        "counts nn.Linear and nothing else": [_with_data(_mixed, 16, seed=8)],
        "runs the model in the mode it is in": [
            _with_data(lambda: _normalised().eval(), 3, seed=9),
            _with_data(lambda: _normalised(dropout=0.0).train(), 3, seed=10),
        ],
        "right on a batch of one row": [_case([3, 8, 8, 1], nn.ReLU, rows=1, seed=11)],
        "a confident mistake has a gradient": [_confident_mistakes()],
        "right in float64": [_case([3, 8, 8, 1], nn.SiLU, seed=12, dtype=torch.float64)],
    }


@functools.cache
def _expected() -> dict[str, list[list[float]]]:
    """Return what autograd gives for each network of `cases_by_check`."""
    return {name: [gradient_norms(*case) for case in cases] for name, cases in cases_by_check().items()}


def _case(
    sizes: Sequence[int],
    activation: Callable[[], nn.Module],
    *,
    seed: int,
    rows: int = 12,
    dtype: torch.dtype = torch.float32,
) -> Case:
    """Return a network of Linear layers of these sizes, with random data."""

    def build() -> nn.Module:
        pairs = [(nn.Linear(fan_in, fan_out), activation()) for fan_in, fan_out in itertools.pairwise(sizes)]
        return nn.Sequential(*itertools.chain(*pairs))[:-1].to(dtype)

    return _with_data(build, sizes[0], rows=rows, seed=seed, dtype=dtype)


def _with_data(
    build: Callable[[], nn.Module], features: int, *, seed: int, rows: int = 12, dtype: torch.dtype = torch.float32
) -> Case:
    """Return the network that `build` gives with this seed, and random data; torch's generator stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build()
        return model, torch.randn(rows, features, dtype=dtype), torch.randint(0, 2, (rows,)).to(dtype)


def _dead() -> nn.Module:
    """Return a ReLU network in which every unit of the second layer is dead."""
    second = nn.Linear(6, 6)
    nn.init.constant_(second.bias, -100.0)
    return nn.Sequential(nn.Linear(2, 6), nn.ReLU(), second, nn.ReLU(), nn.Linear(6, 1))


def _nested() -> nn.Module:
    inner = nn.Sequential(nn.Linear(6, 5), nn.Sequential(nn.Tanh(), nn.Linear(5, 4)))
    return nn.Sequential(nn.Sequential(nn.Linear(3, 6), nn.ReLU()), inner, nn.GELU(), nn.Linear(4, 1))


def _mixed() -> nn.Module:
    return nn.Sequential(
        *(nn.Unflatten(1, (1, 4, 4)), nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten()),
        # The weight of the first of these norms is a matrix, as that of a Linear layer is.
        *(nn.Linear(8, 6), nn.Unflatten(1, (2, 3)), nn.LayerNorm((2, 3)), nn.Flatten(), nn.PReLU(6)),
        *(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 1)),
    )


def _normalised(dropout: float = 0.5) -> nn.Module:
    norm = nn.BatchNorm1d(8)
    # Far from what a batch has, so that it matters which statistics are used.
    norm.load_state_dict(
        norm.state_dict() | {"running_mean": torch.full((8,), 0.7), "running_var": torch.full((8,), 4.0)}
    )
    return nn.Sequential(
        *(nn.Linear(3, 8), norm, nn.ReLU(), nn.Dropout(dropout)), *(nn.Linear(8, 8), nn.Tanh()), nn.Linear(8, 1)
    )


def _confident_mistakes() -> Case:
    """Return a model whose logits reach ±60 on the wrong side, where a sigmoid in float32 is 0 or 1."""
    first, last = nn.Linear(1, 2, bias=False), nn.Linear(2, 1, bias=False)
    first.load_state_dict({"weight": torch.tensor([[3.0], [-2.0]])})
    last.load_state_dict({"weight": torch.tensor([[12.0, -12.0]])})
    return nn.Sequential(first, last), torch.tensor([[1.0], [-1.0], [0.7]]), torch.tensor([0.0, 1.0, 0.0])


def check_comparison(
    checks: Checks,
    function: Callable[..., Any],
    build: Callable[[Callable[[], nn.Module]], nn.Sequential],
    measure: Measure,
    *,
    needs: Sequence[str],
) -> None:
    """Check the student's comparison of activations on unseen activations, seeds and data.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Callable[..., Any]
        The student's function of (measure, activations, X, y, seeds).
    build : Callable[[Callable[[], nn.Module]], nn.Sequential]
        Makes the network for an activation, with torch's global generator.
    measure : Measure
        The measurement that the comparison is given; travels to the student's side.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    _, X, y = _case([2, 1], nn.ReLU, rows=9, seed=41)

    def expect_medians(activations: Activations, seeds: Sequence[int], measure: Measure = measure) -> None:
        actual = result_of(function, measure, activations, X, y, seeds)
        for name, medians in comparison(build, measure, activations, X, y, seeds).items():
            expect_norms(_entry(actual, name), medians)

    unseen = "right on unseen activations, seeds and data"
    with checks(unseen, needs=needs):
        expect_medians({"tanh": nn.Tanh, "Leaky ReLU": nn.LeakyReLU}, [11, 3, 57])
    with checks("an even number of seeds", needs=needs):
        expect_medians({"SiLU": nn.SiLU}, [5, 21])
    with checks("numbers of a millionth keep their digits", needs=unseen):
        expect_medians({"softplus": nn.Softplus}, [2, 9, 6], millionths)
    with checks("each entry is a list of floats", needs=unseen):
        expect_list_of_floats(_entry(result_of(function, measure, {"ELU": nn.ELU}, X, y, [4]), "ELU"))


def _entry(table: Any, name: str) -> Any:
    if not isinstance(table, dict):
        raise AssertionError(f"Expected a dict, got {described(table)}.")
    if name not in table:
        raise AssertionError(f"Expected an entry for each name; one of {len(table)} entries is missing or misnamed.")
    return table[name]


def comparison(
    build: Callable[[Callable[[], nn.Module]], nn.Sequential],
    measure: Measure,
    activations: Activations,
    X: Tensor,
    y: Tensor,
    seeds: Sequence[int],
) -> dict[str, list[float]]:
    """Return, for each activation, the median over the seeds of what is measured at each layer."""

    def measured(activation: Callable[[], nn.Module], seed: int) -> Any:
        torch.manual_seed(seed)
        return measure(build(activation), X, y)

    with torch.random.fork_rng(devices=[]):
        return {
            name: np.median([measured(activation, seed) for seed in seeds], axis=0).tolist()
            for name, activation in activations.items()
        }


def check_figure(checks: Checks, function: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check the data of the student's figure on unseen norms: many lines, other depths, zeros.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Callable[..., Any]
        The student's plotting function.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    rng = np.random.default_rng(50)
    depths = {"tanh": 12, "SiLU": 12, "Leaky ReLU": 5, "ELU": 23, "Mish": 2, "Softplus": 7}
    many = {name: (10.0 ** rng.uniform(-11, 2, depth)).tolist() for name, depth in depths.items()}
    zeros = {"ReLU": [0.0, 0.0, 0.0, 0.0], "ELU": [0.0, 0.0, 3e-4, 0.02], "GELU": [0.1, 0.2, 0.4, 0.3]}
    figure = functools.cache(lambda: figures.picture_of(function, many))
    unseen = "right on six lines of unseen numbers and lengths"
    with checks(unseen, needs=needs, weight=2):
        figures.expect_lines(figure(), many)
    with checks("layers are numbered from 1", needs=[*needs, unseen]):
        figures.expect_numbered_from_one(figure(), many)
    with checks("six lines can be told apart", needs=unseen):
        figures.expect_told_apart(figure(), many)
        figures.expect_legend(figure(), many)
    with checks("every point is inside the picture", needs=unseen):
        figures.expect_inside(figure(), many)
    with checks("a gradient of zero does not break it", needs=[*needs, unseen]):
        picture = figures.picture_of(function, zeros)
        figures.expect_lines(picture, zeros)
        figures.expect_scales(picture, "linear", "log")

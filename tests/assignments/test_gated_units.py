"""Fairness of ps7: right answers agree with the reference on inputs nobody chose; probes; the text's numbers."""

from __future__ import annotations

import copy
import functools
import re

import nbformat
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from autograder.answers import load_answers
from autograder.hidden_checks import gated_units as hidden
from autograder.reference.gated_units import kept_bytes, places, silu_slope, swiglu, with_short_gelu
from course.checks.beside import gated_units as beside
from course.checks.gated_units import expect_bytes, expect_near, gated_unit, width_of
from tests.support.notebook_runner import ROOT, notebook_cells

ASSIGNMENT = "ps7_gated_units"
RIGHT = [answer for answer in load_answers(ROOT / "autograder" / "practice" / "answers", ASSIGNMENT) if answer.right]


def given_names():
    """Names that the notebook's given cells define."""
    names = {"__name__": "__main__"}
    exec(next(cell.source for cell in notebook_cells("source", ASSIGNMENT) if cell.grade_id == "setup"), names)
    return names


@functools.cache
def right_answers(exercise):
    """What each right answer defines, by name; the instructor's among them."""
    own = next(cell.source for cell in notebook_cells("source", ASSIGNMENT) if cell.grade_id == exercise)
    found = {}
    sources = {"solution": own} | {answer.name: answer.source for answer in RIGHT if answer.exercise == exercise}
    for name, source in sources.items():
        names = given_names()
        exec(source, names)
        found[name] = names[exercise]
    return found


def text():
    notebook = nbformat.read(ROOT / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def normal(*shape, seed, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


# Fairness


shapes = st.lists(st.integers(0, 4), max_size=3)
sizes = st.integers(1, 9)
dtypes = st.sampled_from([torch.float32, torch.float64])
seeds = st.integers(0, 10**6)


@settings(max_examples=15, deadline=None)
@given(shapes, sizes, sizes, dtypes, seeds, st.booleans())
def test_right_products_agree_whatever_the_arguments(shape, d, width, dtype, seed, turned):
    x, W, V = (normal(*s, seed=seed + n, dtype=dtype) for n, s in enumerate([(*shape, d), (d, width), (d, width)]))
    if turned:
        x, W, V = (value.mT.contiguous().mT if value.ndim > 1 else value for value in (x, W, V))
    for function in right_answers("swiglu").values():
        expect_near(function(x.clone(), W.clone(), V.clone()), swiglu(x.double(), W.double(), V.double()), like=x)


@settings(max_examples=6, deadline=None)
@given(sizes, st.integers(1, 14), dtypes)
def test_right_blocks_are_read_however_their_weights_lie(d, hidden_width, dtype):
    for make in right_answers("SwiGLU").values():
        hidden.expect_unit(make, d, hidden_width, dtype, gradients=True)


@settings(max_examples=8, deadline=None)
@given(shapes, dtypes, seeds, st.floats(-3, 4))
def test_right_lean_functions_agree_at_any_scale_and_shape(shape, dtype, seed, power):
    x = (normal(*shape, seed=seed) * 10**power).clamp(-1e4, 1e4).to(dtype)
    for function in right_answers("LeanSiLU").values():
        found = beside.pass_of_function(function, x, torch.ones_like(x))
        expect_near(found["output"], nn.functional.silu(x.double()), like=x)
        expect_near(found["gradient"], silu_slope(x.double()), like=x)
        assert len(found["kept"]) == 1
        assert found["on_ctx"] == []


FUNCTIONS = [
    torch.exp, torch.tanh, nn.functional.silu, nn.functional.gelu, nn.functional.mish, nn.Softplus(), nn.ELU(),
    nn.PReLU(), nn.Hardswish(), beside.gelu_written_out, beside.mish_written_out, beside.chain, beside.masked,
    beside.square_of, beside.square_where_positive, nn.functional.dropout,
]  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(FUNCTIONS), shapes, dtypes)
def test_right_meters_agree_on_any_function_and_shape(function, shape, dtype):
    if isinstance(function, nn.Module):
        function = copy.deepcopy(function).to(dtype)
    x = normal(*shape, seed=3, dtype=dtype)
    for measure in right_answers("saved_bytes").values():
        expect_bytes(beside.bytes_and_traces(measure, function, x)["result"], kept_bytes(function, x))


@st.composite
def networks(draw, depth=3):
    """Networks of GELUs, some of them short, in Sequentials and Branches; the width stays 3."""
    leaf = st.sampled_from(
        [nn.GELU, lambda: nn.GELU("tanh"), nn.SiLU, lambda: beside.ScaledGELU(2.0), lambda: nn.Linear(3, 3).double()]
    )
    kind = draw(st.sampled_from(["leaf", "sequence", "branches"])) if depth else "leaf"
    if kind == "leaf":
        return draw(leaf)()
    children = [draw(networks(depth - 1)) for _ in range(draw(st.integers(1, 3)))]
    return nn.Sequential(*children) if kind == "sequence" else beside.Branches(children, {"a": draw(leaf)()})


@settings(max_examples=15, deadline=None)
@given(networks())
def test_right_conversions_agree_on_any_network(network):
    X = normal(4, 3, seed=5)
    with torch.no_grad():
        before, short = network(X), with_short_gelu(network)(X)
        for convert in right_answers("convert_gelu").values():
            expect_near(convert(network)(X), short, like=X)
            assert torch.equal(network(X), before)


# References and probes


def test_the_slope_is_that_of_the_values():
    x = torch.linspace(-9, 9, 50, dtype=torch.float64)
    before, after = (nn.functional.silu(x + step) for step in (-1e-6, 1e-6))
    assert silu_slope(x) == pytest.approx((after - before) / 2e-6, abs=1e-8)


@pytest.mark.parametrize("sizes", [[6, 6, 6], [12, 6], [6, 12], [18]])
def test_every_way_to_read_weights_uses_each_once(sizes):
    read = list(places(sizes, 2, 3))
    assert read
    for W, V, U in read:
        assert (W.shape, V.shape, U.shape) == ((2, 3), (2, 3), (3, 2))
        assert sorted(torch.cat([W.ravel(), V.ravel(), U.ravel()]).tolist()) == list(range(18))


def test_sizes_that_hold_no_whole_matrix_are_read_in_no_way():
    assert list(places([6, 6, 5], 2, 3)) == []
    assert list(places([6, 6, 6, 0], 2, 3)) == []


@pytest.mark.parametrize("hidden_width", range(1, 40))
def test_the_width_is_the_nearest(hidden_width):
    assert width_of(hidden_width) == min(range(40), key=lambda width: abs(width - 2 * hidden_width / 3))


@pytest.mark.parametrize(
    ("function", "size"),
    [
        (torch.exp, 128), (nn.functional.silu, 128), (lambda x: x * torch.sigmoid(x), 256), (lambda x: x + 1, 0),
        (beside.neighbours, 128), (beside.gram, 128), (beside.with_the_mean, 132), (beside.masked, 32),
        (beside.in_order, 256), (beside.square_of, 160), (beside.chain, 5 * 128), (nn.Linear(8, 8), 384),
        (beside.tanh_again_and_again, 4 * 128),
    ],
)  # fmt: skip
def test_what_is_kept_is_known_by_hand(function, size):
    x = torch.linspace(-2, 2, 32).reshape(4, 8)
    assert kept_bytes(function, x) == size


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_memory_that_nothing_holds_is_used_again_and_what_is_held_stays(dtype):
    x = torch.linspace(-2, 2, 6, dtype=dtype).reshape(2, 3)
    held = beside.tanh_again_and_again(x)
    addresses = [beside.tanh_again_and_again(x).data_ptr() for _ in range(5)]
    assert held.data_ptr() not in addresses
    assert len(set(addresses)) < 5
    assert torch.equal(held, x.tanh().tanh().tanh().tanh())


def test_tanh_in_used_memory_has_the_gradient_of_tanh():
    x = torch.linspace(-2, 2, 6, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(beside.tanh_again_and_again, [x])


@pytest.mark.parametrize("network", [*hidden.one_gelu_each(), hidden.mixed(), hidden.shared()])
def test_each_gelu_that_is_left_exact_is_seen(network):
    """Whichever GELU of a network of the checks an answer misses, its output is out of tolerance."""
    X = torch.tensor([[-2.25, 0.75, 2.5], [1.5, -0.5, 3.0]])
    short = with_short_gelu(network).eval()
    for module in short.modules():
        if isinstance(module, nn.GELU):
            with torch.no_grad():
                expected = short(X)
                module.approximate = "none"
                missed = short(X)
                module.approximate = "tanh"
            with pytest.raises(AssertionError, match="got"):
                expect_near(missed, expected, like=X)


def test_a_function_in_the_place_of_another_gradient_is_seen():
    class Flat(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.kept = {"x": [x, x + 1]}
            return nn.functional.silu(x)

        @staticmethod
        def backward(ctx, gradient):
            return None

    found = beside.pass_of_function(Flat, torch.ones(3), torch.ones(3))
    assert (found["kept"], found["on_ctx"], found["gradient"], found["own"]) == ([], [12, 12], None, True)


def test_arguments_keep_their_place_in_memory():
    seen = []
    wide = normal(6, 8, seed=1)
    x, W, V = wide[::2, 1::2], wide[:4, :3], wide.T[:4, :3]
    beside.product_and_gradients(lambda *args: seen.extend(a.stride() for a in args) or swiglu(*args), x, W, V)
    assert seen == [x.stride(), W.stride(), V.stride()]


def test_a_block_of_another_size_is_told_what_is_off():
    def said(make):
        with pytest.raises(AssertionError) as error:
            gated_unit(make, 4, 9, torch.ones(72), torch.ones(4))
        return str(error.value)

    def block(width, bias):
        return nn.Sequential(nn.Linear(4, width, bias), nn.Linear(4, width, bias), nn.Linear(width, 4, bias))

    begin = "With d = 4 and hidden = 9 it has {} weights; expected 72, 3 times 4 times 6."
    full = " The width is that of the ReLU block; two thirds of it make as many weights."
    assert said(lambda d, h: block(9, False)) == begin.format(108) + full
    assert said(lambda d, h: block(6, True)) == begin.format(88) + " Its three matrices have no biases."
    assert said(lambda d, h: nn.Identity()) == begin.format(0) + " Does it register them as parameters?"
    assert said(lambda d, h: block(5, False)) == begin.format(60)
    with pytest.raises(AssertionError, match=r"expected 3, 3 times 1 times 1\.$"):
        gated_unit(lambda d, h: nn.Linear(5, 1), 1, 1, torch.ones(3), torch.ones(1))


# What the text says


def test_numbers_of_the_text():
    d = torch.float64
    row, W = torch.tensor([1.0, 2.0], dtype=d), torch.tensor([[1.0, -1.0], [0.5, 0.0]], dtype=d)
    V = torch.tensor([[3.0, 0.0], [-1.0, 2.0]], dtype=d)
    first, second = swiglu(row, W, V).tolist()
    assert f"({first:.6f}, {second:.6f})" in text()
    unit = 1.5 * nn.functional.silu(torch.tensor(1.5, dtype=d)).item()
    assert f"{unit:.6f}" in text()
    assert f"{4 * 0.5 * unit:.6f}" in text()
    sizes = dict(re.findall(r"\| `([^`|]+)` \|[^|]*\| (\d+) \|", text()))
    x = torch.linspace(-2, 2, 32).reshape(4, 8)
    names = {"torch": torch, "nn": nn, "x": x}
    assert len(sizes) == 5
    for code, size in sizes.items():
        function = (lambda x, code=code: eval(code, names | {"x": x})) if code.startswith("x") else eval(code, names)
        assert kept_bytes(function, x) == int(size), code


def test_numbers_of_the_mark_scheme():
    twin = (ROOT / "source" / ASSIGNMENT / f"{ASSIGNMENT}.py").read_text(encoding="utf-8")
    scheme = " ".join(twin.partition("BEGIN MARK SCHEME")[2].partition("END MARK SCHEME")[0].replace("\n#", "").split())
    x = torch.randn(512, 48, generator=torch.Generator().manual_seed(0))
    blocks = {
        kind: nn.Sequential(nn.Linear(48, 192, bias=False), kind(), nn.Linear(192, 48, bias=False))
        for kind in (nn.ReLU, nn.GELU)
    }
    gated = right_answers("SwiGLU")["solution"](48, 192)
    for count in (
        *(kept_bytes(function, x) for function in (*blocks.values(), gated)), x.nbytes,
        sum(weight.nbytes for weight in gated.parameters()), 512 * 128 * 4, 512 * 192 * 4,
    ):  # fmt: skip
        assert f"{count:,}".replace(",", " ") in scheme
    grid = torch.linspace(-6, 6, 100001, dtype=torch.float64)
    apart = (nn.functional.gelu(grid) - nn.functional.gelu(grid, approximate="tanh")).abs()
    assert f"{apart.max().item():.1e}".replace("e-0", "e-") in scheme
    assert f"near x = {abs(grid[apart.argmax()].item()):.1f}" in scheme

    def deep(*before):
        torch.manual_seed(0)
        return nn.Sequential(*[nn.Sequential(*(b() for b in before), nn.Linear(48, 48), nn.GELU()) for _ in range(12)])

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        for network, low, high in [(deep(lambda: nn.LayerNorm(48)), 0.0035, 0.0045), (deep(), 0, 1e-6)]:
            assert low <= (network(x) - with_short_gelu(network)(x)).abs().max().item() < high

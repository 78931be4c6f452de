"""Lesson 10: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import re

import pytest

from tests.support.your_turn import turns

TURNS = turns("10_claims_under_test")
KNOWN, FALLING, BETWEEN, SHORT, FALSE = (
    "known ones: ReLU 1, the sigmoid a quarter",
    "a falling function counts by its size",
    "on the interval that is asked for",
    "steep only for a short way",
    "the claim is false: GELU reaches 1.129, and it is not the steepest",
)
SHARE, CONTROL, MORE, AGAIN, DRAWS = (
    "a share, from 0 to 1",
    "the control: two probabilities always add up",
    "three and ten probabilities: the more of them, the more often",
    "four, as in the printed rows: another try gives nearly the same",
    "as many rows as asked for: of seven, a whole number is off",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("steepest", """
def steepest(f, low=-8.0, high=8.0):
    x = torch.arange(low, high, 1e-3)
    y = f(x)
    return torch.abs((y[1:] - y[:-1]) / (x[1:] - x[:-1])).max()
"""),
        ("steepest", """
def steepest(f, low=-8.0, high=8.0):
    x = np.linspace(low, high, 20_000)
    return np.abs(np.gradient(f(torch.from_numpy(x)).numpy(), x)).max()
"""),
        ("steepest", """
def steepest(f, low=-8.0, high=8.0):
    points = torch.linspace(low, high, 16_001)
    slopes = torch.func.vmap(torch.func.grad(f))(points)
    return max(slopes.max().item(), -slopes.min().item())
"""),
        ("steepest", """
def steepest(f, low=-8.0, high=8.0):
    x = torch.linspace(low, high, 50_001).requires_grad_()
    f(x).sum().backward()
    return x.grad.abs_().max().reshape(1)
"""),
        ("steepest", """
def steepest(f, low=-8.0, high=8.0):
    x = np.linspace(low, high, 100_000)
    y = np.asarray([float(v) for v in f(torch.tensor(x))])
    return np.float32(np.abs(np.diff(y) / np.diff(x)).max(keepdims=True))
"""),
        ("share_off", """
def share_off(n, draws=10_000):
    p = np.random.default_rng().dirichlet(np.ones(n), draws)
    return np.float32(np.mean(np.rint(100 * p).sum(axis=1) != 100))
"""),
        ("share_off", """
def share_off(n, draws=10_000):
    p = torch.softmax(torch.randn(draws, n, dtype=torch.float64), dim=1)
    return ((100 * p).round().sum(1) != 100).double().mean()
"""),
        ("share_off", """
def share_off(n, draws=10_000):
    off = 0
    for row in np.random.rand(draws, n):
        row = row / row.sum()
        off += round(sum(round(p, 2) for p in row), 2) != 1
    return off / draws
"""),
        ("share_off", """
def share_off(n, draws=10_000):
    cuts = np.sort(np.random.default_rng(3).random((draws, n - 1)), axis=1)
    p = np.diff(cuts, prepend=0, append=1, axis=1)
    return 1 - np.isclose(np.round(p, 2).sum(1), 1).mean()
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("steepest", (".abs()", ""), {FALLING, BETWEEN}),
        ("steepest", ("low, high, 100_001", "-8, 8, 100_001"), {BETWEEN}),
        ("steepest", ("100_001", "101"), {SHORT}),
        ("steepest", (".max()", ".mean()"), {KNOWN, BETWEEN, SHORT, FALSE}),
        ("steepest", ("(slope,) = torch.autograd.grad(f(x).sum(), x)", "slope = f(x)"),
         {KNOWN, FALLING, BETWEEN, SHORT, FALSE}),
        ("steepest", ("f(x).sum()", "f(x).mean()"), {KNOWN, FALLING, BETWEEN, SHORT, FALSE}),
        ("share_off", ("np.mean(np.abs(sums - 1) > 0.005)", "np.mean(sums != 1)"), {AGAIN}),
        ("share_off", ("p.round(2)", "(np.floor(100 * p) / 100)"), {CONTROL, MORE, AGAIN}),
        ("share_off", ("np.mean(", "np.sum("), {SHARE, MORE, AGAIN}),
        ("share_off", (".dirichlet(np.ones(n), draws)", ".random((draws, n))"), {CONTROL, MORE, AGAIN}),
        ("share_off", ("np.ones(n), draws", "np.ones(n), 10_000"), {DRAWS}),
        ("share_off", ("> 0.005", "<= 0.005"), {CONTROL, MORE, AGAIN}),
        ("share_off", ("sums - 1)", "sums - 1.01)"), {CONTROL, MORE, AGAIN}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_message_says_what_to_look_at() -> None:
    exact = TURNS["share_off"].changed("np.abs(sums - 1) > 0.005", "sums != 1")
    said = TURNS["share_off"].failed(exact)[AGAIN]
    assert re.fullmatch(r"Got \d+\.\d% and \d+\.\d%\. Does a sum of 1\.0000000000000002 count as off\?", said)
    loose = TURNS["share_off"].changed(".dirichlet(np.ones(n), draws)", ".random((draws, n))")
    assert TURNS["share_off"].failed(loose)[CONTROL].endswith("of the rows do not. Print one whose sum is off.")

"""Lesson 11: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import re

import pytest

from tests.support.your_turn import turns

TURNS = turns("11_todays_models")
SPLITS, SHAPES, SECOND, FIRST = (
    "splits the last axis, whatever comes before it",
    "other widths, and no axis before it",
    "the second half is the gate, as in F.glu",
    "the first half is the gate if asked",
)
ENDS, LEVELS, HALF, LESS = (
    "the smallest and the largest number are exact",
    "there are at most 256 different numbers",
    "no number moves by more than half a level",
    "less error than to_int8",
)
VALUES, MIRROR, SLOPE, LEARNT, ZERO, SLOPE_AT_ZERO = (
    "the values are right, with a frequency for each unit",
    "a negative frequency mirrors the wiggle",
    "the slope is 1 + sin(2ax), never negative",
    "a is learnt: the slope by a is that of the formula",
    "a = 0 gives x, not nan",
    "at a = 0 the slope by x is 1, and that by a a number",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("geglu", """
def geglu(both, gate_first=False):
    n = both.shape[-1] // 2
    a, b = both[..., :n], both[..., n:]
    return F.gelu(a) * b if gate_first else a * F.gelu(b)
"""),
        ("geglu", """
def geglu(x, swapped=False):
    halves = list(x.chunk(2, -1))
    gate = halves.pop(0 if swapped else 1)
    return halves[0] * F.gelu(gate)
"""),
        ("geglu", "geglu = lambda both, gate_first=False: "
                  "(lambda a, b: F.gelu(a) * b if gate_first else F.gelu(b) * a)(*both.split(both.size(-1) // 2, -1))"),
        ("geglu", """
def geglu(both, gate_first=False):
    value, gate = np.split(both.numpy(), 2, axis=-1)[:: -1 if gate_first else 1]
    return nn.Parameter(torch.tensor(value) * F.gelu(torch.tensor(gate))).double()
"""),
        ("geglu", """
def geglu(both, gate_first=False):
    both = both.roll(both.shape[-1] // 2, -1) if gate_first else both
    value, gate = both.tensor_split(2, -1)
    return value.mul_(F.gelu(gate))
"""),
        ("to_uint8", """
def to_uint8(y):
    y = y.double().numpy()
    low, step = y.min(), np.ptp(y) / 255
    return np.rint((y - low) / step).astype(np.uint8) * step + low
"""),
        ("to_uint8", """
def to_uint8(y):
    low, step = y.min().clone(), (y.max() - y.min()) / 255
    return nn.Parameter(y.sub_(low).div_(step).round_().mul_(step).add_(low))
"""),
        ("to_uint8", """
def to_uint8(y):
    step = (y.max() - y.min()) / 255
    return y.min() + step * torch.floor((y - y.min()) / step + 0.5)
"""),
        ("to_uint8", """
def to_uint8(y):
    scale = float(y.max() - y.min()) / 255
    zero = y.min().item()
    return torch.clamp(torch.round((y - zero) / scale), 0, 255).to(torch.uint8).float() * scale + zero
"""),
        ("snake", """
def snake(x, a):
    x, a = x.float(), a.float()
    safe = a.masked_fill(a == 0, 1.0)
    return x + (torch.sin(safe * x) ** 2 / safe).masked_fill(a == 0, 0.0)
"""),
        ("snake", """
def snake(x, a):
    wiggle = a * x**2 * torch.sinc(a * x / torch.pi) ** 2
    return x + wiggle
"""),
        ("snake", """
def snake(x, a):
    y = x + (1 - torch.cos(2 * a * x)) / (2 * torch.where(a == 0, torch.ones_like(a), a))
    return torch.where(a == 0, x, y)
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("geglu", ("dim=-1", "dim=0"), {SPLITS, SHAPES, SECOND, FIRST}),
        ("geglu", ("dim=-1", "dim=1"), {SPLITS, SHAPES, SECOND, FIRST}),
        ("geglu", ("dim=-1", "dim=2"), {SHAPES}),
        ("geglu", ("both.chunk(2, dim=-1)", "(both[..., :4], both[..., 4:])"), {SHAPES}),
        ("geglu", ("(first, second) if gate_first else (second, first)", "(first, second)"), {SECOND}),
        ("geglu", ("(first, second) if gate_first else (second, first)", "(second, first)"), {FIRST}),
        ("geglu", ("F.gelu(gate)", "F.silu(gate)"), {SECOND, FIRST}),
        ("geglu", ("value * F.gelu(gate)", "F.gelu(value * gate)"), {SECOND, FIRST}),
        ("to_uint8", ("low, high = y.min(), y.max()", "low, high = -0.17, 4.0"), {ENDS, HALF}),
        ("to_uint8", ("255", "256"), {LEVELS}),
        ("to_uint8", (".round()", ".floor()"), {HALF, LESS}),
        ("to_uint8", (".round()", ""), {LEVELS}),
        ("to_uint8", (" + low", ""), {ENDS, HALF, LESS}),
        ("to_uint8", ("low, high = y.min(), y.max()", "low, high = 0.0, y.max()"), {ENDS, LEVELS}),
        ("to_uint8", ("/ 255", "/ 15"), {HALF, LESS}),
        ("snake", ("    safe = ", "    a = a.detach()\n    safe = "), {LEARNT}),
        ("snake", ("/ safe", ""), {VALUES, MIRROR, SLOPE, LEARNT}),
        ("snake", ("torch.sin(a * x) ** 2 / safe", "torch.sin(a * x) / safe"), {VALUES, MIRROR, SLOPE, LEARNT}),
        ("snake", ("torch.sin(a * x) ** 2 / safe", "torch.sin(x) ** 2 / safe"), {VALUES, MIRROR, SLOPE, LEARNT}),
        ("snake", ("torch.where(a == 0, 1.0, a)", "a.abs()"), {MIRROR, SLOPE_AT_ZERO}),
        ("snake", ("torch.where(a == 0, 0.0, torch.sin(a * x) ** 2 / safe)", "torch.sin(a * x) ** 2 / a"),
         {ZERO, SLOPE_AT_ZERO}),
        ("snake", ("return x + ", "return "), {VALUES, MIRROR, SLOPE, ZERO, SLOPE_AT_ZERO}),
        ("snake", ("    safe = torch.where(a == 0, 1.0, a)\n"
                   "    return x + torch.where(a == 0, 0.0, torch.sin(a * x) ** 2 / safe)",
                   "    return torch.where(a == 0, x, x + torch.sin(a * x) ** 2 / a)"), {SLOPE_AT_ZERO}),
        ("snake", ("torch.where(a == 0, 0.0, torch.sin(a * x) ** 2 / safe)",
                   "torch.nan_to_num(torch.sin(a * x) ** 2 / a)"), {SLOPE_AT_ZERO}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_message_says_what_to_mend() -> None:
    unrounded = TURNS["to_uint8"].failed(TURNS["to_uint8"].changed(".round()", ""))
    assert re.fullmatch(r"There are \d+: round to whole levels\.", unrounded[LEVELS])
    plain = TURNS["snake"].failed("def snake(x, a):\n    return x + torch.sin(a * x) ** 2 / a")
    assert re.match(r"At x = .*: got nan, expected", plain[ZERO])

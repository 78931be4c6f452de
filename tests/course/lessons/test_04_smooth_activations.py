"""Lesson 04: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("04_smooth_activations")
AT_0, MIDDLE, RIGHT, LEFT = (
    "at 0 it is the height of the gate",
    "from −5 to 4 it is what autograd gives",
    "1 far to the right",
    "0 far to the left",
)
BELOW, OUTPUT, CLOSE, FAR = (
    "it lies left of the minimum",
    "it has the output of x",
    "close to the minimum it is about as far on the other side",
    "for an x close to 0 it is far to the left",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("tanhexp_slope", """
def tanhexp_slope(x):
    x = np.asarray(x, dtype=np.float64)
    u = np.exp(np.minimum(x, 30))
    return np.tanh(u) + x * u / np.cosh(np.minimum(u, 300)) ** 2
"""),
        ("tanhexp_slope", """
def tanhexp_slope(x):
    return torch.stack([one(float(p)) for p in x])

def one(p):
    if p > 5:
        return torch.tensor(1.0, dtype=torch.float64)
    gate = math.tanh(math.exp(p))
    return torch.tensor(gate + p * (1 - gate) * (1 + gate) * math.exp(p), dtype=torch.float64)
"""),
        ("tanhexp_slope", """
def tanhexp_slope(x):
    small = torch.where(x < 10, x, 10.0)
    s = torch.sigmoid(2 * small.exp())
    return 2 * s - 1 + 4 * small * small.exp() * s * (1 - s)
"""),
        ("tanhexp_slope", """
def tanhexp_slope(x):
    f = lambda z: z * torch.tanh(z.exp())
    h = 1e-5
    return (f(x.double() + h) - f(x.double() - h)) / (2 * h)
"""),
        ("tanhexp_slope", """
def tanhexp_slope(x):
    return torch.tensor([slope(float(p)) for p in x])  # float32

def slope(p):
    e = math.exp(min(p, 20.0))
    return math.tanh(e) + p * (1 - math.tanh(e) ** 2) * e
"""),
        ("tanhexp_slope", """
def tanhexp_slope(x):
    leaf = nn.Parameter(x.float())
    e = leaf.clamp(max=20).exp()
    return e.tanh() + leaf * (1 - e.tanh() ** 2) * e
"""),
        ("tanhexp_slope", """
def tanhexp_slope(x):
    e = x.clamp(max=20).exp_()
    gate = torch.tanh(e)
    return x.mul_(e.mul_(1 - gate**2)).add_(gate)
"""),
        ("twin", """
def twin(x):
    left, right, x = torch.tensor([-50.0]), torch.tensor([bottom]).float(), torch.tensor([x])
    for _ in range(60):
        middle = (left + right) / 2
        left, right = (middle, right) if middle.sigmoid() * middle > x.sigmoid() * x else (left, middle)
    return [middle]
"""),
        ("twin", """
def twin(x):
    from scipy.optimize import brentq
    return brentq(lambda t: silu_of(t) - silu_of(x), -60, bottom)
"""),
        ("twin", """
def twin(x, low=-50, high=bottom, steps=40):
    middle = low + (high - low) / 2
    if steps == 0:
        return middle
    return twin(x, middle, high, steps - 1) if silu_of(middle) > silu_of(x) else twin(x, low, middle, steps - 1)
"""),
        ("twin", """
def twin(x):
    from scipy.optimize import fsolve
    return fsolve(lambda t: evaluate("silu", t)[0] - silu_of(x), 2 * bottom - x, xtol=1e-9)
"""),
        ("twin", """
def twin(x):
    from scipy.special import lambertw
    y = silu_of(x)
    return y + lambertw(y * math.exp(-y), -1).real
"""),
        ("twin", """
def twin(x):
    t = bottom - 1e-3
    while silu_of(t) < silu_of(x):
        t -= 0.0005
    return t
"""),
        ("twin", """
def twin(x):
    grid = np.linspace(-20, bottom, 400_001)
    return grid[np.abs(evaluate("silu", grid)[0] - silu_of(x)).argmin()]
"""),
        ("twin", """
def twin(x):
    t = torch.tensor(2 * bottom - x, dtype=torch.float64)
    for _ in range(100):
        value, slope = (part.item() for part in evaluate("silu", t))
        t = t - (value - silu_of(x)) / slope
    return t
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("tanhexp_slope", ("torch.clamp(x, max=20.0)", "x"), {RIGHT}),
        ("tanhexp_slope", ("20.0", "2.0"), {MIDDLE, RIGHT}),
        ("tanhexp_slope", ("torch.clamp(x, max=20.0)", "torch.clamp(x, min=-1.0, max=20.0)"), {MIDDLE, LEFT}),
        ("tanhexp_slope", ("t + x *", "t +"), {AT_0, MIDDLE}),
        ("tanhexp_slope", (") * e", ")"), {MIDDLE, LEFT}),
        ("tanhexp_slope", ("1 - t**2", "1 + t**2"), {MIDDLE, RIGHT}),
        ("tanhexp_slope", ("1 - t**2", "1 - t"), {MIDDLE}),
        ("tanhexp_slope", ("t + x", "x"), {AT_0, MIDDLE, RIGHT}),
        ("twin", ("> silu_of(x)", "< silu_of(x)"), {OUTPUT, CLOSE, FAR}),
        ("twin", ("right = -50.0, bottom", "right = bottom, 0.0"), {BELOW, OUTPUT, CLOSE, FAR}),
        ("twin", ("-50.0", "-5.0"), {FAR}),
        ("twin", ("1e-6", "1"), {OUTPUT, CLOSE, FAR}),
        ("twin", ("1e-6", "0.02"), {OUTPUT, FAR}),
        ("twin", ("return middle", "return silu_of(middle)"), {BELOW, OUTPUT, CLOSE, FAR}),
        ("twin", ("return middle", "return x"), {BELOW, CLOSE, FAR}),
        ("twin", ("return middle", "return 2 * bottom - x"), {OUTPUT, FAR}),
    ],
)
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_message_says_what_is_wrong() -> None:
    unclamped = TURNS["tanhexp_slope"].failed(TURNS["tanhexp_slope"].changed("torch.clamp(x, max=20.0)", "x"))
    assert unclamped == {RIGHT: "At x = 1000: got nan, expected 1."}
    same = TURNS["twin"].failed("def twin(x): return x")
    assert same[BELOW] == "For x = -1.0 you return -1.0000; the minimum is at -1.2785."

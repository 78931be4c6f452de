"""Lesson 02: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("02_classic_activations")
SIGMOID, TANH, RELU = (f"{name}: what autograd gives" for name in ("sigmoid", "tanh", "relu"))
CLOSED, KEPT = "nothing passes a ReLU whose output is 0", "the arrays that go in stay as they are"
NEAR, FAR, FAR_LEFT, OVERFLOW = (
    "equal to 1 − tanh² x on [−6, 6]",
    "right at 20, where 1 − tanh² x is 0",
    "the same at −20",
    "nothing overflows at ±1000",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("step_back", """
def step_back(name, y, gradient):
    slopes = {"sigmoid": lambda y: y - y * y, "tanh": lambda y: (1 - y) * (1 + y), "relu": np.sign}
    return slopes[name](y) * gradient
"""),
        ("step_back", """
def step_back(name, y, gradient):
    match name:
        case "sigmoid":
            return [float(g * v * (1 - v)) for g, v in zip(gradient, y)]
        case "tanh":
            return [float(g - g * v**2) for g, v in zip(gradient, y)]
        case "relu":
            return [float(g) if v > 0 else 0.0 for g, v in zip(gradient, y)]
"""),
        ("step_back", """
def step_back(name, y, gradient):
    y = torch.tensor(y)
    x = {"sigmoid": torch.logit, "tanh": torch.atanh, "relu": torch.clone}[name](y).requires_grad_()
    getattr(torch, name)(x).backward(torch.tensor(gradient))
    return x.grad
"""),
        ("step_back", """
def step_back(name, y, gradient):
    if name == "relu":
        return np.where(y == 0, 0, gradient)
    scale = 2 if name == "tanh" else 1
    s = (y + 1) / 2 if name == "tanh" else y
    return scale**2 * s * (1 - s) * gradient
"""),
        ("step_back", """
def step_back(name, y, gradient):
    y, gradient = torch.tensor(y).float(), torch.nn.Parameter(torch.tensor(gradient, dtype=torch.float32))
    return {"sigmoid": y * (1 - y), "tanh": 1 - y.square(), "relu": (y > 0).float()}[name] * gradient
"""),
        ("tanh_slope", """
def tanh_slope(x):
    e = torch.exp(-2 * torch.tensor(x, dtype=torch.float32, requires_grad=True).abs())
    return 4 * e / (1 + e) ** 2
"""),
        ("tanh_slope", """
def tanh_slope(x):
    e = np.exp(-2 * np.abs(x, out=x))
    return [float(4 * one / (1 + one) ** 2) for one in e]
"""),
        ("tanh_slope", "def tanh_slope(x): return 4 * stable_sigmoid(2 * x) * stable_sigmoid(-2 * x)"),
        ("tanh_slope", "def tanh_slope(x): return np.cosh(np.clip(x, -340, 340)) ** -2.0"),
        ("tanh_slope", "def tanh_slope(x): return np.exp(-2 * np.abs(x)) * (1 + np.tanh(np.abs(x))) ** 2"),
        ("tanh_slope", """
def tanh_slope(x):
    a = torch.from_numpy(x).abs()
    return 4 * torch.exp(-2 * a - 2 * torch.log1p(torch.exp(-2 * a)))
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("step_back", ("gradient * y * (1 - y)", "y * (1 - y)"), {SIGMOID}),
        ("step_back", ("gradient * y * (1 - y)", "gradient * (1 - y)"), {SIGMOID}),
        ("step_back", ("1 - y**2", "1 - y"), {TANH}),
        ("step_back", ("1 - y**2", "1 - np.tanh(y) ** 2"), {TANH}),
        ("step_back", ("y > 0", "y >= 0"), {RELU, CLOSED}),
        ("step_back", ("y > 0", "gradient > 0"), {RELU, CLOSED}),
        ("step_back", ("gradient * (y > 0)", "gradient * y"), {RELU}),
        ("step_back", ("return gradient * (1 - y**2)", "gradient *= 1 - y**2\n        return gradient"), {KEPT}),
        ("step_back", ("return gradient * (y > 0)", "gradient[y <= 0] = 0\n    return gradient"), {KEPT}),
        ("step_back", ("return gradient * y * (1 - y)", "y *= 1 - y\n        return gradient * y"), {KEPT}),
        ("step_back", ("gradient * (1 - y**2)", "gradient * (1 - np.square(y, out=y))"), {KEPT}),
        ("tanh_slope", ("4 * e / (1 + e) ** 2", "1 - np.tanh(x) ** 2"), {FAR, FAR_LEFT}),
        ("tanh_slope", ("4 * e / (1 + e) ** 2", "1 - ((1 - e) / (1 + e)) ** 2"), {FAR, FAR_LEFT}),
        ("tanh_slope", ("4 * e / (1 + e) ** 2", "np.where(e < np.exp(-6), 4 * e, 1 - np.tanh(x) ** 2)"), {NEAR}),
        ("tanh_slope", ("4 * e", "2 * e"), {NEAR, FAR, FAR_LEFT}),
        ("tanh_slope", (" ** 2", ""), {NEAR}),
        ("tanh_slope", ("np.abs(x)", "x"), {OVERFLOW}),
        ("tanh_slope", ("-2 * np.abs(x)", "-np.abs(x)"), {NEAR, FAR, FAR_LEFT}),
        ("tanh_slope", ("4 * e / (1 + e) ** 2", "1 / np.cosh(x) ** 2"), {OVERFLOW}),
    ],
)
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_message_says_what_is_wrong() -> None:
    wide = TURNS["step_back"].failed(TURNS["step_back"].changed("y > 0", "y >= 0"))
    assert wide[CLOSED] == "At x = 0: got 1, expected 0."
    nothing = TURNS["step_back"].failed(TURNS["step_back"].changed("return gradient * y * (1 - y)", "y * (1 - y)"))
    assert nothing[SIGMOID].startswith("At x = ")
    lost = TURNS["tanh_slope"].failed("def tanh_slope(x): return 1 - np.tanh(x) ** 2")
    assert lost[FAR] == "At x = 20: got 0, expected 1.699e-17."
    overflowing = TURNS["tanh_slope"].failed("def tanh_slope(x): return 1 / np.cosh(x) ** 2")
    assert overflowing[OVERFLOW].startswith("FloatingPointError: overflow")

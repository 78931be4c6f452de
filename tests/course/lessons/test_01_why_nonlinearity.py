"""Lesson 01: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("01_why_nonlinearity")
ONE, BIAS, THREE, SEVEN, KEPT = (
    "a single layer stays what it is",
    "two layers, all inputs 0: the bias is right",
    "three layers, other inputs",
    "seven layers, wide and narrow",
    "the layers are left as they were",
)
TWO_UNITS, SAME, DIFFER = (
    "two hidden units and one output",
    "1 where the signs are the same",
    "0 where they differ",
)
LEFT, RISE, LEVEL, FALL = (
    "0 left of a",
    "rises to 1 between a and b",
    "level between b and c",
    "falls to 0 between c and d, and stays there",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("merge", """
def merge(layers):
    import functools
    return functools.reduce(lambda one, two: [two[0] @ one[0], two[0].dot(one[1]) + two[1]], layers)
"""),
        ("merge", """
def merge(layers):
    whole = np.eye(layers[0][0].shape[1] + 1)
    for weights, bias in layers:
        n = weights.shape[1]
        whole = np.block([[weights, bias[:, None]], [np.zeros((1, n)), np.ones((1, 1))]]) @ whole
    return whole[:-1, :-1], whole[:-1, -1]
"""),
        ("merge", """
def merge(layers):
    def run(signal):
        for weights, bias in layers:
            signal = weights @ signal + bias
        return signal

    width = layers[0][0].shape[1]
    bias = run(np.zeros(width))
    return np.array([run(unit) - bias for unit in np.eye(width)]).T, bias
"""),
        ("merge", """
def merge(layers):
    if len(layers) == 1:
        return layers[0]
    *most, (weights, bias) = layers
    matrix, offset = merge(most)
    return np.einsum("ij,jk", weights, matrix), bias + np.matmul(weights, offset)
"""),
        ("merge", """
def merge(layers):
    W, b = (torch.tensor(part, dtype=torch.float32, requires_grad=True) for part in layers[0])
    for weights, bias in layers[1:]:
        weights, bias = torch.from_numpy(weights).float(), torch.from_numpy(bias).float()
        W, b = weights @ W, weights @ b + bias
    return [torch.nn.Parameter(W), b]
"""),
        ("merge", """
def merge(layers):
    W, b = layers[0][0], layers[0][1].reshape(-1, 1)
    for weights, bias in layers[1:]:
        W, b = weights @ W, weights @ b + bias.reshape(-1, 1)
    return W.tolist(), b
"""),
        ("same_sign", """
def same_sign():
    layer, end = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
    torch.nn.init.zeros_(layer.bias), torch.nn.init.zeros_(end.bias), torch.nn.init.constant_(end.weight, 0.5)
    layer.weight = torch.nn.Parameter(torch.tensor([[1.0, 1.0], [-1.0, -1.0]]))
    return layer.weight, layer.bias, end.weight.T, end.bias
"""),
        ("same_sign", "def same_sign(): return np.float32([[1, 1], [-1, -1]]), (0, 0), [[.5], [.5]], np.zeros((1, 1))"),
        ("same_sign", "def same_sign(): return [[1, 1], [-1, -1]], [0, 0], [.5, .5], 0"),
        ("same_sign", """
def same_sign():
    W = np.full((2, 2), 0.5)
    return W, np.array([1, 0]), np.array([-1, 2]), 1.0
"""),
        ("same_sign", """
def same_sign():
    W = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    return W, torch.zeros(2, 1), torch.tensor([[-0.5, -0.5]]), torch.ones(1)
"""),
        ("plateau", "plateau = lambda x, *corners: np.interp(x, corners, (0, 1, 1, 0))"),
        ("plateau", """
def plateau(x, a, b, c, d):
    return np.clip((x - a) / (b - a), 0, 1) - np.clip((x - c) / (d - c), 0, 1)
"""),
        ("plateau", """
def plateau(x, a, b, c, d):
    heights = []
    for here in x:
        heights.append(max(0.0, min(1.0, (here - a) / (b - a), (d - here) / (d - c))))
    return heights
"""),
        ("plateau", """
def plateau(x, a, b, c, d):
    units = torch.relu(torch.tensor(x)[:, None] - torch.tensor([a, b, c, d]))
    rise, fall = 1 / (b - a), 1 / (d - c)
    return units @ torch.tensor([rise, -rise, -fall, fall], dtype=units.dtype)
"""),
        ("plateau", """
def plateau(x, a, b, c, d):
    x = torch.tensor(x, dtype=torch.float32, requires_grad=True)
    relu = torch.relu
    return (relu(x - a) - relu(x - b)) / (b - a) - (relu(x - c) - relu(x - d)) / (d - c)
"""),
        ("plateau", """
def plateau(x, a, b, c, d):
    x = x.astype(np.float32)
    return np.maximum(0, np.minimum(1, np.minimum((x - a) / np.float32(b - a), (d - x) / np.float32(d - c))))
"""),
        ("plateau", """
def plateau(x, a, b, c, d):
    fall = np.clip((x - c) / (d - c), 0, 1)
    x -= a
    x /= b - a
    return np.clip(x, 0, 1, out=x) - fall
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("merge", ("W_next @ W, ", "W @ W_next, "), {BIAS, THREE, SEVEN, KEPT}),
        ("merge", ("W_next @ b + b_next", "W_next @ b"), {BIAS, THREE, SEVEN}),
        ("merge", ("W_next @ b + b_next", "b_next"), {BIAS, THREE, SEVEN}),
        ("merge", ("layers[1:]", "layers[1:2]"), {THREE, SEVEN}),
        ("merge", ("layers[1:]", "layers[1:3]"), {SEVEN}),
        ("merge", ("layers[1:]", "layers"), {ONE, BIAS, THREE, SEVEN, KEPT}),
        ("merge", ("layers[0]\n", "layers.pop(0)\n"), {BIAS, THREE, SEVEN, KEPT}),
        ("merge", ("W, b = layers[0]\n", "W, b = layers[0]\n    b += 0.5\n"), {ONE, BIAS, THREE, SEVEN, KEPT}),
        ("merge", ("return W, b", "return W"), {ONE, BIAS, THREE, SEVEN}),
        ("same_sign", ("[1, 1], [-1, -1]", "[1, 1], [1, 1]"), {SAME}),
        ("same_sign", ("[1, 1], [-1, -1]", "[1, -1], [-1, 1]"), {SAME, DIFFER}),
        ("same_sign", ("[1, 1], [-1, -1]", "[1, 1], [-1, -1], [0, 0]"), {TWO_UNITS, SAME, DIFFER}),
        ("same_sign", ("[0.5, 0.5]", "[1, 1]"), {SAME}),
        ("same_sign", ("), 0\n", "), 1\n"), {SAME, DIFFER}),
        ("plateau", ("return rise - fall", "return rise + fall"), {FALL}),
        ("plateau", ("return rise - fall", "return rise"), {FALL}),
        ("plateau", (" - up * np.maximum(0, x - b)", ""), {LEVEL, FALL}),
        ("plateau", (" - down * np.maximum(0, x - d)", ""), {FALL}),
        ("plateau", ("1 / (d - c)", "1 / (b - a)"), {FALL}),
        ("plateau", ("1 / (b - a)", "(b - a) / 2"), {RISE, LEVEL, FALL}),
        ("plateau", ("1 / (b - a)", "1"), {RISE, LEVEL, FALL}),
        ("plateau", ("1 / (d - c)", "2"), {FALL}),
        ("plateau", ("up * np.maximum(0, x - a)", "up * np.abs(x - a)"), {LEFT}),
    ],
)
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_message_says_what_is_wrong() -> None:
    popping = TURNS["merge"].changed("layers[0]\n", "layers.pop(0)\n").replace("layers[1:]", "layers")
    assert TURNS["merge"].failed(popping) == {KEPT: "Seven layers went in, and the list has 6 now."}
    lonely = TURNS["merge"].failed(TURNS["merge"].changed("return W, b", "return W"))
    assert lonely[ONE] == "Return two things: W and b."
    double = TURNS["same_sign"].failed(TURNS["same_sign"].changed("[0.5, 0.5]", "[1, 1]"))
    assert double[SAME] == "At (1, 1) your network gives 2."
    one_unit = TURNS["same_sign"].failed("same_sign = lambda: ([1, 1], 0, 1, 0)")
    assert one_unit[TWO_UNITS] == "W has the shape (2,)."
    endless = TURNS["plateau"].failed(TURNS["plateau"].changed(" - down * np.maximum(0, x - d)", ""))
    assert endless[FALL] == "At x = 5: got -5, expected 0."

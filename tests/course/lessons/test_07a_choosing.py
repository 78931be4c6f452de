"""Lesson 07a: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("07a_choosing")
SHUT, KEPT, IN, OUT, CELL, WIDTH = (
    "both gates shut: the memory is empty",
    "forget gate open, input gate shut: the memory is kept",
    "input gate open, forget gate shut: candidates from −50 to 50 come in within −1 and 1, both signs",
    "the output gate opens the state, which stays within −1 and 1 however large the memory is",
    "state and memory are those of nn.LSTMCell",
    "three units as well as four",
)
FIRST, PAST, SUM, EACH, SCALED, LARGE = (
    "the first position sees itself alone",
    "other keys and values in the future change nothing in the past",
    "the weights of a query sum to 1: if all values are equal, so is the mix",
    "each position mixes all up to its own",
    "scores over √d, for other shapes too",
    "large scores do not overflow",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("lstm_step", """
def lstm_step(parts, c):
    n = c.shape[-1]
    take, keep, show = (1 / (1 + torch.exp(-parts[..., s])) for s in (slice(n), slice(n, 2 * n), slice(3 * n, None)))
    memory = keep * c + take * parts[..., 2 * n : 3 * n].tanh()
    return show * memory.tanh(), memory
"""),
        ("lstm_step", """
def lstm_step(parts, c):
    gates = parts.unflatten(-1, (4, -1)).unbind(-2)
    i, f, o = (torch.special.expit(gates[place]) for place in (0, 1, 3))
    new = torch.addcmul(f * c, i, 2 * torch.sigmoid(2 * gates[2]) - 1)
    return [o * (2 * torch.sigmoid(2 * new) - 1), new]
"""),
        ("lstm_step", """
def lstm_step(parts, c):
    i, f, g, o = parts.chunk(4, dim=-1)
    c *= torch.sigmoid(f)
    c += torch.sigmoid(i) * torch.tanh(g)
    return nn.Parameter(o.sigmoid_()) * torch.tanh(c), c
"""),
        ("lstm_step", """
def lstm_step(parts, c):
    i, f, g, o = np.split(parts.numpy(), 4, axis=-1)
    gate = lambda z: 0.5 + 0.5 * np.tanh(z / 2)
    memory = gate(f) * c.numpy() + gate(i) * np.tanh(g)
    return gate(o) * np.tanh(memory), memory
"""),
        ("causal_attention", """
def causal_attention(q, k, v):
    q, k, v = (nn.Parameter(part.float()) for part in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)
"""),
        ("causal_attention", """
def causal_attention(q, k, v):
    q /= q.shape[-1] ** 0.5
    scores = q @ k.T
    scores[torch.triu_indices(*scores.shape, 1).unbind()] = -torch.inf
    return scores.softmax(-1) @ v
"""),
        ("causal_attention", "causal_attention = lambda *qkv: F.scaled_dot_product_attention(*qkv, is_causal=True)"),
        ("causal_attention", """
def causal_attention(q, k, v):
    rows = []
    for i in range(len(q)):
        weights = torch.softmax(torch.stack([q[i] @ k[j] for j in range(i + 1)]) / math.sqrt(q.shape[1]), 0)
        rows.append(sum(w * value for w, value in zip(weights, v)))
    return torch.stack(rows)
"""),
        ("causal_attention", """
def causal_attention(q, k, v):
    scores = np.where(np.tri(len(q)), np.einsum("id,jd->ij", q, k) / np.sqrt(q.shape[-1]), -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(1, keepdims=True) @ v.numpy()
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("lstm_step", ("i, f, g, o = ", "f, i, g, o = "), {KEPT, IN, OUT, CELL, WIDTH}),
        ("lstm_step", ("i, f, g, o = ", "i, f, o, g = "), {IN, OUT, CELL, WIDTH}),
        ("lstm_step", ("torch.tanh(g)", "torch.sigmoid(g)"), {IN, CELL, WIDTH}),
        ("lstm_step", ("torch.tanh(g)", "g"), {IN, CELL, WIDTH}),
        ("lstm_step", ("torch.sigmoid(f)", "torch.tanh(f)"), {SHUT, IN, CELL, WIDTH}),
        ("lstm_step", ("torch.sigmoid(i)", "torch.relu(i)"), {IN, CELL, WIDTH}),
        ("lstm_step", ("* torch.tanh(c)", "* c"), {OUT, CELL, WIDTH}),
        ("lstm_step", ("* torch.tanh(c)", "* torch.clamp(c, -1, 1)"), {CELL, WIDTH}),
        ("lstm_step", ("parts.chunk(4, dim=-1)", "(parts[..., n : n + 4] for n in (0, 4, 8, 12))"), {WIDTH}),
        ("lstm_step", ("parts.chunk(4, dim=-1)", "parts.reshape(5, 4, 4).unbind(1)"), {WIDTH}),
        ("lstm_step", ("torch.sigmoid(o) * torch.tanh(c), c", "c, torch.sigmoid(o) * torch.tanh(c)"),
         {KEPT, IN, OUT, CELL, WIDTH}),
        ("causal_attention", (".masked_fill(future, -torch.inf)", ""), {FIRST, PAST, EACH, SCALED}),
        ("causal_attention", (".triu(diagonal=1)", ".triu()"), {FIRST, SUM, EACH, SCALED, LARGE}),
        ("causal_attention", (".triu(diagonal=1)", ".tril(diagonal=-1)"), {FIRST, PAST, EACH, SCALED}),
        ("causal_attention", (".triu(diagonal=1)", ".triu(diagonal=1) | torch.eye(n).flip(0).bool()"),
         {EACH, SCALED}),
        ("causal_attention", ("return weights @ v",
                               "mixed = weights @ v\n    mixed[2:-1] = mixed[-1]\n    return mixed"),
         {PAST, EACH, SCALED, LARGE}),
        ("causal_attention", (" / d**0.5", " / 4"), {SCALED}),
        ("causal_attention", (" / d**0.5", " / d"), {EACH, SCALED}),
        ("causal_attention", ("weights = torch.softmax(scores.masked_fill(future, -torch.inf), dim=-1)",
                              "weights = scores.exp() * ~future\n    weights /= weights.sum(-1, keepdim=True)"),
         {LARGE}),
        ("causal_attention", (" / d**0.5", ""), {EACH, SCALED}),
        ("causal_attention", (" / d**0.5", " / n**0.5"), {EACH, SCALED}),
        ("causal_attention", ("dim=-1", "dim=0"), {FIRST, SUM, EACH, SCALED}),
        ("causal_attention", ("scores.masked_fill(future, -torch.inf)", "scores - 100 * future"), {PAST}),
        ("causal_attention", ("scores.masked_fill(future, -torch.inf)",
                              "scores.tril().masked_fill(scores.tril() == 0, -torch.inf)"), {EACH}),
        ("causal_attention", ("-torch.inf", "0.0"), {FIRST, PAST, EACH, SCALED}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_mask_after_the_softmax_and_a_state_of_the_old_memory_are_found() -> None:
    turn = TURNS["causal_attention"]
    late = turn.changed("scores.masked_fill(future, -torch.inf), dim=-1)", "scores, dim=-1).masked_fill(future, 0.0)")
    assert set(turn.failed(late)) == {FIRST, PAST, SUM, EACH, SCALED}
    turn = TURNS["lstm_step"]
    old = turn.changed("    c = ", "    old, c = c, ").replace("torch.tanh(c)", "torch.tanh(old)")
    assert turn.failed(old).keys() == {CELL, WIDTH}


def test_a_message_says_what_came() -> None:
    swapped = TURNS["lstm_step"].changed("torch.tanh(g)", "torch.sigmoid(g)")
    assert TURNS["lstm_step"].failed(swapped)[IN].endswith(", expected -1.")

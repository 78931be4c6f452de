"""Recorded networks against plain torch modules, and the best straight line against all lines."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course.computations.unfolding import EVERY, RATE, SEEDS, STEPS, fewest_wrong, record

MODULES = {"tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU}


def as_sequential(activation: str, at: int, seed: int, hidden: tuple[int, ...] = (2, 2)) -> nn.Sequential:
    """One recorded network in stock modules."""
    r = record("circles", activation, hidden)
    parts: list[nn.Module] = []
    for weight, bias in zip(r.weights, r.biases, strict=True):
        layer = nn.Linear(weight.shape[-2], weight.shape[-1], dtype=torch.float64)
        layer.weight.data = torch.tensor(weight[at, seed].T)
        layer.bias.data = torch.tensor(bias[at, seed, 0])
        parts += [layer, MODULES[activation]()]
    return nn.Sequential(*parts[:-1])


@pytest.mark.parametrize("activation", MODULES)
def test_layers_loss_and_errors_are_those_of_stock_modules(activation: str) -> None:
    r = record("circles", activation)
    x, y = torch.tensor(r.points), torch.tensor(r.labels)
    for at, seed in ((0, 0), (12, 3), (-1, 9)):
        network = as_sequential(activation, at, seed)
        with torch.no_grad():
            first, second, logits = r.layers(at, seed, r.points)
            np.testing.assert_allclose(first, network[:2](x).numpy(), atol=1e-12)
            np.testing.assert_allclose(second, network[:4](x).numpy(), atol=1e-12)
            np.testing.assert_allclose(logits, network(x).numpy(), atol=1e-12)
            loss = nn.functional.binary_cross_entropy_with_logits(network(x)[:, 0], y.double())
        assert r.loss[at, seed] == pytest.approx(loss.item())
        assert r.wrong[at, seed] == int(((logits[:, 0] > 0) != r.labels).sum())


def test_five_steps_of_one_start_are_adam_on_stock_modules() -> None:
    network = as_sequential("tanh", 0, 4)
    r = record("circles", "tanh")
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    for _ in range(EVERY):
        optimizer.zero_grad()
        logits = network(torch.tensor(r.points))[:, 0]
        nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(r.labels).double()).backward()
        optimizer.step()
    np.testing.assert_allclose(network[0].weight.detach().numpy(), r.weights[0][1, 4].T, rtol=1e-6)
    assert r.loss.shape == r.wrong.shape == (STEPS // EVERY + 1, len(SEEDS))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.booleans()), min_size=2, max_size=12))
def test_the_best_line_is_as_good_as_any_that_is_tried(rows: list[tuple[int, int, bool]]) -> None:
    places, labels = np.array([row[:2] for row in rows], dtype=float), np.array([row[2] for row in rows])
    found = fewest_wrong(places, labels)
    assert 0 <= found <= min(labels.sum(), (~labels).sum())
    for axis in (0, 1):
        for threshold in np.arange(-3.5, 4.0):
            wrong = int(((places[:, axis] > threshold) != labels).sum())
            assert found <= min(wrong, len(labels) - wrong)
    together = [(places == place).all(axis=1) for place in np.unique(places, axis=0)]
    assert found >= sum(min(labels[same].sum(), (~labels[same]).sum()) for same in together)  # no line parts them


def test_xor_has_one_wrong_and_moved_apart_none() -> None:
    corners, labels = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([False, True, True, False])
    assert fewest_wrong(corners, labels) == 1
    folded = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [2.0, 1.0]])
    assert fewest_wrong(folded, labels) == 0
    apart_by_rounding = np.array([[0.0, 0.0], [1e-17, 0.0], [1.0, 1.0], [1.0, 1.0 + 1e-16]])
    assert fewest_wrong(apart_by_rounding, np.array([False, True, False, True])) == 2


def test_what_the_lesson_says_of_circles() -> None:
    """No start of two tanh or ReLU units closes the ring; half of GELU's do, and most with a third unit."""
    right = {
        (name, hidden): int((record("circles", name, hidden).wrong[-1] == 0).sum())
        for name in MODULES
        for hidden in ((2, 2), (3, 2))
    }
    assert right["tanh", (2, 2)] == right["relu", (2, 2)] == 0
    assert right["gelu", (2, 2)] == 5
    assert min(right[name, (3, 2)] for name in MODULES) >= 5

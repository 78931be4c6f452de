"""Records of networks that learn, against stock modules trained one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course.computations.data import digits
from course.computations.experiments import Team
from course.computations.functions import FLAT
from course.computations.over_training import (
    BATCH,
    EDGES,
    EVERY,
    LAYERS,
    SAMPLES,
    SEEDS,
    STEPS,
    UNITS,
    samples,
    watch,
)
from course.computations.training import batches


def start(activation: str, module: type[nn.Module], scale: float, seed: int) -> nn.Sequential:
    """The network of a seed before its first step, in stock modules."""
    team = Team((64, *[UNITS] * LAYERS, 10), activation, [seed])
    parts: list[nn.Module] = []
    for number, weight in enumerate(team.weights):
        layer = nn.Linear(*weight[0].shape, dtype=torch.float64)
        layer.weight.data = (scale if number < LAYERS else 1.0) * weight[0].detach().T.clone()
        nn.init.zeros_(layer.bias)
        parts += [layer, module()]
    return nn.Sequential(*parts[:-1])


@pytest.mark.parametrize(
    ("activation", "module", "scale", "rate", "seed"),
    [("tanh", nn.Tanh, 3.0, 0.002, 0), ("relu", nn.ReLU, 1.0, 0.02, 1), ("sigmoid", nn.Sigmoid, 0.3, 0.1, 2)],
)
def test_the_first_records_are_those_of_stock_modules(
    activation: str, module: type[nn.Module], scale: float, rate: float, seed: int
) -> None:
    network = start(activation, module, scale, seed)
    optimizer = torch.optim.Adam(network.parameters(), rate)
    x, y, *_ = digits(hold_out=5, dtype=torch.float64)
    records = watch(activation, scale, rate)
    assert np.isnan(records[0].ratio).all()
    for inputs, classes in batches(x, y, steps=EVERY, size=BATCH, seed=seed):
        before = [layer.weight.detach().clone() for layer in network[:-1:2]]
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(inputs), classes).backward()
        optimizer.step()
    after = records[1]
    for number, layer in enumerate(network[:-1:2]):
        with torch.no_grad():
            ratio = (layer.weight - before[number]).norm() / before[number].norm()
            z = network[: 2 * number + 1](samples()[0])
        leaf = z.clone().requires_grad_()
        network[2 * number + 1](leaf).sum().backward()
        flat = (leaf.grad.abs() < FLAT).numpy()
        assert after.ratio[number, seed] == pytest.approx(ratio.item(), rel=1e-5)
        assert after.spread[number, seed] == pytest.approx(z.std().item(), rel=1e-5)
        assert after.flat[number, seed] == pytest.approx(flat.mean(), abs=1e-3)
        assert abs(int(after.dead[number, seed]) - int(flat.all(axis=0).sum())) <= 1
        if seed == 0:
            assert (after.picture[number] != flat.T).mean() < 1e-3


def test_a_record_adds_up() -> None:
    records = watch("tanh", 1.0, 0.002)
    assert [record.step for record in records] == list(range(0, STEPS + 1, EVERY))
    for record in (records[0], records[-1]):
        assert record.counts.shape == (LAYERS, len(EDGES) - 1)
        assert (record.counts.sum(axis=1) <= 1 + 1e-12).all()
        assert record.picture.shape == (LAYERS, UNITS, SAMPLES)
        np.testing.assert_allclose(record.picture.mean(axis=(1, 2)), record.flat[:, 0])
        np.testing.assert_array_equal(record.picture.all(axis=2).sum(axis=1), record.dead[:, 0])
    assert (np.diff(samples()[1].numpy()) >= 0).all()
    assert records[-1].loss.max() < 0.2 < records[0].loss.min()
    assert records[-1].accuracy.min() > 0.95


def test_what_the_lesson_says_of_saturated_and_dead_units() -> None:
    """In every start: a large rate makes most slopes of tanh flat and leaves no unit without one; ReLU units die."""
    at_20 = 20 // EVERY
    tanh, relu, careful = watch("tanh", 1.0, 0.1), watch("relu", 1.0, 0.1), watch("relu", 1.0, 0.002)
    assert tanh[at_20].flat.min() > 0.75
    assert max(record.dead.max() for record in tanh) == 0
    assert relu[at_20].dead[0].max() == 0
    assert relu[at_20].dead[1:].min() > UNITS / 3
    assert careful[at_20].dead.max() < UNITS / 10
    assert len(SEEDS) == relu[0].dead.shape[1]

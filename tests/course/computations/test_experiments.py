"""Runs side by side against networks trained one by one with torch, and the interval against SciPy's."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats
from torch import nn

from course.computations.experiments import (
    GAINS,
    HE,
    MOMENTUM,
    Record,
    Runs,
    Task,
    Team,
    confidence_interval,
    make_task,
    steps_until,
)
from course.computations.training import batches

TASKS = ("digits", "spirals", "linear rule")


def small() -> Task:
    """Digits with one narrow hidden layer and few samples."""
    x, y = make_task("digits").train
    return Task((x[:100], y[:100]), (x[100:150], y[100:150]), (x[150:200], y[150:200]), (64, 8, 10), batch=16)


def train_alone(task: Task, function: nn.Module, gain: float, rate: float, seed: int, steps: int) -> nn.Sequential:
    """The same run with nothing but torch."""
    generator = torch.Generator().manual_seed(seed)
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(task.sizes):
        layers += [nn.Linear(inputs, outputs, dtype=torch.float64), function]
        draw = torch.randn(inputs, outputs, dtype=torch.float64, generator=generator)
        last = outputs == task.sizes[-1]
        nn.init.zeros_(layers[-2].bias)
        layers[-2].weight.data = (1.0 if last else gain) * draw.T / inputs**0.5
    network = nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=MOMENTUM)
    for x, y in batches(*task.train, steps=steps, size=task.batch, seed=seed):
        optimizer.zero_grad()
        F.cross_entropy(network(x), y).backward()
        optimizer.step()
    return network


@pytest.mark.parametrize(
    ("name", "function", "gain"),
    [("relu", nn.ReLU(), HE), ("gelu", nn.GELU(), HE), ("tanh", nn.Tanh(), 1.0), ("sigmoid", nn.Sigmoid(), 4.0)],
)
def test_each_run_is_a_training_with_its_own_rate_and_seed(name: str, function: nn.Module, gain: float) -> None:
    task, rates, seeds = small(), (0.02, 0.2), (5, 3, 8)
    runs = Runs(task, name, rates, seeds, every=9).train(18)
    assert [record.step for record in runs.records] == [0, 9, 18]
    test = runs.test_accuracy()
    for i, rate in enumerate(rates):
        for j, seed in enumerate(seeds):
            alone = train_alone(task, function, gain, rate, seed, steps=18)
            with torch.no_grad():
                logits, shown, unseen = (alone(x) for x, _ in (task.train, task.validation, task.test))
            end = runs.records[-1]
            assert end.loss[i, j] == pytest.approx(F.cross_entropy(logits, task.train[1]).item(), rel=1e-9)
            assert end.error[i, j] == pytest.approx((logits.argmax(1) != task.train[1]).double().mean().item())
            assert end.accuracy[i, j] == pytest.approx((shown.argmax(1) == task.validation[1]).double().mean().item())
            assert test[i, j] == pytest.approx((unseen.argmax(1) == task.test[1]).double().mean().item())


def test_a_run_that_diverges_leaves_the_others_alone() -> None:
    together = Runs(small(), "identity", (0.05, 1e9), (0, 1)).train(20)
    alone = Runs(small(), "identity", (0.05,), (0, 1)).train(20)
    assert not np.isfinite(together.records[-1].loss[1]).any()
    assert [r.step for r in together.records] == [0, 10, 20]
    np.testing.assert_allclose(together.records[-1].loss[0], alone.records[-1].loss[0], rtol=1e-9)


def test_a_team_gives_the_pre_activations_of_each_layer() -> None:
    team, x = Team((3, 5, 4, 2), "tanh", [7, 8]), torch.randn(6, 3, dtype=torch.float64)
    first, second, logits = team.pre_activations(x)
    for seed in (0, 1):
        z = x @ team.weights[0][seed] + team.biases[0][seed]
        torch.testing.assert_close(first[seed], z)
        torch.testing.assert_close(second[seed], z.tanh() @ team.weights[1][seed] + team.biases[1][seed])
    torch.testing.assert_close(logits, team(x))


def test_a_function_of_ones_own_runs_like_a_named_one() -> None:
    own = Runs(small(), lambda x: x.clamp(min=0), [0.1], [0]).train(10)
    named = Runs(small(), "relu", [0.1], [0]).train(10)
    np.testing.assert_array_equal(own.records[-1].loss, named.records[-1].loss)


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "gelu"])
def test_every_activation_starts_from_the_same_numbers(activation: str) -> None:
    team, tanh = Team((64, 8, 10), activation, [0, 7]), Team((64, 8, 10), "tanh", [0, 7])
    gain = GAINS.get(activation, HE)
    torch.testing.assert_close(team.weights[0], gain * tanh.weights[0])
    torch.testing.assert_close(team.weights[1], tanh.weights[1])
    assert not team.weights[0][0].equal(team.weights[0][1])


@pytest.mark.parametrize("name", TASKS)
def test_tasks_have_three_parts_without_a_common_sample(name: str) -> None:
    task = make_task(name)
    parts = [task.train, task.validation, task.test]
    rows = torch.cat([x for x, _ in parts])
    assert len(torch.unique(rows, dim=0)) == len(rows)
    assert rows.shape[1] == task.sizes[0]
    for _, y in parts:
        assert set(y.tolist()) == set(range(task.sizes[-1]))


def test_digits_are_standardised_by_the_training_part_alone() -> None:
    x = make_task("digits").train[0]
    torch.testing.assert_close(x.mean(0), torch.zeros(64, dtype=x.dtype))
    moving = x.std(0) > 0
    torch.testing.assert_close(x.std(0, correction=0)[moving], torch.ones(int(moving.sum()), dtype=x.dtype))
    assert make_task("digits").validation[0].mean(0).abs().max() > 1e-3


def test_the_linear_rule_is_what_it_says() -> None:
    for x, y in (make_task("linear rule").train, make_task("linear rule").test):
        assert (x[:, :5].sum(1) > 0).long().equal(y)


def test_a_task_may_be_changed_for_another_experiment() -> None:
    linear = replace(small(), sizes=(64, 10))
    assert Runs(linear, "relu", [0.1], [0]).train(5).records[0].loss.shape == (1, 1)


def test_the_first_step_at_which_an_error_is_reached() -> None:
    errors = [[[0.9, 0.9, 0.9]], [[0.3, 0.9, 0.2]], [[0.1, 0.9, 0.3]]]
    records = [Record(4 * i, np.array(e), np.array(e), np.array(e)) for i, e in enumerate(errors)]
    assert steps_until(records, 0.25).tolist() == [[8.0, np.inf, 4.0]]


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_interval_is_students(level: float) -> None:
    values = np.random.default_rng(0).normal(2.0, 3.0, 12)
    expected = stats.t.interval(level, 11, values.mean(), stats.sem(values))
    found = confidence_interval(values, level)
    assert found.mean == pytest.approx(values.mean())
    assert found[1:] == pytest.approx(expected)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    samples = np.random.default_rng(0).normal(0.0, 1.0, (2000, 10))
    covered = np.mean([low <= 0 <= high for _, low, high in map(confidence_interval, samples)])
    assert covered == pytest.approx(0.95, abs=0.02)

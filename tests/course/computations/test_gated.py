"""Blocks with and without a gate: their formula, their size, and seeds that do not touch each other."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course.computations.gated import GATES, PLAIN, RATES, TASKS, Blocks, error, parts, train, tuned_rate, width


def test_a_block_is_its_formula() -> None:
    x = torch.randn(5, 16, generator=torch.Generator().manual_seed(9))
    for name, function in (("GELU", F.gelu), ("SwiGLU", F.silu), ("GLU", torch.sigmoid), ("bilinear", lambda z: z)):
        blocks = Blocks(name, 16, 3, [4, 5])
        hidden = function(x @ blocks.first[1])
        if name in GATES:
            assert blocks.value is not None
            hidden = hidden * (x @ blocks.value[1])
        expected = (x + hidden @ blocks.last[1]) @ blocks.reader[1]
        torch.testing.assert_close(blocks(x)[1], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("inputs", [16, 64, 768])
def test_gated_blocks_have_no_more_parameters_than_plain_ones_and_nearly_as_many(inputs: int) -> None:
    plain = 2 * inputs * width("GELU", inputs)
    for name in GATES:
        gated = 3 * inputs * width(name, inputs)
        assert plain - 3 * inputs < gated <= plain
    assert {width(name, inputs) for name in PLAIN} == {4 * inputs}
    assert Blocks("SwiGLU", 16, 1, [0]).block_parameters() == 3 * 16 * 42
    assert Blocks("ReLU", 16, 1, [0]).block_parameters() == 2 * 16 * 64


@pytest.mark.parametrize("task", TASKS)
def test_the_parts_differ_and_targets_are_scaled(task: str) -> None:
    data = parts(task)
    assert not torch.equal(data.train[0][:300], data.test[0][:300])
    for x, y in (data.train, data.validation, data.test):
        assert x.dtype == torch.float32
        if not data.classes:
            assert abs(y.mean()) < 0.1
            assert abs(y.std() - 1) < 0.15


@pytest.mark.parametrize("block", ["GELU", "SwiGLU"])
def test_a_seed_trains_as_it_would_alone(block: str) -> None:
    together = error(train("products", block, 0.01, (3, 7), steps=15), "products", "test")
    alone = error(train("products", block, 0.01, (7,), steps=15), "products", "test")
    np.testing.assert_allclose(together[1], alone[0], rtol=1e-3)
    assert together[0] != together[1]


def test_a_short_training_learns_the_digits() -> None:
    blocks = train("digits", "GEGLU", 0.01, (0, 1), steps=40)
    assert (error(blocks, "digits", "validation") < 0.2).all()


def test_the_tuned_rate_is_the_one_with_the_smallest_error(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def pretend(_task: str, _block: str, rate: float, seeds: tuple[int, ...]) -> float:
        seen.append(seeds)
        return rate

    monkeypatch.setattr("course.computations.gated.train", pretend)
    monkeypatch.setattr(
        "course.computations.gated.error", lambda rate, _task, part: np.array([abs(rate - RATES[1]), part == "test"])
    )
    assert tuned_rate("bends", "GLU") == RATES[1]
    assert all(min(seeds) >= 100 for seeds in seen), "the seeds of the race must not choose the rate"

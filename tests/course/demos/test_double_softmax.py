"""The double-softmax demo: its networks are stock ones, its floor is one, its gradient is the formula's."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import torch
from torch import nn

from course.demos.double_softmax import MARGINS, PREVIEW, STEPS, DoubleSoftmax, Race, floor, gradient, samples


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_floor_is_the_loss_of_perfect_probabilities_and_nothing_is_below(classes: int) -> None:
    truth = torch.arange(classes)
    perfect = torch.eye(classes, dtype=torch.float64)
    assert floor(classes) == pytest.approx(nn.functional.cross_entropy(perfect, truth).item())
    others = torch.softmax(5 * torch.randn(200, classes, classes, dtype=torch.float64), dim=-1)
    losses = nn.functional.cross_entropy(others.flatten(0, 1), truth.repeat(200), reduction="none")
    assert losses.min().item() > floor(classes)


@pytest.mark.parametrize("classes", [2, 5, 10])
def test_the_gradient_is_the_formula_of_the_lesson(classes: int) -> None:
    p = 1 / (1 + (classes - 1) * np.exp(-MARGINS))
    rest = (1 - p) / (classes - 1)
    q = np.exp(p) / (np.exp(p) + (classes - 1) * np.exp(rest))
    np.testing.assert_allclose(gradient(MARGINS, classes, double=False), 1 - p, rtol=1e-9)
    wanted = (1 - q) * p * (1 - p) * classes / (classes - 1)
    np.testing.assert_allclose(gradient(MARGINS, classes, double=True), wanted, rtol=1e-9, atol=1e-15)


def test_both_networks_start_alike_and_learn_by_plain_gradient_descent() -> None:
    race, fresh = Race(classes=4, rate=0.3, seed=2), Race(classes=4, rate=0.3, seed=2)
    for single, double in zip(race.single.parameters(), race.double.parameters(), strict=True):
        torch.testing.assert_close(single, double)
    race.run(3)
    data = samples(4)
    for network, losses in zip((fresh.single, fresh.double), race.losses, strict=True):
        for loss in losses:
            value = nn.functional.cross_entropy(network(data.x), data.y)
            assert value.item() == pytest.approx(loss)
            slopes = torch.autograd.grad(value, list(network.parameters()))
            with torch.no_grad():
                for weight, slope in zip(network.parameters(), slopes, strict=True):
                    weight -= 0.3 * slope


def test_no_digit_is_both_learned_and_held_out() -> None:
    data = samples(10)
    assert set(data.y.tolist()) == set(data.held_out_y.tolist()) == set(range(10))
    both = (data.x[:, None] == data.held_out_x[None]).all(dim=2)
    assert not both.any()


@pytest.mark.parametrize("classes", [2, 10])
def test_what_is_held_out_has_no_say_in_the_scaling(classes: int) -> None:
    data = samples(classes)
    torch.testing.assert_close(data.x.mean(dim=0), torch.zeros(64, dtype=torch.float64))
    spread = data.x.std(dim=0, correction=0)
    torch.testing.assert_close(spread[spread > 0], torch.ones_like(spread[spread > 0]))
    assert data.held_out_x.mean(dim=0).abs().max() > 0.01


def test_every_artist_follows() -> None:
    demo = DoubleSoftmax()
    for values in ({"margin": -4.0}, {"classes": 3}, {"rate": 2.0, "classes": 10, "train": True}):
        demo.set(**values)
        assert demo.error == ""
        race, classes = demo.race, demo.controls["classes"].value
        for line, losses in zip(demo.losses, race.losses, strict=True):
            assert list(line.get_ydata()) == losses
        for way, line in enumerate(demo.right):
            assert list(line.get_xdata()) == [record.step for record in race.records]
            assert list(line.get_ydata()) == [record.right[way] for record in race.records]
        assert list(demo.floor.get_ydata()) == [floor(classes)] * 2
        for double, (curve, point) in enumerate(zip(demo.slopes, demo.points, strict=True)):
            np.testing.assert_allclose(curve.get_ydata(), gradient(MARGINS, classes, double=bool(double)))
            assert point.get_ydata()[0] == pytest.approx(np.interp(-4.0, MARGINS, curve.get_ydata()))
        assert f"{floor(classes):.3f}" in demo.readout
        assert f"{race.losses[1][-1]:.3f}" in demo.alt_text
    assert len(race.losses[0]) == STEPS


def test_what_the_lesson_says() -> None:
    """Both learn at a large rate, at a small one the second falls behind; its loss is above the floor either way."""
    slow, fast = Race(rate=0.1).run(), Race(rate=2.0).run()
    assert slow.records[-1].right[0] > slow.records[-1].right[1] + 0.2
    assert min(fast.records[-1].right) > 0.9
    assert fast.losses[0][-1] < 0.1
    assert min(slow.losses[1] + fast.losses[1]) > floor(10)


def test_stop_leaves_what_was_recorded_and_a_slider_begins_anew() -> None:
    async def stop() -> DoubleSoftmax:
        demo = DoubleSoftmax()
        demo.controls["train"].value = True
        while demo.training.done < 10:
            await asyncio.sleep(0.001)
        demo.controls["train"].value = False
        return demo

    demo = asyncio.run(stop())
    assert "Stopped after step" in demo.training.message
    assert 10 <= len(demo.race.losses[0]) < STEPS
    demo.controls["margin"].value = 3.0  # no setting of the training
    assert len(demo.race.losses[0]) >= 10
    demo.controls["rate"].value = 1.0
    assert len(demo.race.losses[0]) == PREVIEW
    demo.set(train=True)
    assert len(demo.race.losses[0]) == STEPS

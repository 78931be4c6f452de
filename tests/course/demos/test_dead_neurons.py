"""The dead-neuron lab: what is drawn is what a plain network in torch has."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import torch
from torch import nn

from course.demos.dead_neurons import (
    CURE,
    PREVIEW,
    SPELL,
    UNITS,
    DeadNeuronLab,
    DigitNetwork,
    Story,
    examine,
    lab_samples,
)


def as_sequential(network: DigitNetwork) -> nn.Sequential:
    """The same weights in stock modules."""
    layers: list[nn.Module] = []
    for layer in network.hidden:
        layers += [layer, nn.LeakyReLU(network.negative_slope) if network.negative_slope else nn.ReLU()]
    return nn.Sequential(*layers, network.logits)


@pytest.mark.parametrize(("bias", "scale"), [(0.0, 1.0), (-2.0, 1.0), (-3.0, 0.4), (0.5, 2.0)])
def test_the_record_counts_what_stock_modules_compute(bias: float, scale: float) -> None:
    network = DigitNetwork(bias, scale, seed=3)
    record = examine(network, 0)
    x, y = lab_samples()
    with torch.no_grad():
        for row, layer in enumerate(as_sequential(network)):
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                share = (x > 0).double().mean(0).numpy()
                np.testing.assert_allclose(record.active[row // 2], share)
                assert record.dead[row // 2] == int((x.sum(0) == 0).sum())
    assert record.accuracy == pytest.approx((x.argmax(1) == y).double().mean().item())


def test_the_scale_multiplies_he_weights_and_the_bias_is_set() -> None:
    one, two = DigitNetwork(0.0, 1.0), DigitNetwork(-1.0, 2.0)
    for a, b in zip(one.hidden, two.hidden, strict=True):
        torch.testing.assert_close(b.weight, 2 * a.weight)
        assert a.weight.std().item() == pytest.approx((2 / a.in_features) ** 0.5, rel=0.05)
        assert (b.bias == -1).all()
    torch.testing.assert_close(one.logits.weight, two.logits.weight)


def test_a_dead_unit_has_no_gradient_under_relu_and_one_under_leaky_relu() -> None:
    network = DigitNetwork(bias=-3.0, scale=0.5)
    dead = torch.tensor(examine(network, 0).active[0] == 0.0)
    assert 0 < dead.sum() < UNITS
    for slope, reached in ((0.0, False), (0.1, True)):
        network.negative_slope = slope
        network.zero_grad()
        nn.functional.cross_entropy(network(lab_samples()[0]), lab_samples()[1]).backward()
        gradients = network.hidden[0].weight.grad[dead].abs().sum(1)
        assert ((gradients > 0) == reached).all()


def test_the_story_is_adam_on_stock_modules() -> None:
    told = Story(rate=0.02, seed=1)
    told.run(7)
    plain = as_sequential(DigitNetwork(seed=1))
    optimizer = torch.optim.Adam(plain.parameters(), 0.02)
    generator = torch.Generator().manual_seed(1)
    x, y = lab_samples()
    for rows in torch.randperm(len(x), generator=generator).split(64)[:7]:
        optimizer.zero_grad()
        nn.functional.cross_entropy(plain(x[rows]), y[rows]).backward()
        optimizer.step()
    for ours, theirs in zip(told.network.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-9)
    assert [record.step for record in told.records] == [0, 2, 5]


def test_every_artist_follows_the_story() -> None:
    demo = DeadNeuronLab()
    for values in ({"bias": -2.0}, {"rate": 0.2, "scale": 0.5}, {"bias": 0.0, "scale": 1.0, "train": True}):
        demo.set(**values)
        assert demo.error == ""
        records = demo.story.records
        np.testing.assert_array_equal(np.array([line.get_ydata() for line in demo.counts]).T, [r.dead for r in records])
        assert list(demo.counts[0].get_xdata()) == [r.step for r in records]
        last = records[-1].active
        assert len(demo.dead.get_xdata()) == (last == 0).sum() == sum(records[-1].dead)
        np.testing.assert_array_equal(np.sort(demo.alive.get_ydata()), np.sort(last[last > 0]))
        assert demo.step.get_text() == f"after step {records[-1].step}"
        assert ", ".join(f"{n:>2}" for n in records[-1].dead) in demo.readout
        assert ", ".join(map(str, records[-1].dead)) in demo.alt_text
    assert records[-1].step == SPELL + CURE
    demo.controls["slope"].value = 0.25
    assert list(demo.cure.get_ydata()) == [-0.5, 0.0, 2.0]
    assert demo.story.records[-1].step == PREVIEW  # the run before had another slope


def test_what_the_lesson_says_about_one_seed() -> None:
    """A large rate kills many; the small one alone brings few back, a slope of 0.3 nearly all."""
    cured = {}
    for slope in (0.0, 0.3):
        story = Story(rate=0.1, slope=slope)
        story.run()
        after_spell = next(r for r in story.records if r.step == SPELL)
        assert sum(after_spell.dead) > 30
        cured[slope] = sum(story.records[-1].dead)
    assert cured[0.3] < 5
    assert cured[0.0] > 30


def test_stop_leaves_what_was_recorded_and_a_slider_begins_anew() -> None:
    async def stop() -> DeadNeuronLab:
        demo = DeadNeuronLab()
        demo.controls["train"].value = True
        while demo.training.done < 20:
            await asyncio.sleep(0.001)
        demo.controls["train"].value = False
        return demo

    demo = asyncio.run(stop())
    assert "Stopped after step" in demo.training.message
    assert 15 <= demo.story.records[-1].step <= demo.training.done < SPELL + CURE
    demo.controls["bias"].value = -1.0
    assert demo.story.records[-1].step == PREVIEW
    demo.set(train=True)
    assert demo.story.records[-1].step == SPELL + CURE

"""Networks for curves: their formula and start, and what the lesson says of them, in short runs."""

from __future__ import annotations

import math

import torch

from course.computations.periodic import OMEGA, SEEDS, Curves, fit, siren, spread, squared_error


def test_a_curve_is_its_formula() -> None:
    curves, x = Curves(torch.tanh), torch.linspace(-1, 1, 7)
    h = x[:, None]
    for layer, (weight, bias) in enumerate(zip(curves.weights, curves.biases, strict=True)):
        h = (torch.tanh(h) if layer else h) @ weight[2] + bias[2]
    torch.testing.assert_close(curves(x)[2], h[:, 0])
    assert curves(x).shape == (SEEDS, 7)


def test_the_starts_are_those_of_linear_layers_and_of_siren() -> None:
    plain, stretched, start = Curves(torch.tanh), Curves(torch.tanh, stretch=10.0), Curves(siren, as_siren=True)
    bounds = [weight.abs().max().item() for weight in plain.weights]
    for bound, size in zip(bounds, (1, 64**-0.5, 64**-0.5), strict=True):
        assert 0.9 * size < bound <= size
    torch.testing.assert_close(stretched.weights[0], 10 * plain.weights[0])
    assert torch.equal(stretched.weights[1], plain.weights[1])
    assert start.weights[0].abs().max() <= 1
    assert 0.9 * math.sqrt(6 / 64) / OMEGA < start.weights[1].abs().max() <= math.sqrt(6 / 64) / OMEGA


def test_siren_learns_the_waves_that_relu_does_not_and_the_order_of_seeds_does_not_matter() -> None:
    x = torch.linspace(-1, 1, 65)
    y = torch.sin(8 * math.pi * x)
    wave, relu = fit(Curves(siren, as_siren=True), x, y, steps=150), fit(Curves(torch.relu), x, y, steps=150)
    middle, low, high = spread(wave, x, y)
    assert low <= middle <= high < 0.05 < 0.3 < spread(relu, x, y)[1]
    errors = squared_error(relu, x, y)
    assert spread(relu, x, y) == (errors.median().item(), errors.min().item(), errors.max().item())

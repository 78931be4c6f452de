"""Forward and backward passes of the deep networks against torch's own layers and autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course.computations.data import digits
from course.computations.signals import (
    INITIALISATIONS,
    SAMPLES,
    SEEDS,
    WIDTH,
    Network,
    parameters,
    pre_activation_gradient_norms,
    propagate,
    saturation,
    update_ratios,
    weight_gradient_norms,
)

MODULES = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU}
NETWORKS = [
    Network("sigmoid", 3, "xavier"),
    Network("tanh", 6, "he", 1.5),
    Network("relu", 5, "default"),
    Network("gelu", 4, "he", residual=True),
    Network("relu", 1, "xavier", residual=True),
]


class Layers(nn.Module):
    """The same network made of nn.Linear, for one seed; it keeps its pre-activations."""

    def __init__(self, network: Network, seed: int) -> None:
        super().__init__()
        weights, biases, output = parameters(network)
        self.hidden = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(network.depth))
        self.last = nn.Linear(WIDTH, 10, bias=False)
        self.activation, self.residual = MODULES[network.activation](), network.residual
        with torch.no_grad():
            for layer, w, b in zip(self.hidden, weights[:, seed], biases[:, seed], strict=True):
                layer.weight.copy_(w.T)
                layer.bias.copy_(b[0])
            self.last.weight.copy_(output[seed].T)

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        self.kept = []
        for layer in self.hidden:
            z = layer(h)
            z.retain_grad()
            self.kept.append(z)
            h = h + self.activation(z) if self.residual else self.activation(z)
        return self.last(h)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.activation}-{n.initialisation}-{n.residual}")
def test_every_number_is_that_of_torch_layers(network: Network) -> None:
    x, y = (part[:SAMPLES] for part in digits()[:2])
    signals = propagate(network)
    weights, deltas = weight_gradient_norms(signals), pre_activation_gradient_norms(signals)
    ratios, flat = update_ratios(network, signals, 0.1), saturation(network, signals)
    assert weights.shape == deltas.shape == ratios.shape == flat.shape == (network.depth, SEEDS)
    for seed in (0, SEEDS - 1):
        model = Layers(network, seed)
        nn.CrossEntropyLoss()(model(x), y).backward()
        for layer, (linear, z) in enumerate(zip(model.hidden, model.kept, strict=True)):
            torch.testing.assert_close(signals.pre_activations[layer, seed], z.detach(), rtol=1e-3, atol=1e-5)
            assert deltas[layer, seed] == pytest.approx(z.grad.norm().item(), rel=1e-3)
            gradient, weight = linear.weight.grad.norm().item(), linear.weight.norm().item()
            assert weights[layer, seed] == pytest.approx(gradient, rel=1e-3)
            assert ratios[layer, seed] == pytest.approx(0.1 * gradient / weight, rel=1e-3)
            leaf = z.detach().double().requires_grad_()
            (slope,) = torch.autograd.grad(model.activation(leaf).sum(), leaf)
            assert flat[layer, seed] == pytest.approx((slope.abs() < 0.1).double().mean().item(), abs=2e-3)


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_the_initialisations_are_those_of_torch(name: str) -> None:
    weights, biases, _ = parameters(Network("relu", 30, name))
    torch.manual_seed(0)
    layer = nn.Linear(WIDTH, WIDTH)
    if name == "xavier":
        nn.init.xavier_normal_(layer.weight)
    elif name == "he":
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    assert weights.var().item() == pytest.approx(INITIALISATIONS[name] / WIDTH, rel=0.02)
    assert weights.var().item() == pytest.approx(layer.weight.var().item(), rel=0.1)
    if name == "default":
        bound = 1 / WIDTH**0.5
        assert layer.weight.abs().max() <= bound
        assert 0.99 * bound < weights.abs().max().item() <= bound * (1 + 1e-6)
        assert 0.99 * bound < biases.abs().max().item() <= bound * (1 + 1e-6)
    else:
        assert not biases.any()


def test_fewer_seeds_are_the_first_ones() -> None:
    network = Network("tanh", 4)
    np.testing.assert_allclose(
        weight_gradient_norms(propagate(network, 2)), weight_gradient_norms(propagate(network))[:, :2], rtol=1e-4
    )


def test_the_same_network_gives_the_same_numbers() -> None:
    first, second = propagate(NETWORKS[0]), propagate(NETWORKS[0])
    assert torch.equal(first.gradients, second.gradients)


@pytest.mark.parametrize(
    ("activation", "initialisation", "square"),
    [("relu", "he", 1), ("relu", "xavier", 1 / 2), ("relu", "default", 1 / 6)],
)
def test_what_the_lesson_says_about_the_factor_per_layer(activation: str, initialisation: str, square: float) -> None:
    delta = pre_activation_gradient_norms(propagate(Network(activation, 20, initialisation)))
    assert np.median((delta[0] / delta[-1]) ** (1 / 19)) == pytest.approx(square**0.5, rel=0.05)


def test_what_the_lesson_says_about_residual_connections() -> None:
    plain, residual = (
        weight_gradient_norms(propagate(Network("sigmoid", 20, "xavier", residual=r)))[0] for r in (False, True)
    )
    assert plain.max() < 1e-10
    assert residual.min() > 0.1

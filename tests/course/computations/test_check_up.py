"""The check-up on networks whose state is known, and that it changes nothing."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.computations.check_up import LayerReport, check_up


def sgd(model: nn.Module, rate: float = 0.1) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=rate)


@pytest.fixture
def samples() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return torch.randn(300, 6), torch.randn(300, 1)


def network(activation: nn.Module, units: int = 8) -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(6, units), activation, nn.Linear(units, 1))


def first(model: nn.Sequential, samples: tuple[Tensor, Tensor], **options: int) -> LayerReport:
    return check_up(model, F.mse_loss, *samples, sgd(model), **options)[0]


def test_dead_zeros_and_no_gradient_are_three_things(samples: tuple[Tensor, Tensor]) -> None:
    model = network(nn.ReLU())
    with torch.no_grad():
        model[0].bias[:3] = -50.0
    report = first(model, samples)
    assert (report.units, report.dead, report.no_gradient) == (8, 3, 3)
    outputs = torch.relu(model[0](samples[0]))
    assert report.zeros == pytest.approx((outputs == 0).double().mean().item())
    with torch.no_grad():
        model[2].weight.zero_()  # nothing reaches any unit
    report = first(model, samples)
    assert (report.dead, report.no_gradient) == (3, 8)


def test_gradient_comes_from_the_batch_alone(samples: tuple[Tensor, Tensor]) -> None:
    model = network(nn.ReLU(), units=40)
    x, y = samples
    report = first(model, samples, batch=1)
    (gradient,) = torch.autograd.grad(F.mse_loss(model(x[:1]), y[:1]), model[0].weight)
    assert report.gradient == pytest.approx(gradient.norm().item())
    assert report.update == pytest.approx(0.1 * (gradient.norm() / model[0].weight.norm()).item(), rel=1e-4)
    assert report.dead == 0
    assert report.no_gradient == int((model[0](x[:1]) <= 0).sum())


@pytest.mark.parametrize(
    ("activation", "slope"), [(nn.Tanh(), lambda z: 1 - z.tanh() ** 2), (nn.ReLU(), lambda z: z > 0)]
)
def test_flat_is_the_share_of_small_slopes(activation: nn.Module, slope, samples: tuple[Tensor, Tensor]) -> None:  # type: ignore[no-untyped-def]
    model = network(activation)
    model[0].weight.data *= 4
    z = model[0](samples[0]).detach()
    report = first(model, samples)
    assert report.flat == pytest.approx((slope(z).double() < 0.1).double().mean().item())
    assert report.spread == pytest.approx(z.std().item())


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_model_and_optimizer_stay_as_they_are(optimizer, samples: tuple[Tensor, Tensor]) -> None:  # type: ignore[no-untyped-def]
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
    stepper = optimizer(model.parameters(), lr=0.1)
    before, state = copy.deepcopy(model.state_dict()), copy.deepcopy(stepper.state_dict())
    reports = check_up(model, F.mse_loss, *samples, stepper)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert str(stepper.state_dict()) == str(state)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert reports[0].update > 0


def test_a_first_step_of_adam_moves_each_weight_by_the_rate(samples: tuple[Tensor, Tensor]) -> None:
    model = network(nn.GELU())
    report = check_up(model, F.mse_loss, *samples, torch.optim.Adam(model.parameters(), lr=0.01))[0]
    weights = model[0].weight
    assert report.update == pytest.approx(0.01 * weights.numel() ** 0.5 / weights.norm().item(), rel=1e-3)


def test_an_activation_in_place_gives_the_same_report(samples: tuple[Tensor, Tensor]) -> None:
    assert first(network(nn.ReLU(inplace=True)), samples) == first(network(nn.ReLU()), samples)


def test_normalisation_counts_as_part_of_the_pre_activation(samples: tuple[Tensor, Tensor]) -> None:
    model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
    hidden, output = check_up(model, F.mse_loss, *samples, sgd(model))
    assert hidden.spread == pytest.approx(1.0, abs=0.01)
    assert hidden.name == "Linear + Tanh"
    assert (output.name, output.dead, output.zeros, output.flat) == ("Linear", None, None, None)


def test_only_a_sequential_is_taken(samples: tuple[Tensor, Tensor]) -> None:
    model = nn.Linear(6, 1)
    with pytest.raises(TypeError, match=r"nn\.Sequential, not Linear"):
        check_up(model, F.mse_loss, *samples, sgd(model))

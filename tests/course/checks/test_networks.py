"""What a call did to a network is told by kind, and where; places in a network have names."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from course.checks.beside.networks import RECORDING, fresh_switches, network_state, state_after_call
from course.checks.networks import differences, expect_none_of, first_difference, place

ONES, TWOS = torch.ones(2), torch.full((2,), 2.0)


@pytest.mark.parametrize(
    ("actual", "name"),
    [
        ({"a": ONES, "b": TWOS}, ""),
        ({"a": ONES, "b": TWOS, "c": ONES}, ""),
        ({"b": ONES, "a": TWOS}, "a"),
        ({"a": ONES}, "b"),
        ({"a": ONES, "b": None}, "b"),
        ({"a": ONES, "b": TWOS.double()}, "b"),
        ({"a": ONES, "b": TWOS[:1]}, "b"),
        ({"a": ONES, "b": [2.0, 2.0]}, "b"),
    ],
)
def test_the_first_tensor_that_is_missing_or_different_is_named(actual, name):
    assert first_difference({"a": ONES, "b": TWOS}, actual) == name


def test_places_have_names():
    assert [place(name) for name in ("", "0.bias", "every ReLU")] == [
        "the network itself",
        "layer 0.bias",
        "every ReLU",
    ]


def network():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU())


def changes(function, *, in_training=False):
    model = network()
    with fresh_switches():
        after = state_after_call(function, model, in_training=in_training)
        return differences(network_state(model), after, in_training=in_training)


@pytest.mark.parametrize("in_training", [False, True])
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda m: m[0].weight.data.add_(1), {"weights": ["0.weight"]}),
        (lambda m: m[1].running_mean.add_(1), {"buffers": ["1.running_mean"]}),
        (lambda m: m.append(nn.Tanh().eval()), {"layers": ["3"], "modes": ["3"]}),
        (lambda m: m[1].eval(), {"modes": ["1"]}),
        (lambda m: m[0].bias.requires_grad_(False), {"trainable": ["0.bias"]}),
        (lambda m: setattr(m[0].bias, "grad", torch.zeros(3)), {"gradients": ["0.bias"]}),
        (lambda m: m[2].register_forward_hook(print), {"hooks left": ["layer 2"]}),
        (lambda m: setattr(m, "forward", print), {"methods": ["the network itself"]}),
        (lambda m: torch.set_grad_enabled(False), {"recording": [RECORDING], "switches": [RECORDING]}),
        (lambda m: torch.autograd.set_detect_anomaly(True), {"switches": ["anomaly detection"]}),
        (lambda m: m[2].register_forward_hook(print).remove(), {}),
    ],
)
def test_what_a_call_did_is_told_by_kind_and_place(change, found, in_training):
    assert changes(change, in_training=in_training) == found


def test_with_a_layer_that_is_replaced_the_hooks_on_it_are_lost():
    def replace(model):
        model[2] = nn.Tanh()

    assert changes(replace) == {"layers": ["2"]}
    assert changes(replace, in_training=True) == {"layers": ["2"], "hooks lost": ["layer 2"]}


def test_gradients_and_hooks_that_were_there_are_missed():
    def clear(model):
        model.zero_grad()
        model[0]._forward_hooks.clear()

    gradients = ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert changes(clear, in_training=True) == {"gradients": gradients, "hooks lost": ["layer 0"]}
    assert changes(clear) == {}


def test_the_first_sentence_that_holds_is_said():
    found = {"modes": ["0", "2"], "layers": ["1"]}
    with pytest.raises(AssertionError, match=r"^Layer 1\.$"):
        expect_none_of(found, {"weights": "Weights.", "layers": "Layer {first}.", "modes": "Modes."})
    with pytest.raises(AssertionError, match=r"^Modes of 0, 2 from 0\.$"):
        expect_none_of(found, {"modes": "Modes of {all} from {first}."})
    expect_none_of(found, {"weights": "Weights."})

"""What a call leaves behind on a network is seen, of whatever kind it is; what is put back is none."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
import torch
from torch import nn
from torch.overrides import BaseTorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.room.pickling import dumps_call
from course.checks.beside.networks import (
    EVERYWHERE,
    RECORDING,
    fresh_switches,
    hooks_on_saved,
    network_state,
    result_and_state,
    state_after_call,
)

everywhere = nn.modules.module


def network():
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Sequential(nn.BatchNorm1d(3)))


def nothing(*args):
    return None


ON_A_MODULE = {
    "forward": lambda m: m[2][0].register_forward_hook(nothing),
    "forward, with keywords": lambda m: m[2][0].register_forward_hook(nothing, with_kwargs=True, always_call=True),
    "forward pre": lambda m: m[2][0].register_forward_pre_hook(nothing),
    "backward": lambda m: m[2][0].register_full_backward_hook(nothing),
    "backward pre": lambda m: m[2][0].register_full_backward_pre_hook(nothing),
    "saving": lambda m: m[2][0].register_state_dict_post_hook(nothing),
    "before saving": lambda m: m[2][0].register_state_dict_pre_hook(nothing),
    "loading": lambda m: m[2][0].register_load_state_dict_post_hook(nothing),
    "before loading": lambda m: m[2][0].register_load_state_dict_pre_hook(nothing),
    "a parameter's gradient": lambda m: m[2][0].weight.register_hook(nothing),
    "a parameter's gradient, added up": lambda m: m[2][0].bias.register_post_accumulate_grad_hook(nothing),
}
ON_ALL_MODULES = {
    "forward": lambda: everywhere.register_module_forward_hook(nothing),
    "forward pre": lambda: everywhere.register_module_forward_pre_hook(nothing),
    "backward": lambda: everywhere.register_module_full_backward_hook(nothing),
    "backward pre": lambda: everywhere.register_module_full_backward_pre_hook(nothing),
    "registering a parameter": lambda: everywhere.register_module_parameter_registration_hook(nothing),
}


def left(function, model=None, **options):
    """What is more or fewer than before, by place, and where methods are new."""
    after = state_after_call(function, model or network(), **options)
    return {place: more for place, more in after["more_hooks"].items() if more}, after["new_methods"]


@pytest.mark.parametrize("in_training", [False, True])
@pytest.mark.parametrize("kind", ON_A_MODULE)
def test_a_hook_of_any_kind_is_seen_where_it_is_and_no_more_once_it_is_off(kind, in_training):
    assert left(ON_A_MODULE[kind], in_training=in_training) == ({"2.0": 1}, [])
    assert left(lambda m: ON_A_MODULE[kind](m).remove(), in_training=in_training) == ({}, [])


@pytest.mark.parametrize("kind", ON_ALL_MODULES)
def test_a_hook_on_all_modules_is_seen_and_no_more_once_it_is_off(kind):
    handles = []
    try:
        assert left(lambda m: handles.append(ON_ALL_MODULES[kind]())) == ({EVERYWHERE: 1}, [])
        assert left(nothing) == ({}, []), "it was there before the call"
    finally:
        for handle in handles:
            handle.remove()
    assert left(lambda m: ON_ALL_MODULES[kind]().remove()) == ({}, [])


def test_a_hook_of_somebody_elses_that_is_taken_off_is_missed():
    model = network()
    model[1].register_forward_hook(nothing)
    assert left(lambda m: m[1]._forward_hooks.clear(), model) == ({"1": -1}, [])
    assert len(model[1]._forward_hooks) == 1
    assert left(lambda m: m[1]._forward_hooks.clear(), in_training=True) == ({"1": -1}, [])


def test_a_module_that_came_with_its_hook_is_seen():
    def put_in(model):
        model.append(nn.Tanh())
        model[3].register_forward_hook(nothing)

    assert left(put_in) == ({"3": 1}, [])


@pytest.mark.parametrize(
    "patch",
    [
        lambda m: setattr(m[1], "forward", torch.tanh),
        lambda m: setattr(m[1], "forward", lambda x: x),
        lambda m: setattr(m[1], "forward", copy.deepcopy(m[1]).forward),
        lambda m: setattr(m[1], "_call_impl", lambda x: x),
    ],
)
def test_a_method_of_its_own_is_seen(patch):
    assert left(patch) == ({}, ["1"])


def test_the_network_s_own_forward_is_seen():
    assert left(lambda m: setattr(m, "forward", nothing)) == ({}, [""])


def test_a_method_that_was_put_back_or_deleted_is_none():
    def put_back(model):
        old = model[1].forward
        model[1].forward = torch.tanh
        model(torch.ones(4, 2))
        model[1].forward = old

    def delete(model):
        model[1].forward = torch.tanh
        del model[1].forward

    for honest in (put_back, delete):
        assert left(honest) == ({}, [])


@pytest.mark.parametrize("kind", [nn.ReLU, nn.Module])
@pytest.mark.parametrize("method", ["forward", "__call__"])
def test_a_method_of_a_class_is_seen_for_the_class(kind, method, monkeypatch):
    monkeypatch.setattr(kind, method, getattr(kind, method))  # put back in the end
    if method == "__call__" and kind is nn.ReLU:
        monkeypatch.delattr(kind, method)
    old = getattr(kind, method)

    def patch(model):
        setattr(kind, method, lambda self, *args: old(self, *args))

    def put_back(model):
        before = vars(kind).get(method)
        patch(model)
        if before:
            setattr(kind, method, before)
        else:
            delattr(kind, method)

    assert left(put_back) == ({}, [])
    assert left(patch) == ({}, [f"every {kind.__name__}"])


def test_the_network_and_the_arguments_are_copies_and_come_back_as_they_are_afterwards():
    def work(model, X, y):
        model[0].weight.data.zero_()
        model[0].bias.requires_grad_(False)
        model[2].eval()
        model[1] = nn.Tanh()
        model.register_buffer("seen", torch.ones(1), persistent=False)
        model[2][0].weight.grad = torch.zeros(3)
        X += 1

    model, X = network(), torch.zeros(2)
    before = network_state(model)
    after = state_after_call(work, model, X, "y")
    changed, text = after["arguments"]
    assert (changed.tolist(), text) == ([1, 1], "y")
    assert not X.any()
    assert not after["values"]["0.weight"].any()
    assert after["values"]["seen"].item() == 1
    assert (after["trainable"]["0.weight"], after["trainable"]["0.bias"]) == (True, False)
    assert after["modes"] == {"": True, "0": True, "1": True, "2": False, "2.0": False}
    assert after["layers"]["1"] == "Tanh"
    assert [name for name, gradient in after["gradients"].items() if gradient is not None] == ["2.0.weight"]
    assert after["switched"] == []
    now = network_state(model)
    torch.testing.assert_close(now.pop("values"), before.pop("values"), rtol=0, atol=0)
    assert now == before


def test_in_training_there_are_gradients_of_ones_and_other_people_s_hooks():
    seen = []

    def look(model):
        seen.append({name: parameter.grad.clone() for name, parameter in model.named_parameters()})
        seen.append([len(module._forward_hooks) for module in model.modules()])
        seen.append(torch.is_grad_enabled())

    with torch.no_grad():
        state_after_call(look, network(), in_training=True)
    gradients, hooks, recording = seen
    assert all((gradient == 1).all() for gradient in gradients.values())
    assert hooks == [1] * 5
    assert recording


def test_gradients_that_were_switched_off_are_told_and_on_again_afterwards():
    after = state_after_call(lambda model: torch.set_grad_enabled(False), network(), in_training=True)
    assert after["switched"] == [RECORDING]
    assert torch.is_grad_enabled()


def test_a_saving_hook_cannot_hide_a_changed_weight():
    def work(model):
        model[0].weight.data.zero_()
        model.register_state_dict_post_hook(lambda module, state, prefix, meta: state.clear())

    assert not state_after_call(work, network())["values"]["0.weight"].any()


@pytest.mark.parametrize(("value", "came"), [(None, "None"), ([nn.ReLU()], "a value of type list")])
def test_what_is_no_network_is_named(value, came):
    with pytest.raises(AssertionError, match=rf"^Expected a network \(nn.Module\), got {came}\.$"):
        network_state(value)


def test_the_result_comes_with_the_state_and_as_plain_data():
    class Shares(list): ...

    seen = result_and_state(lambda model, X: Shares([model(X).shape[0]]), network(), torch.ones(4, 2))
    assert seen.pop("result") == [4]
    assert seen.keys() == state_after_call(nothing, network(), torch.ones(4, 2)).keys()


@pytest.mark.parametrize("change", [lambda X: X.requires_grad_(), lambda X: setattr(X, "grad", torch.ones(4, 2))])
def test_an_argument_that_asks_for_a_gradient_is_told(change):
    after = state_after_call(lambda model, X, other: change(X), network(), torch.ones(4, 2), "other")
    assert after["asking"] == [True, False]


def test_a_network_with_an_onlooker_can_be_pickled_on_the_students_side():
    """The helper goes there by value, so a function of its module would not be the one that pickle finds by name."""
    stream = io.BytesIO(dumps_call(result_and_state, (lambda model: len(pickle.dumps(model)), network()), {}))
    helper, (args, kwargs) = pickle.load(stream), pickle.load(stream)
    assert helper(*args, **kwargs, in_training=True)["result"] > 0


SWITCHES = {
    RECORDING: (torch.set_grad_enabled, False, True),
    "anomaly detection": (torch.autograd.set_detect_anomaly, True, False),
    "default dtype": (torch.set_default_dtype, torch.float64, torch.float32),
    "deterministic algorithms": (torch.use_deterministic_algorithms, True, False),
}
READ = {
    "anomaly detection": torch.is_anomaly_enabled,
    "default dtype": torch.get_default_dtype,
    "deterministic algorithms": torch.get_deterministic_debug_mode,
}


class PassesOn(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


MODES = {
    "inference mode": torch.inference_mode,
    "modes that see each function": BaseTorchFunctionMode,
    "modes that see each operation": PassesOn,
}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_of_torch_that_is_not_put_back_is_told(name):
    switch, there, back = SWITCHES[name]
    try:
        assert state_after_call(lambda model: switch(there), network())["switched"] == [name]
        switch(back)
        assert state_after_call(lambda model: (switch(there), switch(back)), network())["switched"] == []
    finally:
        switch(back)


@pytest.mark.parametrize("name", READ)
def test_a_switch_that_an_earlier_call_left_is_told_again_and_stays_as_that_call_left_it(name):
    switch, there, back = SWITCHES[name]
    switch(there)
    try:
        assert state_after_call(lambda model: switch(there), network())["switched"] == [name]
        assert state_after_call(nothing, network())["switched"] == []
        with fresh_switches():
            fresh = READ[name]()
        assert READ[name]() != fresh
    finally:
        switch(back)


@pytest.mark.parametrize("name", MODES)
def test_a_mode_that_is_entered_and_not_left_is_told(name):
    mode = MODES[name]()
    try:
        assert name in state_after_call(lambda model: mode.__enter__(), network())["switched"]
    finally:
        mode.__exit__(None, None, None)
    with MODES[name]():
        assert state_after_call(nothing, network())["switched"] == []


def test_hooks_on_what_autograd_keeps_are_told_and_taken_off_and_those_of_others_stay():
    def left(count):
        hooks = [torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t) for _ in range(count)]
        told = state_after_call(lambda model: [each.__enter__() for each in hooks], network())["switched"]
        return told, hooks_on_saved()

    assert left(0) == ([], None)
    assert left(2) == (["hooks on what autograd keeps"], None)
    with torch.autograd.graph.saved_tensors_hooks(nothing, nothing):
        assert left(1) == (["hooks on what autograd keeps"], (nothing, nothing))


def test_recording_that_a_function_switches_off_is_on_again_after_the_call():
    for in_training in (False, True):
        state_after_call(lambda model: torch.set_grad_enabled(False), network(), in_training=in_training)
        assert torch.is_grad_enabled()

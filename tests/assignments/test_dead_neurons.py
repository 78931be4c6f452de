"""Fairness of ps2: right answers agree with the reference on any network, and the checks see what they claim to see."""

from __future__ import annotations

import copy
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from autograder.answers import load_answers
from autograder.hidden_checks.dead_neurons import cases as networks_by_name
from autograder.hidden_checks.dead_neurons.cases import Case
from autograder.hidden_checks.dead_neurons.counting import SHARE_RTOL, expect_layers
from autograder.hidden_checks.dead_neurons.reviving import (
    Cure,
    check_revive,
    expect_gradients_of_one_layer,
    expect_outputs,
    expect_slopes,
)
from autograder.reference.dead_neurons import count_dead_units, with_activation
from course.checks import Checks, expect_close
from course.checks import dead_neurons as dead_neurons_checks
from course.checks.beside import networks
from tests.support.notebook_runner import ROOT, grade, notebook_cells

ASSIGNMENT = "ps2_dead_neurons"
ANSWERS = load_answers(ROOT / "autograder" / "practice" / "answers", ASSIGNMENT)
RIGHT = [answer for answer in ANSWERS if answer.right]


def given_names():
    """Names that the notebook's given cells define."""
    namespace = {}
    for cell in notebook_cells("source", ASSIGNMENT):
        if cell.grade_id in ("setup", "example", "experiment"):
            exec(cell.source, namespace)
    return namespace


GIVEN = given_names()


def named(answer):
    return f"{answer.exercise}: {answer.name}"


def function_of(answer):
    namespace = dict(GIVEN)
    exec(answer.source, namespace)
    return namespace[answer.exercise]


def right_answers(exercise):
    return pytest.mark.parametrize("answer", [a for a in RIGHT if a.exercise == exercise], ids=named)


CASES = {
    name: getattr(networks_by_name, name)
    for name in (
        "nested", "unequal_widths", "none_dead", "all_dead", "no_relu", "one_row", "tiny_outputs", "convolution",
        "shared_relu", "other_activations", "living_neighbours", "in_place", "train_and_eval", "single_row",
        "one_hidden_layer", "own_class", "double_precision", "transposed_batch", "sequences", "overwritten",
    )
}  # fmt: skip


# The networks and the reference


@pytest.mark.parametrize("name", CASES)
def test_the_number_of_dead_units_known_by_construction_is_the_one_counted(name):
    case = CASES[name]()
    assert count_dead_units(case.network, case.X) == list(zip(case.dead, case.units, strict=True))


def test_the_residual_network_tells_running_order_from_declaration():
    case = networks_by_name.own_class()
    declared = {}
    for name, module in case.network.named_modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, out, name=name: declared.update({name: (out == 0).all(0).float().mean()})
            )
    names = [name for name, module in case.network.named_modules() if isinstance(module, nn.ReLU)]
    case.network(case.X)
    assert [float(declared[name]) for name in names] != pytest.approx(case.shares)


def test_train_mode_would_give_other_counts():
    case = networks_by_name.train_and_eval()
    counts = []
    for module in case.network.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, i, out: counts.append(int((out == 0).all(dim=0).sum())))
    case.network(case.X)
    assert counts[0] != case.dead[0]


def test_living_channels_are_silent_at_some_position():
    case = networks_by_name.convolution()
    with torch.no_grad():
        output = nn.Sequential(*list(case.network.children())[:2])(case.X)
    silent = (output == 0).all(dim=0).flatten(1)
    assert bool((silent.any(dim=1) & ~silent.all(dim=1)).any())


def test_no_preactivation_of_the_gradient_check_is_near_the_kink():
    case = networks_by_name.one_hidden_layer()
    assert len(case.X) >= 8
    assert case.network[0](case.X).abs().min().item() > 0.02


def test_networks_are_the_same_at_every_run():
    torch.manual_seed(1)
    first = networks_by_name.nested()
    torch.manual_seed(2)
    second = networks_by_name.nested()
    assert torch.equal(first.network(first.X), second.network(second.X))


def test_the_reference_counts_on_a_network_worked_out_by_hand():
    counts = count_dead_units(GIVEN["example_network"](), GIVEN["EXAMPLE_X"])
    assert counts == [(1, 4), (1, 2)]


def test_the_reference_leaves_the_network_alone():
    case = networks_by_name.train_and_eval()
    dead_neurons_checks.expect_state_unchanged(count_dead_units, case.network, case.X)
    dead_neurons_checks.expect_modes_unchanged(count_dead_units, case.network, case.X)
    dead_neurons_checks.expect_hooks_unchanged(count_dead_units, case.network, case.X)


def test_with_activation_replaces_every_place_and_nothing_else():
    case = networks_by_name.shared_relu()
    twin = with_activation(case.network, nn.Tanh)
    assert [type(m).__name__ for m in twin] == ["Linear", "Tanh", "Linear", "Tanh", "Linear"]
    assert twin[1] is not twin[3]
    assert isinstance(case.network[1], nn.ReLU)


# Right answers on networks that nobody chose


@st.composite
def cases(draw):
    """Sequentials of Linear, ReLU and other layers, nested or not, with shared ReLUs, on a few rows."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 10_000)))
    shared, width, layers = nn.ReLU(inplace=draw(st.booleans())), 3, []
    for _ in range(draw(st.integers(0, 4))):
        units = draw(st.integers(1, 6))
        linear = nn.Linear(width, units)
        with torch.no_grad():
            linear.weight.copy_(torch.randn(units, width, generator=generator))
            linear.bias.copy_(3 * torch.randn(units, generator=generator) - draw(st.sampled_from([0.0, 4.0])))
        activation = draw(st.sampled_from([nn.ReLU(), shared, nn.Tanh(), nn.Hardtanh(0.0, 1.0), nn.Dropout()]))
        block = [linear, activation]
        layers += [nn.Sequential(*block)] if draw(st.booleans()) else block
        width = units
    network = nn.Sequential(*layers).train(draw(st.booleans()))
    X = torch.randn(draw(st.integers(1, 20)), 3, generator=generator)
    counts = count_dead_units(network, X)
    return Case(network, X, tuple(c.dead for c in counts), tuple(c.units for c in counts))


def unharmed(function, case):
    """Return what the function gives, after the checks that it leaves the network alone."""
    for expect in (
        dead_neurons_checks.expect_state_unchanged,
        dead_neurons_checks.expect_modes_unchanged,
        dead_neurons_checks.expect_gradients_unchanged,
        dead_neurons_checks.expect_hooks_unchanged,
    ):
        expect(function, case.network, case.X)
    return function(copy.deepcopy(case.network), case.X)


@right_answers("dead_neuron_rate")
def test_right_rates_agree_with_the_reference(answer):
    function = function_of(answer)

    @settings(max_examples=10, deadline=None)
    @given(cases())
    def agrees(case):
        expect_close(unharmed(function, case), case.rate, rtol=SHARE_RTOL)

    agrees()


@right_answers("dead_by_layer")
def test_right_shares_agree_with_the_reference(answer):
    function = function_of(answer)

    @settings(max_examples=10, deadline=None)
    @given(cases())
    def agrees(case):
        expect_layers(unharmed(function, case), case.shares)

    agrees()


class Leaky:
    """A right answer with a slope of our choice."""

    def __init__(self, slope):
        self.slope = slope

    def __call__(self, model):
        return with_activation(model, lambda: nn.LeakyReLU(self.slope))


@pytest.mark.parametrize("slope", [0.001, 0.01, 0.1, 1 / 3, 0.5, 0.9])
def test_every_slope_the_task_allows_gets_full_marks(slope):
    assert failed_checks(Leaky(slope)) == {}


@pytest.mark.parametrize("slope", [0.0, 0.00099, 0.91, 1.0, -0.01])
def test_no_slope_outside_what_the_task_allows_passes(slope):
    assert "left of 0 a slope from 0.001 to 0.9" in failed_checks(Leaky(slope))


def failed_checks(function):
    checks = Checks("revive", points=1)
    with checks("visible"):
        pass
    check_revive(checks, function, needs=["visible"])
    return {check.name: check.message for check in checks.score().checks if not check.passed}


# What the checks of revive see


def test_slopes_are_those_of_the_activation():
    z = torch.tensor([-300.0, -4.0, -0.5])
    expected = torch.where(z < -10, torch.zeros(3), torch.exp(z))
    slopes = Cure(lambda model: with_activation(model, nn.ELU)).slopes(z)
    assert torch.allclose(slopes, expected, rtol=0.02, atol=1e-6)


def test_gradients_are_those_of_autograd():
    for make in (lambda: nn.LeakyReLU(0.03), lambda: nn.PReLU(), lambda: nn.ELU(), lambda: nn.SiLU()):
        function = lambda model, make=make: with_activation(model, make)  # noqa: E731
        expect_gradients_of_one_layer(function, Cure(function))


class Doubled(torch.autograd.Function):
    """A leak whose backward pass says twice the slope."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return torch.where(z > 0, z, 0.1 * z)

    @staticmethod
    def backward(ctx, gradient):
        (z,) = ctx.saved_tensors
        return torch.where(z > 0, gradient, 0.2 * gradient)


class DoubledModule(nn.Module):
    def forward(self, z):
        return Doubled.apply(z)


def test_a_gradient_that_does_not_follow_from_the_values_is_seen():
    assert set(failed_checks(lambda model: with_activation(model, DoubledModule))) == {
        "gradients follow from slope and weights"
    }


def test_outputs_of_other_weights_are_seen():
    def moved(model):
        network = Leaky(0.01)(model)
        with torch.no_grad():
            next(network.parameters())[0] += 0.01
        return network

    with pytest.raises(AssertionError, match="outputs differ"):
        expect_outputs(moved, Cure(Leaky(0.01)), networks_by_name.nested())


def test_the_message_on_slopes_says_where():
    with pytest.raises(AssertionError, match=r"-20 the slope is 0; it must be from 0\.001 to 0\.9"):
        expect_slopes(Cure(lambda model: with_activation(model, nn.ELU)), torch.tensor([-0.5, -0.6, -20.0, -21.0]))


class FlatBetween(nn.Module):
    """A leak of 0.1 that is flat from `near` to `far` left of 0."""

    def __init__(self, near, far):
        super().__init__()
        self.near, self.far = near, far

    def forward(self, z):
        below = (-z).clamp(min=0)
        return z.clamp(min=0) - 0.1 * (below.clamp(max=self.near) + (below - self.far).clamp(min=0))


@pytest.mark.parametrize(
    ("near", "far"), [(0.0, 0.002), (0.0, 0.4), (0.3, 0.32), (5.0, 12.0), (310.0, 340.0), (900, 999)]
)
def test_a_flat_part_is_seen_wherever_it_lies(near, far):
    failed = failed_checks(lambda model: with_activation(model, lambda: FlatBetween(near, far)))
    check = "a slope far left too" if near > 4 else "left of 0 a slope from 0.001 to 0.9"
    assert "the slope is 0;" in failed[check]


class SmoothBend(nn.Module):
    """Steeper than 0.9 close to 0, and computed from parts that are larger than it is."""

    def forward(self, z):
        below = z.clamp(max=0)
        return 0.505 * z + 0.495 * z.abs() + torch.expm1(3 * below) / 3.1


def test_a_smooth_bend_and_large_parts_are_no_mistake():
    assert failed_checks(lambda model: with_activation(model, SmoothBend)) == {}


class SteppedGradient(torch.autograd.Function):
    """The values of a leak, with `wrong` as its gradient beyond `start`."""

    @staticmethod
    def forward(ctx, z, start, wrong):
        ctx.save_for_backward(z)
        ctx.start, ctx.wrong = start, wrong
        return torch.where(z > 0, z, 0.1 * z)

    @staticmethod
    def backward(ctx, gradient):
        (z,) = ctx.saved_tensors
        slope = torch.where(z > 0, 1.0, 0.1)
        beyond = z > ctx.start if ctx.start > 0 else z < ctx.start
        return gradient * torch.where(beyond, ctx.wrong, slope), None, None


@pytest.mark.parametrize("wrong", [0.0, 0.5, float("nan"), float("inf")])
@pytest.mark.parametrize("start", [-700.0, -8.0, 8.0, 700.0])
def test_a_gradient_of_other_values_is_seen_wherever_it_is(start, wrong):
    class Stepped(nn.Module):
        def forward(self, z):
            return SteppedGradient.apply(z, start, wrong)

    failed = failed_checks(lambda model: with_activation(model, Stepped))
    assert "backpropagation takes a slope of" in failed["gradients follow from slope and weights"]


def test_nan_is_no_gradient():
    class RootBehindWhere(nn.Module):
        def forward(self, z):
            return torch.where(z > 0, z, 0.9 - 0.1 * z - (1 - z).sqrt())

    revived = with_activation(GIVEN["example_network"](), RootBehindWhere)
    with pytest.raises(AssertionError, match="NaN or infinity in place of a gradient"):
        dead_neurons_checks.expect_gradient_in_every_unit(revived, 9 * GIVEN["EXAMPLE_X"], ["2.bias"])


@pytest.mark.parametrize("value", [0.5, None, "0.5", {0: 0.5}])
def test_what_is_no_list_of_shares_is_named(value):
    with pytest.raises(
        AssertionError, match=r"Expected a list of numbers, one for each ReLU layer, got (None|a value of type)"
    ):
        expect_layers(value, [0.5])


# What the helpers beside the student's code see


def network():
    """A small one, with a gradient for every layer on any positive input: no unit is dead."""
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU())
    model[1].bias.data.fill_(1.0)  # the mean of what goes into the ReLU
    return model


def registers_for_all_modules(model):
    handles.append(nn.modules.module.register_module_forward_hook(lambda *args: None))


handles = []


def test_a_hook_on_all_modules_is_seen():
    try:
        with pytest.raises(AssertionError, match="behind on every module of torch"):
            dead_neurons_checks.expect_hooks_unchanged(registers_for_all_modules, network())
    finally:
        for handle in handles:
            handle.remove()


@pytest.mark.parametrize(
    ("leave", "message"),
    [
        (lambda m: m[2].register_forward_hook(print), "behind on layer 2"),
        (lambda m: m[2].register_forward_pre_hook(print), "behind on layer 2"),
        (lambda m: m[2].register_full_backward_hook(print), "behind on layer 2"),
        (lambda m: setattr(m[0], "forward", m[2].forward), "behind on layer 0"),
        (lambda m: m.register_forward_hook(print), "behind on the network itself"),
        (lambda m: m[1]._forward_hooks.clear(), "did not register from layer 1"),
    ],
)
def test_hooks_left_and_lost_are_named(leave, message):
    with pytest.raises(AssertionError, match=message):
        dead_neurons_checks.expect_hooks_unchanged(leave, network())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m(torch.ones(4, 2)), "changes 1.running_mean"),
        (lambda m: m[0].weight.data.add_(1.0), "changes 0.weight"),
        (lambda m: m[0].double(), "changes 0.weight"),
        (lambda m: m.__setitem__(2, nn.LeakyReLU()), "other layers"),
    ],
)
def test_changed_layers_weights_and_buffers_are_named(change, message):
    with pytest.raises(AssertionError, match=message):
        dead_neurons_checks.expect_state_unchanged(change, network())


def test_a_mode_of_one_module_is_named():
    with pytest.raises(AssertionError, match="layer 1 is in eval mode; before it was in train mode"):
        dead_neurons_checks.expect_modes_unchanged(lambda m: m[1].eval(), network())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.zero_grad(), "stored in 0.weight"),
        (lambda m: m(torch.ones(4, 2)).sum().backward(), "stored in"),
        (lambda m: m[0].requires_grad_(False), "requires_grad of 0.weight"),
        (lambda m: torch.set_grad_enabled(False), "switches gradients off"),
    ],
)
def test_changed_gradients_are_named(change, message):
    with pytest.raises(AssertionError, match=message):
        dead_neurons_checks.expect_gradients_unchanged(change, network())
    assert torch.is_grad_enabled()


def test_gradients_are_found_where_a_student_switched_them_off():
    with torch.no_grad():
        found = networks.output_and_gradients(network(), torch.ones(4, 2))
    assert found["gradients"]["0.weight"] is not None


def test_a_unit_without_gradient_is_named():
    with pytest.raises(AssertionError, match=r"1 of 4 units of 0\.bias get no gradient"):
        dead_neurons_checks.expect_gradient_in_every_unit(GIVEN["example_network"](), GIVEN["EXAMPLE_X"], ["0.bias"])


def test_a_layer_without_gradient_is_named():
    detached = nn.Sequential(nn.Linear(2, 2), nn.Flatten())
    detached[1].forward = torch.Tensor.detach
    with pytest.raises(AssertionError, match=r"No gradient reaches 0\.bias at all"):
        dead_neurons_checks.expect_gradient_in_every_unit(detached, torch.ones(1, 2), ["0.bias"])
    with pytest.raises(AssertionError, match=r"no parameter called 7\.bias"):
        dead_neurons_checks.expect_gradient_in_every_unit(detached, torch.ones(1, 2), ["7.bias"])


def test_missing_and_different_weights_are_named():
    other = network()
    with pytest.raises(AssertionError, match=r"0\.weight is missing"):
        dead_neurons_checks.expect_same_weights(other[0], network())
    with pytest.raises(AssertionError, match=r"0\.weight is missing or not the same"):
        dead_neurons_checks.expect_same_weights(other, with_weight(other, 1.0))


def with_weight(model, value):
    model = copy.deepcopy(model)
    nn.init.constant_(model[0].weight, value)
    return model


def test_weights_that_two_networks_share_are_named():
    with pytest.raises(AssertionError, match=r"share 0\.weight"):
        dead_neurons_checks.expect_weights_of_its_own(lambda model: nn.Sequential(*model), network())
    dead_neurons_checks.expect_weights_of_its_own(copy.deepcopy, network())


@pytest.mark.parametrize("value", [None, 3.0, [nn.ReLU()], torch.relu])
def test_what_is_no_network_is_named(value):
    with pytest.raises(AssertionError, match=r"Expected a network \(nn.Module\), got (None|a value of type)"):
        dead_neurons_checks.expect_same_weights(value, network())


# What the text tells the grader


@pytest.fixture
def one_thread():
    """Torch on one thread: on a busy machine its threads wait for each other far longer than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(rate):
    X, y = GIVEN["training_data"]()
    model = GIVEN["fresh_network"]()
    before = [count.dead / count.units for count in count_dead_units(model, X)]
    GIVEN["train"](model, X, y, rate)
    return before, [count.dead / count.units for count in count_dead_units(model, X)], model


@pytest.mark.usefixtures("one_thread")
def test_the_numbers_of_the_mark_scheme_come_from_a_run():
    X, y = GIVEN["training_data"]()
    assert trained(0.05)[:2] == (pytest.approx([0.09, 0.12], abs=0.01), pytest.approx([0.09, 0.12], abs=0.01))
    before, after, model = trained(0.5)
    assert (before, after) == (pytest.approx([0.09, 0.12], abs=0.01), pytest.approx([0.09, 0.91], abs=0.01))
    revived = Leaky(0.01)(model)
    assert GIVEN["train"](model, X, y, 0.05)[1] == pytest.approx(0.37, abs=0.01)
    assert GIVEN["train"](revived, X, y, 0.05)[1] == pytest.approx(0.03, abs=0.01)
    _, after, model = trained(0.7)
    assert after[1] == 1
    assert GIVEN["train"](Leaky(0.01)(model), X, y, 0.05)[1] == pytest.approx(0.47, abs=0.01)


@pytest.mark.parametrize("exercise", ["dead_neuron_rate", "dead_by_layer", "revive"])
def test_what_only_the_students_process_can_say_earns_a_fifth_at_most(exercise):
    """Whoever digs can forge what a call left behind; outputs and counts on unseen networks cannot be made up."""
    points = {
        check.name: check.max_points for check in grade(ASSIGNMENT, {}, only={f"test_{exercise}"}).popitem()[1].checks
    }
    traces = [
        name
        for name in points
        if re.search("left behind|as they were|in its mode|hooks alone|as it was|^weights of its own", name)
    ]
    assert len(traces) >= 3
    assert sum(points[name] for name in traces) <= sum(points.values()) / 5

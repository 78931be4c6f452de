"""Checks of functions that count dead units, on networks whose dead units are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograder.hidden_checks.dead_neurons.cases import (
    Case,
    all_dead,
    convolution,
    double_precision,
    in_place,
    nested,
    no_relu,
    none_dead,
    one_row,
    other_activations,
    overwritten,
    own_class,
    random_network,
    sequences,
    shared_relu,
    single_row,
    tiny_outputs,
    train_and_eval,
    transposed_batch,
    unequal_widths,
)
from course.checks import Checks, expect_close
from course.checks.dead_neurons import (
    expect_gradients_unchanged,
    expect_hooks_unchanged,
    expect_modes_unchanged,
    expect_state_unchanged,
)
from course.checks.layers import expect_by_layer, expect_list_of_floats
from course.checks.messages import described
from course.checks.results import result_with_network

SHARE_RTOL = 1e-6
"""Relative tolerance of shares: they are ratios of small integers, and float32 holds those to 6e-8."""

RIGHT = ("right for one ReLU layer", "right for a nested network")
"""One of these two must pass before any other check of the counting functions counts."""


def check_dead_neuron_rate(checks: Checks, function: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check `dead_neuron_rate(model, X)`: one share for the whole network.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    function : Callable[..., Any]
        The student's function.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """

    def expect_rate(case: Case) -> None:
        try:
            expect_close(result_with_network(function, case.network, case.X), case.rate, rtol=SHARE_RTOL)
        except AssertionError as error:
            found = f"{sum(case.dead)} of {sum(case.units)} units in {len(case.units)} ReLU layers are dead"
            raise AssertionError(f"{found}: {error}") from None

    _check_counts(checks, function, expect_rate, needs)
    with checks("gives a float", needs=RIGHT):
        value = result_with_network(function, nested().network, nested().X)
        if not isinstance(value, float):
            raise AssertionError(f"Expected a float, got {described(value)}.")


def check_dead_by_layer(checks: Checks, function: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check `dead_by_layer(model, X)`: a share for each ReLU layer, in running order.

    Parameters are those of `check_dead_neuron_rate`.
    """

    def expect_shares(case: Case) -> None:
        expect_layers(result_with_network(function, case.network, case.X), case.shares)

    _check_counts(checks, function, expect_shares, needs)
    with checks("gives a list of floats", needs=RIGHT):
        expect_list_of_floats(result_with_network(function, nested().network, nested().X))


def expect_layers(actual: Any, expected: Sequence[float]) -> None:
    """Expect one share for each ReLU layer, in order; the message names the first layer that is wrong."""
    expect_by_layer(actual, expected, layer="ReLU layer", rtol=SHARE_RTOL)


def _check_counts(
    checks: Checks,
    function: Callable[..., Any],
    expect: Callable[[Case], None],
    needs: Sequence[str],
) -> None:
    """Add the checks that both counting functions share.

    A constant and a table of the visible answers earn nothing: all need one of the first two, of unseen networks.
    """
    with checks(RIGHT[0], needs=needs):
        for seed in range(31, 35):
            expect(random_network(seed, layers=1))
    with checks(RIGHT[1], needs=needs):
        expect(nested())
    for name, cases in _groups().items():
        with checks(name, needs=RIGHT):
            for case in cases:
                expect(case)
    _check_side_effects(checks, function)


def _groups() -> dict[str, list[Case]]:
    """Return networks by the name of the check that counts their dead units."""
    return {
        "right on random networks": [random_network(20 + layers, layers) for layers in (2, 3, 4)],
        "layers of different width": [unequal_widths()],
        "no unit dead, and every unit dead": [none_dead(), all_dead()],
        "no ReLU at all": [no_relu()],
        "one row out of 300 makes a unit alive": [one_row()],
        "a tiny output is not 0": [tiny_outputs()],
        "a channel of Conv2d is one unit": [convolution()],
        "a channel of Conv1d is one unit": [sequences()],
        "a ReLU module used twice is two layers": [shared_relu()],
        "other activations do not count": [other_activations()],
        "ReLU(inplace=True)": [in_place()],
        "the next layer writes over what a ReLU gave": [overwritten()],
        "a network with a class of its own": [own_class()],
        "a single row": [single_row()],
        "a float64 network stays float64": [double_precision()],
        "rows that do not lie one after another in memory": [transposed_batch()],
        "measured in eval mode": [train_and_eval()],
    }


def _check_side_effects(checks: Checks, function: Callable[..., Any]) -> None:
    """Check that counting leaves the network as it was: weights, modes, gradients, hooks."""
    plain, mixed = nested(), train_and_eval()
    with checks("leaves weights and buffers as they were", needs=RIGHT):
        expect_state_unchanged(function, mixed.network, mixed.X)
    with checks("leaves every module in its mode", needs=RIGHT):
        expect_modes_unchanged(function, mixed.network, mixed.X)
        expect_modes_unchanged(function, plain.network.eval(), plain.X)
    with checks("leaves gradients as they were", needs=RIGHT):
        expect_gradients_unchanged(function, mixed.network, mixed.X)
    with checks("leaves other people's hooks alone", needs=RIGHT):
        expect_hooks_unchanged(function, plain.network, plain.X)

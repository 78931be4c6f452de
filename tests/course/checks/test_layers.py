"""What counts as a list with one number for each layer."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from course.checks.layers import expect_by_layer, expect_list_of_floats


@pytest.mark.parametrize("value", [[0.5, 0], (0.5, 0.0), np.array([[0.5], [0.0]]), torch.tensor([0.5, 0.0])])
def test_one_number_for_each_layer_is_right_in_any_kind_of_list(value):
    expect_by_layer(value, [0.5, 0.0], layer="unit", rtol=1e-6)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.5, "Expected a list of numbers, one for each unit, got a value of type float."),
        ([0.5], "Expected 2 numbers, one for each unit, got 1."),
        ([[0.5, 0.0]], "Expected a list of numbers; at least one entry is no single number."),
        ([0.5, "0"], "Expected a list of numbers; at least one entry is no single number."),
        ([0.5, float("nan")], "Layer 2 of 2: got nan, expected 0. Slip 2."),
        ([0.6, 1.0], "Layer 1 of 2: got 0.6, expected 0.5. Slip 2."),
        ([0.5 + 1e-6, 0.0], "Layer 1 of 2: got 0.500001, expected 0.5. Slip 2."),
    ],
)
def test_the_first_wrong_layer_is_named_and_a_slip_after_it(value, message):
    with pytest.raises(AssertionError, match=f"^{re.escape(message)}$"):
        expect_by_layer(value, [0.5, 0.0], layer="unit", rtol=1e-6, hint=lambda got, wanted: f" Slip {len(got)}.")


@pytest.mark.parametrize("value", [np.float64(2.0), 2.0])
def test_a_float_of_numpy_is_a_float(value):
    expect_list_of_floats([value, 1.0])


@pytest.mark.parametrize("value", [(1.0,), [1], [torch.tensor(1.0)], np.array([1.0]), [np.float32(1)], None])
def test_other_entries_and_containers_are_not(value):
    with pytest.raises(AssertionError, match=r"got (None|a value of type)"):
        expect_list_of_floats(value)

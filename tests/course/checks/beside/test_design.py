"""Values and slopes of an activation, as they are read beside the student's code."""

from __future__ import annotations

import pytest
import torch

from course.checks.beside.design import value_and_slope


def test_values_and_slopes_are_torchs():
    x = torch.linspace(-2, 2, 5, dtype=torch.float64)
    values, slopes = value_and_slope(torch.tanh, x)
    assert torch.equal(values, x.tanh())
    torch.testing.assert_close(slopes, 1 - x.tanh() ** 2)


def test_a_tensor_changed_in_place_is_told_in_a_line():
    def clamps(x):
        y = torch.nn.functional.silu(x)
        with torch.no_grad():
            x.clamp_(-1.0, 1.0)
        return y

    with pytest.raises(RuntimeError, match=r"changed in place meanwhile; work on a copy\.$"):
        value_and_slope(clamps, torch.linspace(-2, 2, 5))

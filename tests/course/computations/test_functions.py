"""The table of activation functions: gates and markers that several demos share."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course.computations.functions import ACTIVATIONS, MARKERS, sigmoid_gate


@pytest.mark.parametrize("k", [0.0, 1.0, 1.702, 10.0])
def test_the_sigmoid_gate_is_torch_s_sigmoid_of_kx(k: float) -> None:
    x = np.concatenate([np.linspace(-8, 8, 401), [-1e4, 1e4]])
    leaf = torch.tensor(x, requires_grad=True)
    gate = torch.sigmoid(k * leaf)
    (slope,) = torch.autograd.grad(gate.sum(), leaf)
    with np.errstate(all="raise", under="ignore"):
        value, derivative = sigmoid_gate(x, k)
    np.testing.assert_allclose(value, gate.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(derivative, slope.numpy(), atol=1e-12)


def test_functions_that_stand_in_one_figure_differ_in_colour_and_marker() -> None:
    assert set(MARKERS) <= set(ACTIVATIONS)
    assert len({ACTIVATIONS[name].colour for name in MARKERS}) == len(MARKERS)
    assert len(set(MARKERS.values())) == len(MARKERS)
    smooth = ("relu", "gelu", "silu", "mish")
    assert len({ACTIVATIONS[name].colour for name in smooth}) == len(smooth)

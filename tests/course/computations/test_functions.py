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


def test_markers_tell_apart_what_has_the_same_colour() -> None:
    assert set(MARKERS) <= set(ACTIVATIONS)
    looks = {(ACTIVATIONS[name].colour, MARKERS[name]) for name in MARKERS}
    assert len(looks) == len(MARKERS)
    assert ACTIVATIONS["tanh"].colour == ACTIVATIONS["gelu"].colour

"""Gated linear units against torch's GLU and the references."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder.reference import numpy_reference
from course.demos.glu import SIGNAL, VARIANTS, Glu, T, gated


def test_glu_is_torchs() -> None:
    found = gated("GLU", 0.7, 1.1)
    both = torch.from_numpy(np.concatenate([SIGNAL, found.b]))
    np.testing.assert_allclose(found.product, F.glu(both, dim=0).numpy(), rtol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
def test_lines_are_signal_times_reference(variant: str) -> None:
    demo = Glu()
    demo.set(variant=variant, shift=-0.5, steepness=1.2)
    b = 1.2 * (T - 5.0) - 0.5
    gate = b if variant == "bilinear" else getattr(numpy_reference, VARIANTS[variant])(b)
    np.testing.assert_allclose(demo.before.get_ydata(), b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(demo.opening.get_ydata(), gate, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(demo.product.get_ydata(), SIGNAL * gate, rtol=1e-9, atol=1e-12)
    assert variant in demo.readout


def test_what_the_lesson_asks() -> None:
    """Which gates can amplify, and which can change the sign?"""
    ends = {name: gated(name, 0.0, 1.4).opening for name in VARIANTS}
    assert {name for name, gate in ends.items() if gate.max() > 1} == {"ReGLU", "GEGLU", "SwiGLU", "bilinear"}
    assert {name for name, gate in ends.items() if gate.min() < -1e-9} == {"GEGLU", "SwiGLU", "bilinear"}

"""The bump: three ReLU terms against the triangle they should add up to."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course.demos.relu_bump import REACH, ReluBump, terms
from course.widgets.markup import typeset


@pytest.mark.parametrize(("centre", "width", "height"), [(0.0, 1.0, 1.0), (-1.5, 0.1, -1.5), (1.2, 1.5, 0.7)])
def test_the_terms_add_up_to_a_triangle(centre: float, width: float, height: float) -> None:
    x = np.linspace(-REACH, REACH, 2001)
    triangle = height * np.maximum(0, 1 - np.abs(x - centre) / width)
    np.testing.assert_allclose(terms(x, centre, width, height).sum(axis=0), triangle, atol=1e-12)

    demo = ReluBump()
    demo.set(centre=centre, width=width, height=height)
    assert demo.error == ""
    np.testing.assert_allclose(np.interp(x, *demo.sum.get_data()), triangle, atol=1e-12)
    for line, term in zip(demo.parts, terms(x, centre, width, height), strict=True):
        np.testing.assert_allclose(np.interp(x, *line.get_data()), term, atol=1e-9)
    assert typeset(f"slopes of the sum from left to right: 0, {height / width:.3g}") in demo.readout
    assert not re.search(r"[−+-] ?\(?[−-]", demo.readout), "two signs in a row"

"""Softmax, sigmoids and entropy in the picture against the references."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reference import numpy_reference
from course.demos.softmax_sliders import START, TEMPERATURES, SoftmaxSliders, entropy


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"A": -5.0, "B": 5.0, "C": 5.0, "D": -5.0, "temperature": 0.1},
        {"A": 0.0, "B": 0.0, "C": 0.0, "D": 0.0, "temperature": 3.0},
        {"A": -1.5, "B": 0.3, "temperature": 10.0},
    ],
)
def test_every_artist_follows(values: dict[str, float]) -> None:
    demo = SoftmaxSliders()
    demo.set(**values)
    assert demo.error == ""
    temperature = values.get("temperature", 1.0)
    z = np.array([values.get(name, start) for name, start in START.items()])
    softmax = numpy_reference.softmax(z, temperature=temperature)
    sigmoid = numpy_reference.sigmoid(z / temperature)
    for bar, heights in zip(demo.bars, (softmax, sigmoid), strict=True):
        np.testing.assert_allclose(bar.get_ydata()[1::3], heights, rtol=1e-9)
        assert (bar.get_ydata()[::3] == 0).all()
        np.testing.assert_allclose(bar.get_xdata()[::3], range(4), atol=0.3)
    for name, line in enumerate(demo.shares):
        at_each = [numpy_reference.softmax(z, temperature=float(t))[name] for t in TEMPERATURES]
        np.testing.assert_allclose(line.get_ydata(), at_each, rtol=1e-9, atol=1e-15)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = -np.where(softmax > 0, softmax * np.log2(softmax), 0.0).sum()
    np.testing.assert_allclose(demo.points[0].get_ydata(), softmax, rtol=1e-9)
    assert demo.points[1].get_ydata()[0] == pytest.approx(bits, abs=1e-12)
    assert all(list(cursor.get_xdata()) == [temperature] * 2 for cursor in demo.cursors)
    assert f"entropy of softmax {bits:.3f}" in demo.readout
    for p, s in zip(softmax, sigmoid, strict=True):
        assert f"{p:.4f}{s:>15.4f}" in demo.readout


def test_entropy_has_its_limits() -> None:
    rows = np.array([[1.0, 0.0, 0.0, 0.0], [0.25] * 4, [0.5, 0.5, 0.0, 0.0]])
    np.testing.assert_allclose(entropy(rows), [0.0, 2.0, 1.0])


def test_what_the_lesson_asks() -> None:
    """One logit moves all of softmax and one sigmoid; equal logits move the sigmoids alone."""
    demo = SoftmaxSliders()
    softmax, sigmoid = demo.softmax, demo.sigmoid
    demo.set(D=2.0)
    assert (demo.softmax != softmax).all()
    np.testing.assert_array_equal(demo.sigmoid != sigmoid, [False, False, False, True])
    demo.set(A=5.0, B=5.0, C=5.0, D=5.0)
    np.testing.assert_allclose(demo.softmax, 0.25)
    assert demo.sigmoid.sum() > 3.9

"""The neuron demo against torch's own layer and the reference activations."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.reference import numpy_reference
from course.demos.one_neuron import HEIGHTS, OneNeuron, X
from course.widgets.markup import typeset


@pytest.mark.parametrize("activation", HEIGHTS)
@pytest.mark.parametrize(
    ("weight", "bias", "x"), [(1.5, -1.0, 2.0), (-2.0, 2.0, -3.0), (0.05, -0.3, 0.0), (0.0, 0.5, 1.0)]
)
def test_every_artist_follows(activation: str, weight: float, bias: float, x: float) -> None:
    demo = OneNeuron()
    demo.set(activation=activation, weight=weight, bias=bias, x=x)
    assert demo.error == ""
    layer = torch.nn.Linear(1, 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.fill_(weight)
        layer.bias.fill_(bias)
        z = layer(torch.tensor(np.append(X, x))[:, None])[:, 0].numpy()
    output = getattr(numpy_reference, activation)(z)
    np.testing.assert_allclose(demo.line.get_data(), [X, z[:-1]], atol=1e-12)
    np.testing.assert_allclose(demo.output.get_data(), [X, output[:-1]], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(np.ravel(demo.point.get_data()), [x, output[-1]], rtol=1e-12, atol=1e-12)
    assert list(demo.cursor.get_xdata()) == [x, x]
    assert typeset(f"= {z[-1] + 0.0:.4f}") in demo.readout
    assert typeset(f"(z) = {output[-1] + 0.0:.4f}") in demo.readout


@pytest.mark.parametrize(("weight", "bias", "side"), [(1.5, -1.0, "right"), (-2.0, 1.0, "left"), (0.1, 2.0, "right")])
def test_the_diamond_is_where_the_sign_changes(weight: float, bias: float, side: str) -> None:
    demo = OneNeuron()
    demo.set(weight=weight, bias=bias)
    (crossing,), (height,) = demo.zero.get_data()
    assert height == 0
    assert weight * crossing + bias == pytest.approx(0.0, abs=1e-12)
    step = 0.1 if side == "right" else -0.1
    assert weight * (crossing + step) + bias > 0
    assert f"positive to the {side}" in demo.readout
    assert ("outside of the picture" in demo.alt_text) == (abs(crossing) > 3)


def test_without_weight_there_is_no_diamond_and_a_level_output() -> None:
    demo = OneNeuron()
    demo.set(weight=0.0, bias=1.0)
    assert len(demo.zero.get_xdata()) == 0
    assert set(demo.output.get_ydata()) == {1.0}
    assert "makes no difference" in demo.readout
    demo.set(weight=1.0)
    assert len(demo.zero.get_xdata()) == 1


def test_legend_colours_and_axis_follow_the_activation() -> None:
    demo = OneNeuron()
    for activation, limits in HEIGHTS.items():
        demo.set(activation=activation)
        handle, text = demo.legend.get_lines()[1], demo.legend.get_texts()[1].get_text()
        assert (handle.get_color(), handle.get_linestyle()) == (demo.output.get_color(), demo.output.get_linestyle())
        assert text.startswith("output ")
        assert demo.axes.get_ylim() == limits
        assert text.removeprefix("output ") in demo.alt_text

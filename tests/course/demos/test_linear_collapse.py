"""The collapse demo against stock linear layers in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course.demos.linear_collapse import BOUNDS, DEEPEST, LinearCollapse, bend, layers, merged, net, rounding, stack


def in_torch(depth: int, activation: nn.Module | None) -> np.ndarray:
    """The net after `depth` stock layers, with `activation` between them."""
    modules: list[nn.Module] = []
    for weight, bias in zip(*layers(), strict=True):
        layer = nn.Linear(2, 2, dtype=torch.float64)
        layer.weight.data, layer.bias.data = torch.tensor(weight), torch.tensor(bias)
        modules += [layer, activation or nn.Identity()]
    with torch.no_grad():
        return nn.Sequential(*modules[: 2 * depth - 1])(torch.tensor(net())).numpy()


@pytest.mark.parametrize("depth", [1, 2, 7, DEEPEST])
def test_the_stack_is_that_of_torch(depth: int) -> None:
    for name, share, activation in (
        ("tanh", 1.0, nn.Tanh()),
        ("leaky_relu", 1.0, nn.LeakyReLU()),
        ("tanh", 0.0, None),
    ):
        np.testing.assert_allclose(stack(net(), depth, name, share)[-1], in_torch(depth, activation), atol=1e-12)
    weight, bias = merged(depth)
    np.testing.assert_allclose(net() @ weight.T + bias, in_torch(depth, None), atol=1e-12)


def test_without_activation_the_distance_is_rounding_at_every_depth() -> None:
    """What is drawn is a bound: three to four times what the processors tried here come to."""
    assert rounding(DEEPEST, np.float64).max() < BOUNDS["float64"] < 1e-14
    assert rounding(DEEPEST, np.float32).max() < BOUNDS["float32"] < 1e-5
    assert bend(stack(net(), DEEPEST, "tanh", 0.0)).max() < BOUNDS["float64"]
    assert bend(stack(net(), DEEPEST, "tanh", 0.02))[1:].min() > 1e-4


def test_the_distance_is_that_of_a_least_squares_fit() -> None:
    outputs = stack(net(), 6, "tanh", 1.0)
    design = np.column_stack([net(), np.ones(len(net()))])
    for output, distance in zip(outputs, bend(outputs), strict=True):
        _, rest, *_ = np.linalg.lstsq(design, output, rcond=None)
        spread = ((output - output.mean(axis=0)) ** 2).sum()
        assert distance == pytest.approx(np.sqrt(rest.sum() / spread), abs=1e-9)


@pytest.mark.parametrize(("depth", "share"), [(1, 0.5), (5, 0.0), (9, 1.0), (DEEPEST, 0.3)])
def test_every_artist_follows(depth: int, share: float) -> None:
    demo = LinearCollapse()
    demo.set(depth=depth, share=share, activation="leaky_relu")
    assert demo.error == ""
    drawn = np.column_stack(demo.lines.get_data())
    image = stack(net(), depth, "leaky_relu", share)[-1]
    centred = image - image.mean(axis=0)
    np.testing.assert_allclose(drawn[~np.isnan(drawn[:, 0])], centred / np.abs(centred).max(), atol=1e-12)
    assert list(demo.here.get_xdata()) == [depth]
    assert demo.here.get_ydata()[0] == demo.bends.get_ydata()[depth - 1]
    if share == 0.0:
        corners = np.column_stack(demo.corners.get_data())[:4]
        assert set(demo.bends.get_ydata()) == {BOUNDS["float64"]}  # not the processor's own rounding
        ends = [drawn[np.nanargmin(np.hypot(*(drawn - corner).T))] for corner in corners]
        np.testing.assert_allclose(corners, ends, atol=1e-9)  # the net fills the parallelogram
        assert "straight and even" in demo.alt_text

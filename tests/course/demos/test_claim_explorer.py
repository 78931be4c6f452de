"""The claim explorer: what is drawn as measured is what the references and torch give, what is claimed as printed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from autograder.reference import numpy_reference
from course.demos.claim_explorer import DEPTH, LOGITS, POWERS, PRINTED, SEARCHED, VIEWS, ClaimExplorer, gradients


@pytest.fixture
def demo() -> ClaimExplorer:
    return ClaimExplorer()


def drawn(demo: ClaimExplorer, view: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Data of the visible curves of a view."""
    demo.set(view=view)
    assert demo.error == ""
    return [line.get_data() for line in demo.curves if len(line.get_xdata())]


def test_the_smallest_value_is_that_of_the_reference(demo: ClaimExplorer) -> None:
    for name, (reach, value) in zip(SEARCHED, drawn(demo, "range"), strict=True):
        reference = getattr(numpy_reference, name)
        for r, low in zip(reach[::25], value[::25], strict=True):
            assert low == pytest.approx(reference(np.linspace(-r, 0, 20_001)).min(), abs=2e-6)


def test_the_slopes_of_elu_are_those_of_the_reference(demo: ClaimExplorer) -> None:
    for side, (alpha, slope) in zip((-1e-9, 1e-9), drawn(demo, "elu"), strict=True):
        wanted = [numpy_reference.elu_derivative(np.array([side]), alpha=a)[0] for a in alpha]
        np.testing.assert_allclose(slope, wanted, atol=1e-8)


def test_the_probabilities_are_those_of_the_reference_and_the_crosses_as_printed(demo: ClaimExplorer) -> None:
    curves = drawn(demo, "temperature")
    for column, T in enumerate(curves[0][0]):
        wanted = numpy_reference.softmax(np.array(LOGITS), temperature=T)
        np.testing.assert_allclose([value[column] for _, value in curves], wanted, rtol=1e-12)
    for index, crosses in enumerate(demo.printed):
        assert dict(zip(*crosses.get_data(), strict=True)) == {T: row[index] for T, row in PRINTED.items()}


def test_the_powers_and_the_two_printed_ones(demo: ClaimExplorer) -> None:
    ((n, value),) = drawn(demo, "power")
    np.testing.assert_allclose(value, np.exp2(-2 * n))
    assert dict(zip(*demo.printed[0].get_data(), strict=True)) == POWERS
    assert demo.axes.get_yscale() == "log"


def test_the_gradients_shrink_as_in_stock_modules(demo: ClaimExplorer) -> None:
    """The factors per layer are √(1/6), √(1/2) and 1; a plain nn.Sequential loses as much as the drawn curve."""
    for (back, value), square in zip(drawn(demo, "relu"), (1 / 6, 1 / 2, 1), strict=True):
        assert value[0] == 1.0
        assert (value[-1] / value[0]) ** (1 / back[-1]) == pytest.approx(square**0.5, rel=0.05)
    torch.manual_seed(0)
    layers = [layer for _ in range(DEPTH) for layer in (nn.Linear(64, 64), nn.ReLU())]
    model, seen = nn.Sequential(*layers, nn.Linear(64, 10)), []
    for layer in model[:-1:2]:
        layer.register_full_backward_hook(lambda module, inputs, outputs: seen.append(outputs[0].norm().item()))
    nn.functional.cross_entropy(model(torch.randn(16, 64, requires_grad=True)), torch.arange(16) % 10).backward()
    assert np.log10(seen[-1] / seen[0]) == pytest.approx(np.log10(gradients("default")[-1]), abs=1.5)


@pytest.mark.parametrize("view", VIEWS)
def test_points_and_cursor_follow_the_slider(demo: ClaimExplorer, view: str) -> None:
    curves = drawn(demo, view)
    slider = demo.controls["x"]
    assert slider.value == VIEWS[view].start
    assert (slider.min, slider.max, slider.step) == VIEWS[view].span
    for share in (0.0, 0.3, 1.0):
        steps = round(share * (slider.max - slider.min) / slider.step)
        slider.value = x = slider.min + steps * slider.step
        assert list(demo.cursor.get_xdata()) == [x, x]
        for point, (places, heights) in zip(demo.points, curves, strict=False):
            assert point.get_data()[0] == [x]
            nearest = int(np.abs(places - x).argmin())
            if np.isclose(places[nearest], x):
                np.testing.assert_allclose(point.get_data()[1], [heights[nearest]], rtol=1e-9)


def test_a_view_leaves_nothing_of_the_one_before(demo: ClaimExplorer) -> None:
    demo.set(view="temperature")
    demo.set(view="power")
    assert [len(line.get_xdata()) > 0 for line in demo.curves] == [True, False, False, False]
    assert [len(line.get_xdata()) > 0 for line in demo.points] == [True, False, False, False]
    assert [len(line.get_xdata()) > 0 for line in demo.printed] == [True, False, False, False]
    assert len(demo.level.get_xdata()) == 0
    (legend,) = demo.canvas.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["0.25ⁿ", "as printed"]


def test_a_place_given_together_with_the_claim_is_kept(demo: ClaimExplorer) -> None:
    demo.set(view="range")
    demo.set(view="power", x=7.0)
    assert demo.controls["x"].value == 7.0
    demo.set(view="elu", x=100.0)
    assert demo.controls["x"].value == VIEWS["elu"].span[1]
    assert demo.error == ""


def test_the_readout_has_the_measured_and_the_claimed_number(demo: ClaimExplorer) -> None:
    demo.set(view="temperature")
    assert "0.8420   claimed 0.87" in demo.readout
    demo.set(view="power")
    assert "9.09·10⁻¹³   claimed 1·10⁻¹³" in demo.readout
    demo.set(view="relu", x=3.0)
    assert demo.readout.count("claimed 1") == 3
    demo.set(view="range")
    assert "−0.2785" in demo.readout
    assert "claimed" not in demo.readout

"""The zigzag demo against plain gradient descent with torch's autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course.demos import zigzag
from course.demos.zigzag import BUDGET, RATES, START, TARGET, TOLERANCE, Zigzag, centred_inputs, descend, steps_needed


def descend_with_autograd(inputs: np.ndarray, rate: float, steps: int) -> np.ndarray:
    weights = torch.tensor(START, requires_grad=True)
    path = [START]
    for x in torch.tensor(inputs[:steps]):
        loss = 0.5 * ((weights - torch.tensor(TARGET)) @ x) ** 2
        (gradient,) = torch.autograd.grad(loss, weights)
        weights = (weights - rate * gradient).detach().requires_grad_()
        path.append(weights.detach().numpy())
    return np.array(path)


@pytest.mark.parametrize("offset", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("rate", [0.05, 0.2, 0.4])
def test_the_drawn_path_is_gradient_descent(offset: float, rate: float) -> None:
    demo = Zigzag()
    demo.set(offset=offset, rate=rate)
    inputs = centred_inputs()[0] + offset
    np.testing.assert_allclose(np.column_stack(demo.inputs.get_data()), inputs)
    drawn = np.column_stack(demo.path.get_data())
    np.testing.assert_allclose(drawn, descend_with_autograd(inputs, rate, len(drawn) - 1), rtol=1e-9)
    assert list(demo.cursor.get_xdata()) == [rate, rate]


def test_all_runs_at_once_agree_with_single_runs() -> None:
    inputs = centred_inputs()[:3] + 1.0
    table = steps_needed(inputs, RATES)
    for order, samples in enumerate(inputs):
        for column, rate in enumerate(RATES):
            path = descend(samples, rate)
            assert table[order, column] == (path.steps if path.reached else np.inf)


def test_the_speed_curve_is_the_median_and_breaks_where_most_runs_fail() -> None:
    demo = Zigzag()
    demo.controls["offset"].value = 2.0
    median = np.quantile(steps_needed(centred_inputs() + 2.0, RATES), 0.5, axis=0, method="nearest")
    drawn = np.asarray(demo.speed.get_ydata())
    np.testing.assert_array_equal(np.isnan(drawn), np.isinf(median))
    np.testing.assert_array_equal(drawn[np.isfinite(median)], median[np.isfinite(median)])
    assert np.isnan(drawn).any()


def test_positive_inputs_move_both_weights_the_same_way() -> None:
    assert descend(centred_inputs()[0] + 1.0, 0.2).same_direction == 1.0
    assert descend(centred_inputs()[0], 0.2).same_direction < 0.8


def test_what_the_lesson_says_about_speed() -> None:
    """At a small rate the offset costs nothing; the best rate and its speed get worse with it."""
    centred, positive, far = (zigzag.speed(offset)[1] for offset in (0.0, 1.0, 2.0))
    small = int(np.argmin(np.abs(RATES - 0.05)))
    assert positive[small] == pytest.approx(centred[small], rel=0.1)
    assert centred.min() < positive.min() < far.min()
    assert np.argmin(centred) > np.argmin(positive) > np.argmin(far)


def test_outcomes_are_told_apart() -> None:
    demo = Zigzag()
    demo.set(offset=1.0, rate=0.3)
    assert f"within {TOLERANCE} of the target" in demo.readout
    demo.set(offset=2.0, rate=1.6)
    assert "diverged" in demo.readout
    assert np.isfinite(demo.path.get_ydata()).all()
    demo.set(offset=0.0, rate=0.02)
    assert f"after {BUDGET} steps" in demo.readout

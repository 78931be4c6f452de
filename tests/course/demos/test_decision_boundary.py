"""The decision-boundary demo: its map, boundary and accuracy against the network itself."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import torch

from course.computations.data import SAMPLES, make_data
from course.demos.decision_boundary import (
    CELLS,
    DATA,
    HIDDEN,
    REACH,
    STEPS,
    DecisionBoundary,
    accuracy,
    boundary_points,
    learn,
    make_classifier,
)


@pytest.mark.parametrize("kind", DATA.values())
def test_data_are_balanced_reproducible_and_in_the_picture(kind: str) -> None:
    points, labels = make_data(kind, 0.05)
    assert points.shape == (SAMPLES, 2)
    assert set(labels[:, 0].tolist()) == {0.0, 1.0}
    assert 0.4 < labels.mean() < 0.6
    assert points.abs().max() < REACH
    assert points.equal(make_data(kind, 0.05)[0])
    assert not points.equal(make_data(kind, 0.05, seed=1)[0])


def test_every_activation_starts_from_the_same_weights() -> None:
    starts = [torch.nn.utils.parameters_to_vector(make_classifier(name, 2).parameters()) for name in HIDDEN.values()]
    assert all(start.equal(starts[0]) for start in starts)


@pytest.mark.parametrize("activation", HIDDEN.values())
def test_map_points_and_words_are_those_of_the_network(activation: str) -> None:
    demo = DecisionBoundary()
    demo.set(data="moons", activation=activation, noise=0.1, seed=3)
    assert demo.error == ""
    centres = (np.arange(CELLS) + 0.5) * 2 * REACH / CELLS - REACH
    shown = np.asarray(demo.map.get_array())
    for row, column in ((0, 0), (10, 30), (CELLS - 1, CELLS - 1)):
        with torch.no_grad():
            logit = demo.network(torch.tensor([[centres[column], centres[row]]]))
        assert shown[row, column] == pytest.approx(torch.sigmoid(logit).item())
    points, labels = make_data("moons", 0.1)
    drawn = {0.0: demo.zeros, 1.0: demo.ones}
    for label, line in drawn.items():
        np.testing.assert_array_equal(np.column_stack(line.get_data()), points[labels[:, 0] == label].numpy())
    assert f"right: {100 * accuracy(demo.network, points, labels):.1f} %" in demo.readout


def test_the_boundary_is_where_the_network_is_undecided() -> None:
    demo = DecisionBoundary()
    demo.set(data="circles", activation="tanh", train=True)
    x, y = demo.boundary.get_data()
    assert len(x) > 40
    with torch.no_grad():
        logits = demo.network(torch.tensor(np.column_stack([x, y])))
    assert logits.abs().median() < 0.3
    across, up = np.meshgrid(*[(np.arange(CELLS) + 0.5) * 2 * REACH / CELLS - REACH] * 2)
    x, y = boundary_points(0.5 + 0.1 * (across + 2 * up - 0.3))
    np.testing.assert_allclose(x + 2 * y, 0.3, atol=1e-12)


def test_without_activation_the_boundary_is_straight_after_training() -> None:
    demo = DecisionBoundary()
    demo.set(data="moons", activation="identity", train=True)
    points = np.column_stack(demo.boundary.get_data())
    centred = points - points.mean(axis=0)
    assert np.linalg.svd(centred, compute_uv=False)[1] < 0.02 * len(points)


def test_training_draws_the_loss_and_reset_clears_it() -> None:
    demo = DecisionBoundary()
    demo.set(data="circles", activation="relu", train=True)
    expected = list(learn(make_classifier("relu", 0), *make_data("circles", 0.05)))
    np.testing.assert_allclose(demo.loss.get_ydata(), expected)
    assert f"step {STEPS}, loss {expected[-1]:.4f}" in demo.readout
    assert "right: 100.0 %" in demo.readout
    demo.controls["noise"].value = 0.2
    assert len(demo.loss.get_ydata()) == 0
    assert "not yet known" in demo.readout


def test_a_stopped_training_starts_again_from_the_first_step() -> None:
    async def stop_and_start() -> DecisionBoundary:
        demo = DecisionBoundary()
        demo.controls["train"].value = True
        while demo.training.done < 10:
            await asyncio.sleep(0.001)
        demo.controls["train"].value = False
        assert 10 <= len(demo.losses) < STEPS
        demo.controls["train"].value = True
        while demo.training.running:
            await asyncio.sleep(0.001)
        return demo

    assert len(asyncio.run(stop_and_start()).losses) == STEPS


def test_what_the_lesson_says() -> None:
    """Without activation circles are a coin toss; with ReLU all four kinds are learned."""
    for kind in DATA.values():
        for activation in ("identity", "relu"):
            network = make_classifier(activation)
            list(learn(network, *make_data(kind, 0.05)))
            right = accuracy(network, *make_data(kind, 0.05, seed=1))
            if activation == "relu":
                assert right > 0.88
            elif kind == "circles":
                assert right < 0.6

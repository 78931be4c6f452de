"""Unfolding: every artist shows what the recorded network makes of the plane."""

from __future__ import annotations

import numpy as np
import pytest

from course.computations.unfolding import EVERY, STEPS, record
from course.demos.unfolding import CELLS, UNITS, Unfolding, cells, cut, net

STATES = (
    {"data": "xor", "start": 3, "step": 50},
    {"data": "circles", "activation": "gelu", "start": 2, "step": STEPS},
    {"data": "moons", "activation": "identity", "start": 0, "step": 0},
)


@pytest.fixture(scope="module")
def demo() -> Unfolding:
    return Unfolding()


@pytest.mark.parametrize("state", STATES)
def test_every_artist_shows_what_the_layers_compute(demo: Unfolding, state: dict[str, object]) -> None:
    demo.set(**state)
    assert demo.error == ""
    at, start = round(demo.value("step") / EVERY), demo.value("start")
    r = record(demo.value("data"), demo.value("activation"))
    *hidden, logits = r.layers(at, start, cells())
    np.testing.assert_array_equal(demo.sides.get_array().ravel(), logits[:, 0] > 0)
    for image, (layer, unit) in zip(demo.maps, UNITS, strict=True):
        np.testing.assert_array_equal(image.get_array().ravel(), hidden[layer - 1][:, unit - 1])
    for number, places in enumerate([r.points, *r.layers(at, start, r.points)[:2]]):
        drawn = [points.get_xydata() for points in demo.points[number]]
        np.testing.assert_array_equal(drawn[0], places[~r.labels])
        np.testing.assert_array_equal(drawn[1], places[r.labels])
    nets = [net(), *r.layers(at, start, net())[:2]]
    for line, expected in zip(demo.nets, nets, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), expected)
    assert f"{r.wrong[at, start]:>3}\n" in demo.readout
    assert f"loss {r.loss[at, start]:.3f}" in demo.readout


@pytest.mark.parametrize("state", STATES)
def test_the_cut_is_where_the_output_layer_is_undecided(demo: Unfolding, state: dict[str, object]) -> None:
    demo.set(**state)
    at, start = round(demo.value("step") / EVERY), demo.value("start")
    r = demo.recording
    weight, bias = r.weights[-1][at, start][:, 0], r.biases[-1][at, start][0, 0]
    ends = demo.line.get_xydata()
    np.testing.assert_allclose(ends @ weight + bias, 0.0, atol=1e-9 * 1e3 * np.abs(weight).max())
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(2e3)


def test_all_points_are_in_sight_at_each_step_and_the_limits_stay(demo: Unfolding) -> None:
    demo.set(data="circles", activation="relu", start=3, step=0)
    views = [(axes.get_xlim(), axes.get_ylim()) for axes in demo.canvas.figure.axes]
    for step in (10, 100, STEPS):
        demo.set(step=step)
        assert [(axes.get_xlim(), axes.get_ylim()) for axes in demo.canvas.figure.axes] == views
        for places, ((left, right), (bottom, top)) in zip(demo.places, views[:3], strict=True):
            assert (places > [left, bottom]).all()
            assert (places < [right, top]).all()


def test_without_activation_the_net_stays_a_net_of_straight_lines(demo: Unfolding) -> None:
    demo.set(data="circles", activation="identity", start=5, step=STEPS)
    lines = np.split(demo.nets[2].get_xydata(), np.flatnonzero(np.isnan(net()).any(axis=1)) + 1)
    for line in (line[:-1] for line in lines if len(line) > 1):
        np.testing.assert_allclose(np.diff(line, n=2, axis=0), 0.0, atol=1e-9)


def test_a_network_that_looks_nowhere_has_no_cut() -> None:
    assert np.isnan(cut(np.zeros(2), 1.0)).all()
    np.testing.assert_allclose(cut(np.array([0.0, 2.0]), -1.0)[:, 1], 0.5)


def test_cells_fill_the_plane() -> None:
    grid = cells().reshape(CELLS, CELLS, 2)
    assert (np.diff(grid[0, :, 0]) > 0).all()
    assert (np.diff(grid[:, 0, 1]) > 0).all()
    np.testing.assert_allclose(grid.mean(axis=(0, 1)), 0.0, atol=1e-12)

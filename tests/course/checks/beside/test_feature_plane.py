"""What is drawn in the plane of two features is read as plain data, whatever drew it; the stand-in knows its rows."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from torch import nn

from course.checks.beside import feature_plane
from course.checks.beside.feature_plane import drawn_features, lines_as_data

X = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 4.0]])
Y = np.array([0, 1, 0])
MODEL = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
SIDE = np.linspace(-1, 1, 21)


def lines(draw):
    ax = Figure().add_subplot()
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    draw(ax)
    return lines_as_data(ax)


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.plot([-9, 9], [-18, 18]),
        lambda ax: ax.axline((0, 0), slope=2),
        lambda ax: ax.axline((0, 0), (1, 2)),
        lambda ax: ax.add_collection(LineCollection([[(-1, -2), (1, 2)]])),
        lambda ax: ax.contour(SIDE, SIDE, 2 * SIDE - SIDE[:, np.newaxis], levels=[0]),
        lambda ax: ax.contourf(SIDE, SIDE, 2 * SIDE - SIDE[:, np.newaxis], levels=[-9, 0, 9]),
        lambda ax: ax.fill_between([-1, 1], [-2, 2], 2),
        lambda ax: ax.fill([-1, 1, 1], [-2, 2, -2]),
        lambda ax: (ax.plot([-1, 1], [-2, 2]), ax.invert_xaxis()),
        lambda ax: (ax.plot([-1, 1], [-2, 2]), ax.set_aspect("equal")),
    ],
)
def test_a_line_is_found_however_it_is_drawn(draw):
    on = [part for corners in lines(draw) for part in itertools.pairwise(corners)]
    on = [part for part in on if all(abs(y - 2 * x) < 1e-6 * (1 + abs(x)) for x, y in part)]
    heights = [float(y) for part in on for _, y in part]
    assert min(heights) < -0.99
    assert max(heights) > 0.99


@pytest.mark.parametrize("draw", [lambda ax: ax.axvline(0.3), lambda ax: ax.vlines(0.3, -1, 1)])
def test_a_vertical_line_is_found(draw):
    (corners,) = lines(draw)
    np.testing.assert_allclose(np.sort(corners, axis=0), [[0.3, -1], [0.3, 1]], atol=1e-9)


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: None,
        lambda ax: ax.plot(*X.T, "o"),
        lambda ax: ax.plot([-1, 1], [-2, 2], linewidth=0),
        lambda ax: ax.plot([-1, 1], [-2, 2], visible=False),
        lambda ax: ax.scatter(*X.T),
        lambda ax: ax.pcolormesh(np.eye(3)),
        lambda ax: ax.text(0, 0, "z = 0"),
    ],
)
def test_frame_markers_and_what_nobody_sees_are_no_lines(draw):
    assert lines(draw) == []


def test_a_picture_is_read_and_its_figures_are_closed():
    def plot(model, X, y, ax):
        ax.scatter(*X.T, c=y)
        ax.set(xlabel="h1", ylabel="h2", xlim=(9, -1))

    mine = plt.figure()
    facts = drawn_features(plot, MODEL, X, Y, X)
    assert facts["points"][0].tolist() == X.tolist()
    assert facts["view"][:2] == [-1, 9]
    assert facts["labels"] == ["h1", "h2"]
    assert facts["state"]["arguments"][0].tolist() == X.tolist()
    assert not facts["elsewhere"]
    assert plt.get_fignums() == [mine.number]
    plt.close(mine)


@pytest.mark.parametrize("draw", [lambda: plt.figure(), lambda: plt.title("features")])
def test_what_is_drawn_elsewhere_is_told(draw):
    assert drawn_features(lambda *_: draw(), MODEL, X, Y, X)["elsewhere"]


def test_equal_scales_are_seen_as_they_are_drawn():
    def plot(model, X, y, ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.set_aspect("equal", adjustable="datalim")

    left, right, bottom, top = drawn_features(plot, MODEL, X, Y, X)["view"]
    assert right - left > 1.2 * (top - bottom)


def hidden_features(model, X):
    return "the student's own"


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        (X, [0, 1, 2]),
        (X[[2, 0]], [2, 0]),
        (X.astype(np.float32), [0, 1, 2]),
        (torch.tensor(X), [0, 1, 2]),
        (X.tolist(), [0, 1, 2]),
        (X[Y == 1], [1]),
    ],
)
def test_the_stand_in_knows_the_features_of_the_rows_in_any_order_and_type(rows, numbers):
    features, seen = np.array([[0.5, 1.5], [2.5, 3.5], [4.5, 5.5]]), []

    def plot(model, X, y, ax):
        seen.append(hidden_features(model, rows))

    drawn_features(plot, MODEL, X, Y, features)
    assert seen[0].dtype == np.float32
    assert seen[0].tolist() == features[numbers].tolist()


@pytest.mark.parametrize("rows", [X + 1, X[0], X[:, :1], np.empty((0, 2))])
def test_other_rows_go_to_the_students_own_function_which_is_put_back(rows):
    seen, own = [], hidden_features
    drawn_features(lambda model, X, y, ax: seen.append(hidden_features(model, rows)), MODEL, X, Y, X)
    assert seen == ["the student's own"]
    assert hidden_features is own


def test_a_plot_without_a_namespace_of_its_own_is_called():
    class Plot:
        def __call__(self, model, X, y, ax):
            ax.set_xlabel("called")

    assert drawn_features(Plot(), MODEL, X, Y, X)["labels"][0] == "called"
    assert feature_plane.plt.get_fignums() == []

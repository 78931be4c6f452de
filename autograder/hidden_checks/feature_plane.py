"""Checks of the plane of two features: where the points and the output layer's line are, whatever the network."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from autograder.hidden_checks.decision_boundary import AS_IT_WAS, expect_same_mode, network
from autograder.reference import decision_boundary
from course.checks import Checks
from course.checks.beside.networks import network_state
from course.checks.feature_plane import (
    FeaturePicture,
    cut_of,
    expect_cut,
    expect_feature_points,
    expect_view,
    feature_picture_of,
)
from course.checks.networks import differences, expect_none_of

Array = NDArray[np.float64]

SLOPES = {"falling": (1.0, 0.7), "climbing": (0.8, -1.1), "flat": (0.0, -0.9), "steep": (-1.2, 0.04)}
"""Weights of output layers, in widths of the features, by what their lines look like."""


def check_plot_features(checks: Checks, plot: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check the picture that the student's `plot_features` draws, by its points and lines.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    plot : Callable[..., Any]
        The student's function.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    rng = np.random.default_rng(47)
    X = rng.normal(size=(30, 3))
    y = (rng.uniform(size=30) < 0.4).astype(np.int64)
    deep = network((3, 6, 2, 1), nn.GELU())

    @functools.cache
    def drawn(model: nn.Sequential) -> tuple[FeaturePicture, Array]:
        features = decision_boundary.features(model, X)
        return feature_picture_of(plot, model, X, y, features), features

    def expect_line(model: nn.Sequential) -> None:
        picture, features = drawn(model)
        expect_cut(picture, cut_of(model), features)

    lines = {name: cutting(deep, X, weight) for name, weight in SLOPES.items()}
    upright, beside = cutting(deep, X, (1.3, 0.0)).eval(), cutting(deep, X, (0.6, 1.0), offset=9.0)
    dropping = dropping_network().train()

    with checks("right for deeper networks and other inputs", needs=needs):
        picture, features = drawn(deep)
        expect_feature_points(picture, features, y)
        away = (X[:, :2] * np.array([24, 0.8]) + np.array([52, -7])).astype(np.float32)
        blocks = network_of_blocks(away).eval()
        features = decision_boundary.features(blocks, away)
        expect_feature_points(feature_picture_of(plot, blocks, away, y, features), features, y)
    with checks("the line wherever it runs", needs=needs):
        for model in lines.values():
            expect_line(model)
    with checks("a vertical line", needs=needs):
        expect_line(upright)
    with checks("the view fits the points wherever the line is", needs=needs):
        for model in (*lines.values(), upright, beside):
            picture, features = drawn(model)
            expect_view(picture, features)
    with checks("colours show y, not what the network says", needs=needs):
        for model in (upright, beside):
            picture, features = drawn(model)
            expect_feature_points(picture, features, y)
    with checks("dropout and batch norm as in evaluation", needs=needs):
        picture, features = drawn(dropping)
        expect_feature_points(picture, features, y)
    with checks("leaves network and X as they were", needs=needs):
        for model in (dropping, upright):
            before, after = network_state(model), drawn(model)[0].state
            expect_none_of(differences(before, after), AS_IT_WAS)
            expect_same_mode(before, after)
            if not np.array_equal(after["arguments"][0], X):
                raise AssertionError("The function writes into X; work on a copy.")


def cutting(model: nn.Sequential, X: Array, weight: tuple[float, float], offset: float = 0.15) -> nn.Sequential:
    """Return the network with another output layer.

    Parameters
    ----------
    model : nn.Sequential
        Its last hidden layer has two units.
    X : Array
        Rows of inputs.
    weight : tuple[float, float]
        Of the output layer, in widths of the features of X.
    offset : float, optional
        By how much the line misses the middle of the features, in widths.
    """
    features = decision_boundary.features(model, X)
    width = np.ptp(features, axis=0)
    middle = (features.min(axis=0) + features.max(axis=0)) / 2
    output = nn.Linear(2, 1)
    with torch.no_grad():
        output.weight.copy_(torch.tensor([weight]) / torch.tensor(width))
        output.bias.copy_(-output.weight[0] @ torch.tensor(middle).float() - offset * float(np.linalg.norm(weight)))
    return nn.Sequential(*list(copy.deepcopy(model))[:-1], output)


def network_of_blocks(X: Array) -> nn.Sequential:
    """Return a network whose hidden part is blocks; at two columns X, wherever they are, its first tanh is at work."""
    first, second, output = _layers((2, 2, 2, 1))
    half, centre = torch.tensor(np.ptp(X, axis=0) / 2), torch.tensor((X.min(axis=0) + X.max(axis=0)) / 2)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.2, -0.7], [0.6, 1.0]]) / half)
        first.bias.copy_(-first.weight @ centre)
    return nn.Sequential(nn.Sequential(first, nn.Tanh()), nn.Sequential(second, nn.Tanh()), output)


def dropping_network() -> nn.Sequential:
    """Return a network whose dropout and batch norm make a difference: one stands before two units, one after."""
    first, second, output = _layers((3, 8, 2, 1))
    norm = nn.BatchNorm1d(8)
    mean, variance = torch.linspace(-1, 1, 8), torch.linspace(0.5, 2, 8)
    norm.load_state_dict({"running_mean": mean, "running_var": variance}, strict=False)
    return nn.Sequential(first, norm, nn.Tanh(), second, nn.Tanh(), nn.Dropout(0.5), output)


def _layers(widths: Sequence[int]) -> list[nn.Linear]:
    return [part for part in network(widths, nn.Tanh()) if isinstance(part, nn.Linear)]

"""Checks of a decision boundary: the features behind it, the figure that shows it, the widget that redraws it."""

from __future__ import annotations

import copy
import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from autograder.reference import decision_boundary
from course.checks import Checks, expect_close
from course.checks.beside.networks import network_state, state_after_call
from course.checks.decision_boundary import (
    BOUNDARY,
    BoundaryPicture,
    Contours,
    Shown,
    boundary_picture_of,
    expect_bands,
    expect_class_colours,
    expect_contours,
    expect_filled,
    expect_grid,
    expect_picture,
    exploration_of,
    pictures_of,
    shown_quantity,
    values_of,
    vertices_of,
)
from course.checks.networks import differences, expect_none_of
from course.checks.student_side import run

Array = NDArray[np.float64]
Data = tuple[NDArray[Any], NDArray[Any]]
Logit = Callable[[Array], Array]

FEATURE_TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}
"""Of features: a few float32 layers, each a sum of at most ten terms of the order of 1, lose far less."""

BOUNDARY_TOLERANCE = 4e-4
"""Of the places on the drawn boundary, their mean distance from it in widths of the data. For `curved_network`, linear
interpolation on a grid of 101 steps over three times that width gives 1.0e-4, over the width itself 1.1e-5; a grid of
20 steps 5.1e-4; a staircase along 300 steps 8.4e-4."""


# Features ----------------------------------------------------------------------------------------------


def check_hidden_features(
    checks: Checks, features: Callable[[nn.Module, NDArray[Any]], NDArray[Any]], *, needs: Sequence[str]
) -> None:
    """Check the student's `hidden_features` on networks and inputs that the visible checks do not show.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    features : Callable[[nn.Module, NDArray[Any]], NDArray[Any]]
        The student's function.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    rng = np.random.default_rng(41)

    def expect_features(model: nn.Sequential, X: NDArray[Any]) -> None:
        expected = decision_boundary.features(model, X)
        expect_close(features(model, X), expected, **FEATURE_TOLERANCE)

    right = ["right for deeper networks and other activations", "right for a network made of blocks"]
    with checks(right[0], needs=needs):
        for widths, activation in [
            ((2, 5, 4, 3, 1), nn.ELU()),
            ((3, 6, 6, 6, 6, 1), nn.GELU()),
            ((4, 7, 1), nn.SELU()),
        ]:
            expect_features(network(widths, activation), rng.normal(size=(6, widths[0])))
    with checks(right[1], needs=needs):
        blocks = [nn.Sequential(nn.Linear(a, b), nn.Softplus()) for a, b in [(2, 5), (5, 3)]]
        expect_features(nn.Sequential(*blocks, nn.Linear(3, 1)), rng.normal(size=(4, 2)))
    with checks("takes float32 and float64 inputs", needs=right):
        for dtype in (np.float32, np.float64):
            for order in ("C", "F"):
                X = rng.normal(size=(5, 2)).astype(dtype, order=order)
                expect_features(network((2, 4, 1), nn.Sigmoid()), X)
        expect_features(network((3, 6, 1), nn.Tanh()), rng.normal(size=(3000, 3)))
    with checks("dropout and batch norm as in evaluation", needs=needs):
        expect_features(network_in_training(), rng.normal(size=(8, 2)))
    with checks("the network's mode stays as it was", needs=right):
        for training in (True, False):
            model = network_in_training().train(training)
            expect_same_mode(network_state(model), run(state_after_call, features, model, rng.normal(size=(8, 2))))
    with checks("leaves nothing behind in network and X", needs=right):
        for dtype in (np.float64, np.float32):
            for in_training in (False, True):
                X = rng.normal(size=(8, 2)).astype(dtype)
                expect_untouched(network_in_training(), features, X, in_training=in_training)


def network(widths: Sequence[int], activation: nn.Module) -> nn.Sequential:
    """Return an untrained network with these widths, inputs first, and a copy of the activation behind each layer."""
    with torch.random.fork_rng():
        torch.manual_seed(7)
        layers = [nn.Linear(a, b) for a, b in itertools.pairwise(widths)]
    return nn.Sequential(*(part for layer in layers[:-1] for part in (layer, copy.deepcopy(activation))), layers[-1])


def network_in_training() -> nn.Sequential:
    """Return a network in training mode whose dropout and batch norm make a difference."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        first, second, output = nn.Linear(2, 8), nn.Linear(8, 6), nn.Linear(6, 1)
    norm = nn.BatchNorm1d(8)
    mean, variance = torch.linspace(-1, 1, 8), torch.linspace(0.5, 2, 8)
    norm.load_state_dict({"running_mean": mean, "running_var": variance}, strict=False)
    return nn.Sequential(first, norm, nn.Tanh(), second, nn.Tanh(), nn.Dropout(0.5), output).train()


AS_IT_WAS = {
    "layers": "The network has other layers afterwards; leave it whole.",
    "hooks left": "A hook stays behind in the network; remove it, also after an error.",
    "hooks lost": "A hook stays behind in the network; remove it, also after an error.",
    "methods": "A patched method stays behind in the network; put the old one back, also after an error.",
    "weights": "Weights or running statistics of the network have changed.",
    "buffers": "Weights or running statistics of the network have changed.",
    "gradients": "Parameters hold a gradient now, or cannot be trained any more.",
    "trainable": "Parameters hold a gradient now, or cannot be trained any more.",
    "recording": "torch no longer records gradients afterwards; use torch.no_grad() in a with statement.",
    "switches": "The function does not put back for all of torch: {all}.",
}
"""What is said of each way in which a network, or torch, is not as it was; `expect_same_mode` judges the mode."""

IN_TRAINING = {
    "gradients": "The network held gradients, and they are not as they were.",
    "recording": AS_IT_WAS["recording"],
}
"""What is said first where the network held gradients."""


def expect_untouched(
    model: nn.Sequential, function: Callable[..., Any], X: NDArray[Any], *, in_training: bool = False
) -> None:
    """Expect that the function leaves the network, its gradients and hooks, and X as they were.

    Parameters
    ----------
    model : nn.Sequential
        Handed to the function.
    function : Callable[..., Any]
        The student's, called with the network and X.
    X : NDArray[Any]
        Rows of inputs.
    in_training : bool, optional
        As for `state_after_call`: the network holds gradients and hooks of someone else, which must stay.

    Raises
    ------
    AssertionError
        Naming what is not as it was.
    """
    after = run(state_after_call, function, model, X, in_training=in_training)
    found = differences(network_state(model), after, in_training=in_training)
    if in_training:
        expect_none_of(found, IN_TRAINING)
    expect_none_of(found, AS_IT_WAS)
    if not np.array_equal(after["arguments"][0], X):
        raise AssertionError("The function writes into X; work on a copy.")


def expect_same_mode(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Expect every module to be in the mode it was in, from `network_state` before and `state_after_call`."""
    mode = "training" if before["modes"][""] else "evaluation"
    problem = f"A network that was in {mode} mode, or a part of it, is not afterwards."
    expect_none_of(differences(before, after), {"modes": problem})


# Figure ------------------------------------------------------------------------------------------------


def check_plot_boundary(checks: Checks, plot: Callable[..., Any], *, needs: Sequence[str]) -> None:
    """Check the figure that the student's `plot_boundary` draws, by its contours and points.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    plot : Callable[..., Any]
        The student's function.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """
    X, y = far_data()
    curved, sure = curved_network(X), curved_network(X, steepness=12.0).eval()
    # No batch norm: it would forbid to hand over the grid as an array with three dimensions, which is right otherwise.
    *hidden, output = curved_network(X)
    dropping = nn.Sequential(*hidden, nn.Dropout(0.5), output).train()

    @functools.cache
    def drawn(model: nn.Sequential) -> BoundaryPicture:
        return boundary_picture_of(plot, model, X, y)

    with checks("right wherever the data are", needs=needs):
        expect_bands(drawn(curved).contours, _logit(curved), X)
    with checks("the grid fits narrow data", needs=needs):
        expect_grid(drawn(curved).contours, X)
    with checks("the picture covers all the data", needs=needs):
        expect_covered(drawn(curved), X)
    with checks("the boundary is drawn where it is", needs=needs):
        _expect_exact_boundary(drawn(curved).contours, curved, X)
    with checks("filled also where the network is sure", needs=needs):
        expect_bands(drawn(sure).contours, _logit(sure), X)
        expect_filled(drawn(sure).contours, X)
    with checks("colours show y, not what the network says", needs=needs):
        expect_class_colours(drawn(curved).points, X, y)
    with checks("dropout as in evaluation", needs=needs):
        expect_bands(drawn(dropping).contours, _logit(dropping), X)
    with checks("leaves the network as it was", needs=["right wherever the data are", "dropout as in evaluation"]):
        for model in (dropping, sure):
            before, after = network_state(model), drawn(model).state
            expect_none_of(differences(before, after), AS_IT_WAS)
            expect_same_mode(before, after)


def far_data() -> Data:
    """Return 40 points far from the origin, one axis much longer than the other, with labels at random."""
    rng = np.random.default_rng(44)
    X = np.array([52.0, -7.0]) + rng.uniform(-1, 1, size=(40, 2)) * np.array([24.0, 0.08])
    return X, (rng.uniform(size=40) < 0.3).astype(np.int64)


def curved_network(X: Array, steepness: float = 1.0) -> nn.Sequential:
    """Return a network with a curved boundary among the data and, at steepness 1, logits of a few units there."""
    with torch.random.fork_rng():
        torch.manual_seed(9)
        hidden, output = nn.Linear(2, 6), nn.Linear(6, 1)
    centre, half = torch.tensor((X.min(axis=0) + X.max(axis=0)) / 2), torch.tensor(np.ptp(X, axis=0) / 2)
    with torch.no_grad():
        weight = (3 * hidden.weight / half).float()
        hidden.bias.copy_(hidden.bias - weight @ centre.float())
        hidden.weight.copy_(weight)
        output.weight.mul_(5 * steepness)
        output.bias.mul_(steepness)
    return nn.Sequential(hidden, nn.Tanh(), output)


def _logit(model: nn.Sequential) -> Logit:
    return functools.partial(decision_boundary.logits, model)


def expect_covered(drawn: BoundaryPicture, X: Array) -> None:
    """Expect the filled area, and what the axes show, to hold every point."""
    vertices = vertices_of(expect_contours(drawn.contours))
    left, right, bottom, top = drawn.view
    for axis, name, (low, high) in [(0, "x", (left, right)), (1, "y", (bottom, top))]:
        if not len(vertices):
            raise AssertionError("Nothing is filled.")
        if not (vertices[:, axis].min() <= X[:, axis].min() and vertices[:, axis].max() >= X[:, axis].max()):
            raise AssertionError(f"Along {name} the contours end before the data do.")
        if not (low <= X[:, axis].min() and high >= X[:, axis].max()):
            raise AssertionError(f"Along {name} the axes are cut off before the data end.")


def _expect_exact_boundary(contours: Contours | None, model: nn.Sequential, X: Array) -> None:
    """Expect the drawn boundary to lie on the network's, within `BOUNDARY_TOLERANCE` of the data's width."""
    quantity = shown_quantity(contours, _logit(model), X)
    contours = expect_contours(contours)
    vertices = vertices_of(contours)
    vertices = vertices[np.all((vertices > X.min(axis=0)) & (vertices < X.max(axis=0)), axis=1)]
    logits = decision_boundary.logits(model, vertices)
    # The lines lie where the value is that of a level; the boundary is the one that is nearest to its own.
    on_boundary = np.abs(nearest(contours.levels, values_of(quantity, logits)) - BOUNDARY[quantity]) < 1e-6
    if not on_boundary.any():
        raise AssertionError("No line is drawn where the network is undecided.")
    slopes = np.linalg.norm(decision_boundary.logit_slopes(model, vertices[on_boundary]) * np.ptp(X, axis=0), axis=1)
    off = float(np.mean(np.abs(logits[on_boundary]) / slopes))
    if not off <= BOUNDARY_TOLERANCE:
        raise AssertionError(
            f"The drawn boundary is off by {100 * off:.1g} % of the data's width. "
            "Contour the probability or the logit, not the class, over at least 100 points along each axis."
        )


def nearest(levels: Sequence[float], values: Array) -> Array:
    """Return the level nearest to each value; a table of all pairs would be as large as a student likes."""
    ordered = np.sort(np.asarray(levels, dtype=float))
    if len(ordered) < 2:
        return np.resize(ordered, len(values))
    above = np.clip(np.searchsorted(ordered, values), 1, len(ordered) - 1)
    below = ordered[above - 1]
    return np.where(values - below <= ordered[above] - values, below, ordered[above])


# Widget ------------------------------------------------------------------------------------------------


def check_boundary_explorer(
    checks: Checks,
    explorer: Callable[[Data], Any],
    train: Callable[[str, Data], nn.Sequential],
    names: Iterable[str],
    data: Data,
    other: Data,
    *,
    needs: Sequence[str],
) -> None:
    """Check the student's `boundary_explorer` by moving its dropdown through all activations and back.

    Parameters
    ----------
    checks : Checks
        The checks of the test cell, to which these are added.
    explorer : Callable[[Data], Any]
        The student's function.
    train : Callable[[str, Data], nn.Sequential]
        The given one; the networks it makes here are what the pictures are compared with.
    names : Iterable[str]
        Names of the activations.
    data : Data
        For the explorer that is moved.
    other : Data
        For a second explorer that is not.
    needs : Sequence[str]
        Names of checks above, one of which must pass before any of these counts.
    """

    @functools.cache
    def moved() -> Sequence[Shown]:
        return pictures_of(exploration_of(explorer, data, None, [other]))

    def expect_right(picture: Shown) -> None:
        expect_picture(picture, _logit(train(picture.choice, data)), data[0])

    with checks("each activation shows its network, for other data", needs=needs):
        for picture in moved()[:-1]:
            expect_right(picture)
        missing = set(names) - {picture.choice for picture in moved()}
        if missing:
            raise AssertionError(f"The dropdown cannot be set to {', '.join(sorted(missing))}.")
    with checks("going back shows the earlier picture", needs=needs):
        expect_right(moved()[-1])
    with checks("the picture is in the widget", needs=needs):
        for picture in _with_contours(moved()):
            if not picture.visible:
                raise AssertionError(f"With {picture.choice!r} chosen, nothing in the returned widget has changed.")
    with checks("old pictures do not pile up", needs=needs):
        _expect_no_pile(_with_contours(moved()))
    with checks("two explorers do not disturb each other", needs=needs):
        for picture in _with_contours(moved())[1:]:
            if picture.foreign:
                raise AssertionError("Two explorers draw into the same picture; each needs one of its own.")


def _with_contours(pictures: Sequence[Shown]) -> list[Shown]:
    """Return the pictures in which something was drawn.

    Raises
    ------
    AssertionError
        If nothing was drawn after the first.
    """
    drawn = [picture for picture in pictures if picture.contours is not None]
    if len(drawn) < 2:
        raise AssertionError("Moving the dropdown drew no filled contours (contourf).")
    return drawn


def _expect_no_pile(pictures: Sequence[Shown]) -> None:
    if any(picture.stale for picture in pictures):
        raise AssertionError("The Output keeps the old pictures above the new one; clear it first (clear_output).")
    first, last = pictures[0], pictures[-1]
    if last.layers != 1:
        raise AssertionError(f"After {len(pictures) - 1} moves the axes hold {last.layers} filled contour sets, not 1.")
    if last.axes > first.axes:
        raise AssertionError(
            f"The figure had {first.axes} axes at first and has {last.axes} after {len(pictures) - 1} moves."
        )

"""Reads the plane of two features that a student's function draws, as plain data: its points and its lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, QuadMesh
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.spines import Spine
from numpy.typing import NDArray
from torch import nn

from course.checks.beside.contours import CHEAP_FIGURES, Array, close_figures_but, points_as_data
from course.checks.beside.networks import state_after_call


def drawn_features(
    plot: Callable[..., Any], model: nn.Module, X: NDArray[Any], y: Any, features: Array
) -> dict[str, Any]:
    """Call `plot(model, X, y, ax)` with axes that are not pyplot's current ones, and return what it drew.

    While this runs, a function that knows the right features replaces the notebook's `hidden_features`, so that the
    plot is judged by itself.

    Parameters
    ----------
    plot : Callable[..., Any]
        The student's `plot_features`.
    model : nn.Module
        The network.
    X : NDArray[Any]
        Rows of inputs.
    y : Any
        Their classes.
    features : Array
        Features of the rows of X, shape (n, 2).

    Returns
    -------
    dict
        `points`: `points_as_data` of the axes; `lines`: `lines_as_data` of them; `view`: their limits (left, right,
        bottom, top); `labels`: of the x and the y axis; `elsewhere`: whether something was drawn into other figures;
        `state`: `state_after_call` of the network, X and y.
    """
    before = plt.get_fignums()
    namespace = getattr(plot, "__globals__", None) or vars(sys.modules["__main__"])
    known = {"hidden_features": _Known(X, features, namespace.get("hidden_features"))}
    try:
        with plt.rc_context(CHEAP_FIGURES), mock.patch.dict(namespace, known):
            ax = plt.figure().add_subplot()
            other = plt.figure()  # what is drawn by plt without a thought lands here
            figures = plt.get_fignums()
            state = state_after_call(lambda model, X, y: plot(model, X, y, ax), model, X, y)
            ax.apply_aspect()  # equal scales may widen the view, which otherwise happens when the figure is drawn
            return {
                "points": points_as_data(ax),
                "lines": lines_as_data(ax),
                "view": [*sorted(ax.get_xlim()), *sorted(ax.get_ylim())],
                "labels": [ax.get_xlabel(), ax.get_ylabel()],
                "elsewhere": bool(other.axes) or bool(set(plt.get_fignums()) - set(figures)),
                "state": state,
            }
    finally:
        close_figures_but(before)


class _Known:
    """Stands in for `hidden_features`: has the features of some rows, and asks the student's own for others."""

    def __init__(self, X: NDArray[Any], features: Array, own: Any) -> None:
        self._X = np.asarray(X, dtype=float)
        self._features = np.asarray(features, dtype=np.float32)
        self._own = own

    def __call__(self, model: nn.Module, X: Any) -> Any:
        rows = np.asarray(torch.as_tensor(X).detach().double())
        if rows.ndim == 2 and rows.shape[1] == self._X.shape[1] and len(rows):
            away = np.abs(rows[:, np.newaxis] - self._X).max(axis=-1)
            if away.min(axis=1).max() < 1e-6 * (1 + np.abs(self._X).max()):
                return self._features[away.argmin(axis=1)]
        return self._own(model, X)


def lines_as_data(ax: Axes) -> list[Array]:
    """Return all lines that can be seen in the axes, and the borders of areas, as their corners, each (n, 2).

    They are in units of the data, whatever drew them: `plot`, `axline`, `vlines`, `contour`, `contourf`,
    `fill_between`, a patch.
    """
    to_data = ax.transData.inverted()
    found = []
    for artist in ax.get_children():
        if artist.get_visible() and artist is not ax.patch and not isinstance(artist, Spine | QuadMesh):
            for path in _paths(artist, ax):
                found += [np.asarray(to_data.transform(corners)) for corners in path.to_polygons(closed_only=False)]
    return [corners for corners in found if len(corners) > 1]


def _paths(artist: Artist, ax: Axes) -> Iterator[Path]:
    """Yield the paths of an artist, in pixels."""
    transform: Any = artist.get_transform()
    if isinstance(artist, Line2D):
        if artist.get_linestyle() not in ("None", "", " ") and artist.get_linewidth() > 0:
            yield transform.transform_path(artist.get_path())
    elif isinstance(artist, Patch):
        yield transform.transform_path(artist.get_path())
    elif isinstance(artist, Collection) and not artist.get_offset_transform().contains_branch(ax.transData):
        for path in artist.get_paths():  # markers of a scatter have offsets in units of the data
            yield transform.transform_path(path)

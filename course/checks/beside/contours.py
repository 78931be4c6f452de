"""Reads the contours and points that a student's function draws, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba_array
from matplotlib.contour import ContourSet
from numpy.typing import NDArray
from torch import nn

from course.checks.beside.networks import state_after_call

Array = NDArray[np.float64]

CHEAP_FIGURES: Any = {"figure.dpi": 30, "figure.max_open_warning": 0}
"""Nobody looks at the pictures of a test, and drawing many pixels takes most of its time."""


# Figures -----------------------------------------------------------------------------------------------


def drawn_boundary(plot: Callable[..., Any], model: nn.Module, X: Array, y: Any) -> dict[str, Any]:
    """Call `plot(model, X, y, ax)` with axes that are not pyplot's current ones, and return what it drew.

    Returns
    -------
    dict
        `returned`: class name of what came back; `contours`: `contours_as_data` of it, None if it is no contour
        set; `in_axes`: whether it stands in the axes it was given; `points`: `points_as_data` of these axes;
        `view`: their limits (left, right, bottom, top); `state`: `state_after_call` of the network.
    """
    before = plt.get_fignums()
    returned: list[Any] = []
    try:
        with plt.rc_context(CHEAP_FIGURES):
            ax = plt.figure().add_subplot()
            plt.figure()  # what is drawn by plt without a thought lands here
            state = state_after_call(lambda model: returned.append(plot(model, X, y, ax)), model)
            contours = returned[0]
            drawn = isinstance(contours, ContourSet)
            return {
                "returned": type(contours).__name__,
                "contours": contours_as_data(contours) if drawn else None,
                "in_axes": drawn and contours in ax.collections,
                "points": points_as_data(ax),
                "view": [*sorted(ax.get_xlim()), *sorted(ax.get_ylim())],
                "state": state,
            }
    finally:
        close_figures_but(before)


def contours_as_data(contours: ContourSet) -> dict[str, Any]:
    """Return a contour set as plain data.

    Returns
    -------
    dict
        `filled`; `levels`: ascending; `extend`: "neither", "min", "max" or "both"; `bands`: for each band
        between two levels (and below and above all, as far as it extends) the rings around it, arrays of shape (n, 2).
        A place is in a band if it lies within an odd number of its rings.
    """
    return {
        "filled": bool(contours.filled),
        "levels": [float(level) for level in contours.levels],
        "extend": str(contours.extend),
        "bands": [[np.array(ring, dtype=float) for ring in rings] for rings in contours.allsegs],
    }


def points_as_data(ax: Axes) -> tuple[Array, Array]:
    """Return positions (n, 2) and colours (n, 4; red, green, blue, alpha) of all markers in the axes, lowest first."""
    places, colours = [np.empty((0, 2))], [np.empty((0, 4))]
    for collection in ax.collections:
        if isinstance(collection, PathCollection):
            collection.update_scalarmappable()
            offsets: Array = np.ma.filled(np.ma.asarray(collection.get_offsets(), dtype=float), np.nan)
            places.append(offsets)
            colours.append(_repeated(collection.get_facecolor(), collection.get_edgecolor(), len(offsets)))
    for line in ax.lines:
        if line.get_marker() not in ("None", None, "", " "):
            xy = np.asarray(line.get_xydata(), dtype=float)
            places.append(xy)
            colours.append(_repeated(line.get_markerfacecolor(), line.get_markeredgecolor(), len(xy)))
    return np.concatenate(places), np.concatenate(colours)


def _repeated(face: Any, edge: Any, count: int) -> Array:
    """Return a colour for each of `count` markers: that of the face, or of the edge where faces are empty."""
    colours = to_rgba_array(face)
    if not len(colours) or not colours[:, 3].any():
        colours = to_rgba_array(edge)
    return np.resize(colours, (count, 4)) if len(colours) else np.zeros((count, 4))


def close_figures_but(numbers: Sequence[int]) -> None:
    """Close pyplot's figures except these, or they would all be shown below the test cell."""
    for number in set(plt.get_fignums()) - set(numbers):
        plt.close(number)

"""Reads the contours and points that a student's function draws, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba_array
from matplotlib.contour import ContourSet
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse
from matplotlib.text import Text
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
        set; `in_axes`: whether it stands in the axes it was given; `elsewhere`: whether something was drawn into
        other figures; `points`: `points_as_data` of these axes; `view`: their limits (left, right, bottom, top);
        `state`: `state_after_call` of the network.
    """
    before = plt.get_fignums()
    returned: list[Any] = []
    try:
        with plt.rc_context(CHEAP_FIGURES):
            ax = plt.figure().add_subplot()
            other = plt.figure()  # what is drawn by plt without a thought lands here
            known = plt.get_fignums()
            state = state_after_call(lambda model: returned.append(plot(model, X, y, ax)), model)
            contours = returned[0]
            drawn = isinstance(contours, ContourSet)
            return {
                "returned": type(contours).__name__,
                "contours": contours_as_data(contours) if drawn else None,
                "in_axes": drawn and contours in ax.collections,
                "elsewhere": bool(other.axes) or bool(set(plt.get_fignums()) - set(known)),
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
    """Return positions (n, 2) and colours (n, 4; red, green, blue, alpha) of the markers that can be seen in the axes.

    They come lowest first. A marker is what a scatter, a line with markers, a circle or a text puts at a place of the
    data; those beneath filled contours that let nothing shine through do not count.
    """
    places, colours = [np.empty((0, 2))], [np.empty((0, 4))]
    for artist in sorted(ax.get_children(), key=lambda child: child.get_zorder()):
        if isinstance(artist, ContourSet) and artist.filled and _hides(artist):
            places, colours = places[:1], colours[:1]
        elif artist.get_visible() and (markers := _markers(artist, ax)):
            seen = markers[1][:, 3] > 0
            places.append(markers[0][seen])
            colours.append(markers[1][seen])
    return np.concatenate(places), np.concatenate(colours)


def _hides(contours: ContourSet) -> bool:
    """Tell whether what lies beneath filled contours can hardly be seen."""
    alpha = contours.get_alpha()
    return alpha is None or not np.max(alpha) < 0.8


def _markers(artist: Artist, ax: Axes) -> tuple[Array, Array] | None:
    """Return where an artist puts markers, in units of the data, and their colours; None if it draws something else."""
    if isinstance(artist, Collection):
        # Lines and areas are collections without offsets; theirs are in pixels.
        if isinstance(artist, ContourSet) or not artist.get_offset_transform().contains_branch(ax.transData):
            return None
        artist.update_scalarmappable()
        offsets: Array = np.ma.filled(np.ma.asarray(artist.get_offsets(), dtype=float), np.nan)
        return offsets, _repeated(artist.get_facecolor(), artist.get_edgecolor(), len(offsets))
    if isinstance(artist, Line2D) and artist.get_marker() not in ("None", None, "", " "):
        xy = np.asarray(artist.get_xydata(), dtype=float)
        return xy, _repeated(artist.get_markerfacecolor(), artist.get_markeredgecolor(), len(xy))
    if isinstance(artist, Ellipse):
        return np.array([artist.get_center()], dtype=float), _repeated(
            artist.get_facecolor(), artist.get_edgecolor(), 1
        )
    if isinstance(artist, Text) and artist in ax.texts and artist.get_text().strip():
        return np.array([artist.get_position()], dtype=float), to_rgba_array(artist.get_color())
    return None


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

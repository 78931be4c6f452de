"""Palette, fonts and axes style shared by every figure of the course."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

# Okabe and Ito, "Color universal design" (2008). Yellow is left out: it vanishes on white.
BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
PALETTE = (BLACK, ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE)

COLOUR_NAMES = MappingProxyType(
    {
        BLACK: "black",
        ORANGE: "orange",
        SKY: "sky blue",
        GREEN: "green",
        BLUE: "blue",
        VERMILLION: "vermillion",
        PURPLE: "purple",
    }
)

# Line styles in the form Matplotlib takes, with the word the alt text uses.
SOLID: Any = "solid"
DASHED: Any = (0, (6, 2))
DOTTED: Any = (0, (1.5, 1.5))
DASHDOT: Any = (0, (7, 2, 1.5, 2))
DASHDOTDOT: Any = (0, (7, 2, 1.5, 2, 1.5, 2))
DASH_NAMES = MappingProxyType(
    {SOLID: "solid", DASHED: "dashed", DOTTED: "dotted", DASHDOT: "dash-dot", DASHDOTDOT: "dash-dot-dot"}
)

GREY = "#595959"  # 7:1 against white, so thin lines and small text stay readable
PALE = "#E4E4E4"

_SETTINGS: Any = MappingProxyType(
    {
        "font.family": "DejaVu Sans",  # ships with Matplotlib: the same picture on every machine
        "font.size": 10.5,
        "axes.titlesize": 11,
        "axes.labelsize": 10.5,
        "axes.unicode_minus": True,
        "legend.fontsize": 10.5,
        "lines.linewidth": 2.0,
        "lines.solid_capstyle": "round",
        "path.simplify": True,
    }
)


def settings() -> AbstractContextManager[None]:
    """Return a context in which artists are made with the course's fonts and lines; the user's settings stay."""
    return matplotlib.rc_context(dict(_SETTINGS))


def style_axes(axes: Axes, *, title: str = "", xlabel: str = "", ylabel: str = "") -> None:
    """Give `axes` the look of the course: light grid, two spines, grey zero lines."""
    axes.set_title(title, loc="left", pad=7)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=GREY, labelcolor="black", length=3, labelsize=9.5)
    axes.grid(color=PALE, linewidth=0.8)
    axes.set_axisbelow(True)


def clear_legends(figure: Figure) -> None:
    """Remove the figure's own legends, for a new one in their place; those of axes stay."""
    for legend in figure.legends[:]:
        legend.remove()


def strokes(x: ArrayLike, low: ArrayLike, high: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return data of one line that draws a vertical stroke from `low` to `high` at each `x`.

    Shapes (3n,), gaps are NaN.

    Bars made of one thick line move by `set_data`, all at once.
    """
    across, bottom, top = np.broadcast_arrays(np.asarray(x, dtype=np.float64), low, high)
    gap = np.full(len(across), np.nan)
    return np.column_stack([across, across, gap]).ravel(), np.column_stack([bottom, top, gap]).ravel()

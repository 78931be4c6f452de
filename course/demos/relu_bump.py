"""Bump: three ReLU units with the right output weights add up to a hill that is zero everywhere else."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure

from course import style
from course.computations.functions import FloatArray, evaluate
from course.demos.framework.base import Demo
from course.demos.framework.controls import slider

LOOKS = ((style.BLUE, style.DASHED), (style.GREEN, style.DASHDOT), (style.ORANGE, style.DOTTED))
REACH = 3.0


def terms(x: FloatArray, centre: float, width: float, height: float) -> FloatArray:
    """Return the three terms whose sum is a bump with its top at `centre`, zero outside of `centre` ± `width`.

    Parameters
    ----------
    x : FloatArray
        Ndarray of float64, shape (n,).
    centre, height : float
        Where the top is, and how high.
    width : float
        Half the width at the foot, positive.

    Returns
    -------
    ndarray of float64, shape (3, n)
        s·ReLU(x - (c - w)), -2s·ReLU(x - c) and s·ReLU(x - (c + w)) with the slope s = height / width.
    """
    slope = height / width
    units = [evaluate("relu", x - (centre + side * width))[0] for side in (-1, 0, 1)]
    return np.array([slope, -2 * slope, slope])[:, None] * np.array(units)


class ReluBump(Demo):
    """Move and shape a bump made of three ReLU units."""

    title = "Three ReLU units make a bump"
    size = (760, 320)
    stills: ClassVar = {"01_bump": {"centre": 0.0, "width": 1.0, "height": 1.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return centre, half width and height."""
        return {
            "centre": slider("centre c", 0.0, -1.5, 1.5, 0.05, width=330),
            "width": slider("half width w", 1.0, 0.1, 1.5, 0.05, width=330),
            "height": slider("height h", 1.0, -1.5, 1.5, 0.05, width=330),
        }

    def build(self, figure: Figure) -> None:
        """Build the terms on the left, their sum on the right."""
        left, right = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.055, right=0.985, top=0.9, bottom=0.15, wspace=0.16)
        style.style_axes(left, title="output weight × ReLU unit", xlabel="x")
        style.style_axes(right, title="sum of the three", xlabel="x")
        left.set(xlim=(-REACH, REACH), ylim=(-4, 4))
        right.set(xlim=(-REACH, REACH), ylim=(-1.7, 1.7))
        names = ("switches at c − w", "switches at c", "switches at c + w")
        self.parts = [
            left.plot([], [], color=colour, linestyle=dash, label=name)[0]
            for (colour, dash), name in zip(LOOKS, names, strict=True)
        ]
        (self.sum,) = right.plot([], [], color=style.VERMILLION)
        left.legend(loc="lower left", frameon=False, handlelength=2.6)
        self.canvas.animate([*self.parts, self.sum])

    def update(self) -> None:
        """Draw terms and sum; the kinks are among the points."""
        c, w, h = (float(self.value(name)) for name in ("centre", "width", "height"))
        x = np.unique([-REACH, c - w, c, c + w, REACH])
        parts = terms(x, c, w, h)
        for line, part in zip(self.parts, parts, strict=True):
            line.set_data(x, part)
        self.sum.set_data(x, parts.sum(axis=0))

    def describe(self) -> tuple[str, str]:
        """Return the formula with its numbers, and where the bump is."""
        c, w, h = (float(self.value(name)) for name in ("centre", "width", "height"))
        s = h / w
        rows = [
            f"{s:.3g} ReLU({_from(c - w)}) {_plus(-2 * s)} ReLU({_from(c)}) {_plus(s)} ReLU({_from(c + w)})",
            f"slopes of the sum from left to right: 0, {s:.3g}, {-s:.3g}, 0",
        ]
        alt = (
            f"Left: three ReLU terms that are 0 up to {c - w:.2f} (blue, dashed), {c:.2f} (green, dash-dot) and "
            f"{c + w:.2f} (orange, dotted), and then straight lines with slopes {s:.3g}, {-2 * s:.3g} and {s:.3g}. "
            f"Right: their sum, a triangle with its top of {h:.2f} at x = {c:.2f}, and 0 outside of {c - w:.2f} to "
            f"{c + w:.2f}."
        )
        return "\n".join(rows), alt


def _from(place: float) -> str:
    """Return x minus a number, with one sign."""
    return f"x {'+' if place < 0 else '−'} {abs(place):.2f}"


def _plus(factor: float) -> str:
    """Return plus a factor, with one sign."""
    return f"{'−' if factor < 0 else '+'} {abs(factor):.3g}"

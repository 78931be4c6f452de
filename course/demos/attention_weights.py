"""Softmax as a gate: a query shares an attention of 1 out among five keys.

Vaswani et al., "Attention is all you need" (2017): weights = softmax(q·k / √d). Here d is 2, so that keys and query
can be drawn.
"""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import style
from course.computations.functions import FloatArray
from course.demos.framework.base import Demo
from course.demos.framework.controls import row, slider, tick

ANGLES = np.array([10.0, 50.0, 120.0, 200.0, 290.0])  # of the keys, in degrees
NAMES = "ABCDE"
LOOKS = (
    (style.BLUE, "o"),
    (style.ORANGE, "s"),
    (style.GREEN, "^"),
    (style.VERMILLION, "D"),
    (style.PURPLE, "v"),
)
KEYS = np.column_stack([np.cos(np.radians(ANGLES)), np.sin(np.radians(ANGLES))])


def scores(angle: float, length: float) -> FloatArray:
    """Return q·k / √2 for the query of this angle (degrees) and length, and each key: shape (5,)."""
    query = length * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    return np.asarray(KEYS @ query / np.sqrt(2.0))


def weights(values: FloatArray, masked: NDArray[np.bool_]) -> FloatArray:
    """Return the softmax of the scores, shape (5,); a masked one becomes −∞ first, so that its weight is exactly 0."""
    hidden = torch.from_numpy(np.where(masked, -np.inf, values))
    return np.asarray(torch.softmax(hidden, dim=-1))


class AttentionWeights(Demo):
    """Turn and stretch a query: the weights of the keys follow."""

    title = "Attention: softmax as a gate"
    size = (780, 320)
    stills: ClassVar = {"07a_attention": {"length": 3.0}, "07a_attention_sharp": {"length": 20.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return angle and length of the query, and whether the last two keys are masked."""
        return {
            "angle": slider("direction of the query, °", 20, 0, 360, 5, width=400, shown=".1f"),
            "length": slider("its length", 3, 0, 30, 0.5, width=400, shown=".1f"),
            "mask": tick("mask D and E", False),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put all in one row that wraps."""
        return row(self.controls.values())

    def build(self, figure: Figure) -> None:
        """Build keys, query and mix in the plane on the left, a bar for each key's weight on the right."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.35))
        figure.subplots_adjust(left=0.05, right=0.985, top=0.9, bottom=0.13, wspace=0.16)
        style.style_axes(left, title="keys A to E; arrow: query; star: mix")
        left.set(xlim=(-1.45, 1.45), ylim=(-1.25, 1.25), aspect="equal", xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        style.style_axes(right, title="weights: softmax of the scores", ylabel="")
        right.set(xlim=(-0.6, 4.6), ylim=(0, 1.08), yticks=(0, 0.2, 0.4, 0.6, 0.8, 1))
        right.set_xticks(range(len(NAMES)), list(NAMES))
        right.axhline(0.2, color=style.GREY, linewidth=1.0, linestyle=style.DOTTED)
        self.bars = []
        for number, (name, key, (colour, marker)) in enumerate(zip(NAMES, KEYS, LOOKS, strict=True)):
            left.plot(*key, marker=marker, markersize=9, color=colour)
            left.annotate(name, 1.2 * key, ha="center", va="center")
            self.bars += right.plot([number, number], [0, 0], color=colour, linewidth=12, solid_capstyle="butt")
        (self.query,) = left.plot([0, 1], [0, 0], color=style.BLACK, linewidth=2.4, markersize=9, markevery=[1])
        (self.mix,) = left.plot([0], [0], marker="*", markersize=15, color=style.BLACK, markeredgecolor="white")
        self.canvas.animate([self.query, self.mix, *self.bars])

    def update(self) -> None:
        """Compute scores, weights, and the weighted mean of the keys."""
        angle, length = float(self.value("angle")), float(self.value("length"))
        masked = np.arange(len(NAMES)) >= (3 if self.value("mask") else len(NAMES))
        self.scores = scores(angle, length)
        self.weights = weights(self.scores, masked)
        self.mixed = self.weights @ KEYS
        shown = np.sqrt(length / self.controls["length"].max)  # the root, so that a short query can be seen too
        self.query.set_data([0, shown * np.cos(np.radians(angle))], [0, shown * np.sin(np.radians(angle))])
        self.query.set_marker((3, 0, angle - 90))  # a triangle that points along the arrow
        self.mix.set_data(self.mixed[:1], self.mixed[1:])
        for bar, weight in zip(self.bars, self.weights, strict=True):
            bar.set_ydata([0, weight])

    def describe(self) -> tuple[str, str]:
        """Return a row each for scores and weights; then how far the attention is spread."""
        angle, length = self.value("angle"), self.value("length")
        positive = self.weights[self.weights > 0]
        spread = float(np.exp(-(positive * np.log(positive)).sum()))
        rows = [
            f"query: direction {angle:.0f}°, length {length:.1f}",
            f"{'key':<16}" + "".join(f"{name:>9}" for name in NAMES),
            f"{'score q·k/√2':<16}" + "".join(f"{score:>9.2f}" for score in self.scores),
            f"{'weight':<16}"
            + "".join(f"{weight:>9.4f}" for weight in self.weights)
            + f"   sum {self.weights.sum():.4f}",
            f"spread over {spread:.2f} keys (the exponential of the entropy)",
        ]
        told = ", ".join(f"{name} {weight:.2f}" for name, weight in zip(NAMES, self.weights, strict=True))
        mask = " D and E are masked." if self.value("mask") else ""
        alt = (
            f"Left, five keys A to E on a circle, an arrow for the query at {angle:.0f}° with length {length:.1f}, and "
            f"a star for the mix of the keys at ({self.mixed[0]:.2f}, {self.mixed[1]:.2f}). Right, bars, the weights: "
            f"{told}; a dotted line marks one fifth.{mask}"
        )
        return "\n".join(rows), alt

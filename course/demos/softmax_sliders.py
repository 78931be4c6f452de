"""Logits to probabilities: softmax with a temperature against independent sigmoids, and the entropy of softmax."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from course import style
from course.computations.functions import FloatArray
from course.computations.training import one_thread
from course.demos.framework.base import Demo
from course.demos.framework.controls import row, slider

START = {"A": 2.0, "B": 1.0, "C": 0.5, "D": -1.0}
LARGEST = 5.0  # of a logit
COLDEST, HOTTEST = 0.1, 10.0
TEMPERATURES = np.geomspace(COLDEST, HOTTEST, 61)  # where the curves are drawn
MOST_BITS = math.log2(len(START))
SIDE = 0.17  # a bar stands this far left or right of its class
LOOKS = (
    (style.BLUE, style.SOLID),
    (style.VERMILLION, style.DASHED),
    (style.GREEN, style.DASHDOT),
    (style.PURPLE, style.DASHDOTDOT),
)


def softmax_and_sigmoid(logits: ArrayLike, temperatures: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return what the two make of the logits over each temperature.

    Parameters
    ----------
    logits : ArrayLike
        array_like of float, shape (k,).
    temperatures : array_like of float, shape (t,)
        Positive.

    Returns
    -------
    softmax, sigmoid : ndarray of float64, shape (t, k)
        Rows of the first sum to 1. Elements of the second do not depend on each other.
    """
    z = torch.from_numpy(np.divide.outer(logits, temperatures).T.copy())
    with one_thread():
        return torch.softmax(z, dim=1).numpy(), torch.sigmoid(z).numpy()


def entropy(probabilities: FloatArray) -> FloatArray:
    """Return the entropy in bits along the last axis, between 0 and log2(k); 0 · log 0 counts as 0."""
    nats = torch.special.entr(torch.from_numpy(probabilities)).sum(-1).numpy()
    return np.asarray(nats / math.log(2.0))


class SoftmaxSliders(Demo):
    """Move four logits and the temperature: softmax shares one unit out, each sigmoid answers for itself."""

    title = "Logits, softmax and sigmoids"
    size = (800, 340)
    stills: ClassVar = {"06a_softmax": {}, "06b_softmax_hot": {"temperature": 5.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return a slider for each logit, and the temperature."""
        logits = {
            name: slider(f"logit {name}", z, -LARGEST, LARGEST, 0.1, width=370, shown=".1f")
            for name, z in START.items()
        }
        return {**logits, "temperature": slider("temperature T", 1.0, COLDEST, HOTTEST, 0.1, width=370, shown=".1f")}

    def layout_controls(self) -> widgets.Widget:
        """Put the logits in one row that wraps, the temperature below."""
        *logits, temperature = self.controls.values()
        return widgets.VBox([row(logits), temperature])

    def build(self, figure: Figure) -> None:
        """Build bars for both, softmax against the temperature, and its entropy."""
        bars, shares, bits = figure.subplots(1, 3, width_ratios=(5, 5, 3.6))
        figure.subplots_adjust(left=0.05, right=0.985, top=0.8, bottom=0.15, wspace=0.24)
        style.style_axes(bars, title="softmax, sigmoid of z/T", xlabel="class")
        style.style_axes(shares, title="softmax against T", xlabel="temperature T")
        style.style_axes(bits, title="entropy, bits", xlabel="temperature T")
        bars.set(xlim=(-0.5, len(START) - 0.5), ylim=(0, 1.04))
        bars.set_xticks(range(len(START)), list(START))
        shares.set(ylim=(-0.02, 1.02))
        bits.set(ylim=(-0.04, MOST_BITS * 1.04))
        for axes in (shares, bits):
            axes.set(xscale="log", xlim=(COLDEST, HOTTEST))
            axes.set_xticks([0.1, 0.5, 1, 2, 10], ["0.1", "0.5", "1", "2", "10"])
            axes.minorticks_off()
        for axes, level in ((shares, 1 / len(START)), (bits, MOST_BITS)):
            axes.axhline(level, color=style.GREY, linestyle=style.DOTTED, linewidth=1.2)
        self._build_artists(bars, shares, bits)
        figure.legend(
            handles=[*self.bars, *self.shares], loc="upper left", ncols=6, frameon=False, borderaxespad=0.2,
            handlelength=2.4, columnspacing=1.2,
        )  # fmt: skip

    def _build_artists(self, bars: Axes, shares: Axes, bits: Axes) -> None:
        tip: dict[str, Any] = {"markevery": (1, 3), "markersize": 10, "markeredgewidth": 2, "markerfacecolor": "white"}
        self.bars = [
            bars.plot([], [], color=colour, marker=marker, label=label, linewidth=7, solid_capstyle="butt", **tip)[0]
            for colour, marker, label in ((style.SKY, "o", "softmax"), (style.ORANGE, "^", "sigmoid"))
        ]
        self.shares = [
            shares.plot([], [], color=colour, linestyle=dash, label=f"class {name}")[0]
            for name, (colour, dash) in zip(START, LOOKS, strict=True)
        ]
        (self.bits,) = bits.plot([], [], color=style.BLACK)
        self.cursors = [axes.axvline(1.0, color=style.GREY, linewidth=1.2) for axes in (shares, bits)]
        dot: dict[str, Any] = {"color": style.BLACK, "marker": "o", "linestyle": "none", "markeredgecolor": "white"}
        self.points = [axes.plot([], [], markersize=7, clip_on=False, **dot)[0] for axes in (shares, bits)]
        self.canvas.animate([*self.bars, *self.cursors, *self.shares, self.bits, *self.points])

    def update(self) -> None:
        """Draw both functions at this temperature, softmax and its entropy at all."""
        *self.logits, self.temperature = (float(self.value(name)) for name in self.controls)
        shares, _ = softmax_and_sigmoid(self.logits, TEMPERATURES)
        here = softmax_and_sigmoid(self.logits, [self.temperature])
        self.softmax, self.sigmoid = (values[0] for values in here)
        self.here_bits = float(entropy(self.softmax))
        for bar, values, side in zip(self.bars, (self.softmax, self.sigmoid), (-SIDE, SIDE), strict=True):
            bar.set_data(*style.strokes(np.arange(len(values)) + side, 0.0, values))
        for line, values in zip(self.shares, shares.T, strict=True):
            line.set_data(TEMPERATURES, values)
        self.bits.set_data(TEMPERATURES, entropy(shares))
        for cursor in self.cursors:
            cursor.set_xdata([self.temperature] * 2)
        self.points[0].set_data([self.temperature] * len(self.softmax), self.softmax)
        self.points[1].set_data([self.temperature], [self.here_bits])

    def describe(self) -> tuple[str, str]:
        """Return a row for each class, the sums, and the entropy."""
        rows = [f"{'class':<8}{'logit z':>8}{'softmax(z/T)':>15}{'sigmoid(z/T)':>15}"]
        for name, z, p, s in zip(START, self.logits, self.softmax, self.sigmoid, strict=True):
            rows.append(f"{name:<8}{z:>8.1f}{p:>15.4f}{s:>15.4f}")
        rows.append(f"{'sum':<16}{self.softmax.sum():>15.4f}{self.sigmoid.sum():>15.4f}")
        rows.append(
            f"T = {self.temperature:.1f}: entropy of softmax {self.here_bits:.3f} of at most {MOST_BITS:.0f} bits"
        )
        shares = ", ".join(f"{name} {p:.2f}" for name, p in zip(START, self.softmax, strict=True))
        alone = ", ".join(f"{name} {s:.2f}" for name, s in zip(START, self.sigmoid, strict=True))
        alt = (
            f"Left: two bars for each of four classes at temperature {self.temperature:.1f}, softmax in sky blue with "
            f"a round tip ({shares}; they sum to 1) and sigmoid in orange with a triangle ({alone}; they sum to "
            f"{self.sigmoid.sum():.2f}). Middle: the four softmax probabilities against the temperature from 0.1 to "
            f"10, logarithmic; to the right all come closer to one quarter, a dotted line. Right: the entropy of "
            f"softmax in bits against the temperature, {self.here_bits:.2f} here, with a dotted line at 2 bits."
        )
        return "\n".join(rows), alt

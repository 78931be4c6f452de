"""Naive against stable softmax: the same shift of all logits changes nothing on paper, and much in the computer."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import style
from course.computations.functions import FloatArray
from course.computations.training import one_thread
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, slider

LOGITS = np.array([2.0, 1.0, 0.5, -1.0])
NAMES = "ABCD"
REACH = 120.0  # of the shift
SHIFTS = np.arange(-REACH, REACH + 1.0)
FORMATS = {"float32": "float32", "float16 (half precision)": "float16"}
ROUNDINGS = 2  # of a number format: smaller errors are drawn at this height, for they differ by processor
NO_NUMBER = 30.0  # on the error axis: where nan is drawn
SIDE = 0.14

Logits = NDArray[np.floating[Any]]


def rounded_logits(spread: float, shifts: FloatArray, kind: str) -> Logits:
    """Return spread · LOGITS + shift, rounded to the number format `kind`: shape (len(shifts), 4)."""
    return (spread * LOGITS + shifts[:, None]).astype(kind)


def naive(z: Logits) -> Logits:
    """Return the softmax along the last axis as the formula reads; inf, nan and 0 where that leads."""
    with np.errstate(all="ignore"):
        powers = np.exp(z)
        return powers / powers.sum(axis=-1, keepdims=True)


def stable(z: Logits) -> Logits:
    """Return torch's softmax along the last axis, in the number format of `z`."""
    with one_thread():
        return torch.softmax(torch.from_numpy(z), dim=-1).numpy()


def error(probabilities: Logits, z: Logits) -> FloatArray:
    """Return the largest distance in each row from softmax in float64 of the same logits.

    Nan if a probability is nan.
    """
    exact = stable(z.astype(np.float64))
    return np.asarray(np.abs(probabilities.astype(np.float64) - exact).max(axis=-1))


def log_probabilities(z: Logits) -> tuple[FloatArray, FloatArray]:
    """Return the logarithm of the naive probabilities, and torch's log_softmax, both in the number format of `z`."""
    with np.errstate(all="ignore"):
        logarithm = np.log(naive(z))
    with one_thread():
        together = torch.log_softmax(torch.from_numpy(z), dim=-1).numpy()
    return logarithm.astype(np.float64), together.astype(np.float64)


def rounding_of(kind: str) -> float:
    """Return what an error in this number format is drawn as if it is rounding and nothing more."""
    return ROUNDINGS * float(np.finfo(kind).eps)


class StableSoftmax(Demo):
    """Add the same number to all logits until the naive softmax fails, and see that the stable one does not."""

    title = "Naive and stable softmax"
    size = (800, 340)
    stills: ClassVar = {"06a_naive_overflow": {"shift": 88.0}, "06a_naive_underflow": {"shift": -101.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return the shift, a factor for the logits, and the number format."""
        return {
            "shift": slider("shift c", 0.0, -REACH, REACH, 1.0, width=360, shown=".0f"),
            "spread": slider("logits times", 1.0, 0.5, 50.0, 0.5, width=360, shown=".1f"),
            "kind": menu("format", list(FORMATS.items()), "float32", width=290, aligned=True),
        }

    def build(self, figure: Figure) -> None:
        """Build the probabilities of both, and their errors against the shift."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.5))
        figure.subplots_adjust(left=0.05, right=0.985, top=0.83, bottom=0.15, wspace=0.2)
        style.style_axes(left, title="probabilities at shift c", xlabel="class")
        style.style_axes(right, title="largest error of a probability", xlabel="shift c")
        left.set(xlim=(-0.5, 3.5), ylim=(-0.03, 1.12))
        left.set_xticks(range(4), list(NAMES))
        right.set(xlim=(-REACH, REACH), yscale="log", ylim=(3e-8, NO_NUMBER * 4))
        right.set_yticks([1e-6, 1e-3, 1, NO_NUMBER], ["10⁻⁶", "0.001", "1", "nan"])
        right.minorticks_off()
        self.probabilities = [
            left.plot([], [], linestyle="none", color=colour, marker=marker, markersize=10, label=label)[0]
            for colour, marker, label in ((style.VERMILLION, "s", "naive"), (style.BLUE, "o", "stable"))
        ]
        (self.missing,) = left.plot(
            [], [], "x", color=style.VERMILLION, markersize=9, markeredgewidth=2, label="naive is nan", clip_on=False
        )
        self.errors = [
            right.plot([], [], ".", color=style.VERMILLION, markersize=5)[0],
            right.plot([], [], color=style.BLUE)[0],
        ]
        (self.no_number,) = right.plot([], [], color=style.VERMILLION, linewidth=7, solid_capstyle="butt")
        self.cursor = right.axvline(0.0, color=style.GREY, linewidth=1.2)
        figure.legend(
            handles=[*self.probabilities, self.missing], loc="upper left", ncols=3, frameon=False, handletextpad=0.2,
            columnspacing=1.2, borderaxespad=0.2,
        )  # fmt: skip
        self.canvas.animate([self.cursor, *self.errors, self.no_number, *self.probabilities, self.missing])

    def update(self) -> None:
        """Draw both softmaxes at this shift, their errors at all."""
        shift, spread = float(self.value("shift")), float(self.value("spread"))
        kind = self.value("kind")
        self.logits = rounded_logits(spread, np.array([shift]), kind)[0]
        self.naive, self.stable = naive(self.logits), stable(self.logits)
        classes = np.arange(len(LOGITS))
        for points, values, side in zip(self.probabilities, (self.naive, self.stable), (-SIDE, SIDE), strict=True):
            points.set_data(classes + side, values)
        lost = classes[np.isnan(self.naive)] - SIDE
        self.missing.set_data(lost, np.zeros(len(lost)))
        z = rounded_logits(spread, SHIFTS, kind)
        for line, function in zip(self.errors, (naive, stable), strict=True):
            line.set_data(SHIFTS, np.maximum(error(function(z), z), rounding_of(kind)))
        failed = np.isnan(naive(z)).any(axis=1)
        self.no_number.set_data(SHIFTS, np.where(failed, NO_NUMBER, np.nan))
        self.cursor.set_xdata([shift, shift])

    def describe(self) -> tuple[str, str]:
        """Return a row for each class with probabilities and their logarithms, and the errors."""
        shift, kind = float(self.value("shift")), self.value("kind")
        logarithm, together = log_probabilities(self.logits)
        rows = [f"{'class':<7}{'logit':>8}{'naive':>11}{'stable':>11}{'log of naive':>15}{'log_softmax':>14}"]
        for row in zip(NAMES, self.logits, self.naive, self.stable, logarithm, together, strict=True):
            name, z, p, q, log_p, log_q = row
            rows.append(f"{name:<7}{z:>8.1f}{p:>11.3g}{q:>11.3g}{log_p:>15.5g}{log_q:>14.5g}")
        errors = [float(error(p, self.logits)) for p in (self.naive, self.stable)]
        rows.append(f"shift c = {shift:.0f}, {kind}: largest error naive {errors[0]:.2g}, stable {errors[1]:.2g}")
        fate = "nan for at least one class" if np.isnan(self.naive).any() else f"an error of {errors[0]:.2g}"
        alt = (
            f"Left: the probabilities of four classes with shift {shift:.0f}, naive as vermillion squares and stable "
            f"as blue dots; a cross stands for nan. The naive softmax has {fate}. Right: the largest error against the "
            f"shift from −120 to 120, logarithmic, in {kind}: the naive one (vermillion dots) grows on the left and "
            f"ends in nan on both sides, drawn as a thick line at the top; the stable one (blue, solid) stays at the "
            f"bottom everywhere, where all errors are drawn that are rounding."
        )
        return "\n".join(rows), alt

"""Zigzag: gradient descent on the two weights of one unit, with all-positive and with centred inputs.

The unit is linear, y = w·x, and learns a known target w* from one sample at a time with the loss
(w·x - w*·x)² / 2. Its gradient is (w·x - w*·x) x: a number times the input. If both inputs are positive,
both weights move the same way. See LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998), section 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from course import style
from course.demos.framework.base import Demo
from course.demos.framework.controls import slider

FloatArray = NDArray[np.float64]

START = np.array([-1.5, 1.5])
TARGET = np.array([1.0, -1.0])  # one weight must grow while the other shrinks
TOLERANCE = 0.05
BUDGET = 400  # steps
ORDERS = 15  # random orders of the samples
RATES = np.geomspace(0.02, 1.6, 30)
FAR = 50.0  # further from the target than this is divergence


@cache
def centred_inputs() -> FloatArray:
    """Return the inputs before the offset, uniform on [-1, 1]: shape (ORDERS, BUDGET, 2)."""
    return np.random.default_rng(0).uniform(-1.0, 1.0, (ORDERS, BUDGET, 2))


@dataclass(frozen=True)
class Path:
    """One run. `weights` has a row per step and the start: shape (steps + 1, 2)."""

    weights: FloatArray
    reached: bool
    diverged: bool

    @property
    def steps(self) -> int:
        """Number of steps taken."""
        return len(self.weights) - 1

    @property
    def same_direction(self) -> float:
        """Share of steps, in [0, 1], in which both weights went up or both went down."""
        moves = np.diff(self.weights, axis=0)
        return float(np.mean(moves[:, 0] * moves[:, 1] > 0))


def descend(inputs: FloatArray, rate: float) -> Path:
    """Descend the gradient from START, one sample per step, until TARGET is within TOLERANCE.

    Parameters
    ----------
    inputs : ndarray of float, shape (n, 2)
        The samples in the order they are used.
    rate : float
        Learning rate, positive.

    Returns
    -------
    Path
        It ends early when the target is reached, or when the weights are further away than FAR.
    """
    weights = [START]
    for x in inputs:
        weights.append(weights[-1] - rate * ((weights[-1] - TARGET) @ x) * x)
        distance = np.hypot(*(weights[-1] - TARGET))
        if distance < TOLERANCE or distance > FAR:
            return Path(np.array(weights), bool(distance < TOLERANCE), bool(distance > FAR))
    return Path(np.array(weights), reached=False, diverged=False)


def steps_needed(inputs: FloatArray, rates: FloatArray) -> FloatArray:
    """Return the steps to the tolerance for every order of samples and every learning rate at once.

    Parameters
    ----------
    inputs : FloatArray
        Ndarray of float, shape (orders, n, 2).
    rates : FloatArray
        Ndarray of float, shape (r,).

    Returns
    -------
    ndarray of float, shape (orders, r)
        inf where `n` steps were not enough, or the run diverged.
    """
    error = np.broadcast_to((START - TARGET)[:, None, None], (2, len(inputs), len(rates))).copy()
    steps = np.full(error.shape[1:], np.inf)
    running = np.ones(steps.shape, dtype=bool)
    for count, x in enumerate(np.moveaxis(inputs, 0, -1), start=1):
        slope = running * rates * (error[0] * x[0, :, None] + error[1] * x[1, :, None])
        error -= slope * x[:, :, None]
        square = error[0] ** 2 + error[1] ** 2
        steps[running & (square < TOLERANCE**2)] = count
        running &= (square >= TOLERANCE**2) & (square <= FAR**2)
    return steps


@cache
def speed(offset: float) -> FloatArray:
    """Return the quartiles of `steps_needed` over the orders, inputs moved by `offset`: shape (3, len(RATES))."""
    return np.quantile(steps_needed(centred_inputs() + offset, RATES), (0.25, 0.5, 0.75), axis=0, method="nearest")


class Zigzag(Demo):
    """Move the inputs away from zero and watch the path of the weights and the learning rates that work."""

    title = "The zigzag of all-positive inputs"
    size = (800, 285)
    stills: ClassVar = {"02_zigzag": {"offset": 1.0, "rate": 0.3}}

    def make_controls(self) -> dict[str, Any]:
        """Return offset of the inputs and learning rate."""
        return {
            "offset": slider("input offset", 1.0, 0.0, 2.0, 0.1, width=370),
            "rate": slider("learning rate", 0.3, 0.02, 1.6, 0.02, width=370),
        }

    def build(self, figure: Figure) -> None:
        """Build inputs, path of the weights, and steps needed against learning rate."""
        left, middle, right = figure.subplots(1, 3)
        figure.subplots_adjust(left=0.06, right=0.985, top=0.9, bottom=0.15, wspace=0.3)
        style.style_axes(left, title="inputs", xlabel="x₁", ylabel="x₂")
        style.style_axes(middle, title="path of the weights", xlabel="w₁", ylabel="w₂")
        style.style_axes(right, title="steps needed", xlabel="learning rate")
        right.set_box_aspect(1.0)  # as high as its square neighbours
        left.set(xlim=(-1.3, 3.3), ylim=(-1.3, 3.3), aspect="equal")
        middle.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), aspect="equal")
        right.set(xscale="log", yscale="log", xlim=(RATES[0], RATES[-1]), ylim=(4, BUDGET))
        for axes in (left, middle):
            axes.axhline(0.0, color=style.GREY, linewidth=0.8)
            axes.axvline(0.0, color=style.GREY, linewidth=0.8)
        right.set_xticks([0.02, 0.1, 0.5], ["0.02", "0.1", "0.5"])
        right.set_yticks([5, 20, 100, 400], ["5", "20", "100", "400"])
        right.minorticks_off()
        self._build_artists(left, middle, right)

    def _build_artists(self, left: Any, middle: Any, right: Any) -> None:
        (self.inputs,) = left.plot([], [], ".", color=style.GREEN, markersize=4.5)
        middle.plot(*START, "s", color=style.BLACK, markersize=7, label="start")
        middle.plot(*TARGET, "*", color=style.BLACK, markersize=13, label="target")
        middle.legend(loc="upper right", frameon=False, handletextpad=0.1, borderaxespad=0.0)
        (self.path,) = middle.plot([], [], ".-", color=style.VERMILLION, linewidth=1.3, markersize=5)
        right.plot(RATES, _gaps(speed(0.0)[1]), color=style.BLUE, linestyle=style.DASHED, label="offset 0")
        (self.speed,) = right.plot([], [], color=style.VERMILLION, label="this offset")
        self.spread = Polygon(np.zeros((1, 2)), color=style.VERMILLION, alpha=0.2, linewidth=0)
        right.add_patch(self.spread)
        self.cursor = right.axvline(0.3, color=style.GREY, linewidth=1.2)
        right.legend(loc="upper right", frameon=False, handlelength=2.2, borderaxespad=0.1)
        self.canvas.animate([self.inputs, self.path, self.spread, self.speed, self.cursor])

    def update(self) -> None:
        """Run the path at this offset and learning rate, and look up the speed curve."""
        offset, rate = float(self.value("offset")), float(self.value("rate"))
        inputs = centred_inputs()[0] + offset
        self.run = descend(inputs, rate)
        self.curve = speed(round(offset, 6))
        self.inputs.set_data(inputs[:, 0], inputs[:, 1])
        self.path.set_data(self.run.weights[:, 0], self.run.weights[:, 1])
        self.speed.set_data(RATES, _gaps(self.curve[1]))
        self.spread.set_xy(_outline(RATES, self.curve[0], self.curve[2]))
        self.cursor.set_xdata([rate, rate])

    def describe(self) -> tuple[str, str]:
        """Return what happened in the run, and the best learning rate of each curve."""
        offset, rate = float(self.value("offset")), float(self.value("rate"))
        inputs = centred_inputs()[0] + offset
        rows = [
            f"inputs from {inputs.min():.2f} to {inputs.max():.2f}, "
            f"{np.mean(np.all(inputs > 0, axis=1)):.0%} of the samples all positive",
            f"learning rate {rate:.2f}: {self._outcome()}",
            f"both weights moved the same way in {self.run.same_direction:.0%} of the steps",
            f"fewest steps at any learning rate, median of {ORDERS} sample orders: "
            f"{_best(self.curve)} (offset 0: {_best(speed(0.0))})",
        ]
        alt = (
            f"Left: a square cloud of inputs centred at ({offset:.1f}, {offset:.1f}). Middle: the path of the "
            f"weights from the start (−1.5, 1.5), upper left, towards the target (1, −1), lower right; "
            f"{self._outcome()}. Right: steps needed against learning rate, logarithmic on both axes; a dashed "
            f"blue line for offset 0, a solid vermillion line for this offset, shaded between the quartiles."
        )
        return "\n".join(rows), alt

    def _outcome(self) -> str:
        if self.run.diverged:
            return f"diverged after {self.run.steps} steps; lower the learning rate"
        if not self.run.reached:
            return f"not within {TOLERANCE} of the target after {BUDGET} steps"
        return f"within {TOLERANCE} of the target after {self.run.steps} steps"


def _gaps(steps: FloatArray) -> FloatArray:
    """Return `steps` with NaN instead of inf, so that a line breaks there."""
    return np.where(np.isfinite(steps), steps, np.nan)


def _outline(x: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return the corners of the area between two curves where the lower one is finite: shape (n, 2)."""
    use = np.isfinite(low)
    top = np.minimum(high[use], 10.0 * BUDGET)
    return np.concatenate([np.c_[x[use], low[use]], np.c_[x[use], top][::-1]])


def _best(quartiles: FloatArray) -> str:
    best = int(np.argmin(quartiles[1]))
    return f"{quartiles[1][best]:.0f} at {RATES[best]:.2f}"

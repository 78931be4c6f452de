"""Curve fit: one hidden layer with k units on an interval, its output weights fitted by least squares."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import numpy as np
import torch
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray
from course.computations.training import one_thread
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, menu, slider

MOST = 64  # hidden units
COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)  # of units, for the error curve
SAMPLES = 193  # on [0, 1], where the network is fitted
SHOWN = (-0.3, 1.3)
SMALLEST = 1e-5  # of the error axis
CHOICES = {"none: linear": "identity", "ReLU": "relu", "tanh": "tanh", "sigmoid": "sigmoid"}


def target(x: FloatArray, waves: float) -> FloatArray:
    """Return the curve to fit: `waves` periods of a sine on [0, 1]."""
    return np.asarray(np.sin(2 * np.pi * waves * x), dtype=np.float64)


def hidden(x: FloatArray, units: int, activation: str) -> FloatArray:
    """Return the hidden layer's outputs and a last column of ones, for the output's bias: shape (n, units + 1).

    Unit j has the pre-activation (x - j/k) · slope, so the units switch at even steps from 0 on. The slope is 1
    for ReLU, where it does not matter, and grows with k for the others, so that neighbours overlap.
    """
    slope = 1.0 if activation in ("relu", "identity") else float(units)
    z = (x[:, None] - np.arange(units) / units) * slope
    with one_thread():
        outputs = ACTIVATIONS[activation].torch_function(torch.from_numpy(z)).numpy()
    return np.column_stack([outputs, np.ones(len(x))])


@cache
def samples() -> FloatArray:
    """Return where the network is fitted: SAMPLES even steps on [0, 1]."""
    return np.linspace(0.0, 1.0, SAMPLES)


@cache
def design(units: int, activation: str) -> tuple[FloatArray, FloatArray]:
    """Return the hidden layer's outputs on the samples, shape (SAMPLES, units + 1), and their pseudo-inverse."""
    outputs = hidden(samples(), units, activation)
    with one_thread():
        return outputs, torch.linalg.pinv(torch.from_numpy(outputs)).numpy()


def fit(units: int, activation: str, waves: float) -> FloatArray:
    """Return the output weights and bias with the least squared error on the samples: shape (units + 1,)."""
    _, inverse = design(units, activation)
    return inverse @ target(samples(), waves)


def largest_error(units: int, activation: str, waves: float) -> float:
    """Return the largest distance between the curve and the fitted network on the samples."""
    outputs, _ = design(units, activation)
    return float(np.abs(outputs @ fit(units, activation, waves) - target(samples(), waves)).max())


class CurveFit(Demo):
    """Add hidden units and see the fit get closer; without an activation it stays a straight line."""

    title = "One hidden layer fits a curve"
    size = (800, 350)
    stills: ClassVar = {
        "01_fit_relu": {"units": 12, "activation": "relu"},
        "01_fit_linear": {"units": 64, "activation": "identity"},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return the number of hidden units, the curve, and the activation."""
        return {
            "units": count_slider("hidden units k", 6, 1, MOST, width=340),
            "waves": slider("waves of the curve", 1.5, 0.5, 4.0, 0.1, width=340),
            "activation": menu("activation", list(CHOICES.items()), "relu", width=220, aligned=True),
        }

    def build(self, figure: Figure) -> None:
        """Build the curve with its fit, and the error against the number of units."""
        left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
        figure.subplots_adjust(left=0.055, right=0.985, top=0.83, bottom=0.14, wspace=0.22)
        style.style_axes(left, title="curve and network", xlabel="x")
        style.style_axes(right, title="largest error on [0, 1]", xlabel="hidden units k")
        left.set(xlim=SHOWN, ylim=(-2.1, 2.1))
        for outside in ((SHOWN[0], 0.0), (1.0, SHOWN[1])):
            left.axvspan(*outside, color=style.PALE, linewidth=0, zorder=0)
        right.set(xscale="log", yscale="log", xlim=(0.9, MOST * 1.1), ylim=(SMALLEST, 5))
        right.set_xticks([1, 4, 16, 64], ["1", "4", "16", "64"])
        right.set_yticks([1e-4, 1e-2, 1], ["0.0001", "0.01", "1"])
        right.minorticks_off()
        (self.curve,) = left.plot([], [], color=style.BLACK, linestyle=style.DOTTED, label="curve")
        (self.network,) = left.plot([], [], color=style.VERMILLION, label="network")
        (self.switches,) = left.plot([], [], "|", color=style.BLUE, markersize=11, label="units switch here")
        (self.worst,) = right.plot([], [], color=style.VERMILLION, marker=".", markersize=7)
        (self.here,) = right.plot([], [], "o", color=style.BLUE, markersize=9, markeredgecolor="white")
        figure.legend(
            handles=[self.curve, self.network, self.switches], loc="upper left", ncols=3, frameon=False,
            handlelength=2.4, borderaxespad=0.2, columnspacing=1.4,
        )  # fmt: skip
        self.canvas.animate([self.curve, self.network, self.switches, self.worst, self.here])
        self._x = np.linspace(*SHOWN, 401)

    def update(self) -> None:
        """Fit the output weights; draw the network also where it was not fitted."""
        units, waves = int(self.value("units")), float(self.value("waves"))
        activation = self.value("activation")
        weights = fit(units, activation, waves)
        self.largest = largest_error(units, activation, waves)
        self.curve.set_data(self._x, target(self._x, waves))
        self.network.set_data(self._x, hidden(self._x, units, activation) @ weights)
        switching = 0 if activation == "identity" else units
        self.switches.set_data(np.arange(switching) / units, np.full(switching, -1.9))
        self.worst.set_data(COUNTS, [max(largest_error(k, activation, waves), SMALLEST) for k in COUNTS])
        self.here.set_data([units], [max(self.largest, SMALLEST)])

    def describe(self) -> tuple[str, str]:
        """Return the error at this number of units, and what the network is outside of [0, 1]."""
        units, waves = int(self.value("units")), float(self.value("waves"))
        activation = self.value("activation")
        name = next(label for label, value in CHOICES.items() if value == activation)
        reached = np.asarray(self.network.get_ydata())[-1]
        rows = [
            f"{units} hidden units, activation {name}; {waves:.1f} waves",
            f"largest error on [0, 1]: {self.largest:.2g}",
            f"at x = {SHOWN[1]}, outside: curve {float(target(np.array(SHOWN[1]), waves)):.2f}, network {reached:.2f}",
        ]
        alt = (
            f"Left: a sine curve with {waves:.1f} waves on [0, 1] (black, dotted) and the network with {units} hidden "
            f"units (vermillion, solid), from −0.3 to 1.3; the parts outside of [0, 1], where it was not fitted, are "
            f"grey. Blue ticks mark where the units switch. Right: largest error on [0, 1] against the number of "
            f"units, both logarithmic, for activation {name}; a blue dot marks {units} units with an error of "
            f"{self.largest:.2g}."
        )
        return "\n".join(rows), alt

"""The dip: GELU, SiLU and Mish fall before they rise, so that two inputs can give the same output."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import numpy as np
import torch
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, evaluate
from course.demos.framework.base import Demo
from course.demos.framework.controls import slider

X = np.linspace(-6.0, 1.0, 561)
SHOWN = ("gelu", "silu", "mish")
_FAR = 60.0  # further left every one of them is above -1e-20


@cache
def minimum(name: str) -> tuple[float, float]:
    """Return place and value of the minimum of the function `name`: the zero of its slope, by bisection."""
    low, high = -3.0, 0.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if evaluate(name, middle)[1] < 0 else (low, middle)
    place = 0.5 * (low + high)
    return place, float(evaluate(name, place)[0])


def inputs_with_output(name: str, level: float) -> list[float]:
    """Return every x, from left to right, at which the function `name` is `level`, for `level` at most 1.

    None, one or two.

    Above the minimum and below 0 there is one x on each side of the minimum. From 0 on there is one, and x = 0
    is the only zero: on the left the functions come close to 0 and never reach it.
    """
    place, lowest = minimum(name)
    if level < lowest:
        return []
    right = _crossing(name, level, place, 2.0)
    if level >= 0:
        return [right]
    return [_crossing(name, level, place, -_FAR), right]


def _crossing(name: str, level: float, low: float, high: float) -> float:
    """Return where the function, at most `level` at `low` and at least `level` at `high`, meets it.

    All halvings at once.

    A grid of 65 points instead of one midpoint needs nine steps to the last digit, not fifty.
    """
    value = ACTIVATIONS[name].torch_function  # without autograd: this runs dozens of times for each picture
    for _ in range(9):
        x = np.linspace(low, high, 65)
        above = int(np.argmax(value(torch.from_numpy(x)).numpy() >= level))
        low, high = float(x[max(above - 1, 0)]), float(x[above])
    return 0.5 * (low + high)


class Dip(Demo):
    """Move the output level: each function reaches it at no, one or two inputs."""

    title = "The dip"
    size = (700, 360)
    stills: ClassVar = {"04_dip": {"level": -0.12}}

    def make_controls(self) -> dict[str, Any]:
        """Return the output level."""
        return {"level": slider("output level", -0.12, -0.35, 0.15, 0.005, width=420, shown=".3f")}

    def build(self, figure: Figure) -> None:
        """Build three curves with a band where they fall and a triangle at the minimum; a level line with crossings."""
        axes = figure.subplots()
        figure.subplots_adjust(left=0.085, right=0.98, top=0.91, bottom=0.13)
        style.style_axes(axes, title="output against input", xlabel="input x")
        axes.set(xlim=(-6, 1), ylim=(-0.36, 0.2))
        axes.axhline(0.0, color=style.GREY, linewidth=0.8)
        self.curves, self.falling, self.lowest, self.crossings = {}, {}, {}, {}
        for name in SHOWN:
            a, (place, value) = ACTIVATIONS[name], minimum(name)
            y = evaluate(name, X)[0]
            (self.curves[name],) = axes.plot(X, y, color=a.colour, linestyle=a.dash, label=a.label)
            fall = np.where(place > X, y, np.nan)
            (self.falling[name],) = axes.plot(X, fall, color=a.colour, linewidth=9, alpha=0.22)
            (self.lowest[name],) = axes.plot([place], [value], "v", color=a.colour, markersize=8)
            (self.crossings[name],) = axes.plot(
                [], [], "o", color=a.colour, markersize=9, markeredgecolor="white", clip_on=False
            )
        axes.legend(loc="upper left", frameon=False, ncols=3, handlelength=2.8, borderaxespad=0.2)
        self.level = axes.axhline(0.0, color=style.GREY, linewidth=1.4)
        self.canvas.animate([self.level, *self.crossings.values()])

    def update(self) -> None:
        """Draw the level line and its crossings with each curve inside the picture."""
        level = round(float(self.value("level")), 6)  # a slider's 0 may be off by a rounding error
        self.found = {name: inputs_with_output(name, level) for name in SHOWN}
        self.level.set_ydata([level, level])
        for name, places in self.found.items():
            inside: FloatArray = np.array([x for x in places if x >= X[0]])
            self.crossings[name].set_data(inside, np.full(len(inside), level))

    def describe(self) -> tuple[str, str]:
        """Return, for each function, the inputs that give this level, and the minimum."""
        level = round(float(self.value("level")), 6) + 0.0
        rows = [f"which x give the output {level:.3f}?"]
        for name, places in self.found.items():
            at = " and ".join(f"{x + 0.0:.4f}" for x in places) or "none"
            place, value = minimum(name)
            rows.append(f"{ACTIVATIONS[name].label:<14}{at:<22}  minimum {value:.6f} at x = {place:.4f}")
        names = ", ".join(f"{ACTIVATIONS[n].label} ({ACTIVATIONS[n].looks})" for n in SHOWN)
        counts = ", ".join(f"{ACTIVATIONS[name].label} {len(places)}" for name, places in self.found.items())
        alt = (
            f"Output against input x from −6 to 1 for {names}. Each starts close to 0 on the left, falls to a minimum "
            f"marked with a triangle, and rises through 0 at x = 0; a broad band marks where it falls. A horizontal "
            f"line at output {level:.3f} has a dot on each curve it meets. Number of inputs with this output: {counts}."
        )
        return "\n".join(rows), alt

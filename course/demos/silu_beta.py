"""SiLU with a parameter: x·σ(βx) runs from a straight line (β = 0) to ReLU (β → ∞).

Ramachandran, Zoph and Le, "Searching for Activation Functions" (2017), call it Swish; with β = 1 it is SiLU.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, sigmoid_gate
from course.demos.framework.base import Demo
from course.demos.framework.controls import slider

X = np.linspace(-6.0, 6.0, 481)
LOWEST_X, LOWEST = -1.2784645427610738, -0.2784645427610738
"""Where SiLU is smallest, and its value there: u·σ(u) = 1 at u = 1.278465, and SiLU(−u) = 1 − u."""


def swish(x: FloatArray, beta: float) -> tuple[FloatArray, FloatArray]:
    """Return value and slope of x·σ(βx) at `x` for β ≥ 0; the shape of `x`."""
    gate, gate_slope = sigmoid_gate(x, beta)
    return x * gate, gate + x * gate_slope


def dip(beta: float) -> tuple[float, float] | None:
    """Return place and value of the minimum of x·σ(βx); None for β = 0, a straight line.

    With u = βx the function is SiLU(u)/β: SiLU's minimum, both coordinates divided by β.
    """
    return (LOWEST_X / beta, LOWEST / beta) if beta > 0 else None


class SiluBeta(Demo):
    """Move β and watch the curve turn from a straight line into ReLU."""

    title = "SiLU with β"
    size = (760, 310)
    stills: ClassVar = {"04_silu_beta": {"beta": 1.0, "x": 2.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return β and the position x."""
        return {
            "beta": slider("β", 1, 0, 10, 0.1, width=360),
            "x": slider("x", 2, -6, 6, 0.05, width=360),
        }

    def build(self, figure: Figure) -> None:
        """Build the function and its slope, each between the two limits."""
        left, right = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.055, right=0.985, top=0.9, bottom=0.14, wspace=0.16)
        style.style_axes(left, title="function x·σ(βx)", xlabel="x")
        style.style_axes(right, title="slope", xlabel="x")
        left.set(xlim=(-6, 6), ylim=(-4.2, 6.3))
        right.set(xlim=(-6, 6), ylim=(-0.25, 1.25))
        silu, relu, line = ACTIVATIONS["silu"], ACTIVATIONS["relu"], ACTIVATIONS["identity"]
        left.plot([-6, 0, 6], [0, 0, 6], color=relu.colour, linestyle=relu.dash, label="ReLU, β → ∞")
        left.plot([-6, 6], [-3, 3], color=line.colour, linestyle=line.dash, label="x/2, β = 0")
        right.plot([-6, 0, np.nan, 0, 6], [0, 0, np.nan, 1, 1], color=relu.colour, linestyle=relu.dash)
        right.plot([-6, 6], [0.5, 0.5], color=line.colour, linestyle=line.dash)
        self.curves = [axes.plot([], [], color=silu.colour)[0] for axes in (left, right)]
        looks: dict[str, Any] = {"color": silu.colour, "marker": "o", "markersize": 8, "markeredgecolor": "white"}
        self.points = [axes.plot([], [], **looks)[0] for axes in (left, right)]
        self.cursors = [axes.axvline(0.0, color=style.GREY, linewidth=1.2) for axes in (left, right)]
        (self.lowest,) = left.plot([], [], "v", color=style.VERMILLION, markersize=9, label="minimum")
        left.legend(loc="lower right", frameon=False, handlelength=2.6, borderaxespad=0.1)
        self.canvas.animate([*self.cursors, *self.curves, self.lowest, *self.points])

    def update(self) -> None:
        """Draw curve, minimum and trace at this β."""
        beta, x = float(self.value("beta")), float(self.value("x"))
        self.traced = tuple(float(y[0]) for y in swish(np.array([x]), beta))
        for curve, y in zip(self.curves, swish(X, beta), strict=True):
            curve.set_data(X, y)
        for point, cursor, height in zip(self.points, self.cursors, self.traced, strict=True):
            point.set_data([x], [height])
            cursor.set_xdata([x, x])
        lowest = dip(beta)
        self.lowest.set_data(*([[], []] if lowest is None else [[lowest[0]], [lowest[1]]]))

    def describe(self) -> tuple[str, str]:
        """Return value and slope at x, the minimum, and the distance from ReLU."""
        beta, x = float(self.value("beta")), float(self.value("x"))
        value, slope = self.traced
        lowest = dip(beta)
        if lowest is None:
            minimum = "no minimum: the straight line x/2"
        else:
            minimum = f"minimum {lowest[1]:.6f} at x = {lowest[0]:.4f}; nowhere further than {-lowest[1]:.4f} from ReLU"
        name = {1.0: " (SiLU)", 1.7: " (close to GELU)"}.get(beta, "")
        rows = [f"β = {beta:.1f}{name}", f"at x = {x:.2f}: value {value:.5f}, slope {slope:.5f}", minimum]
        alt = (
            f"Two panels over x from −6 to 6. Left, x·σ(βx) for β = {beta:.1f} as a solid blue line between limits: "
            f"the dotted black line x/2 for β = 0 and the dash-dot green ReLU for β → ∞; {minimum}, marked with a "
            f"triangle where there is one. Right, the slopes of all three. A vertical line marks x = {x:.2f}."
        )
        return "\n".join(rows), alt

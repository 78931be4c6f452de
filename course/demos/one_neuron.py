"""One neuron: a weight, a bias and an activation function turn one input into one output."""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, evaluate
from course.demos.framework.base import Demo
from course.demos.framework.controls import buttons, row, slider

REACH = 3.0  # inputs from -REACH to REACH
X = np.linspace(-REACH, REACH, 241)
HEIGHTS = {"identity": (-4.0, 4.0), "relu": (-1.6, 4.0), "sigmoid": (-0.4, 1.4), "tanh": (-1.5, 1.5)}
"""What the vertical axis shows for each function, in the order of the buttons."""


def neuron(activation: str, weight: float, bias: float, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return pre-activation z = weight·x + bias and output f(z) at the inputs `x`, each in the shape of `x`."""
    z = weight * x + bias
    return z, evaluate(activation, z)[0]


def switch(weight: float, bias: float) -> float | None:
    """Return the input at which the pre-activation is 0; None for a weight of 0, when no single input has it."""
    return -bias / weight + 0.0 if weight else None


class OneNeuron(Demo):
    """Set weight and bias, choose the activation, and read off the output at x."""

    title = "One neuron"
    size = (660, 330)
    stills: ClassVar = {"00_one_neuron": {"activation": "relu", "weight": 1.5, "bias": -1.0, "x": 2.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return the activation, weight and bias, and the input x."""
        return {
            "activation": buttons("activation", [(ACTIVATIONS[name].label, name) for name in HEIGHTS], "relu"),
            "weight": slider("weight w", 1.5, -2.0, 2.0, 0.05, width=300),
            "bias": slider("bias b", -1.0, -2.0, 2.0, 0.05, width=300),
            "x": slider("input x", 2.0, -REACH, REACH, 0.05, width=300),
        }

    def layout_controls(self) -> widgets.Widget:
        """Return the buttons in one row, the sliders in the next."""
        sliders = [self.controls[name] for name in ("weight", "bias", "x")]
        return widgets.VBox([self.controls["activation"], row(sliders)])

    def build(self, figure: Figure) -> None:
        """Build the pre-activation as a thin line, the output on top of it, and the trace at x."""
        self.axes = figure.subplots()
        figure.subplots_adjust(left=0.075, right=0.985, top=0.83, bottom=0.14)
        style.style_axes(self.axes, xlabel="input x")
        self.axes.set_xlim(-1.04 * REACH, 1.04 * REACH)  # room for the point at either end
        self.axes.axhline(0.0, color=style.GREY, linewidth=0.8)
        (self.line,) = self.axes.plot([], [], color=style.GREY, linestyle=style.DOTTED, linewidth=1.6)
        (self.output,) = self.axes.plot([], [], linewidth=2.6)
        (self.zero,) = self.axes.plot([], [], "D", color=style.BLACK, markersize=8, markeredgecolor="white")
        (self.point,) = self.axes.plot([], [], "o", markersize=10, markeredgecolor="white")
        self.cursor = self.axes.axvline(0.0, color=style.GREY, linewidth=1.2)
        self.legend = figure.legend(
            [self.line, self.output, self.zero], ["pre-activation z = w·x + b", "", "z = 0"],
            loc="upper right", ncols=3, frameon=False, handlelength=2.8, columnspacing=1.6,
        )  # fmt: skip
        self.canvas.animate([self.cursor, self.line, self.output, self.zero, self.point])
        self._shown = ""

    def update(self) -> None:
        """Draw both lines and the trace; axis and legend only when another function is chosen."""
        name = self.value("activation")
        weight, bias, x = (float(self.value(key)) for key in ("weight", "bias", "x"))
        if name != self._shown:
            self._dress(name)
        z, output = neuron(name, weight, bias, X)
        self.line.set_data(X, z)
        self.output.set_data(X, output)
        crossing = switch(weight, bias)
        self.zero.set_data(*([[], []] if crossing is None else [[crossing], [0.0]]))
        z_here, output_here = neuron(name, weight, bias, np.array([x]))
        self.traced = float(z_here[0]), float(output_here[0])
        self.point.set_data([x], [self.traced[1]])
        self.cursor.set_xdata([x, x])

    def _dress(self, name: str) -> None:
        """Give the output the looks of the function `name`, and the axis room for its values."""
        a = ACTIVATIONS[name]
        self.output.set(color=a.colour, linestyle=a.dash)
        self.point.set_color(a.colour)
        self.legend.get_lines()[1].set(color=a.colour, linestyle=a.dash)
        self.legend.get_texts()[1].set_text(f"output {a.label}(z)")
        self.axes.set_ylim(HEIGHTS[name])
        self._shown = name
        self.canvas.invalidate()

    def describe(self) -> tuple[str, str]:
        """Return the arithmetic at x, and where the pre-activation changes sign."""
        a = ACTIVATIONS[self.value("activation")]
        weight, bias, x = (float(self.value(key)) for key in ("weight", "bias", "x"))
        z, output = (round(value, 4) + 0.0 for value in self.traced)
        shift = f"{'−' if bias < 0 else '+'} {abs(bias):.2f}"
        crossing = switch(weight, bias)
        if crossing is None:
            where, mark = "w = 0: the input makes no difference", "There is no diamond, since no single x gives z = 0"
        else:
            side = "right" if weight > 0 else "left"
            where = f"z = 0 at x = −b/w = {crossing:.3f}; z is positive to the {side} of it"
            mark = f"A diamond marks z = 0 at x = {crossing:.3f}"
            if abs(crossing) > REACH:
                mark += ", outside of the picture"
        rows = [
            f"at x = {x:.2f}: z = {weight:.2f} · {x:.2f} {shift} = {z:.4f}",
            f"output {a.label}(z) = {output:.4f}",
            where,
        ]
        alt = (
            f"Over the input x from −3 to 3, a dotted grey line is the pre-activation z = {weight:.2f}·x {shift}, "
            f"and a thick line ({a.looks}) the output {a.label}(z). {mark}. "
            f"A vertical line marks x = {x:.2f}, where the output is {output:.4f}."
        )
        return "\n".join(rows), alt

"""Gated linear units: one half of the features opens the gate for the other, in four variants.

Dauphin et al., "Language modeling with gated convolutional networks" (2017) for GLU; Shazeer, "GLU variants improve
transformer" (2020) for the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, evaluate
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, row, slider

T = np.linspace(0.0, 10.0, 301)
SIGNAL = np.sin(2 * np.pi * 0.8 * T)
VARIANTS = {"GLU": "sigmoid", "ReGLU": "relu", "GEGLU": "gelu", "SwiGLU": "silu", "bilinear": "identity"}
"""Name of the variant -> activation of its gate."""


@dataclass(frozen=True)
class Gated:
    """What the picture shows at each point of T: the gate's pre-activation, its opening, and the product."""

    b: FloatArray
    opening: FloatArray
    product: FloatArray


def gated(variant: str, shift: float, steepness: float) -> Gated:
    """Return SIGNAL times the gate of a key of VARIANTS; its pre-activation is the line steepness · (t − 5) + shift."""
    b = steepness * (T - 5.0) + shift
    opening, _ = evaluate(VARIANTS[variant], b)
    return Gated(b, opening, SIGNAL * opening)


class Glu(Demo):
    """A signal and the gate that lets it pass: move the gate, choose its function."""

    title = "Gated linear units"
    size = (780, 320)
    stills: ClassVar = {"07a_glu": {}, "07a_swiglu": {"variant": "SwiGLU"}}

    def make_controls(self) -> dict[str, Any]:
        """Return the variant, and shift and steepness of the gate's pre-activation."""
        variants = [(f"{name}: {ACTIVATIONS[gate].label}", name) for name, gate in VARIANTS.items()]
        return {
            "variant": menu("variant", variants, width=220),
            "shift": slider("shift of the gate", 0.0, -3.0, 3.0, 0.1, width=330),
            "steepness": slider("steepness", 0.6, -1.4, 1.4, 0.1, width=300),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put all in one row that wraps."""
        return row(self.controls.values())

    def build(self, figure: Figure) -> None:
        """Build signal and gate on the left, their product on the right."""
        left, right = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.05, right=0.99, top=0.9, bottom=0.145, wspace=0.14)
        style.style_axes(left, title="signal a and gate g(b)", xlabel="t")
        style.style_axes(right, title="product a · g(b)", xlabel="t")
        for axes in (left, right):
            axes.set(xlim=(0, 10), ylim=(-4, 4))
        left.plot(T, SIGNAL, color=style.GREY, linewidth=1.4, label="signal a")
        (self.before,) = left.plot(T, T, color=style.ORANGE, linestyle=style.DOTTED, label="b")
        (self.opening,) = left.plot(T, T, color=style.BLUE, linestyle=style.DASHED, label="gate g(b)")
        left.legend(loc="lower right", ncols=3, frameon=False, borderaxespad=0.1)
        (self.product,) = right.plot(T, T, color=style.VERMILLION)
        self.canvas.animate([self.before, self.opening, self.product])

    def update(self) -> None:
        """Draw the gate's line, its opening, the product."""
        self.gated = gated(*(self.value(name) for name in ("variant", "shift", "steepness")))
        self.before.set_ydata(self.gated.b)
        self.opening.set_ydata(self.gated.opening)
        self.product.set_ydata(self.gated.product)

    def describe(self) -> tuple[str, str]:
        """Return the gate at five moments, and the largest product."""
        variant, shift, steepness = (self.value(name) for name in ("variant", "shift", "steepness"))
        label = ACTIVATIONS[VARIANTS[variant]].label
        picked = [9, 84, 159, 216, 291]  # near peaks of the sine
        rows = [f"{variant}: a · {label}(b), with b = {steepness:.1f}·(t − 5) + {shift:.1f}"]
        rows.append(f"{'t':<10}" + "".join(f"{T[i]:>9.1f}" for i in picked))
        for name, values in (("b", self.gated.b), ("gate g(b)", self.gated.opening), ("product", self.gated.product)):
            rows.append(f"{name:<10}" + "".join(f"{values[i]:>9.3f}" for i in picked))
        largest = np.abs(self.gated.product).max()
        lowest, highest = self.gated.opening.min(), self.gated.opening.max()
        rows.append(f"gate from {lowest:.3f} to {highest:.3f}; largest product {largest:.3f}")
        alt = (
            f"Left, over t from 0 to 10, a sine of size 1 in grey, the line b dotted in orange from "
            f"{self.gated.b[0]:z.1f} to {self.gated.b[-1]:z.1f}, and the gate, {label} of b, dashed in blue from "
            f"{self.gated.opening[0]:.2f} to {self.gated.opening[-1]:.2f}. Right, their product in vermillion; its "
            f"largest size is {largest:.2f}."
        )
        return "\n".join(rows), alt

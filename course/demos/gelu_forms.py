"""GELU's three forms: exact, with tanh, with a sigmoid; and how far the two short ones are off.

All are x times a gate. The exact gate is Φ, the distribution function of the standard normal. Hendrycks and
Gimpel, "Gaussian Error Linear Units" (2016), give both short forms.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, sigmoid_gate
from course.demos.framework.base import Demo
from course.demos.framework.controls import buttons, row, slider

Kind = Literal["function", "gate", "slope"]
Gate = tuple[FloatArray, FloatArray]  # the gate and its derivative

K = 1.702  # published constant of the sigmoid form
C = 0.044715  # published constant of the tanh form
X = np.linspace(-6.0, 6.0, 481)
SMALLEST = 1e-8  # the logarithmic axis of the errors ends here
FORMS = ("gelu_tanh", "gelu_sigmoid")
KINDS: dict[Kind, str] = {"function": "value x·gate", "gate": "the gate alone", "slope": "slope"}


def exact_gate(x: FloatArray) -> Gate:
    """Return Φ(x) and its derivative, the normal density; the shape of `x`."""
    phi = torch.special.ndtr(torch.from_numpy(x)).numpy()
    return phi, np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def tanh_gate(x: FloatArray, c: float = C) -> Gate:
    """Return ½(1 + tanh(√(2/π)(x + c·x³))) and its derivative; the shape of `x`."""
    root = math.sqrt(2 / math.pi)
    t = np.tanh(root * (x + c * x**3))
    return 0.5 * (1 + t), 0.5 * (1 - t * t) * root * (1 + 3 * c * x * x)


def quantity(kind: Kind, x: FloatArray, gate: Gate) -> FloatArray:
    """Return the value x·gate, the gate itself, or the slope of x·gate, at `x`."""
    if kind == "gate":
        return gate[0]
    return x * gate[0] if kind == "function" else gate[0] + x * gate[1]


def errors(kind: Kind, x: FloatArray, k: float = K, c: float = C) -> dict[str, FloatArray]:
    """Return the absolute difference from the exact form for each name in FORMS, at `x`."""
    exact = quantity(kind, x, exact_gate(x))
    forms = {"gelu_tanh": tanh_gate(x, c), "gelu_sigmoid": sigmoid_gate(x, k)}
    return {name: np.abs(quantity(kind, x, gate) - exact) for name, gate in forms.items()}


class GeluForms(Demo):
    """Move the constants of the two short forms, and watch their distance from the exact GELU."""

    title = "Three forms of GELU"
    size = (780, 310)
    stills: ClassVar = {"04_gelu_forms": {"x": -2.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return what the error is of, the position x, and the constant of each short form."""
        return {
            "kind": buttons("error of", [(label, kind) for kind, label in KINDS.items()]),
            "x": slider("x", -2.0, -6, 6, 0.05, width=280),
            "k": slider("k in σ(kx)", K, 1.4, 2.0, 0.001, width=280, shown=".3f"),
            "c": slider("c in x + cx³", C, 0.0, 0.06, 0.000005, width=280, shown=".6f"),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put the choice in one row, the sliders in the next."""
        sliders = [self.controls[name] for name in ("x", "k", "c")]
        return widgets.VBox([self.controls["kind"], row(sliders)])

    def build(self, figure: Figure) -> None:
        """Build the three curves on the left, the errors on a logarithmic axis on the right."""
        left, right = figure.subplots(1, 2, width_ratios=(4, 5))
        figure.subplots_adjust(left=0.07, right=0.985, top=0.82, bottom=0.14, wspace=0.18)
        style.style_axes(left, title="the three forms", xlabel="x")
        style.style_axes(right, title="distance from the exact form", xlabel="x")
        left.set(xlim=(-6, 6))
        right.set(xlim=(-6, 6), yscale="log", ylim=(SMALLEST, 1.0))
        right.set_yticks([1e-8, 1e-6, 1e-4, 1e-2, 1], ["10⁻⁸", "10⁻⁶", "10⁻⁴", "0.01", "1"])
        right.minorticks_off()
        self.exact = _line(left, "gelu", linewidth=4.5, alpha=0.45)
        self.forms = {name: _line(left, name) for name in FORMS}
        self.errors = {name: _line(right, name) for name in FORMS}
        self.worst = {name: _line(right, name, marker="v", markersize=8, linestyle="none") for name in FORMS}
        self.cursors = [axes.axvline(0.0, color=style.GREY, linewidth=1.2) for axes in (left, right)]
        figure.legend(
            handles=[self.exact, *self.forms.values()], loc="upper right", ncols=3, frameon=False, handlelength=2.8
        )
        moving = [*self.cursors, *self.forms.values(), *self.errors.values(), *self.worst.values()]
        self.canvas.animate(moving)
        self._left = left
        self._kind: Kind | None = None

    def update(self) -> None:
        """Draw all curves; the axes only when another quantity is chosen."""
        kind: Kind = self.value("kind")
        x, k, c = (float(self.value(name)) for name in ("x", "k", "c"))
        self._draw_exact(kind)
        for name, gate in (("gelu_tanh", tanh_gate(X, c)), ("gelu_sigmoid", sigmoid_gate(X, k))):
            self.forms[name].set_data(X, quantity(kind, X, gate))
        self.largest: dict[str, tuple[float, float]] = {}
        for name, error in errors(kind, X, k, c).items():
            peak = int(np.argmax(error))
            self.largest[name] = float(error[peak]), float(X[peak])
            self.errors[name].set_data(X, np.maximum(error, SMALLEST))
            self.worst[name].set_data([X[peak]], [error[peak]])
        for cursor in self.cursors:
            cursor.set_xdata([x, x])

    def _draw_exact(self, kind: Kind) -> None:
        if kind == self._kind:
            return
        self._kind = kind
        exact = quantity(kind, X, exact_gate(X))
        self.exact.set_data(X, exact)
        self._left.set_ylim((-0.6, 6.0) if kind == "function" else (-0.25, 1.35))
        self.canvas.invalidate()

    def describe(self) -> tuple[str, str]:
        """Return the three forms at x, and the largest error of each short one."""
        kind: Kind = self.value("kind")
        x, k, c = (float(self.value(name)) for name in ("x", "k", "c"))
        here = np.array([x])
        gates = {"gelu": exact_gate(here), "gelu_tanh": tanh_gate(here, c), "gelu_sigmoid": sigmoid_gate(here, k)}
        rows = [f"{KINDS[kind]:<20}{f'at x = {x:.2f}':>16}{'error there':>14}{'largest error':>16}"]
        exact = float(quantity(kind, here, gates["gelu"])[0])
        for name, gate in gates.items():
            row, value = f"{ACTIVATIONS[name].label:<20}", float(quantity(kind, here, gate)[0])
            row += f"{value:>16.6f}"
            if name != "gelu":
                size, place = self.largest[name]
                row += f"{abs(value - exact):>14.1e}{size:>16.2e}  at x = {place:.2f}"
            rows.append(row)
        rows.append(f"k = {k:.3f} (published {K}), c = {c:.6f} (published {C})")
        return "\n".join(rows), self._alt_text(kind, x)

    def _alt_text(self, kind: Kind, x: float) -> str:
        names = ", ".join(f"{ACTIVATIONS[n].label} ({ACTIVATIONS[n].looks})" for n in ("gelu", *FORMS))
        worst = "; ".join(
            f"{ACTIVATIONS[name].label} at most {size:.1e}, at x = {place:.2f}"
            for name, (size, place) in self.largest.items()
        )
        return (
            f"Two panels over x from −6 to 6. Left, {KINDS[kind]} of {names}: the three lines almost coincide. Right, "
            f"the distance of the two short forms from the exact one on a logarithmic axis from 10⁻⁸ to 1, with a "
            f"triangle at the largest: {worst}. A vertical line marks x = {x:.2f}."
        )


def _line(axes: Axes, name: str, **looks: Any) -> Line2D:
    """Return an empty line in the looks of the function `name`."""
    a = ACTIVATIONS[name]
    (line,) = axes.plot([], [], **({"color": a.colour, "linestyle": a.dash, "label": a.label} | looks))
    return line

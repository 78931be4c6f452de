"""Self-gated units side by side: ReLU, GELU, SiLU and Mish, each as x times a gate that x itself opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, curves, evaluate
from course.demos.framework.base import Demo
from course.demos.framework.controls import slider, tick

X = np.linspace(-6.0, 6.0, 481)
SHOWN = ("relu", "gelu", "silu", "mish")
PANELS = {"gate": "gate g(x)", "value": "function x·g(x)", "slope": "slope"}
_GATES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": lambda x: torch.heaviside(x, x.new_tensor(0.5)),
    "gelu": torch.special.ndtr,
    "silu": torch.sigmoid,
    "mish": lambda x: torch.tanh(F.softplus(x, threshold=40.0)),
}


def gate(name: str, x: FloatArray) -> FloatArray:
    """Return the factor g(x) in x·g(x), in [0, 1]; the shape of `x`. ReLU's step is ½ at 0."""
    return _GATES[name](torch.from_numpy(x)).numpy()


@cache
def table(name: str) -> dict[str, FloatArray]:
    """Return what each panel shows of the function `name` on the grid X; NaN where the slope jumps."""
    value, slope = curves(name, X)
    return {"gate": gate(name, X), "value": value, "slope": slope}


class SelfGated(Demo):
    """Tick functions and move x: the gate, the product and the slope follow."""

    title = "Self-gated units"
    size = (800, 285)
    stills: ClassVar = {"04_self_gated": {"x": -1.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return one check box per function, and the position x."""
        boxes: dict[str, Any] = {name: tick(ACTIVATIONS[name].label, True) for name in SHOWN}
        return {**boxes, "x": slider("x", -1.0, -6, 6, 0.05, width=370)}

    def build(self, figure: Figure) -> None:
        """Build three panels; in each a curve and a point per function."""
        figure.subplots_adjust(left=0.05, right=0.985, top=0.8, bottom=0.16, wspace=0.26)
        self.axes = dict(zip(PANELS, figure.subplots(1, 3), strict=True))
        for panel, axes in self.axes.items():
            style.style_axes(axes, title=PANELS[panel], xlabel="x")
            axes.set(xlim=(-6, 6), xticks=(-6, -3, 0, 3, 6))
        self.axes["gate"].set_ylim(-0.08, 1.08)
        self.axes["value"].set_ylim(-0.45, 2.0)
        self.axes["slope"].set_ylim(-0.25, 1.25)
        looks: dict[str, Any] = {"marker": "o", "markersize": 7, "markeredgecolor": "white", "linestyle": "none"}
        self.curves: dict[str, dict[str, Any]] = {panel: {} for panel in PANELS}
        self.points: dict[str, dict[str, Any]] = {panel: {} for panel in PANELS}
        for panel, axes in self.axes.items():
            looks["clip_on"] = panel == "value"  # whose points may lie above the panel; others may lie on its edge
            for name in SHOWN:
                a = ACTIVATIONS[name]
                (self.curves[panel][name],) = axes.plot(
                    X, table(name)[panel], color=a.colour, linestyle=a.dash, label=a.label
                )
                (self.points[panel][name],) = axes.plot([], [], color=a.colour, **looks)
        self.cursors = [axes.axvline(0.0, color=style.GREY, linewidth=1.2) for axes in self.axes.values()]
        figure.legend(
            handles=list(self.curves["gate"].values()), loc="upper right", ncols=4, frameon=False, handlelength=2.8
        )
        self.canvas.animate([*self.cursors, *(p for panel in self.points.values() for p in panel.values())])
        self._ticked: tuple[str, ...] = SHOWN

    def update(self) -> None:
        """Draw the trace always, which curves show when a box was ticked."""
        x = float(self.value("x"))
        ticked = tuple(name for name in SHOWN if self.value(name))
        if ticked != self._ticked:
            self._show_only(ticked)
        for cursor in self.cursors:
            cursor.set_xdata([x, x])
        self.traced: dict[str, dict[str, float]] = {}
        for name in SHOWN:
            value, slope = evaluate(name, x)
            here = {"gate": float(gate(name, np.array([x]))[0]), "value": float(value), "slope": float(slope)}
            for panel, height in here.items():
                self.points[panel][name].set_data([x], [height])
            if name in ticked:
                self.traced[name] = here

    def _show_only(self, ticked: tuple[str, ...]) -> None:
        for panel in PANELS:
            for name in SHOWN:
                self.curves[panel][name].set_visible(name in ticked)
                self.points[panel][name].set_visible(name in ticked)
        self._ticked = ticked
        self.canvas.invalidate()

    def describe(self) -> tuple[str, str]:
        """Return a row per ticked function; then which line is which."""
        x = float(self.value("x"))
        rows = [f"x = {x:.2f}", f"{'function':<16}{'gate':>10}{'value':>10}{'slope':>10}"]
        for name, here in self.traced.items():
            rows.append(f"{ACTIVATIONS[name].label:<16}" + "".join(f"{here[panel]:>10.4f}" for panel in PANELS))
        if not self.traced:
            rows.append("No function is ticked.")
        names = ", ".join(f"{ACTIVATIONS[n].label} ({ACTIVATIONS[n].looks})" for n in self.traced) or "nothing"
        alt = (
            f"Three panels over x from −6 to 6 show the gate, the function and its slope for {names}. The gate of ReLU "
            f"is a step from 0 to 1 at x = 0, the others rise smoothly. The smooth ones dip below 0 for negative x, "
            f"and their slopes run below 0 on the left and above 1 on the right. A vertical line marks x = {x:.2f}."
        )
        return "\n".join(rows), alt

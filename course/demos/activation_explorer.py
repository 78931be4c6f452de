"""Explorer: activation functions above, their slopes below, and a line to trace both at the same x."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course import style
from course.computations.functions import ACTIVATIONS, FLAT, curves, evaluate, flat_zones, grid, is_flat
from course.demos.framework.base import BadInputError, Demo
from course.demos.framework.controls import number, row, slider, tick

CLASSIC = ("identity", "sigmoid", "tanh", "relu", "softplus")
FAMILY = ("tanh", "relu", "leaky_relu", "elu")
CHOICES = (*CLASSIC, *FAMILY[2:])
WIDEST = 1e4
NARROWEST = 0.1


def padded(low: float, high: float) -> tuple[float, float]:
    """Return axis limits with 8 % of air around the interval [`low`, `high`]."""
    margin = 0.08 * max(high - low, 0.1)
    return low - margin, high + margin


class ActivationExplorer(Demo):
    """Pick functions, set the range, and move x: f(x), f'(x) and the flat zones follow.

    Parameters
    ----------
    choices : sequence of str
        Names from `course.computations.functions.ACTIVATIONS`, each with a check box.
    shown : sequence of str
        Those that are ticked at the start.
    """

    title = "Activation explorer"
    size = (680, 400)
    stills: ClassVar = {
        "02_sigmoid": {"sigmoid": True, "tanh": False, "x": 3.0},
        "02_tanh": {"sigmoid": True, "tanh": True, "x": 1.0},
        "02_relu": {"sigmoid": False, "tanh": False, "relu": True, "softplus": True, "x": -1.0},
        "02_explorer": {"sigmoid": True, "tanh": True, "relu": True, "low": -4.0, "high": 4.0, "x": 2.0},
        "03_explorer": {
            "sigmoid": False,
            "relu": True,
            "leaky_relu": True,
            "elu": True,
            "low": -5.0,
            "high": 5.0,
            "x": -2.0,
        },
    }

    def __init__(self, choices: Sequence[str] = CHOICES, shown: Sequence[str] = ("sigmoid", "tanh")) -> None:
        self._choices = [ACTIVATIONS[name] for name in choices]
        self._at_start = set(shown)
        super().__init__()

    def make_controls(self) -> dict[str, Any]:
        """Return one check box per function, the position x, and the ends of the range."""
        controls: dict[str, Any] = {
            a.name: tick(a.label, a.name in self._at_start, margin="0 14px 0 0") for a in self._choices
        }
        controls["x"] = slider("x", 2.0, -6.0, 6.0, 0.05, width=370)
        controls["low"] = number("from x =", -6.0, 1.0, width=140)
        controls["high"] = number("to x =", 6.0, 1.0, width=140)
        return controls

    def layout_controls(self) -> widgets.Widget:
        """Put the check boxes in one row, the slider and the range in the next."""
        boxes = [self.controls[a.name] for a in self._choices]
        rest = [self.controls[name] for name in ("x", "low", "high")]
        return widgets.VBox([row(boxes), row(rest)])

    def build(self, figure: Figure) -> None:
        """Build two panels over one x axis; per function a curve, a flat band and a point in each."""
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        figure.subplots_adjust(left=0.085, right=0.985, top=0.865, bottom=0.105, hspace=0.24)
        style.style_axes(upper, title="function f(x)")
        style.style_axes(lower, title="slope f′(x)", xlabel="x")
        lower.axhspan(-FLAT, FLAT, color=style.PALE, linewidth=0)
        self.axes = {"value": upper, "slope": lower}
        self.curves = {panel: self._lines(panel, zorder=3) for panel in self.axes}
        self.bands = {
            panel: self._lines(panel, linewidth=9, alpha=0.28, linestyle="solid", zorder=2) for panel in self.axes
        }
        self.points = {
            panel: self._lines(panel, marker="o", markersize=8, markeredgecolor="white") for panel in self.axes
        }
        self.cursors = [axes.axvline(0.0, color=style.GREY, linewidth=1.2) for axes in (upper, lower)]
        self.canvas.animate([*self.cursors, *(p for panel in self.points.values() for p in panel.values())])
        self._drawn: tuple[Any, ...] = ()

    def _lines(self, panel: str, **looks: Any) -> dict[str, Line2D]:
        """Return an empty line per function in the given panel."""
        lines = {}
        for a in self._choices:
            (lines[a.name],) = self.axes[panel].plot([], [], **({"color": a.colour, "linestyle": a.dash} | looks))
        return lines

    def update(self) -> None:
        """Draw the curves anew when the choice or the range has changed, the trace always."""
        low, high = self._range()
        shown = tuple(a.name for a in self._choices if self.value(a.name))
        if (low, high, shown) != self._drawn:
            self._draw_curves(low, high, shown)
            self._drawn = (low, high, shown)
        self._draw_trace(float(self.value("x")))

    def _range(self) -> tuple[float, float]:
        low, high = float(self.value("low")), float(self.value("high"))
        if not (math.isfinite(low) and math.isfinite(high)):
            raise BadInputError("The range needs two ordinary numbers. Type for example -6 and 6.")
        if high - low < NARROWEST:
            raise BadInputError(
                f"The range from {low:g} to {high:g} is empty or too narrow. "
                f"Make the second number larger than the first by at least {NARROWEST:g}."
            )
        if max(abs(low), abs(high)) > WIDEST:
            raise BadInputError(f"The range ends at ±{WIDEST:g}. Type numbers between these.")
        return low, high

    def _draw_curves(self, low: float, high: float, shown: tuple[str, ...]) -> None:
        self._limit_slider(low, high)
        self.zones: dict[str, list[tuple[float, float]]] = {}
        extremes: dict[str, list[float]] = {"value": [0.0, 1.0], "slope": [0.0, 1.0]}
        for a in self._choices:
            visible = a.name in shown
            for lines in (*self.curves.values(), *self.bands.values(), *self.points.values()):
                lines[a.name].set_visible(visible)
            if not visible:
                continue
            x = grid(low, high, a.jumps)
            value, slope = curves(a.name, x)
            self.zones[a.name] = flat_zones(x, slope)
            for panel, y in (("value", value), ("slope", slope)):
                self.curves[panel][a.name].set_data(x, y)
                self.bands[panel][a.name].set_data(x, np.where(is_flat(slope), y, np.nan))
                extremes[panel] += [float(np.nanmin(y)), float(np.nanmax(y))]
        for panel, axes in self.axes.items():
            axes.set_ylim(*padded(min(extremes[panel]), max(extremes[panel])))
        self.axes["value"].set_xlim(low, high)
        self._draw_legend(shown)
        self.canvas.invalidate()

    def _limit_slider(self, low: float, high: float) -> None:
        slider = self.controls["x"]
        slider.min = min(low, slider.max)  # never min > max on the way
        slider.max, slider.min, slider.step = high, low, (high - low) / 240

    def _draw_legend(self, shown: tuple[str, ...]) -> None:
        figure = self.canvas.figure
        style.clear_legends(figure)
        handles: list[Any] = [self.curves["value"][name] for name in shown]
        labels = [ACTIVATIONS[name].label for name in shown]
        handles.append(Line2D([], [], color=style.GREY, linewidth=9, alpha=0.4))
        labels.append(f"flat: |f′| < {FLAT}")
        figure.legend(
            handles, labels, loc="upper right", ncols=len(handles), frameon=False, handlelength=2.6,
            columnspacing=1.4, borderaxespad=0.2,
        )  # fmt: skip

    def _draw_trace(self, x: float) -> None:
        for cursor in self.cursors:
            cursor.set_xdata([x, x])
        self.traced = {name: tuple(map(float, evaluate(name, x))) for name in self.zones}
        for name, (value, slope) in self.traced.items():
            self.points["value"][name].set_data([x], [value])
            self.points["slope"][name].set_data([x], [slope])

    def describe(self) -> tuple[str, str]:
        """Return a row per function; then which curve is where, and where it is flat."""
        x = float(self.value("x"))
        rows = [f"x = {x:.4g}", f"{'function':<16}{'f(x)':>12}{'f′(x)':>12}"]
        for name, (value, slope) in self.traced.items():
            flat = "   flat" if abs(slope) < FLAT else ""
            rows.append(f"{ACTIVATIONS[name].label:<16}{value:>12.5g}{slope:>12.5g}{flat}")
        if not self.traced:
            rows.append("No function is ticked.")
        return "\n".join(rows), self._alt_text(x)

    def _alt_text(self, x: float) -> str:
        low, high = self.axes["value"].get_xlim()
        names = ", ".join(f"{ACTIVATIONS[n].label} ({ACTIVATIONS[n].looks})" for n in self.zones) or "nothing"
        flat = "; ".join(_zones_in_words(name, zones) for name, zones in self.zones.items())
        return (
            f"Two panels over one x axis from {low:g} to {high:g} show f(x) above and the slope f′(x) below "
            f"for {names}. A vertical line through both panels marks x = {x:.4g}, with a point on each curve. "
            f"Flat zones, where |f′| < {FLAT}, wear a broad band: {flat or 'none'}."
        )


def _zones_in_words(name: str, zones: list[tuple[float, float]]) -> str:
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    spans = " and ".join(f"{round(first, 2) + 0.0:.2f} to {round(last, 2) + 0.0:.2f}" for first, last in zones)
    return f"{ACTIVATIONS[name].label} from {spans}" if spans else f"{ACTIVATIONS[name].label} nowhere"

"""Gradient flow: the norm of the gradient in each layer of a deep network before the first training step."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course import style
from course.computations.functions import ACTIVATIONS, MARKERS, FloatArray
from course.computations.signals import (
    DEEPEST,
    INITIALISATION_LABELS,
    SEEDS,
    Network,
    pre_activation_gradient_norms,
    propagate,
    update_ratios,
    weight_gradient_norms,
)
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, menu, row, slider, tick

SHOWN = ("sigmoid", "tanh", "relu", "gelu")
QUANTITIES = {
    "weights": "gradient of the weights",
    "pre_activations": "gradient of the pre-activations",
    "ratio": "update-to-weight ratio",
}
RATE = 0.1  # learning rate of the step whose update is compared with the weights
HEALTHY = 1e-3  # Stanford's CS231n notes: the ratio "should be somewhere around 1e-3"
LOWEST, HIGHEST = 1e-20, 1e6  # ends of the logarithmic axis


@lru_cache(maxsize=1024)
def norms(network: Network, quantity: str) -> FloatArray:
    """Return one of QUANTITIES, layer by layer: shape (depth, SEEDS)."""
    signals = propagate(network)
    if quantity == "ratio":
        return update_ratios(network, signals, RATE)
    return weight_gradient_norms(signals) if quantity == "weights" else pre_activation_gradient_norms(signals)


class GradientFlow(Demo):
    """Tick activations, choose depth and initialisation, and see how the gradient fares on its way back."""

    title = "Gradients in a deep network"
    size = (760, 380)
    stills: ClassVar = {
        "05_gradient_flow": {"initialisation": "default"},
        "05_gradient_flow_he": {"initialisation": "he", "sigmoid": True},
        "05_gradient_flow_residual": {"initialisation": "default", "residual": True},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return a check box per activation, then the settings of the network, and what to show."""
        boxes: dict[str, Any] = {name: tick(ACTIVATIONS[name].label, True) for name in SHOWN}
        starts = [(label, name) for name, label in INITIALISATION_LABELS.items()]
        return boxes | {
            "residual": tick("residual connections", False),
            "initialisation": menu("initialisation", starts, width=250),
            "quantity": menu("show", [(label, name) for name, label in QUANTITIES.items()], width=270),
            "depth": count_slider("hidden layers", 20, 2, DEEPEST, width=300),
            "scale": slider("weights times", 1.0, 0.5, 2.5, 0.05, width=300),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put check boxes, menus and sliders in a row each."""
        rows = ((*SHOWN, "residual"), ("initialisation", "quantity"), ("depth", "scale"))
        return widgets.VBox([row(self.controls[name] for name in names) for names in rows])

    def build(self, figure: Figure) -> None:
        """Build a line and a band over the seeds for each activation."""
        axes = figure.subplots()
        figure.subplots_adjust(left=0.085, right=0.985, top=0.83, bottom=0.125)
        style.style_axes(axes, title="layer by layer, from the input (1) to the output", xlabel="hidden layer")
        axes.set(xlim=(0.5, DEEPEST + 0.5), yscale="log", ylim=(LOWEST, HIGHEST))
        axes.set_xticks([1, *range(5, DEEPEST + 1, 5)])
        powers = range(-20, 7, 5)
        axes.set_yticks([10.0**power for power in powers], [f"$10^{{{power}}}$" for power in powers])
        axes.minorticks_off()
        self.bands: dict[str, Any] = {}
        self.lines: dict[str, Any] = {}
        for name in SHOWN:
            a = ACTIVATIONS[name]
            self.bands[name] = Polygon(np.ones((1, 2)), color=a.colour, alpha=0.22, linewidth=0)
            axes.add_patch(self.bands[name])
            (self.lines[name],) = axes.plot(
                [], [], color=a.colour, linestyle=a.dash, marker=MARKERS[name][0], markersize=5, label=a.label
            )
        self.healthy = axes.axhline(HEALTHY, color=style.GREY, linestyle=style.DOTTED, linewidth=1.6, visible=False)
        figure.legend(handles=list(self.lines.values()), loc="upper right", ncols=4, frameon=False, handlelength=3.4)
        self.canvas.animate([self.healthy, *self.bands.values(), *self.lines.values()])

    def update(self) -> None:
        """Draw median, smallest and largest over the seeds, for each ticked activation."""
        values = {name: self.value(name) for name in self.controls}
        self.shown: dict[str, FloatArray] = {}
        for name in SHOWN:
            visible = bool(values[name])
            self.lines[name].set_visible(visible)
            self.bands[name].set_visible(visible)
            if not visible:
                continue
            network = Network(
                name, int(values["depth"]), values["initialisation"], round(values["scale"], 6), values["residual"]
            )
            y = norms(network, values["quantity"])
            layers = np.arange(1.0, len(y) + 1)
            self.shown[name] = y
            self.lines[name].set_data(layers, np.median(y, axis=1))
            outline = np.r_[np.c_[layers, y.min(axis=1)], np.c_[layers, y.max(axis=1)][::-1]]
            self.bands[name].set_xy(outline)
        self.healthy.set_visible(values["quantity"] == "ratio")

    def describe(self) -> tuple[str, str]:
        """Return first and last layer of each ticked activation, and their ratio."""
        values = {name: self.value(name) for name in self.controls}
        what, init = QUANTITIES[values["quantity"]], INITIALISATION_LABELS[values["initialisation"]]
        times = "" if values["scale"] == 1 else f", weights times {values['scale']:.2f}"
        residual = "with residual connections" if values["residual"] else "no residual connections"
        head = f"{what}: {values['depth']} hidden layers, {init}{times}, {residual}"
        rows = [head, f"{'median of ' + str(SEEDS) + ' seeds':<18}{'layer 1':>10}{'last':>10}{'layer 1 / last':>17}"]
        words = []
        for name, y in self.shown.items():
            first, last = np.median(y[0]), np.median(y[-1])
            rows.append(f"{ACTIVATIONS[name].label:<18}{first:>10.1e}{last:>10.1e}{first / last:>17.1e}")
            looks = f"{ACTIVATIONS[name].looks}, {MARKERS[name][1]} markers"
            words.append(f"{ACTIVATIONS[name].label} ({looks}) from {first:.0e} to {last:.0e}")
        if not self.shown:
            rows.append("No activation is ticked.")
        if values["quantity"] == "ratio":
            rows.append(f"one step of gradient descent, learning rate {RATE}; dotted line: {HEALTHY:g}")
        alt = (
            f"{head}. Against the hidden layer, from 1 next to the input to {values['depth']} next to the output, on a "
            f"logarithmic axis from 10⁻²⁰ to 10⁶; the line is the median of {SEEDS} seeds, the band runs from the "
            f"smallest to the largest. From the first to the last layer: {'; '.join(words) or 'nothing is ticked'}."
        )
        return "\n".join(rows), alt

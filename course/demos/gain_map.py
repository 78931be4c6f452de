"""Gain map: gradients or signals of a deep network for every layer and every size of its weights."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray
from course.computations.signals import Network, pre_activation_gradient_norms, propagate
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, slider, tick

SHOWN = ("sigmoid", "tanh", "relu", "gelu")
QUANTITIES = {"gradient": "gradient of the pre-activations", "spread": "spread of the pre-activations"}
DEPTH = 20
SEEDS_HERE = 2
GAINS = np.round(np.linspace(0.4, 3.0, 27), 6)  # standard deviation of a weight, times √fan_in
MARKS = {"default": 1 / math.sqrt(3), "Xavier": 1.0, "He": math.sqrt(2)}
LOWEST, HIGHEST = -8.0, 4.0  # powers of ten on the colour scale


@lru_cache(maxsize=64)
def table(activation: str, residual: bool) -> dict[str, FloatArray]:
    """Return the logarithm to base 10 of each of QUANTITIES, median over the seeds: shape (DEPTH, len(GAINS))."""
    columns: dict[str, list[FloatArray]] = {name: [] for name in QUANTITIES}
    for gain in GAINS:
        signals = propagate(Network(activation, DEPTH, "xavier", float(gain), residual), SEEDS_HERE)
        columns["gradient"].append(np.median(pre_activation_gradient_norms(signals), axis=1))
        columns["spread"].append(np.median(signals.pre_activations.numpy().std(axis=(2, 3), dtype=np.float64), axis=1))
    return {name: np.log10(np.maximum(np.array(values).T, 1e-300)) for name, values in columns.items()}


class GainMap(Demo):
    """Move the gain and find the one at which all layers get the same share."""

    title = "Gain map"
    size = (780, 340)
    stills: ClassVar = {"05_gain_map": {"activation": "relu", "gain": 1.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return activation, what to show, residual connections, and the gain."""
        return {
            "activation": menu("activation", [(ACTIVATIONS[name].label, name) for name in SHOWN], "relu", width=190),
            "quantity": menu("show", [(label, name) for name, label in QUANTITIES.items()], width=270),
            "residual": tick("residual connections", False),
            "gain": slider("gain", 1.0, float(GAINS[0]), float(GAINS[-1]), 0.1, width=330),
        }

    def build(self, figure: Figure) -> None:
        """Build the heat map with the gain as a vertical line on the left, the column at that line on the right."""
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        figure.subplots_adjust(left=0.065, right=0.985, top=0.85, bottom=0.135, wspace=0.27)
        style.style_axes(left, title="", xlabel="gain: standard deviation of a weight · √fan_in", ylabel="hidden layer")
        style.style_axes(right, title="at this gain", xlabel="hidden layer")
        half = (GAINS[1] - GAINS[0]) / 2
        extent = (GAINS[0] - half, GAINS[-1] + half, 0.5, DEPTH + 0.5)
        self.image = left.imshow(
            np.zeros((DEPTH, len(GAINS))), cmap="cividis", vmin=LOWEST, vmax=HIGHEST, origin="lower", aspect="auto",
            extent=extent,
        )  # fmt: skip
        left.grid(False)
        left.set_yticks([1, 5, 10, 15, 20])
        for label, gain in MARKS.items():
            left.axvline(gain, ymin=0.96, color=style.VERMILLION, linewidth=2.5)
            left.annotate(label, (gain, 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=9.5)
        bar = figure.colorbar(self.image, ax=left, pad=0.02)
        powers = range(-8, 5, 4)
        bar.set_ticks(list(powers), labels=[f"$10^{{{power}}}$" for power in powers])
        right.set(xlim=(0.5, DEPTH + 0.5), yscale="log", ylim=(10.0**LOWEST, 10.0**HIGHEST), xticks=(1, 5, 10, 15, 20))
        right.set_yticks([10.0**power for power in powers], [f"$10^{{{power}}}$" for power in powers])
        right.minorticks_off()
        (self.profile,) = right.plot([], [], marker="o", markersize=3.5)
        self.cursor = left.axvline(1.0, color=style.VERMILLION, linewidth=1.6, linestyle=style.DASHED)
        self.canvas.animate([self.cursor, self.profile])
        self._drawn: tuple[Any, ...] = ()

    def update(self) -> None:
        """Draw the column at the gain always, the map when something else has changed."""
        values = {name: self.value(name) for name in self.controls}
        drawn = (values["activation"], values["quantity"], values["residual"])
        self.table = table(values["activation"], values["residual"])[values["quantity"]]
        if drawn != self._drawn:
            self.image.set_data(self.table)
            a = ACTIVATIONS[values["activation"]]
            self.profile.set(color=a.colour, linestyle=a.dash)
            self.canvas.invalidate()
            self._drawn = drawn
        self.column = int(np.argmin(np.abs(GAINS - values["gain"])))
        gain = GAINS[self.column]
        self.cursor.set_xdata([gain, gain])
        self.profile.set_data(np.arange(1, DEPTH + 1), 10.0 ** self.table[:, self.column])

    def describe(self) -> tuple[str, str]:
        """Return first and last layer at the gain, and the gain at which they are most alike."""
        values = {name: self.value(name) for name in self.controls}
        label, what = ACTIVATIONS[values["activation"]].label, QUANTITIES[values["quantity"]]
        residual = ", residual connections" if values["residual"] else ""
        first, last = 10.0 ** self.table[[0, -1], self.column]
        change = np.abs(self.table[0] - self.table[-1])
        best = GAINS[int(np.argmin(change))]
        rows = [
            f"{label}{residual}: {what}, {DEPTH} hidden layers, median of {SEEDS_HERE} seeds",
            f"gain {GAINS[self.column]:.1f}: layer 1 {first:.1e}, layer {DEPTH} {last:.1e}",
            f"first and last layer are most alike at gain {best:.1f}",
        ]
        alt = (
            f"Left, a heat map of the {what} for {label}{residual}: the gain of the weights from 0.4 to 3 across, "
            f"hidden layers 1 to {DEPTH} upwards, dark blue for 10⁻⁸ or less, yellow for 10⁴ or more. Marks on top "
            f"show PyTorch's default at 0.58, Xavier at 1 and He at 1.41. A dashed line marks gain "
            f"{GAINS[self.column]:.1f}. Right, the column there: from {first:.1e} in layer 1 to {last:.1e} in layer "
            f"{DEPTH}."
        )
        return "\n".join(rows), alt

"""Pre-activations: their histogram in each layer of a deep network, and the share that is saturated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course import style
from course.computations.functions import ACTIVATIONS, FLAT, FloatArray, evaluate, flat_zones
from course.computations.signals import INITIALISATION_LABELS, SEEDS, Network, propagate, saturation
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, slider, tick

SHOWN = ("sigmoid", "tanh", "relu", "gelu")
EDGES = np.linspace(-5.0, 5.0, 81)
DEPTH = 20
LAYERS = (1, 3, 5, 8, 11, 14, 17, 20)  # those with a histogram in the picture
HEIGHT = 0.9  # of the tallest bar of a histogram; rows are 1 apart


@dataclass(frozen=True)
class Summary:
    """What the picture shows.

    Attributes
    ----------
    counts : ndarray, shape (len(LAYERS), bins)
        Per shown layer the share of the pre-activations in each bin of EDGES, all seeds together.
    spread, saturated : ndarray, shape (DEPTH, SEEDS)
        Standard deviation, and share with a flat slope, of every layer and seed.
    """

    counts: FloatArray
    spread: FloatArray
    saturated: FloatArray


@lru_cache(maxsize=512)
def summary(network: Network) -> Summary:
    """Return histograms, standard deviations and saturated shares of a network."""
    signals = propagate(network)
    z = signals.pre_activations.numpy()
    counts = np.array([np.histogram(z[layer - 1], EDGES)[0] for layer in LAYERS]) / z[0].size
    spread = z.std(axis=(2, 3), dtype=np.float64)  # exploding signals have squares beyond float32
    return Summary(counts, spread, saturation(network, signals, FLAT))


class PreActivations(Demo):
    """Choose activation and initialisation and see where the pre-activations of each layer lie."""

    title = "Pre-activations, layer by layer"
    size = (780, 360)
    stills: ClassVar = {
        "05_pre_activations": {"activation": "relu", "initialisation": "default"},
        "05_pre_activations_saturated": {"activation": "tanh", "initialisation": "xavier", "scale": 2.5},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return activation, initialisation, residual connections and scale."""
        starts = [(label, name) for name, label in INITIALISATION_LABELS.items()]
        return {
            "activation": menu("activation", [(ACTIVATIONS[name].label, name) for name in SHOWN], "tanh", width=190),
            "initialisation": menu("initialisation", starts, "xavier", width=250),
            "residual": tick("residual connections", False),
            "scale": slider("weights times", 1.0, 0.5, 4.0, 0.05, width=330),
        }

    def build(self, figure: Figure) -> None:
        """Build a histogram per row, with the flat zones shaded, on the left, the saturated share on the right."""
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        figure.subplots_adjust(left=0.085, right=0.985, top=0.91, bottom=0.13, wspace=0.2)
        style.style_axes(left, title="pre-activations (shaded: the slope is flat)", xlabel="z", ylabel="hidden layer")
        style.style_axes(right, title=f"saturated share, |f′(z)| < {FLAT}", xlabel="hidden layer")
        left.set(xlim=(EDGES[0], EDGES[-1]), ylim=(-0.3, len(LAYERS)))
        left.set_yticks(range(len(LAYERS)), [str(layer) for layer in reversed(LAYERS)])
        left.grid(False)
        right.set(xlim=(0.5, DEPTH + 0.5), ylim=(-0.03, 1.03), xticks=(1, 5, 10, 15, 20))
        self.zones = [left.axvspan(0, 0, color=style.PALE, linewidth=0, zorder=0) for _ in range(2)]
        self.histograms = [Polygon(np.zeros((1, 2)), alpha=0.85, edgecolor="white") for _ in LAYERS]
        for histogram in self.histograms:
            left.add_patch(histogram)
        self.band = Polygon(np.zeros((1, 2)), alpha=0.22, linewidth=0)
        right.add_patch(self.band)
        (self.share,) = right.plot([], [], marker="o", markersize=3.5)
        self.canvas.animate([*self.histograms, self.band, self.share])
        self._drawn = ""

    def update(self) -> None:
        """Draw histograms and shares; colour and shading only when the activation changes."""
        values = {name: self.value(name) for name in self.controls}
        self.network = Network(
            values["activation"], DEPTH, values["initialisation"], round(values["scale"], 6), values["residual"]
        )
        self.summary = summary(self.network)
        if self.network.activation != self._drawn:
            self._draw_frame(ACTIVATIONS[self.network.activation])
            self._drawn = self.network.activation
        for row, (shares, histogram) in enumerate(zip(self.summary.counts, self.histograms, strict=True)):
            histogram.set_xy(_outline(shares, len(LAYERS) - 1 - row))
        y = self.summary.saturated
        layers = np.arange(1.0, len(y) + 1)
        self.share.set_data(layers, np.median(y, axis=1))
        self.band.set_xy(np.r_[np.c_[layers, y.min(axis=1)], np.c_[layers, y.max(axis=1)][::-1]])

    def _draw_frame(self, activation: Any) -> None:
        """Draw the shaded zones and the colour of the activation."""
        x = np.linspace(EDGES[0], EDGES[-1], 2001)
        zones = [*flat_zones(x, evaluate(activation.name, x)[1]), (0.0, 0.0)]  # ReLU has one, the others two
        for (start, stop), zone in zip(zones, self.zones, strict=False):
            zone.set_bounds(start, 0, stop - start, 1)
        for artist in (*self.histograms, self.band):
            artist.set_facecolor(activation.colour)
        self.share.set(color=activation.colour, linestyle=activation.dash)
        self.canvas.invalidate()

    def describe(self) -> tuple[str, str]:
        """Return spread, saturated share and share outside the picture for the layers shown."""
        label, s = ACTIVATIONS[self.network.activation].label, self.summary
        init = INITIALISATION_LABELS[self.network.initialisation]
        head = f"{label}, {init}, weights times {self.network.scale:.2f}, {DEPTH} hidden layers"
        if self.network.residual:
            head += ", residual"
        picked = [layer - 1 for layer in LAYERS]
        rows = [head, f"{'hidden layer':<26}" + "".join(f"{layer:>9}" for layer in LAYERS)]
        rows.append(f"{'standard deviation of z':<26}" + "".join(f"{np.median(s.spread[i]):>9.2g}" for i in picked))
        rows.append(f"{'saturated share':<26}" + "".join(f"{np.median(s.saturated[i]):>9.0%}" for i in picked))
        rows.append(f"{'beyond ±5':<26}" + "".join(f"{1 - shares.sum():>9.0%}" for shares in s.counts))
        alt = (
            f"{head}. Left, histograms of the pre-activations from −5 to 5, the first layer on top: their standard "
            f"deviation goes from {np.median(s.spread[0]):.2g} in the first to {np.median(s.spread[-1]):.2g} in the "
            f"last layer. The zones where the slope is flat are shaded. Right, the saturated share against the layer, "
            f"median and range of {SEEDS} seeds: from {np.median(s.saturated[0]):.0%} to "
            f"{np.median(s.saturated[-1]):.0%}."
        )
        return "\n".join(rows), alt


def _outline(shares: FloatArray, base: float) -> FloatArray:
    """Return the corners of a histogram that stands on `base`, its tallest bar HEIGHT high: shape (n, 2)."""
    tallest = max(float(shares.max()), 1e-12)
    y = np.repeat(base + HEIGHT * shares / tallest, 2)
    x = np.repeat(EDGES, 2)[1:-1]
    return np.r_[[[EDGES[0], base]], np.c_[x, y], [[EDGES[-1], base]]]

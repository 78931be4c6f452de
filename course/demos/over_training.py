"""Over training: where pre-activations drift while a network learns, which units die, how large its steps are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course import style
from course.computations.functions import ACTIVATIONS, FLAT, FloatArray, evaluate, flat_zones
from course.computations.over_training import EDGES, EVERY, LAYERS, SAMPLES, SEEDS, STEPS, UNITS, Record, watch
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, menu, row, slider

SHOWN = ("tanh", "relu", "sigmoid")
SCALES = {"0.3 times what suits": 0.3, "what suits the activation": 1.0, "3 times what suits": 3.0}
RATES = {"0.002": 0.002, "0.02": 0.02, "0.1": 0.1}
LOOKS = (
    (style.BLUE, style.SOLID, "o"), (style.VERMILLION, style.DASHED, "s"), (style.GREEN, style.DASHDOT, "^"),
    (style.PURPLE, style.DOTTED, "D"),
)  # fmt: skip
"""Of each hidden layer."""
RULE = -3.0  # log10 of the update ratio that the rule of thumb asks for
TALL = 0.9  # of the tallest bar of a histogram; rows are 1 apart


class OverTraining(Demo):
    """Step through a training: histograms, dead units, the size of the steps, and each unit's flat slopes."""

    title = "Over training"
    size = (800, 440)
    stills: ClassVar = {
        "05_over_training_tanh": {"rate": 0.1, "step": 20},
        "05_over_training_relu": {"activation": "relu", "rate": 0.1, "step": 20},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return activation, weights at the start and learning rate; the step, and the layer of the picture."""
        self._drawn: tuple[Any, ...] = ()  # what curves and shaded zones in the picture belong to
        return {
            "activation": menu("activation", [(ACTIVATIONS[name].label, name) for name in SHOWN], "tanh", width=180),
            "scale": menu("weights at the start", list(SCALES.items()), 1.0, width=330),
            "rate": menu("learning rate", list(RATES.items()), 0.002, width=180),
            "step": slider("step", 0, 0, STEPS, EVERY, width=330, shown=".0f"),
            "layer": count_slider("layer on the right", 2, 1, LAYERS, width=330),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put the menus in a row, the sliders below."""
        rows = (("activation", "scale", "rate"), ("step", "layer"))
        return widgets.VBox([row(self.controls[name] for name in names) for names in rows])

    def build(self, figure: Figure) -> None:
        """Build histograms on the left, curves over the steps in the middle, units × samples on the right."""
        left = figure.add_axes((0.055, 0.12, 0.26, 0.75))
        dead = figure.add_axes((0.37, 0.54, 0.25, 0.33))
        ratio = figure.add_axes((0.37, 0.12, 0.25, 0.3))
        right = figure.add_axes((0.705, 0.12, 0.28, 0.75))
        style.style_axes(left, title="pre-activations", xlabel="z (grey: the slope is flat)", ylabel="hidden layer")
        style.style_axes(dead, title=f"units flat on every digit, of {UNITS}")
        style.style_axes(ratio, title="log₁₀ of step / weights", xlabel="step")
        style.style_axes(right, xlabel=f"{SAMPLES} digits, the zeros first", ylabel="unit")
        left.set(xlim=(EDGES[0], EDGES[-1]), ylim=(-0.15, LAYERS))
        left.set_yticks(range(LAYERS), [str(layer) for layer in range(LAYERS, 0, -1)])
        dead.set(xlim=(-2, STEPS + 2), ylim=(-3, UNITS + 3), xticks=range(0, STEPS + 1, 20), yticks=(0, 16, 32, 48, 64))
        ratio.set(xlim=(-2, STEPS + 2), ylim=(-4.6, 0.6), xticks=range(0, STEPS + 1, 20), yticks=range(-4, 1))
        ratio.axhline(RULE, color=style.GREY, linewidth=1.2)
        right.set(xticks=(0, 100, 200, 300), yticks=(0, 16, 32, 48, 63))
        dead.tick_params(labelbottom=False)
        for axes in (left, right):
            axes.grid(visible=False)
        self._build_artists(figure, left, dead, ratio, right)

    def _build_artists(self, figure: Figure, left: Axes, dead: Axes, ratio: Axes, right: Axes) -> None:
        self.zones = [left.axvspan(0, 0, color=style.PALE, linewidth=0, zorder=0) for _ in range(2)]
        self.histograms: list[Any] = [
            left.add_patch(Polygon(np.zeros((1, 2)), facecolor=colour, edgecolor="white", alpha=0.85))
            for colour, *_ in LOOKS
        ]
        self.dead, self.ratios = (
            [
                axes.plot([], [], color=colour, linestyle=dash, marker=marker, markersize=4, markevery=10)[0]
                for colour, dash, marker in LOOKS
            ]
            for axes in (dead, ratio)
        )
        self.cursors = [axes.axvline(0, color=style.GREY, linewidth=1.2) for axes in (dead, ratio)]
        self.picture = right.imshow(
            np.zeros((UNITS, SAMPLES)), cmap=ListedColormap(["#FFFFFF", style.ORANGE]), vmin=0.0, vmax=1.0,
            aspect="auto", interpolation="nearest", origin="upper",
        )  # fmt: skip
        self.heading = right.text(0.0, 1.025, "", transform=right.transAxes, fontsize=11, va="bottom")
        figure.legend(
            handles=self.dead, labels=[f"layer {number}" for number in range(1, LAYERS + 1)], loc="upper left",
            ncols=LAYERS, frameon=False, handlelength=3.0, borderaxespad=0.2, columnspacing=1.6,
        )  # fmt: skip
        lines = [*self.dead, *self.ratios, *self.cursors]
        self.canvas.animate([*self.histograms, *lines, self.picture, self.heading])

    def update(self) -> None:
        """Draw the curves of a training, and what the networks are at one step of it."""
        settings = (self.value("activation"), self.value("scale"), self.value("rate"))
        self.layer = int(self.value("layer"))
        if settings != self._drawn:
            self.records = watch(*settings)
            self._draw_curves()
            self._draw_zones(settings[0])
            self._drawn = settings
        self.record = self.records[round(self.value("step") / EVERY)]
        for number, (histogram, shares) in enumerate(zip(self.histograms, self.record.counts, strict=True)):
            histogram.set_xy(_outline(shares, LAYERS - 1 - number))
        for cursor in self.cursors:
            cursor.set_xdata([self.record.step] * 2)
        self.picture.set_data(self.record.picture[self.layer - 1].astype(float))
        self.heading.set_text(f"layer {self.layer}, flat slopes in orange")

    def _draw_curves(self) -> None:
        steps = [record.step for record in self.records]
        for number in range(LAYERS):
            self.dead[number].set_data(steps, [np.median(record.dead[number]) for record in self.records])
            ratios = [np.log10(np.median(record.ratio[number])) for record in self.records]  # NaN at the start
            self.ratios[number].set_data(steps, ratios)

    def _draw_zones(self, activation: str) -> None:
        x = np.linspace(EDGES[0], EDGES[-1], 2001)
        zones = [*flat_zones(x, evaluate(activation, x)[1]), (0.0, 0.0)]  # ReLU has one, the others two
        for (start, stop), zone in zip(zones, self.zones, strict=False):
            zone.set_bounds(start, 0, stop - start, 1)
        self.canvas.invalidate()

    def describe(self) -> tuple[str, str]:
        """Return spread, flat share, dead units and update ratio of each layer; then the picture in words."""
        r, label = self.record, ACTIVATIONS[self.value("activation")].label
        scale, rate = self.value("scale"), self.value("rate")
        head = (
            f"{label}, weights at the start {scale:g} times what suits, Adam with learning rate {rate:g}, step {r.step}"
        )
        rows = [
            head,
            f"median of {len(SEEDS)} seeds [smallest, largest]",
            f"loss {_span(r.loss, '.2f')}   right {_span(r.accuracy, '.0%')} of {SAMPLES} digits",
            _row("hidden layer", map(str, range(1, LAYERS + 1))),
            _row("standard deviation of z", (_span(v, ".1f") for v in r.spread)),
            _row("flat slopes, in percent", (_span(100 * v, ".0f") for v in r.flat)),
            _row("units flat on every digit", (_span(v, ".0f") for v in r.dead)),
            _row("log10 of step / weights", _logs(r)),
        ]
        flat = r.picture[self.layer - 1]
        never = int((~flat.any(axis=1)).sum())
        rows.append(
            f"picture of layer {self.layer}, first seed: {flat.mean():.0%} orange; rows orange throughout "
            f"{int(flat.all(axis=1).sum())}, white throughout {never}"
        )
        listed = ", ".join(f"{np.median(v):.0f}" for v in r.dead)
        alt = (
            f"{head}. Left, histograms of the pre-activations from −5 to 5, the first layer on top, with grey zones "
            f"where the slope is below {FLAT} in size; the standard deviation is {np.median(r.spread[0]):.2f} in the "
            f"first layer and {np.median(r.spread[-1]):.2f} in the last. Middle, over {STEPS} steps with a vertical "
            f"line at this one: above, the units of each layer whose slope is flat on every digit, now {listed} in "
            f"layers 1 to {LAYERS}; below, the logarithm of the step's size over the weights', with a grey line at "
            f"−3; layer 1 is blue and solid, 2 vermillion and dashed, 3 green and dash-dot, 4 purple and dotted. "
            f"Right, a picture of layer {self.layer} with a row for each of {UNITS} units and a column for each of "
            f"{SAMPLES} digits: {flat.mean():.0%} of it is orange, where the slope is flat."
        )
        return "\n".join(rows), alt


def _outline(shares: FloatArray, base: float) -> FloatArray:
    """Return the corners of a histogram that stands on `base`, its tallest bar TALL high: shape (n, 2)."""
    y = np.repeat(base + TALL * shares / max(float(shares.max()), 1e-12), 2)
    return np.r_[[[EDGES[0], base]], np.c_[np.repeat(EDGES, 2)[1:-1], y], [[EDGES[-1], base]]]


def _span(values: FloatArray, shown: str) -> str:
    return f"{np.median(values):{shown}} [{values.min():{shown}}, {values.max():{shown}}]"


def _row(label: str, cells: Iterable[str]) -> str:
    return f"{label:<26}" + "".join(f"{cell:>19}" for cell in cells)


def _logs(record: Record) -> Iterable[str]:
    if not record.step:
        return ["no step yet"] * LAYERS
    return [_span(np.log10(values), ".1f") for values in record.ratio]

"""Unfolding: where two layers of two units carry the plane and its points, at any step of the training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.figure import Figure

from course import style
from course.computations.data import SAMPLES
from course.computations.functions import ACTIVATIONS, FloatArray
from course.computations.unfolding import EVERY, SEEDS, STEPS, fewest_wrong, record
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, row, slider

DATA = {"moons": "moons", "XOR": "xor", "circles": "circles"}
HIDDEN = {"tanh": "tanh", "ReLU": "relu", "GELU": "gelu", "none: linear layers only": "identity"}
UNITS = ((1, 1), (1, 2), (2, 1), (2, 2))
"""Layer and number of each hidden unit."""
REACH = 1.5  # the pictures of the plane show -REACH to REACH in both directions
CELLS = 60  # of these pictures, in each direction
LINES = 13  # of the net, in each direction
NARROWEST = 0.5  # width of a hidden plane: points that lie on each other need some room too
LOOKS = ((style.BLUE, "o", "class 0"), (style.VERMILLION, "^", "class 1"))
WIDTH, HEIGHT = 800, 490


def cells() -> FloatArray:
    """Return the centres of the cells of the plane, row by row from below: shape (CELLS², 2)."""
    edge = REACH * ((2 * np.arange(CELLS) + 1) / CELLS - 1)
    return np.stack(np.meshgrid(edge, edge), axis=-1).reshape(-1, 2)


def net() -> FloatArray:
    """Return a net of straight lines over the plane as one line with gaps of NaN: shape (n, 2)."""
    along = np.append(np.linspace(-REACH, REACH, 49), np.nan)
    across, fixed = np.tile(along, LINES), np.repeat(np.linspace(-REACH, REACH, LINES), len(along))
    return np.concatenate([np.column_stack([across, fixed]), np.column_stack([fixed, across])])


def cut(normal: FloatArray, offset: float) -> FloatArray:
    """Return two points far out on the line normal · h + offset = 0, NaN if there is none: shape (2, 2)."""
    size = float(normal @ normal)
    if size < 1e-18:
        return np.full((2, 2), np.nan)
    foot, along = -offset * normal / size, np.array([-normal[1], normal[0]]) / size**0.5
    return np.asarray(foot + np.outer([-1e3, 1e3], along))


class Unfolding(Demo):
    """Go through a training step by step and see how two layers unfold the data, until a straight cut will do."""

    title = "Unfolding"
    size = (WIDTH, HEIGHT)
    stills: ClassVar = {
        "01_unfolding": {"data": "xor", "start": 3, "step": STEPS},
        "01_unfolding_circles": {"data": "circles", "start": 1, "step": STEPS},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return data and activation, the step, and which of the starts."""
        self._drawn: tuple[Any, ...] = ()  # recording and start that limits and points in the picture are of
        return {
            "data": menu("data", list(DATA.items()), "moons", width=170),
            "activation": menu("activation", list(HIDDEN.items()), "tanh", width=290),
            "step": slider("step", 0, 0, STEPS, EVERY, width=330, shown=".0f"),
            # No slider, whose next steps would be drawn ahead: another start has other limits, so all is drawn anew.
            "start": menu("start (seed)", [(str(seed), seed) for seed in SEEDS], 2, width=170),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put the data and the activation in a row, step and start below."""
        return widgets.VBox(
            [row(self.controls[name] for name in pair) for pair in (("data", "activation"), ("step", "start"))]
        )

    def build(self, figure: Figure) -> None:
        """Build the plane and what each layer makes of it, and below a map of the plane for each hidden unit."""
        planes = [_square(figure, left, 240, 200) for left in (48, 322, 594)]
        maps = [_square(figure, left, 40, 122) for left in (48, 248, 448, 648)]
        names = ("what comes in", "after layer 1", "after layer 2")
        for axes, name, (across, up) in zip(
            planes, names, (("x₁", "x₂"), ("unit 1", "unit 2"), ("unit 1", "unit 2")), strict=True
        ):
            style.style_axes(axes, title=name, xlabel=across, ylabel=up)
            axes.grid(visible=False)
            axes.xaxis.labelpad, axes.yaxis.labelpad = 1.0, 0.0
        for axes, (layer, unit) in zip(maps, UNITS, strict=True):
            style.style_axes(axes, title=f"layer {layer}, unit {unit}")
            axes.grid(visible=False)
        for axes in (planes[0], *maps):
            axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        sides = ListedColormap(["#BFE3F6", "#FBE3B5"])  # pale sky blue and orange: points stand out from them
        values = LinearSegmentedColormap.from_list("values", [style.SKY, "#FFFFFF", style.ORANGE])
        self.sides = _image(planes[0], sides)
        self.maps = [_image(axes, values) for axes in maps]
        self.nets = [axes.plot([], [], color=style.GREY, linewidth=0.6, alpha=0.6)[0] for axes in planes]
        self.points = [[_points(axes, number) for number in (0, 1)] for axes in planes]
        (self.line,) = planes[2].plot(
            [], [], color=style.GREEN, linestyle=style.DASHED, label="cut of the output layer"
        )
        planes[2].set_autoscale_on(False)
        figure.legend(
            handles=[*self.points[0], self.line], loc="upper left", ncols=3, frameon=False, handlelength=2.4,
            borderaxespad=0.2, columnspacing=1.6, markerscale=1.5,
        )  # fmt: skip
        moving = [point for pair in self.points for point in pair]
        self.canvas.animate([self.sides, *self.maps, *self.nets, *moving, self.line])
        self._planes, self._cells, self._net = planes, cells(), net()

    def update(self) -> None:
        """Send cells, net and points through the layers as they are at this step."""
        self.start = int(self.value("start"))
        self.at = round(self.value("step") / EVERY)
        self.recording = record(self.value("data"), self.value("activation"))
        if (self.recording, self.start) != self._drawn:
            self._drawn = (self.recording, self.start)
            self._set_limits()
        *hidden, logits = self._layers(self._cells)
        self.sides.set_data(_as_image(logits[:, 0] > 0))
        for image, (layer, unit) in zip(self.maps, UNITS, strict=True):
            image.set_data(_as_image(hidden[layer - 1][:, unit - 1]))
        labels = self.recording.labels
        self.places = [self.recording.points, *self._layers(self.recording.points)[:2]]
        nets = [self._net, *self._layers(self._net)[:2]]
        for line, drawn, pair, places in zip(self.nets, nets, self.points, self.places, strict=True):
            line.set_data(*drawn.T)
            for points, number in zip(pair, (False, True), strict=True):
                points.set_data(*places[labels == number].T)
        weight, bias = self.recording.weights[-1][self.at, self.start], self.recording.biases[-1][self.at, self.start]
        self.line.set_data(*cut(weight[:, 0], float(bias[0, 0])).T)

    def _layers(self, places: FloatArray) -> list[FloatArray]:
        return self.recording.layers(self.at, self.start, places)

    def _set_limits(self) -> None:
        """Have the hidden planes show all points at all steps, so that nothing but the points moves with the step."""
        records = range(len(self.recording.loss))
        seen = [self.recording.layers(number, self.start, self.recording.points) for number in records]
        for layer, axes in enumerate(self._planes[1:]):
            found = np.array([layers[layer] for layers in seen])
            low, high = float(found.min()), float(found.max())
            middle, half = (low + high) / 2, 0.54 * max(high - low, NARROWEST)
            axes.set(xlim=(middle - half, middle + half), ylim=(middle - half, middle + half))
            most = max(abs(low), abs(high), 1e-3)
            for image, (of_layer, _) in zip(self.maps, UNITS, strict=True):
                if of_layer == layer + 1:
                    image.set_clim(-most, most)
        self.canvas.invalidate()

    def describe(self) -> tuple[str, str]:
        """Return what straight lines can do before and after each layer, and how the other starts fare."""
        r, step = self.recording, self.at * EVERY
        data, name = self.value("data"), ACTIVATIONS[r.activation].label
        data = next(label for label, kind in DATA.items() if kind == data)
        wrong, best = r.wrong[self.at, self.start], [fewest_wrong(places, r.labels) for places in self.places]
        rows = [
            f"{data}, {name}, start {self.start}, step {step} of {STEPS}: loss {r.loss[self.at, self.start]:.3f}",
            f"on the wrong side, of {SAMPLES} points",
            f"  of the network's boundary:    {wrong:>3}",
            f"  of the best straight line:    {best[0]:>3} in what comes in, {best[1]:>3} after layer 1, "
            f"{best[2]:>3} after layer 2",
            f"  in starts {SEEDS[0]} to {SEEDS[-1]} at this step: {_listed(r.wrong[self.at])}",
        ]
        spans = "; ".join(
            f"unit {unit} of layer {layer} goes from {_number(values.min())} to {_number(values.max())}"
            for layer, unit in UNITS
            for values in [self.places[layer][:, unit - 1]]
        )
        alt = (
            f"Above, three planes with the {SAMPLES} points of the data set {data}, blue dots for class 0 and "
            f"vermillion triangles for class 1, and a grey net. Left, what comes in: the net is square, pale orange "
            f"marks what the network takes for class 1, pale blue the rest; {wrong} points are on the wrong side. "
            f"Middle and right: the same points and the same net after layer 1 and after layer 2, with activation "
            f"{name}, at step {step}; a green dashed line is the straight cut of the output layer. Below, a map of the "
            f"plane for each hidden unit, sky blue where it is negative, white at 0, orange where it is positive; over "
            f"the points {spans}. The best straight line leaves {best[0]} points on the wrong side in what comes in, "
            f"{best[1]} after layer 1 and {best[2]} after layer 2."
        )
        return "\n".join(rows), alt


def _square(figure: Figure, left: float, bottom: float, side: float) -> Axes:
    """Return square axes at a place in pixels."""
    return figure.add_axes((left / WIDTH, bottom / HEIGHT, side / WIDTH, side / HEIGHT))


def _image(axes: Axes, colours: Any) -> Any:
    return axes.imshow(
        np.zeros((CELLS, CELLS)), cmap=colours, vmin=0.0, vmax=1.0, extent=(-REACH, REACH, -REACH, REACH),
        origin="lower", interpolation="nearest", zorder=0,
    )  # fmt: skip


def _as_image(values: Any) -> FloatArray:
    return np.asarray(values, dtype=np.float64).reshape(CELLS, CELLS)


def _points(axes: Axes, number: int) -> Any:
    colour, marker, label = LOOKS[number]
    (points,) = axes.plot([], [], marker, color=colour, markersize=(4.0, 4.5)[number], label=label)
    return points


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"


def _listed(counts: Sequence[int]) -> str:
    return " ".join(str(count) for count in counts)

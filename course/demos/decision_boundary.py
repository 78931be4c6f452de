"""Decision boundary: a small network learns four two-dimensional data sets, with an activation and without one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn

from course import style
from course.computations.data import SAMPLES, make_data
from course.computations.functions import ACTIVATIONS
from course.computations.training import batches, descend, one_thread
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, menu, row, slider
from course.demos.framework.training import Training

FloatArray = NDArray[np.float64]

UNITS = 16  # in each of two hidden layers
STEPS = 250
RATE = 0.02  # of Adam
REACH = 1.5  # the picture shows -REACH to REACH in both directions
CELLS = 48  # of the picture, in each direction

DATA = {"XOR": "xor", "moons": "moons", "circles": "circles", "spirals": "spirals"}
HIDDEN = {"none: linear layers only": "identity", "ReLU": "relu", "tanh": "tanh", "sigmoid": "sigmoid"}


def make_classifier(activation: str, seed: int = 0) -> nn.Sequential:
    """Return a network 2 → UNITS → UNITS → 1 in float64; its output is a logit.

    `activation` is a key of `course.computations.functions.ACTIVATIONS`. The same seed gives every activation the same
    weights: normal, with variance 1 / fan-in, and biases of 0.
    """
    generator = torch.Generator().manual_seed(seed)
    layers: list[nn.Module] = []
    for inputs, outputs in ((2, UNITS), (UNITS, UNITS), (UNITS, 1)):
        layer = nn.Linear(inputs, outputs, dtype=torch.float64)
        nn.init.normal_(layer.weight, std=inputs**-0.5, generator=generator)
        nn.init.zeros_(layer.bias)
        layers += [layer, Elementwise(activation)]
    return nn.Sequential(*layers[:-1])


class Elementwise(nn.Module):
    """An activation of `course.computations.functions` as a module."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.function = ACTIVATIONS[name].torch_function

    def forward(self, x: Tensor) -> Tensor:
        """Apply it to each element."""
        return self.function(x)


def learn(network: nn.Module, points: Tensor, labels: Tensor) -> Iterator[float]:
    """Take STEPS steps of Adam on all points with the logistic loss; yield the loss before each."""
    optimizer = torch.optim.Adam(network.parameters(), RATE, fused=True)
    yield from descend(network, F.binary_cross_entropy_with_logits, batches(points, labels, steps=STEPS), optimizer)


def accuracy(network: nn.Module, points: Tensor, labels: Tensor) -> float:
    """Return the share of the points on the right side of the boundary, in [0, 1]."""
    with torch.no_grad(), one_thread():
        return ((network(points) > 0) == (labels > 0.5)).double().mean().item()


@cache
def lattice() -> Tensor:
    """Return the centres of the CELLS x CELLS cells of the picture, row by row from below: shape (CELLS², 2)."""
    edge = REACH * (np.arange(CELLS) + 0.5) * 2 / CELLS - REACH
    across, up = np.meshgrid(edge, edge)
    return torch.tensor(np.column_stack([across.ravel(), up.ravel()]))


def probabilities(network: nn.Module) -> FloatArray:
    """Return the probability of class 1 at each centre of the lattice: shape (CELLS, CELLS)."""
    with torch.no_grad(), one_thread():
        return torch.sigmoid(network(lattice())).reshape(CELLS, CELLS).numpy()


class DecisionBoundary(Demo):
    """Choose data and activation, press Train, and watch the boundary bend, or stay a straight line."""

    title = "Decision boundary"
    size = (760, 370)
    stills: ClassVar = {
        "01_boundary_linear": {"data": "circles", "activation": "identity", "train": True},
        "01_boundary_relu": {"data": "circles", "activation": "relu", "train": True},
        "01_boundary_spirals": {"data": "spirals", "activation": "relu", "noise": 0.0, "train": True},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return data, its noise, the activation of the hidden layers, the start, and the button that trains."""
        self._settings: dict[str, Any] = {}
        self.training = Training(self._train, steps=STEPS, show=self.set)
        return {
            "data": menu("data", list(DATA.items()), "xor", width=170, aligned=True),
            "activation": menu("activation", list(HIDDEN.items()), "identity", width=290, aligned=True),
            "noise": slider("noise", 0.05, 0.0, 0.4, 0.01, width=300),
            "seed": count_slider("start (seed)", 0, 0, 9, width=300),
            "train": self.training.button,
        }

    def layout_controls(self) -> widgets.Widget:
        """Put choices and sliders in one row that wraps, the training below."""
        moved = [self.controls[name] for name in ("data", "activation", "noise", "seed")]
        return widgets.VBox([row(moved), self.training.widget])

    def build(self, figure: Figure) -> None:
        """Build points over the probability of class 1, and the loss."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.05))
        figure.subplots_adjust(left=0.06, right=0.985, top=0.83, bottom=0.14, wspace=0.22)
        style.style_axes(left, title="probability of class 1", xlabel="x₁", ylabel="x₂")
        style.style_axes(right, title="training loss", xlabel="step")
        left.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
        left.grid(visible=False)
        right.set(xlim=(-5, STEPS + 5), ylim=(-0.02, 1.0))
        right.axhline(np.log(2.0), color=style.GREY, linewidth=1.0)
        right.text(STEPS, np.log(2.0) + 0.015, "ln 2: a coin", ha="right", va="bottom", color=style.GREY, fontsize=9.5)
        colours = LinearSegmentedColormap.from_list("classes", [style.SKY, "#FFFFFF", style.ORANGE])
        span = (-REACH, REACH, -REACH, REACH)
        self.map = left.imshow(
            np.zeros((CELLS, CELLS)), cmap=colours, vmin=0.0, vmax=1.0, extent=span, origin="lower",
            interpolation="nearest", zorder=0,
        )  # fmt: skip
        (self.zeros,) = left.plot([], [], "o", color=style.BLUE, markersize=4.5, label="class 0")
        (self.ones,) = left.plot([], [], "^", color=style.VERMILLION, markersize=5.5, label="class 1")
        (self.boundary,) = left.plot([], [], ".", color=style.BLACK, markersize=2.5, label="boundary")
        (self.loss,) = right.plot([], [], color=style.PURPLE)
        figure.legend(
            handles=[self.zeros, self.ones, self.boundary], loc="upper left", ncols=3, frameon=False,
            handletextpad=0.2, columnspacing=1.2, borderaxespad=0.2, markerscale=1.4,
        )  # fmt: skip
        self.canvas.animate([self.map, self.boundary, self.zeros, self.ones, self.loss])

    def update(self) -> None:
        """Begin anew if a setting has changed; draw the network as it is now."""
        settings = {name: self.value(name) for name in ("data", "activation", "noise", "seed")}
        if settings != self._settings:
            self.training.cancel()
            self._settings = settings
            self._begin()
        self.training.follow_button()
        self.probability = probabilities(self.network)
        self.map.set_data(self.probability)
        self.boundary.set_data(*boundary_points(self.probability))
        self.loss.set_data(range(len(self.losses)), self.losses)

    def foreseeable(self) -> dict[str, Any]:
        """Leave out the settings of what has been trained."""
        return self.training.foreseeable(super().foreseeable())

    def _begin(self) -> None:
        kind, noise, seed = (self._settings[name] for name in ("data", "noise", "seed"))
        self.network = make_classifier(self._settings["activation"], seed)
        self.points, self.labels = make_data(kind, noise)
        self.held_out = make_data(kind, noise, seed=1)
        self.losses: list[float] = []
        is_one = self.labels[:, 0].numpy() > 0.5
        self.zeros.set_data(*self.points[~is_one].T.numpy())
        self.ones.set_data(*self.points[is_one].T.numpy())

    def _train(self) -> Iterator[float]:
        self._begin()
        for loss in learn(self.network, self.points, self.labels):
            self.losses.append(loss)
            yield loss

    def describe(self) -> tuple[str, str]:
        """Return the accuracy on the points shown and on others, and the shape of the boundary."""
        s = self._settings
        shown, others = accuracy(self.network, self.points, self.labels), accuracy(self.network, *self.held_out)
        name = next(label for label, value in HIDDEN.items() if value == s["activation"])
        data = next(label for label, value in DATA.items() if value == s["data"])
        step, loss = len(self.losses), f"{self.losses[-1]:.4f}" if self.losses else "not yet known"
        rows = [
            f"data {data}, noise {s['noise']:.2f}; activation {name}; start {s['seed']}",
            f"step {step}, loss {loss}",
            f"right: {shown:.1%} of the {SAMPLES} points shown, {others:.1%} of {SAMPLES} points held out",
        ]
        shape = "is a straight line, or outside the picture" if s["activation"] == "identity" else "may bend"
        alt = (
            f"Left: the plane from −1.5 to 1.5 in both directions, coloured by the network's probability of class 1, "
            f"from sky blue (0) over white to orange (1), with {SAMPLES} points of the data set {data}: blue dots "
            f"for class 0, vermillion triangles for class 1. A dotted black line marks probability one half; with "
            f"activation {name} it {shape}. {shown:.0%} of the points are on the right side. Right: the training loss "
            f"up to step {step}, with a grey line at ln 2, the loss of a coin."
        )
        return "\n".join(rows), alt


def boundary_points(probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where the probability crosses one half between neighbouring cells, interpolated: x and y, shapes (n,).

    Parameters
    ----------
    probability : ndarray of float, shape (CELLS, CELLS)
        Rows from below, as `probabilities` returns it.
    """
    height = probability - 0.5
    found = []
    for step_row, step_column in ((0, 1), (1, 0)):
        here = height[: CELLS - step_row, : CELLS - step_column]
        beside = height[step_row:, step_column:]
        rows, columns = np.nonzero((here > 0) != (beside > 0))
        share = here[rows, columns] / (here[rows, columns] - beside[rows, columns])
        found.append(np.array([columns + step_column * share, rows + step_row * share]))
    x, y = (np.concatenate(found, axis=1) + 0.5) * 2 * REACH / CELLS - REACH
    return x, y

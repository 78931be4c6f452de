"""Double softmax: the same network trained on logits and, by mistake, on probabilities; the floor of the second loss.

`F.cross_entropy` applies softmax by itself. A network that ends in a softmax of its own is trained through both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple

import ipywidgets as widgets
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from course import style
from course.computations.data import pixels, standardise
from course.computations.functions import FloatArray
from course.computations.training import batches, descend, one_thread
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, row, slider
from course.demos.framework.training import Training

UNITS = 32
AVAILABLE = 1000  # digits
STEPS = 120  # with all samples in each
EVERY = 5  # steps between two looks at the held-out digits
PREVIEW = 2  # steps that a change of a setting takes at once
REACH = 10.0  # of the margin
MARGINS = np.linspace(-REACH, REACH, 161)
MOST_CLASSES = 10


class Samples(NamedTuple):
    """Digits to learn from, and digits to test with: inputs float64 (n, 64), classes int64 (n,)."""

    x: Tensor
    y: Tensor
    held_out_x: Tensor
    held_out_y: Tensor


@cache
@one_thread()
def samples(classes: int) -> Samples:
    """Return the digits 0 to `classes` − 1 of the first AVAILABLE: two of five are learned, one of five is held out."""
    x, y = (part[:AVAILABLE] for part in pixels())
    x, y = x[y < classes], y[y < classes]
    place = np.arange(len(y)) % 5
    learned, held_out = (place == 1) | (place == 2), place == 0
    x_learned, x_held_out = map(torch.tensor, standardise(x[learned], x[held_out]))
    return Samples(x_learned, torch.tensor(y[learned]), x_held_out, torch.tensor(y[held_out]))


def floor(classes: int) -> float:
    """Return the smallest cross-entropy of probabilities taken for logits.

    That of 1 for the true class and 0 for the rest.
    """
    return math.log1p((classes - 1) / math.e)


def gradient(margins: FloatArray, classes: int, *, double: bool) -> FloatArray:
    """Return how strongly a sample pushes the logit of its true class up.

    Minus the derivative of its loss by that logit.

    Parameters
    ----------
    margins : ndarray of float, shape (n,)
        Logit of the true class; all others are 0.
    classes : int
    double : bool
        With a second softmax before the cross-entropy.
    """
    z = torch.zeros(len(margins), classes, dtype=torch.float64)
    z[:, 0] = torch.from_numpy(margins)
    z.requires_grad_()
    with one_thread():
        outputs = torch.softmax(z, dim=1) if double else z
        loss = F.cross_entropy(outputs, torch.zeros(len(margins), dtype=torch.int64), reduction="sum")
        (slopes,) = torch.autograd.grad(loss, z)
    return np.asarray(-slopes[:, 0].numpy())


@dataclass(frozen=True)
class Record:
    """What the networks can do after some steps."""

    step: int
    right: tuple[float, float]
    """Share of the held-out digits that `single` and `double` get right, in [0, 1]."""


class Race:
    """Two networks with the same start and data: `single` ends in logits, `double` in a softmax.

    Both are trained with the cross-entropy that applies a softmax itself.

    Parameters
    ----------
    classes : int
        2 to 10.
    rate : float
        Learning rate of gradient descent.
    seed : int

    Attributes
    ----------
    losses : pair of list of float
        Of `single` and `double`, before each step.
    records : list of Record
        At step 0, at step PREVIEW, then one each EVERY steps, as far as the steps have been taken.
    """

    def __init__(self, classes: int = 10, rate: float = 0.5, seed: int = 0) -> None:
        self.samples, self._rate = samples(classes), rate
        with one_thread():
            self.single = _network(classes, seed)
            self.double = nn.Sequential(*_network(classes, seed), nn.Softmax(dim=1))
        self.losses: tuple[list[float], list[float]] = ([], [])
        self.records = [self._examine()]

    def steps(self, count: int = STEPS) -> Iterator[int]:
        """Take `count` steps with both, one for each number drawn from the iterator. To be called once."""
        x, y = self.samples.x, self.samples.y
        runs = [
            descend(network, F.cross_entropy, batches(x, y, steps=count), _optimizer(network, self._rate))
            for network in (self.single, self.double)
        ]
        for step, losses in enumerate(zip(*runs, strict=True), start=1):
            for history, loss in zip(self.losses, losses, strict=True):
                history.append(loss)
            if step == PREVIEW or step % EVERY == 0:
                self.records.append(self._examine())
            yield step

    def run(self, count: int = STEPS) -> Race:
        """Take `count` steps at once."""
        for _ in self.steps(count):
            pass
        return self

    def _examine(self) -> Record:
        x, y = self.samples.held_out_x, self.samples.held_out_y
        with torch.no_grad(), one_thread():
            single, double = ((net(x).argmax(1) == y).double().mean().item() for net in (self.single, self.double))
        return Record(len(self.losses[0]), (single, double))


def _network(classes: int, seed: int) -> nn.Sequential:
    """Return a network 64 → UNITS → classes with ReLU, in float64; its outputs are logits."""
    generator = torch.Generator().manual_seed(seed)
    hidden = nn.Linear(64, UNITS, dtype=torch.float64)
    last = nn.Linear(UNITS, classes, dtype=torch.float64)
    nn.init.normal_(hidden.weight, std=(2 / 64) ** 0.5, generator=generator)
    nn.init.normal_(last.weight, std=(1 / UNITS) ** 0.5, generator=generator)
    for layer in (hidden, last):
        nn.init.zeros_(layer.bias)
    return nn.Sequential(hidden, nn.ReLU(), last)


def _optimizer(network: nn.Module, rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(network.parameters(), rate, fused=True)


LOOKS = ((style.BLUE, style.SOLID, "one softmax"), (style.VERMILLION, style.DASHED, "double softmax"))


class DoubleSoftmax(Demo):
    """Train both networks, and see the second loss stop at its floor; trace the gradient against the margin."""

    title = "Double softmax"
    size = (800, 340)
    stills: ClassVar = {"06a_double_softmax": {"train": True, "margin": -4.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return the margin, classes and learning rate, and the button that trains."""
        self._settings: dict[str, Any] = {}
        self.training = Training(self._train, steps=STEPS, show=self.set, shown=PREVIEW)
        return {
            "margin": slider("margin m", 0.0, -REACH, REACH, 0.25, width=370),
            "classes": count_slider("classes K", MOST_CLASSES, 2, MOST_CLASSES, width=370),
            "rate": slider("learning rate", 0.5, 0.05, 2.0, 0.05, width=370),
            "train": self.training.button,
        }

    def layout_controls(self) -> widgets.Widget:
        """Put the sliders in one row that wraps, the training below."""
        sliders = [self.controls[name] for name in ("margin", "classes", "rate")]
        return widgets.VBox([row(sliders), self.training.widget])

    def build(self, figure: Figure) -> None:
        """Build training loss, held-out accuracy, and the gradient against the margin."""
        loss, right, slope = figure.subplots(1, 3)
        figure.subplots_adjust(left=0.05, right=0.985, top=0.8, bottom=0.15, wspace=0.23)
        style.style_axes(loss, title="training loss", xlabel="step")
        style.style_axes(right, title="held-out digits right, %", xlabel="step")
        style.style_axes(slope, title="push on the true logit", xlabel="margin m")
        loss.set(xlim=(-3, STEPS + 3), ylim=(-0.05, 2.8))
        right.set(xlim=(-3, STEPS + 3), ylim=(-0.02, 1.02))
        right.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
        slope.set(xlim=(-REACH, REACH), ylim=(-0.02, 1.04))
        self._build_artists(loss, right, slope)
        figure.legend(
            handles=[*self.losses, self.floor], loc="upper left", ncols=3, frameon=False, borderaxespad=0.2,
            handlelength=2.6, columnspacing=1.2,
        )  # fmt: skip

    def _build_artists(self, loss: Axes, right: Axes, slope: Axes) -> None:
        self.losses, self.right, self.slopes, self.points = (
            [axes.plot([], [], color=colour, linestyle=dash, label=label)[0] for colour, dash, label in LOOKS]
            for axes in (loss, right, slope, slope)
        )
        for point in self.points:
            point.set(marker="o", markersize=8, markeredgecolor="white", clip_on=False)
        self.floor = loss.axhline(0.0, color=style.BLACK, linestyle=style.DOTTED, linewidth=1.4, label="floor")
        self.cursor = slope.axvline(0.0, color=style.GREY, linewidth=1.2)
        self.canvas.animate([self.floor, *self.losses, *self.right, self.cursor, *self.slopes, *self.points])

    def update(self) -> None:
        """Take the first steps after a change of a setting; draw what has been recorded so far."""
        settings: dict[str, Any] = {name: self.value(name) for name in ("classes", "rate")}
        if settings != self._settings:
            self.training.cancel()
            self._settings = settings
            self.race = Race(**settings).run(PREVIEW)
            self.floor.set_ydata([floor(settings["classes"])] * 2)
            for line, double in zip(self.slopes, (False, True), strict=True):
                line.set_data(MARGINS, gradient(MARGINS, settings["classes"], double=double))
        self.training.follow_button()
        self.margin = float(self.value("margin"))
        self.cursor.set_xdata([self.margin] * 2)
        pushes = [gradient(np.array([self.margin]), settings["classes"], double=double)[0] for double in (False, True)]
        self.pushes = tuple(float(push) for push in pushes)
        for point, push in zip(self.points, pushes, strict=True):
            point.set_data([self.margin], [push])
        for line, losses in zip(self.losses, self.race.losses, strict=True):
            line.set_data(range(len(losses)), losses)
        steps = [record.step for record in self.race.records]
        for line, shares in zip(self.right, zip(*(r.right for r in self.race.records), strict=True), strict=True):
            line.set_data(steps, shares)

    def foreseeable(self) -> dict[str, Any]:
        """Leave out the settings of what has been trained."""
        return self.training.foreseeable(super().foreseeable(), views=("margin",))

    def _train(self) -> Iterator[int]:
        self.race = Race(**self._settings)
        yield from self.race.steps()

    def describe(self) -> tuple[str, str]:
        """Return losses, the floor, accuracies, and both gradients at the margin."""
        classes, rate = self._settings["classes"], self._settings["rate"]
        (single, double), right = self.race.losses, self.race.records[-1].right
        rows = [
            f"{classes} classes, learning rate {rate:.2f}; step {len(single)}",
            f"{'':<18}{'loss':>8}{'smallest possible':>20}{'held-out right':>17}{f'push at m = {self.margin:.2f}':>22}",
        ]
        ways = zip(LOOKS, (single, double), (0.0, floor(classes)), right, self.pushes, strict=True)
        for (_, _, name), losses, least, share, push in ways:
            rows.append(f"{name:<18}{losses[-1]:>8.3f}{least:>20.3f}{share:>17.1%}{push:>22.2g}")
        alt = (
            f"Three panels, one softmax in solid blue and double softmax in dashed vermillion. Left: the training loss "
            f"over {len(single)} of {STEPS} steps, now {single[-1]:.3f} and {double[-1]:.3f}; a dotted line at "
            f"{floor(classes):.3f} is the floor of the second. Middle: the share of held-out digits that are right, "
            f"{right[0]:.0%} and {right[1]:.0%}. Right: how strongly a sample pushes the logit of its true class "
            f"up, against the margin from −10 to 10: with one softmax it falls from 1 to 0, with two it is a low hill "
            f"and nearly 0 on both sides; at margin {self.margin:.2f} the pushes are "
            f"{self.pushes[0]:.2g} and {self.pushes[1]:.2g}."
        )
        return "\n".join(rows), alt

"""Dead-neuron lab: bias, weight scale and learning rate kill ReLU units on real digits; Leaky ReLU revives them.

A unit is *dead* on some data if its pre-activation is not positive on any sample: ReLU then gives 0 on all of
them, and no gradient reaches the unit's weights. The network is trained for SPELL steps as a ReLU network with
the chosen learning rate, then for CURE steps with Leaky ReLU in place of ReLU and a small learning rate.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn

from course import style
from course.computations.data import digits
from course.computations.training import batches, descend, one_thread
from course.demos.framework.base import Demo
from course.demos.framework.controls import row, slider
from course.demos.framework.training import Training

SAMPLES = 1000
UNITS = 50  # in each hidden layer
LAYERS = 3
BATCH = 64
SPELL = 100  # steps as a ReLU network, at the chosen learning rate
CURE = 200  # steps after that, with Leaky ReLU
CURE_RATE = 0.003
EVERY = 5  # steps between two records
PREVIEW = 2  # steps that a move of a slider takes at once; they are recorded too
TORCH_SCALE = 6**-0.5  # nn.Linear's own deviation, √(1/(3n)), over He's, √(2/n)


@cache
def lab_samples() -> tuple[Tensor, Tensor]:
    """Return the digits of the lab, all of which are learned.

    Inputs are float64, shape (SAMPLES, 64), each pixel standardised; classes are 0 to 9.
    """
    x, y, *_ = digits(dtype=torch.float64)
    return x[:SAMPLES], y[:SAMPLES]


class DigitNetwork(nn.Module):
    """LAYERS hidden layers of UNITS units and ten logits, in float64.

    A bad learning rate blows rounding errors up, and the picture should be the same on every machine.

    Parameters
    ----------
    bias : float
        Every bias of a hidden layer at the start.
    scale : float
        Deviation of the hidden weights at the start over He's, √(2 / fan-in). The same seed gives the same
        weights up to this factor.
    seed : int
    """

    def __init__(self, bias: float = 0.0, scale: float = 1.0, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        sizes = [lab_samples()[0].shape[1], *[UNITS] * LAYERS]
        self.negative_slope = 0.0  # 0 is ReLU
        layers = [nn.Linear(*pair, dtype=torch.float64) for pair in itertools.pairwise(sizes)]
        self.hidden = nn.ModuleList(layers)
        self.logits = nn.Linear(UNITS, 10, dtype=torch.float64)
        for layer in layers:
            nn.init.normal_(layer.weight, std=scale * (2 / layer.in_features) ** 0.5, generator=generator)
            nn.init.constant_(layer.bias, bias)
        nn.init.normal_(self.logits.weight, std=UNITS**-0.5, generator=generator)
        nn.init.zeros_(self.logits.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, shape (n, 10), of inputs of shape (n, 64)."""
        return self.trace(x)[1]

    def trace(self, x: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the pre-activations of each hidden layer, shapes (n, UNITS), and the logits."""
        inside = []
        for layer in self.hidden:
            inside.append(layer(x))
            x = F.leaky_relu(inside[-1], self.negative_slope)
        return inside, self.logits(x)


@dataclass(frozen=True)
class Record:
    """What the network is after some steps."""

    step: int
    active: NDArray[np.float64]
    """Share of the samples on which a unit's pre-activation is positive: shape (LAYERS, UNITS)."""
    accuracy: float
    """Share of the samples that the network classifies correctly."""

    @property
    def dead(self) -> list[int]:
        """How many units of each layer are dead."""
        return [int(np.sum(row == 0.0)) for row in self.active]


def examine(network: DigitNetwork, step: int) -> Record:
    """Look at all units on all samples."""
    x, y = lab_samples()
    with torch.no_grad(), one_thread():
        inside, logits = network.trace(x)
        active = np.array([(z > 0).double().mean(0).numpy() for z in inside])
        accuracy = (logits.argmax(1) == y).double().mean().item()
    return Record(step, active, accuracy)


class Story:
    """A network, its spell as a ReLU network, and its cure.

    Parameters
    ----------
    bias, scale, seed
        See `DigitNetwork`.
    rate : float
        Learning rate of Adam in the first SPELL steps.
    slope : float
        Slope for negative pre-activations in the CURE steps after that; 0 stays with ReLU.

    Attributes
    ----------
    records : list of Record
        At step 0, at step PREVIEW, then one each EVERY steps, as far as the steps have been taken.
    """

    def __init__(
        self, *, bias: float = 0.0, scale: float = 1.0, rate: float = 0.1, slope: float = 0.1, seed: int = 0
    ) -> None:
        with one_thread():
            self.network = DigitNetwork(bias, scale, seed)
        self.records = [examine(self.network, 0)]
        self._phases = ((SPELL, rate, 0.0), (CURE, CURE_RATE, slope))
        self._seed = seed

    def steps(self) -> Iterator[float]:
        """Take the steps, one for each loss drawn from the iterator. To be called once."""
        step = 0
        for count, rate, slope in self._phases:
            self.network.negative_slope = slope
            optimizer = torch.optim.Adam(self.network.parameters(), rate, fused=True)
            samples = batches(*lab_samples(), steps=count, size=BATCH, seed=self._seed + step)
            for loss in descend(self.network, F.cross_entropy, samples, optimizer):
                step += 1
                if step == PREVIEW or step % EVERY == 0:
                    self.records.append(examine(self.network, step))
                yield loss

    def run(self, steps: int = SPELL + CURE) -> Record:
        """Take that many steps at once; return the last record."""
        for taken, _ in enumerate(self.steps(), start=1):
            if taken == steps:
                break
        return self.records[-1]


LOOKS = ((style.BLUE, style.SOLID, "o"), (style.VERMILLION, style.DASHED, "s"), (style.GREEN, style.DASHDOT, "^"))


class DeadNeuronLab(Demo):
    """Kill units by the start or by the learning rate, then see which come back under Leaky ReLU."""

    title = "Dead-neuron lab"
    size = (800, 330)
    stills: ClassVar = {
        "03_lab_start": {"bias": -2.0, "rate": 0.005},
        "03_lab_revived": {"rate": 0.1, "slope": 0.1, "train": True},
        "03_lab_not_revived": {"rate": 0.1, "slope": 0.0, "train": True},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return how the network starts, how it learns, what cures it, and the button that trains it."""
        self._settings: dict[str, Any] = {}
        self.training = Training(self._train, steps=SPELL + CURE, show=self.set, shown=PREVIEW)
        return {
            "bias": slider("bias at the start", 0.0, -4.0, 1.0, 0.1, width=370, shown=".3f"),
            "scale": slider("weight scale (He = 1)", 1.0, 0.2, 3.0, 0.1, width=370, shown=".3f"),
            "rate": slider("learning rate", 0.1, 0.005, 0.3, 0.005, width=370, shown=".3f"),
            "slope": slider("slope α of Leaky ReLU", 0.1, 0.0, 0.5, 0.01, width=370, shown=".3f"),
            "train": self.training.button,
        }

    def layout_controls(self) -> widgets.Widget:
        """Put the sliders in one row that wraps, the training below."""
        sliders = [self.controls[name] for name in ("bias", "scale", "rate", "slope")]
        return widgets.VBox([row(sliders), self.training.widget])

    def build(self, figure: Figure) -> None:
        """Build all units, the dead ones over the steps, and the activation of the cure."""
        left, middle, right = figure.subplots(1, 3, width_ratios=(5, 6, 3))
        figure.subplots_adjust(left=0.06, right=0.985, top=0.9, bottom=0.15, wspace=0.22)
        style.style_axes(left, title="active on … of the samples", xlabel="hidden layer")
        style.style_axes(middle, title="dead units, of 50", xlabel="step")
        style.style_axes(right, title="from step 100 on", xlabel="x")
        left.set(xlim=(0.5, LAYERS + 0.5), ylim=(-0.12, 1.19), xticks=range(1, LAYERS + 1))
        left.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "all"])
        middle.set(xlim=(-6, SPELL + CURE + 6), ylim=(-2, UNITS + 20), yticks=range(0, UNITS + 1, 10))
        right.set(xlim=(-2, 2), ylim=(-2, 2), xticks=(-2, 0, 2), yticks=(-2, 0, 2))
        middle.axvline(SPELL, ymax=0.86, color=style.GREY, linewidth=1.2)
        for x, text, side in ((SPELL - 6, "ReLU", "right"), (SPELL + 6, f"Leaky ReLU, rate {CURE_RATE}", "left")):
            middle.text(x, UNITS + 6, text, ha=side, va="center", fontsize=9.5, color=style.GREY)
        self._build_artists(left, middle, right)

    def _build_artists(self, left: Any, middle: Any, right: Any) -> None:
        (self.alive,) = left.plot([], [], ".", color=style.GREEN, markersize=6, label="active")
        (self.dead,) = left.plot([], [], "x", color=style.VERMILLION, markersize=5, markeredgewidth=1.4, label="dead")
        self.step = left.text(0.98, 0.97, "", transform=left.transAxes, ha="right", va="top", color=style.GREY)
        self.counts = [
            middle.plot([], [], color=colour, linestyle=dash, marker=marker, markevery=[-1], label=f"layer {layer}")[0]
            for layer, (colour, dash, marker) in enumerate(LOOKS, start=1)
        ]
        middle.legend(
            loc="upper center", ncols=LAYERS, frameon=False, fontsize=9, handlelength=2.6, columnspacing=0.7,
            handletextpad=0.4, borderaxespad=0.1,
        )  # fmt: skip
        (self.cure,) = right.plot([], [], color=style.ORANGE, linestyle=style.DASHED)
        self.canvas.animate([self.alive, self.dead, self.step, *self.counts, self.cure])

    def update(self) -> None:
        """Take the first steps after a change of a slider; draw what has been recorded so far."""
        settings: dict[str, Any] = {name: float(self.value(name)) for name in ("bias", "scale", "rate", "slope")}
        if settings != self._settings:
            self.training.cancel()
            self._settings = settings
            self.story = Story(**settings)
            self.story.run(PREVIEW)
        self.training.follow_button()
        self._draw_units(self.story.records[-1])
        steps = [record.step for record in self.story.records]
        for line, dead in zip(self.counts, zip(*(r.dead for r in self.story.records), strict=True), strict=True):
            line.set_data(steps, dead)
        self.cure.set_data([-2.0, 0.0, 2.0], [-2.0 * settings["slope"], 0.0, 2.0])

    def foreseeable(self) -> dict[str, Any]:
        """Leave out the settings of what has been trained."""
        return self.training.foreseeable(super().foreseeable())

    def _train(self) -> Iterator[float]:
        self.story = Story(**self._settings)
        yield from self.story.steps()

    def _draw_units(self, record: Record) -> None:
        layers = np.arange(1, LAYERS + 1)[:, None] + np.linspace(-0.36, 0.36, UNITS)
        is_dead = record.active == 0.0
        self.alive.set_data(layers[~is_dead], record.active[~is_dead])
        self.dead.set_data(layers[is_dead], np.full(is_dead.sum(), -0.06))
        self.step.set_text(f"after step {record.step}")

    def describe(self) -> tuple[str, str]:
        """Return a row for each moment that matters, then the picture in words."""
        told = [r for r in self.story.records if r.step in (0, PREVIEW, SPELL, SPELL + CURE)]
        if self.story.records[-1] not in told:
            told.append(self.story.records[-1])
        rows = [f"{'after step':<12}{'dead in layer 1, 2, 3':>23}{'not active':>15}{'accuracy':>14}"]
        for r in told:
            counts = ", ".join(f"{dead:>2}" for dead in r.dead)
            rows.append(f"{r.step:<12}{counts:>23}{1 - r.active.mean():>15.0%}{r.accuracy:>14.0%}")
        s = self._settings
        rows.append(
            f"bias {s['bias']:.1f}; weights {s['scale']:.1f} × He (torch's own: {TORCH_SCALE:.2f}); "
            f"learning rate {s['rate']:.3f}; {UNITS} units a layer"
        )
        return "\n".join(rows), self._alt_text(told)

    def _alt_text(self, told: Sequence[Record]) -> str:
        last, slope = told[-1], self._settings["slope"]
        history = "; ".join(f"after step {r.step}: {', '.join(map(str, r.dead))}" for r in told)
        return (
            f"Left: a dot for each of 50 units in 3 layers at the share of samples on which it is active, after step "
            f"{last.step}; a cross at the bottom is a dead unit. Middle: dead units over {SPELL + CURE} steps, a line "
            f"for each layer (1 blue, solid; 2 vermillion, dashed; 3 green, dash-dot); a vertical line at step {SPELL} "
            f"marks the change to Leaky ReLU. Dead units in layers 1 to 3 {history}. "
            f"Right: the activation after the change, with slope {slope:.2f} on the left."
        )

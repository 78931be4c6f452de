"""Calibration: an over-confident network, one temperature fitted on held-out digits, and what it does to NLL and ECE.

Temperature scaling and the expected calibration error: Guo, Pleiss, Sun and Weinberger, "On calibration of modern
neural networks" (2017).
"""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import Any, ClassVar, NamedTuple

import ipywidgets as widgets
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn

from course import style
from course.computations.data import noisy_digits
from course.computations.functions import FloatArray
from course.computations.training import batches, descend, one_thread
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, menu, row, slider

LEARNED = 300  # digits to train on; of the rest, HELD_OUT fit the temperature and the others test it
HELD_OUT = 700
UNITS = 64
STEPS = 150  # with all samples in each, of Adam
RATE = 0.02
LOWEST, HIGHEST, STEP = 0.3, 6.0, 0.05
TEMPERATURES = np.arange(round(LOWEST / STEP), round(HIGHEST / STEP) + 1) * STEP
WORST_NLL, WORST_ECE = 2.2, 0.3  # the axes end here


class Outputs(NamedTuple):
    """Logits, float64 (n, 10), of digits that were not learned, and their true classes, int64 (n,)."""

    logits: Tensor
    y: Tensor


def make_network(units: int, seed: int) -> nn.Sequential:
    """Return a network 64 → units → 10 with ReLU, in float64, He initialisation; its outputs are logits."""
    generator = torch.Generator().manual_seed(seed)
    hidden, last = nn.Linear(64, units, dtype=torch.float64), nn.Linear(units, 10, dtype=torch.float64)
    for layer in (hidden, last):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(hidden, nn.ReLU(), last)


@cache
def held_out_outputs(seed: int = 0, steps: int = STEPS) -> tuple[Outputs, Outputs]:
    """Return outputs on HELD_OUT digits, and on the rest, of a network that knows LEARNED others by heart.

    The first part is for fitting the temperature, the second for testing it.
    """
    x, y = noisy_digits()
    with one_thread():
        network = make_network(UNITS, seed)
        optimizer = torch.optim.Adam(network.parameters(), RATE, fused=True)
        learned = batches(x[:LEARNED], y[:LEARNED], steps=steps)
        deque(descend(network, F.cross_entropy, learned, optimizer), maxlen=0)
        with torch.no_grad():
            logits = network(x[LEARNED:])
    y = y[LEARNED:]
    return Outputs(logits[:HELD_OUT], y[:HELD_OUT]), Outputs(logits[HELD_OUT:], y[HELD_OUT:])


def nll(outputs: Outputs, temperature: float) -> float:
    """Return the mean negative log-likelihood of the true classes at this temperature, in nats."""
    with one_thread():
        return F.cross_entropy(outputs.logits / temperature, outputs.y).item()


class Reliability(NamedTuple):
    """Predictions sorted by confidence into bins of equal width: arrays of shape (bins,), NaN in an empty bin.

    `confidence` and `accuracy` are means over the bin, `share` is the share of all predictions that are in it.
    """

    confidence: FloatArray
    accuracy: FloatArray
    share: FloatArray

    @property
    def ece(self) -> float:
        """Expected calibration error: the mean distance of accuracy and confidence, weighted with the shares."""
        return float(np.nansum(self.share * np.abs(self.accuracy - self.confidence)))


def reliability(outputs: Outputs, temperature: float, bins: int = 10) -> Reliability:
    """Compare the probability of the predicted class with how often the prediction is right."""
    with one_thread():
        confidence, predicted = (v.numpy() for v in torch.softmax(outputs.logits / temperature, dim=1).max(dim=1))
    right = predicted == outputs.y.numpy()
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    count, sum_confidence, sum_right = (
        np.bincount(bin_of, weights, minlength=bins) for weights in (None, confidence, right)
    )
    with np.errstate(invalid="ignore"):
        return Reliability(sum_confidence / count, sum_right / count, count / len(right))


class Sweep(NamedTuple):
    """What the temperature does to some outputs, at each of TEMPERATURES: t of them, n samples."""

    nll: FloatArray
    """Mean negative log-likelihood, shape (t,)."""
    confidence: FloatArray
    """Probability of the predicted class, shape (t, n)."""
    right: NDArray[np.bool_]
    """Whether the prediction is right, shape (n,): the same at every temperature."""

    def ece(self, bins: int) -> FloatArray:
        """Return the expected calibration error at each temperature, shape (t,); see `Reliability.ece`."""
        bin_of = np.minimum((self.confidence * bins).astype(int), bins - 1)
        bin_of += bins * np.arange(len(bin_of))[:, None]  # each temperature has bins of its own
        gaps = np.bincount(bin_of.ravel(), (self.right - self.confidence).ravel(), minlength=bins * len(bin_of))
        return np.asarray(np.abs(gaps).reshape(-1, bins).sum(axis=1) / len(self.right))


def sweep(outputs: Outputs) -> Sweep:
    """Try all of TEMPERATURES."""
    with one_thread():
        log_p = torch.log_softmax(outputs.logits / torch.tensor(TEMPERATURES)[:, None, None], dim=-1)
        of_truth = log_p.gather(-1, outputs.y.expand(len(log_p), -1)[:, :, None])
        confidence = log_p.amax(dim=-1).exp().numpy()
    right = outputs.logits.argmax(dim=1) == outputs.y
    return Sweep(-of_truth.mean(dim=(1, 2)).numpy(), confidence, right.numpy())


def best_on_grid(outputs: Outputs) -> float:
    """Return the one of TEMPERATURES with the lowest NLL."""
    return float(TEMPERATURES[sweep(outputs).nll.argmin()])


PARTS = {"test digits": 1, "digits for fitting T": 0}
LOOKS = ((style.BLUE, style.SOLID, "digits for fitting T"), (style.VERMILLION, style.DASHED, "test digits"))


class Calibration(Demo):
    """Move the temperature until confidence and accuracy agree."""

    title = "Calibration by temperature"
    size = (800, 380)
    stills: ClassVar = {"06b_calibration_before": {}, "06b_calibration_after": {"temperature": 2.8}}

    def make_controls(self) -> dict[str, Any]:
        """Return the temperature, the digits of the diagram, and the number of bins."""
        self.sweeps = [sweep(part) for part in held_out_outputs()]
        return {
            "temperature": slider("temperature T", 1.0, LOWEST, HIGHEST, STEP, width=370),
            "bins": count_slider("bins", 10, 4, 25, width=370),
            "part": menu("diagram of", list(PARTS.items()), 1, width=290, aligned=True),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put the controls in one row that wraps."""
        return row(self.controls.values())

    def build(self, figure: Figure) -> None:
        """Build the reliability diagram, and NLL and ECE against the temperature."""
        grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.1), hspace=0.32, wspace=0.2)
        figure.subplots_adjust(left=0.065, right=0.985, top=0.84, bottom=0.13)
        diagram = figure.add_subplot(grid[:, 0])
        above, below = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
        style.style_axes(diagram, title="right, against confidence", xlabel="confidence: probability of the prediction")
        style.style_axes(above, title="NLL, nats")
        style.style_axes(below, title="ECE", xlabel="temperature T")
        diagram.set(xlim=(0, 1.02), ylim=(0, 1.04))
        above.set(xlim=(LOWEST, HIGHEST), ylim=(0.4, WORST_NLL), xticklabels=[])
        below.set(xlim=(LOWEST, HIGHEST), ylim=(0, WORST_ECE))
        diagram.plot([0, 1], [0, 1], color=style.GREY, linestyle=style.DOTTED, linewidth=1.4)
        self._build_artists(diagram, above, below)
        figure.legend(
            handles=[self.bins, self.gaps, self.share, *self.nll], loc="upper left", ncols=5, frameon=False,
            borderaxespad=0.2, handlelength=2.2, columnspacing=1.1, handletextpad=0.5,
        )  # fmt: skip

    def _build_artists(self, diagram: Axes, above: Axes, below: Axes) -> None:
        looks: dict[str, Any] = {"linewidth": 7, "solid_capstyle": "butt"}
        (self.share,) = diagram.plot([], [], color=style.SKY, label="share of digits", **looks)
        (self.gaps,) = diagram.plot([], [], color=style.ORANGE, linewidth=2.5, label="gap")
        (self.bins,) = diagram.plot([], [], "o", color=style.BLACK, markersize=6, label="bin")
        self.nll, self.ece = (
            [axes.plot([], [], color=colour, linestyle=dash, label=label)[0] for colour, dash, label in LOOKS]
            for axes in (above, below)
        )
        self.fitted = [
            axes.plot([], [], "*", color=style.BLACK, markersize=11, markeredgecolor="white")[0]
            for axes in (above, below)
        ]
        self.cursors = [axes.axvline(1.0, color=style.GREY, linewidth=1.2) for axes in (above, below)]
        self.canvas.animate([self.share, self.gaps, self.bins, *self.cursors, *self.nll, *self.ece, *self.fitted])

    def update(self) -> None:
        """Draw the diagram at this temperature; the curves, with the fitted temperature."""
        self.temperature, bins = float(self.value("temperature")), int(self.value("bins"))
        self.parts = [reliability(part, self.temperature, bins) for part in held_out_outputs()]
        shown = self.parts[self.value("part")]
        best = int(self.sweeps[0].nll.argmin())
        self.best = float(TEMPERATURES[best])
        self.bins.set_data(shown.confidence, shown.accuracy)
        self.gaps.set_data(*style.strokes(shown.confidence, shown.confidence, shown.accuracy))
        self.share.set_data(*style.strokes((np.arange(bins) + 0.5) / bins, 0.0, shown.share))
        curves = ([s.nll for s in self.sweeps], [s.ece(bins) for s in self.sweeps])
        for lines, ys, star in zip((self.nll, self.ece), curves, self.fitted, strict=True):
            for line, y in zip(lines, ys, strict=True):
                line.set_data(TEMPERATURES, y)
            star.set_data([self.best], [ys[0][best]])
        for cursor in self.cursors:
            cursor.set_xdata([self.temperature] * 2)

    def describe(self) -> tuple[str, str]:
        """Return NLL, ECE, confidence and accuracy on both parts, and the fitted temperature."""
        rows = [f"{f'T = {self.temperature:.2f}':<24}{'NLL':>8}{'ECE':>8}{'mean confidence':>18}{'right':>9}"]
        for name, index in PARTS.items():
            part, outputs = self.parts[index], held_out_outputs()[index]
            confidence, right = (np.nansum(part.share * values) for values in (part.confidence, part.accuracy))
            loss = nll(outputs, self.temperature)
            rows.append(f"{name:<24}{loss:>8.3f}{part.ece:>8.3f}{confidence:>18.1%}{right:>9.1%}")
        rows.append(f"lowest NLL on the digits for fitting, marked with a star: T = {self.best:.2f}")
        shown = next(name for name, index in PARTS.items() if index == self.value("part"))
        rows.append(f"diagram: {shown}, {self.value('bins')} bins")
        test = self.parts[1]
        alt = (
            f"Left: a reliability diagram of the {shown} with {self.value('bins')} bins at temperature "
            f"{self.temperature:.2f}. A black dot for each bin shows how often the prediction is right against the "
            f"confidence, an orange line its distance from the dotted diagonal, where both are equal, and a sky-blue "
            f"bar the share of the digits in the bin. Right: NLL above and ECE below against the temperature from 0.3 "
            f"to 6, for the digits that T is fitted on (blue, solid) and for test digits (vermillion, dashed). Both "
            f"fall and rise again; a star marks the lowest NLL at T = {self.best:.2f}. Here the test digits have ECE "
            f"{test.ece:.3f}."
        )
        return "\n".join(rows), alt

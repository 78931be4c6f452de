"""Claim explorer: for five claims of lesson 10, what is claimed and what is measured, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, evaluate
from course.computations.signals import Network, pre_activation_gradient_norms, propagate
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, row, slider

SEARCHED = ("gelu", "silu", "mish", "leaky_relu")
WIDEST = 40.0
LOGITS = (2.0, 1.0, 0.5, -1.0)
PRINTED = {0.5: (0.87, 0.10, 0.03, 0.00), 2.0: (0.41, 0.28, 0.22, 0.10), 5.0: (0.32, 0.27, 0.23, 0.18)}
"""T -> the four probabilities that the source prints for LOGITS."""
POWERS = {10: 1e-6, 20: 1e-13}
"""n -> the power of ten that the sources give for 0.25 to the power n."""
DEPTH = 30
LOOKS = (
    (style.BLUE, style.SOLID),
    (style.VERMILLION, style.DASHED),
    (style.GREEN, style.DASHDOT),
    (style.PURPLE, style.DASHDOTDOT),
)

Measure = Callable[[FloatArray], FloatArray]


@cache
def _running_minimum(name: str) -> FloatArray:
    """Return the smallest value of `name` between −r and 0 for r = 0, 0.005, ..., WIDEST: shape (8001,)."""
    outwards = evaluate(name, np.linspace(0.0, -WIDEST, 8001))[0]
    return np.minimum.accumulate(outwards)


def lowest_within(name: str, reach: FloatArray) -> FloatArray:
    """Return the smallest value of the function `name` between −r and 0, for each r of `reach`, from 0 to WIDEST."""
    return np.asarray(_running_minimum(name)[np.rint(reach / WIDEST * 8000).astype(int)])


def elu_slope(alpha: FloatArray, side: float) -> FloatArray:
    """Return ELU's slope 10⁻⁹ left (`side` −1) or right (`side` 1) of 0, by autograd, for each `alpha`."""
    slopes = []
    for a in alpha:
        x = torch.tensor(side * 1e-9, dtype=torch.float64, requires_grad=True)
        slopes.append(torch.autograd.grad(F.elu(x, float(a)), x)[0].item())
    return np.array(slopes)


def probability(index: int, temperature: FloatArray) -> FloatArray:
    """Return the softmax of LOGITS at each `temperature` (positive): the probability with this `index`."""
    logits = torch.tensor(LOGITS, dtype=torch.float64) / torch.from_numpy(temperature)[:, None]
    return np.asarray(torch.softmax(logits, dim=1)[:, index])


@cache
def gradients(initialisation: str) -> FloatArray:
    """Return the median gradients of pre-activations, 0 to DEPTH − 1 ReLU layers before the last, over the last's."""
    norms = pre_activation_gradient_norms(propagate(Network("relu", DEPTH, initialisation)))
    return np.asarray(np.median(norms / norms[-1], axis=1)[::-1])


@dataclass(frozen=True)
class Curve:
    """Something measured that depends on the slider.

    Attributes
    ----------
    label : str
    looks : tuple
        Colour and line style.
    measure : callable
        From values of the slider, shape (n,), to what is measured, shape (n,).
    claimed : tuple of (slider, value)
        Points that a source states.
    """

    label: str
    looks: tuple[str, Any]
    measure: Measure
    claimed: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class View:
    """One claim as a picture: what the slider means, what is measured, and what is claimed."""

    claim: str
    slider: str
    span: tuple[float, float, float]
    """Smallest and largest value of the slider, and its step."""
    start: float
    title: str
    limits: tuple[float, float]
    curves: tuple[Curve, ...]
    expected: str
    """What the picture would show if the claim held."""
    logarithmic: bool = False
    level: float | None = None
    """A constant that is claimed."""

    @property
    def grid(self) -> FloatArray:
        """Places to draw the curves at: the whole numbers of a slider that counts, else 401 even steps."""
        low, high, step = self.span
        return np.arange(low, high + 1) if step == 1 else np.linspace(low, high, 401)


def _of_activation(name: str) -> Curve:
    a = ACTIVATIONS[name]
    return Curve(a.label, (a.colour, a.dash), partial(lowest_within, name))


def _of_logit(index: int) -> Curve:
    printed = tuple((T, values[index]) for T, values in PRINTED.items())
    label = f"logit {LOGITS[index]:g}".replace("-", "−")
    return Curve(label, LOOKS[index], partial(probability, index), printed)


def _of_initialisation(name: str, label: str, looks: tuple[str, Any]) -> Curve:
    return Curve(label, looks, lambda back: gradients(name)[np.rint(back).astype(int)])


VIEWS = {
    "range": View(
        claim="B, D: GELU and SiLU take every real value",
        slider="r, how far to look",
        span=(0.0, WIDEST, 0.5),
        start=3.0,
        title="smallest value found between −r and 0",
        limits=(-0.46, 0.04),
        curves=tuple(map(_of_activation, SEARCHED)),
        expected="If the claim held, the lines of GELU and SiLU would fall for ever, as that of Leaky ReLU does.",
    ),
    "elu": View(
        claim="D, E: ELU is smooth at 0",
        slider="α",
        span=(0.0, 3.0, 0.05),
        start=0.5,
        title="slope of ELU next to 0",
        limits=(-0.15, 3.15),
        curves=(
            Curve("just left of 0", LOOKS[0], partial(elu_slope, side=-1.0)),
            Curve("just right of 0", LOOKS[1], partial(elu_slope, side=1.0)),
        ),
        expected="If the claim held, both slopes would be equal for every α.",
    ),
    "temperature": View(
        claim="A: softmax of (2, 1, 0.5, −1), as printed",
        slider="T",
        span=(0.25, 6.0, 0.25),
        start=0.5,
        title="softmax of (2, 1, 0.5, −1) at temperature T",
        limits=(-0.03, 1.03),
        curves=tuple(map(_of_logit, range(len(LOGITS)))),
        expected="If the claim held, every cross would lie on its line.",
    ),
    "power": View(
        claim="A, D: 0.25ⁿ is about 10⁻⁶ at n = 10 and 10⁻¹³ at n = 20",
        slider="n",
        span=(1.0, 30.0, 1.0),
        start=20.0,
        title="0.25ⁿ",
        limits=(1e-19, 10.0),
        curves=(Curve("0.25ⁿ", LOOKS[0], lambda n: 0.25**n, tuple((float(n), p) for n, p in POWERS.items())),),
        expected="If the claim held, both crosses would lie on the line.",
        logarithmic=True,
    ),
    "relu": View(
        claim="A to E: with ReLU gradients do not vanish",
        slider="layers back",
        span=(0.0, DEPTH - 1.0, 1.0),
        start=20.0,
        title="gradient of a ReLU network, over that of its last layer",
        limits=(1e-13, 30.0),
        curves=(
            _of_initialisation("default", "nn.Linear's default", LOOKS[0]),
            _of_initialisation("xavier", "Xavier", LOOKS[1]),
            _of_initialisation("he", "He", LOOKS[2]),
        ),
        expected="If the claim held, every line would stay near 1.",
        logarithmic=True,
        level=1.0,
    ),
}


class ClaimExplorer(Demo):
    """Choose a claim, move the slider, and compare what is claimed with what is measured."""

    title = "One claim, one picture"
    size = (760, 360)
    stills: ClassVar = {
        "10_claim_range": {"view": "range", "x": 20.0},
        "10_claim_temperature": {"view": "temperature"},
        "10_claim_relu": {"view": "relu"},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return the claim, and one slider whose meaning goes with it."""
        first = VIEWS["range"]
        return {
            "view": menu("claim", [(view.claim, name) for name, view in VIEWS.items()], width=440),
            "x": slider(first.slider, first.start, *first.span, width=440),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put the claim above, the slider below."""
        return widgets.VBox([row([control]) for control in self.controls.values()])

    def build(self, figure: Figure) -> None:
        """Build as many curves, crosses and points as the largest view has; a view uses some of them."""
        self.axes = figure.subplots()
        figure.subplots_adjust(left=0.09, right=0.985, top=0.82, bottom=0.14)
        self.curves, self.printed, self.points = [], [], []
        for _ in range(max(len(view.curves) for view in VIEWS.values())):
            self.curves += self.axes.plot([], [])
            self.printed += self.axes.plot([], [], "X", markersize=10, markeredgecolor="white", zorder=3)
            self.points += self.axes.plot([], [], "o", markersize=8, markeredgecolor="white", clip_on=False)
        (self.level,) = self.axes.plot([], [], color=style.BLACK, linestyle=style.DOTTED)
        self.cursor = self.axes.axvline(0.0, color=style.GREY, linewidth=1.2)
        self.canvas.animate([self.cursor, *self.points])
        self._drawn = ("", 0.0)

    def update(self) -> None:
        """Draw everything when another claim was chosen, the trace always."""
        name, slider = self.value("view"), self.controls["x"]
        view = VIEWS[name]
        if name != self._drawn[0]:
            untouched = self._drawn[0] and slider.value == self._drawn[1]
            _fit_slider(slider, view, view.start if untouched else float(slider.value))
            self._draw_view(view)
        x = float(self.value("x"))
        self._drawn = (name, x)
        self.cursor.set_xdata([x, x])
        self.measured = [float(curve.measure(np.array([x]))[0]) for curve in view.curves]
        for point, height in zip(self.points, self.measured, strict=False):
            point.set_data([x], [height])

    def _draw_view(self, view: View) -> None:
        for artist in (*self.curves, *self.printed, *self.points):
            artist.set_data([], [])
        slots = zip(view.curves, self.curves, self.printed, self.points, strict=False)
        for curve, line, printed, point in slots:
            colour, dash = curve.looks
            line.set(color=colour, linestyle=dash)
            line.set_data(view.grid, curve.measure(view.grid))
            printed.set_color(colour)
            printed.set_markeredgecolor("white")
            point.set_color(colour)
            point.set_markeredgecolor("white")
            if curve.claimed:
                printed.set_data(*np.array(curve.claimed).T)
        self.level.set_data(*((view.span[:2], [view.level] * 2) if view.level is not None else ([], [])))
        self.axes.set(xlim=view.span[:2], ylim=(0.1, 1.0), yscale="log" if view.logarithmic else "linear")
        self.axes.set_ylim(*view.limits)
        style.style_axes(self.axes, title=view.title, xlabel=view.slider)
        self._draw_legend(view)
        self.canvas.invalidate()

    def _draw_legend(self, view: View) -> None:
        style.clear_legends(self.canvas.figure)
        handles = list(self.curves[: len(view.curves)])
        labels = [curve.label for curve in view.curves]
        if view.level is not None:
            handles, labels = [*handles, self.level], [*labels, "claimed"]
        if any(curve.claimed for curve in view.curves):
            handles, labels = [*handles, self.printed[0]], [*labels, "as printed"]
        self.canvas.figure.legend(
            handles, labels, loc="upper right", ncols=len(handles), frameon=False, handlelength=2.8, columnspacing=1.4,
            borderaxespad=0.2,
        )  # fmt: skip

    def describe(self) -> tuple[str, str]:
        """Return what is measured and what is claimed at the slider's place, and what to look for."""
        view, x = VIEWS[self.value("view")], float(self.value("x"))
        where = f"{view.slider}: {x:{_digits(view)}}"
        rows = [where, view.title]
        for curve, value in zip(view.curves, self.measured, strict=True):
            claimed = dict(curve.claimed).get(x, view.level)
            said = "" if claimed is None else f"   claimed {claimed:g}"
            rows.append(f"{curve.label:<22}{value:>12{'.2e' if view.logarithmic else '.4f'}}{said}")
        rows.append(view.expected)
        names = ", ".join(
            f"{curve.label} ({style.COLOUR_NAMES[curve.looks[0]]}, {style.DASH_NAMES[curve.looks[1]]})"
            for curve in view.curves
        )
        low, high, _ = view.span
        alt = (
            f"{view.title[0].upper()}{view.title[1:]}, against {view.slider}, from {low:g} to {high:g}: {names}. "
            f"{view.expected} A vertical line with a point on each curve is at {where}."
        )
        return "\n".join(rows), alt


def _digits(view: View) -> str:
    step = view.span[2]
    return ".0f" if step >= 1 else ".1f" if step == 0.5 else ".2f"


def _fit_slider(slider: Any, view: View, value: float) -> None:
    """Give the slider the meaning, the ends and the format it has in this view."""
    low, high, step = view.span
    slider.min = min(low, slider.max)  # never min > max on the way
    slider.max, slider.min, slider.step = high, low, step
    slider.description, slider.readout_format = view.slider, _digits(view)
    slider.value = min(max(value, low), high)

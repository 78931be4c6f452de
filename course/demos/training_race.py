"""Training race: activations side by side on digits and on made-up data, ten seeds each, with a way back in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course import style
from course.computations.experiments import Interval, Runs, confidence_interval, make_task
from course.computations.functions import ACTIVATIONS, MARKERS, FloatArray
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, menu, row, slider, tick
from course.demos.framework.training import Training

CONTESTANTS = ("identity", "sigmoid", "tanh", "relu", "gelu")
REFERENCE = "relu"
SEEDS = range(10)
STEPS = 200
EVERY = 5  # steps between two records
PREVIEW = 80  # steps that are taken at once when data or learning rates are chosen
START = 30  # where the step slider stands then
SMALLEST = 1e-3  # of the logarithmic axes
DIVERGED = 100.0  # where a loss that is not finite is drawn: above the picture

GRID = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
LOOKS = {"identity": ("x", "cross"), **MARKERS}

DATA = {"handwritten digits": "digits", "spirals": "spirals", "linear rule": "linear rule"}
TUNED: Mapping[str, Mapping[str, float]] = {
    "digits": {"identity": 0.03, "sigmoid": 1.0, "tanh": 0.03, "relu": 0.03, "gelu": 0.03},
    "spirals": {"identity": 0.03, "sigmoid": 1.0, "tanh": 0.3, "relu": 0.1, "gelu": 0.3},
    "linear rule": {"identity": 0.03, "sigmoid": 0.3, "tanh": 0.01, "relu": 0.03, "gelu": 0.1},
}
"""Of GRID, the rate with the highest mean validation accuracy after STEPS steps of five seeds that do not race."""
RATES = {"tuned for each": 0.0, "0.01 for all": 0.01, "0.3 for all": 0.3}


class Race:
    """All contestants on one task, each step taken by all before the next.

    Parameters
    ----------
    task : str
        A value of `DATA`.
    rate : float
        Learning rate of all, or 0 for each one's own, from `TUNED`.

    Attributes
    ----------
    runs : dict of str to Runs
        One for each of `CONTESTANTS`, with one learning rate and the seeds `SEEDS`.
    """

    def __init__(self, task: str, rate: float) -> None:
        data = make_task(task)
        self.runs = {name: Runs(data, name, [rate or TUNED[task][name]], SEEDS, EVERY) for name in CONTESTANTS}

    def steps(self, count: int = STEPS) -> Iterator[int]:
        """Take `count` steps, one for each number drawn from the iterator. To be called once."""
        for taken in zip(*(runs.steps(count) for runs in self.runs.values()), strict=True):
            yield taken[0]

    @property
    def recorded(self) -> int:
        """How many records every contestant has."""
        return min(len(runs.records) for runs in self.runs.values())

    def rate(self, name: str) -> float:
        """Return the learning rate of a contestant."""
        return self.runs[name].rates[0]

    def loss(self, name: str) -> FloatArray:
        """Return the training loss: shape (recorded, seeds)."""
        return np.array([record.loss[0] for record in self.runs[name].records[: self.recorded]])

    def accuracy(self, name: str) -> FloatArray:
        """Return the validation accuracy, in [0, 1]: shape (recorded, seeds)."""
        return np.array([record.accuracy[0] for record in self.runs[name].records[: self.recorded]])


@cache
def preview(task: str, rate: float) -> Race:
    """Return a race of the first PREVIEW steps. Read it, do not go on with it: all demos share it."""
    race = Race(task, rate)
    for _ in race.steps(PREVIEW):
        pass
    return race


class TrainingRace(Demo):
    """Let activations train against each other, then walk through the steps and count on seeds."""

    title = "Training race"
    size = (800, 350)
    stills: ClassVar = {
        "08_race_digits": {"train": True},
        "08_race_spirals": {"data": "spirals", "train": True},
        "08_race_two_seeds": {"seeds": 2, "step": PREVIEW},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return who is shown, on which data, with which learning rates, at which step, for how many seeds."""
        self._settings: tuple[Any, ...] = ()
        self._drawn = 0  # records in the picture
        self._curves: tuple[Any, ...] = ()  # what the curves in the picture were made from
        self.training = Training(self._train, steps=STEPS, show=self.set, shown=PREVIEW)
        boxes: dict[str, Any] = {name: tick(ACTIVATIONS[name].label, True) for name in CONTESTANTS}
        return boxes | {
            "data": menu("data", list(DATA.items()), "digits", width=220),
            "rate": menu("learning rate", list(RATES.items()), 0.0, width=230),
            "step": slider("step", START, 0, PREVIEW, EVERY, width=330, shown=".0f"),
            "seeds": count_slider("seeds", len(SEEDS), 2, len(SEEDS), width=330),
            "train": self.training.button,
        }

    def layout_controls(self) -> widgets.Widget:
        """Put check boxes and menus in a row, then the sliders, then the training."""
        rows = ((*CONTESTANTS, "data", "rate"), ("step", "seeds"))
        lines = [row(self.controls[name] for name in names) for names in rows]
        return widgets.VBox([*lines, self.training.widget])

    def build(self, figure: Figure) -> None:
        """Build training loss and validation error over the steps, and the differences at one step."""
        left, middle, right = figure.subplots(1, 3, width_ratios=(5, 5, 6))
        figure.subplots_adjust(left=0.07, right=0.985, top=0.83, bottom=0.14, wspace=0.3)
        style.style_axes(left, title="training loss", xlabel="step")
        style.style_axes(middle, title="validation error", xlabel="step")
        style.style_axes(right, title="accuracy minus ReLU's", xlabel="percentage points")
        for axes in (left, middle):
            axes.set(xlim=(-4, STEPS + 4), yscale="log", xticks=range(0, STEPS + 1, 50))
            axes.minorticks_off()
        left.set(ylim=(SMALLEST, 6))
        left.set_yticks([1e-3, 1e-2, 1e-1, 1], ["0.001", "0.01", "0.1", "1"])
        middle.set(ylim=(SMALLEST, 1.2))
        middle.set_yticks([1e-3, 1e-2, 1e-1, 1], ["0.1 %", "1 %", "10 %", "100 %"])
        right.set_xscale("symlog", linthresh=1.0, linscale=0.6)
        right.set(xlim=(-100, 100), ylim=(len(CONTESTANTS) - 0.5, -0.6))
        right.set_xticks([-100, -10, -1, 0, 1, 10, 100], ["−100", "−10", "−1", "0", "1", "10", "100"])
        right.set_yticks(range(len(CONTESTANTS)), [ACTIVATIONS[name].label for name in CONTESTANTS])
        right.minorticks_off()
        right.axvline(0, color=style.GREY, linewidth=1.2)
        self._build_artists(left, middle, right)
        figure.legend(
            handles=list(self.losses.values()), loc="upper left", ncols=len(CONTESTANTS), frameon=False,
            handlelength=3.0, borderaxespad=0.2, columnspacing=1.6,
        )  # fmt: skip

    def _build_artists(self, left: Any, middle: Any, right: Any) -> None:
        self.losses: dict[str, Any] = {}
        self.errors: dict[str, Any] = {}
        self.bands: dict[str, list[Any]] = {}
        self.points: dict[str, Any] = {}
        self.intervals: dict[str, Any] = {}
        for name in CONTESTANTS:
            a = ACTIVATIONS[name]
            curve: dict[str, Any] = {
                "color": a.colour, "linestyle": a.dash, "marker": LOOKS[name][0], "markersize": 5, "markevery": 8,
            }  # fmt: skip
            self.bands[name] = [
                axes.add_patch(Polygon(np.ones((1, 2)), color=a.colour, alpha=0.18, linewidth=0))
                for axes in (left, middle)
            ]
            (self.losses[name],) = left.plot([], [], label=a.label, **curve)
            (self.errors[name],) = middle.plot([], [], **curve)
            (self.points[name],) = right.plot([], [], ".", color=a.colour, markersize=5)
            (self.intervals[name],) = right.plot([], [], "|-", color=a.colour, markersize=11, linewidth=2.5)
        self.cursors = [axes.axvline(0, color=style.GREY, linewidth=1.2) for axes in (left, middle)]
        bands = [band for pair in self.bands.values() for band in pair]
        lines = [line for kind in (self.losses, self.errors, self.points, self.intervals) for line in kind.values()]
        self.canvas.animate([*bands, *lines, *self.cursors])

    def update(self) -> None:
        """Run a preview if data or rates have changed; go to the newest record if there are new ones; draw."""
        settings = (self.value("data"), self.value("rate"))
        if settings != self._settings:
            self.training.cancel()
            self._settings = settings
            self.race = preview(*settings)
            self._drawn = self.race.recorded
            self._move_step(START)
        self.training.follow_button()
        if self.race.recorded != self._drawn:
            self._drawn = self.race.recorded
            self._move_step((self._drawn - 1) * EVERY)
        self.at = min(round(self.value("step") / EVERY), self._drawn - 1)  # a race may have step 0 alone
        self.shown = [name for name in CONTESTANTS if self.value(name)]
        seeds = int(self.value("seeds"))
        curves = (self.race, self._drawn, seeds)
        if curves != self._curves:  # a move of the step slider leaves them as they are
            self._curves = curves
            self._draw_curves(seeds)
        self._draw_differences(seeds)
        for name in CONTESTANTS:
            for artist in self.artists(name):
                artist.set_visible(name in self.shown)
        for cursor in self.cursors:
            cursor.set_xdata([self.at * EVERY] * 2)

    def artists(self, name: str) -> tuple[Any, ...]:
        """Return all that is drawn of one contestant."""
        return (self.losses[name], self.errors[name], *self.bands[name], self.points[name], self.intervals[name])

    def _move_step(self, step: int) -> None:
        slider = self.controls["step"]
        slider.max = max((self._drawn - 1) * EVERY, EVERY)
        slider.value = step

    def foreseeable(self) -> dict[str, Any]:
        """Leave out the settings of what has been trained."""
        return self.training.foreseeable(super().foreseeable(), views=("step", "seeds"))

    def _train(self) -> Iterator[int]:
        self.race = Race(*self._settings)
        yield from self.race.steps()

    def _draw_curves(self, seeds: int) -> None:
        steps = np.arange(self._drawn) * EVERY
        for name in CONTESTANTS:
            values = (self.race.loss(name), 1 - self.race.accuracy(name))
            lines = (self.losses[name], self.errors[name])
            for line, band, y in zip(lines, self.bands[name], values, strict=True):
                y = np.clip(np.nan_to_num(y[:, :seeds], nan=np.inf), SMALLEST, DIVERGED)
                line.set_data(steps, np.median(y, axis=1))
                band.set_xy(np.r_[np.c_[steps, y.min(axis=1)], np.c_[steps, y.max(axis=1)][::-1]])

    def _draw_differences(self, seeds: int) -> None:
        base = self.race.runs[REFERENCE].records[self.at].accuracy[0, :seeds]
        self.differences: dict[str, Interval] = {}
        for height, name in enumerate(CONTESTANTS):
            each = 100 * (self.race.runs[name].records[self.at].accuracy[0, :seeds] - base)
            self.differences[name] = confidence_interval(each)
            self.points[name].set_data(each, height + np.linspace(-0.3, 0.3, len(SEEDS))[:seeds])
            self.intervals[name].set_data(self.differences[name][1:], [height, height])

    def describe(self) -> tuple[str, str]:
        """Return a row for each contestant shown, and what the interval says; then the picture in words."""
        seeds, data = int(self.value("seeds")), self.value("data")
        rows = [
            f"{data}, step {self.at * EVERY} of {(self._drawn - 1) * EVERY} recorded, {seeds} seeds",
            f"{'':<10}{'rate':>6}{'loss':>9}{'validation accuracy':>24}   minus ReLU, points [95 % interval]",
        ]
        words = []
        for name in self.shown:
            a, record = ACTIVATIONS[name], self.race.runs[name].records[self.at]
            loss, right = np.median(record.loss[0, :seeds]), 100 * record.accuracy[0, :seeds]
            span = f"{right.mean():.1f} % ({right.min():.1f} to {right.max():.1f})"
            row = f"{a.label:<10}{self.race.rate(name):>6g}{loss:>9.3f}{span:>24}"
            rows.append(row if name == REFERENCE else f"{row}   {_verdict(self.differences[name])}")
            looks = f"{a.looks}, {LOOKS[name][1]} markers"
            words.append(f"{a.label} ({looks}) has loss {loss:.3f} and is right on {right.mean():.1f} %")
        if not self.shown:
            rows.append("No activation is ticked.")
        alt = (
            f"Left: training loss against the step, up to {STEPS}, on a logarithmic axis from 0.001 to 6; the line is "
            f"the median of {seeds} seeds, the band runs from the smallest to the largest. Middle: the share of "
            f"validation samples classified wrongly, in the same way. A vertical line marks step {self.at * EVERY}. "
            f"There, {'; '.join(words) or 'nothing is ticked'}. Right: for each activation a dot for each seed at its "
            f"accuracy minus ReLU's with the same seed, and a bar for the 95 % interval of the mean; a vertical "
            f"line marks 0."
        )
        return "\n".join(rows), alt


def _verdict(difference: Interval) -> str:
    """Return the difference with its interval, and whether the interval holds 0."""
    holds = "holds 0" if difference.low <= 0 <= difference.high else "without 0"
    return f"{difference.mean:+.2f} [{difference.low:+.2f}, {difference.high:+.2f}] {holds}"

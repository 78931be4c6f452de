"""The plots of the class report: SVG pictures with a text that says what they show."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from autograder.reports.results import ClassResults
from autograder.reports.statistics import ExerciseStats, ScoreStats
from course.style import BLACK, BLUE, DASHED, GREY, ORANGE, SKY, SOLID, VERMILLION

MAX_BINS = 20


@dataclass(frozen=True)
class Plot:
    """A picture as a data URI, and its text alternative."""

    uri: str
    alt: str


def distribution_plot(results: ClassResults, stats: ScoreStats) -> Plot:
    """Return a histogram of the scores with mean and median."""
    scores = np.array(results.settled_scores())
    top = max(results.settled_max, float(scores.max()), 1.0)
    edges = np.linspace(0, top, _bins(results.settled_max) + 1)
    counts, _ = np.histogram(scores, edges)
    figure = Figure(figsize=(7.5, 3.1), layout="constrained")
    axes = figure.subplots()
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=SKY, edgecolor="white", linewidth=1)
    axes.axvline(stats.mean, color=VERMILLION, linestyle=SOLID, label=f"mean {stats.mean:.1f}")
    axes.axvline(stats.median, color=BLACK, linestyle=DASHED, label=f"median {stats.median:.1f}")
    axes.set(xlabel="Points", ylabel="Students", xlim=(0, top))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    bars = "; ".join(
        f"{low:g} to {high:g}: {count}"
        for low, high, count in zip(edges[:-1].round(2), edges[1:].round(2), counts, strict=True)
        if count
    )
    return Plot(_svg(figure), f"Histogram of scores. Points and number of students: {bars}.")


def _bins(max_score: float) -> int:
    """Return a number of bins of equal width in whole points, where the points allow it."""
    whole = round(max_score)
    return max((n for n in range(5, MAX_BINS + 1) if whole % n == 0), default=10)


def exercise_plot(stats: list[ExerciseStats]) -> Plot:
    """Return each exercise's mean and discrimination, side by side."""
    figure = Figure(figsize=(7.5, 1.1 + 0.34 * len(stats)), layout="constrained")
    means, slopes = figure.subplots(1, 2, sharey=True)
    rows = np.arange(len(stats))
    means.barh(rows, [exercise.mean_share or 0.0 for exercise in stats], color=BLUE, height=0.7)
    for row, exercise in zip(rows, stats, strict=True):
        if exercise.mean_share is None:
            means.text(0.02, row, "not marked yet", va="center")
    means.set(xlabel="Mean share of points", xlim=(0, 1), xticks=(0, 0.5, 1), yticks=rows)
    means.set_yticklabels([exercise.title for exercise in stats], parse_math=False)
    means.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    means.invert_yaxis()
    known = [(row, e.discrimination) for row, e in zip(rows, stats, strict=True) if e.discrimination is not None]
    slopes.barh(
        [row for row, _ in known],
        [value for _, value in known],
        color=ORANGE,
        edgecolor=BLACK,
        hatch="///",
        height=0.7,
        linewidth=0.5,
    )
    slopes.axvline(0, color=GREY, linewidth=1)
    slopes.set(xlabel="Discrimination", xlim=(min([0.0, *(value for _, value in known)]) * 1.1, 1))
    for axes in (means, slopes):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    values = "; ".join(
        f"{e.title}: not marked yet"
        if e.mean_share is None
        else f"{e.title}: {100 * e.mean_share:.0f} %, {_signed(e.discrimination)}"
        for e in stats
    )
    return Plot(_svg(figure), f"Bars. Mean share of points and discrimination of each exercise: {values}.")


def _signed(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}"


def waits_plot(minutes: Sequence[float], seconds: Sequence[float]) -> Plot:
    """Return how long students waited for each feedback of the last hour.

    Parameters
    ----------
    minutes : Sequence[float]
        When each was released, from now: -60 to 0.
    seconds : Sequence[float]
        How long its student had waited.
    """
    figure = Figure(figsize=(7.5, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(minutes, seconds, "o", color=BLUE, markersize=4)
    axes.axhline(float(np.median(seconds)), color=BLACK, linestyle=DASHED, label=f"median {np.median(seconds):.1f} s")
    axes.set(xlabel="Minutes from now", ylabel="Seconds waited", xlim=(-60, 0), ylim=(0, 1.1 * max(1.0, *seconds)))
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper right", frameon=False)
    parts = []
    for begin in range(-60, 0, 10):
        found = [
            wait for at, wait in zip(minutes, seconds, strict=True) if begin <= at < begin + 10 or at == begin + 10 == 0
        ]
        if found:
            parts.append(
                f"{begin} to {begin + 10}: {len(found)}, median {np.median(found):.1f} s, most {max(found):.1f} s"
            )
    return Plot(_svg(figure), f"Waiting times. Minutes from now, number of feedbacks, seconds: {'; '.join(parts)}.")


def _svg(figure: Figure) -> str:
    """Return a figure as a data URI, the same for the same figure."""
    text = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "report"}):
        figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    return f"data:image/svg+xml;base64,{base64.b64encode(text.getvalue()).decode()}"

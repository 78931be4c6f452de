"""Reads what a student's function draws, as plain data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np

from course.checks.beside.contours import close_figures_but


def drawn(plot: Callable[..., Any], *args: Any) -> dict[str, Any]:
    """Return the fields of `Picture` as plain data, for what `plot(*args)` draws."""
    before = plt.get_fignums()
    plt.figure()  # a function that draws into the current figure gets a fresh one
    try:
        # A notebook's show() would hand the figure on and close it.
        with patch.object(plt, "show", lambda *args, **kwargs: None):
            returned = plot(*args)
        return _facts(returned, plt.gcf())
    finally:
        close_figures_but(before)


def _facts(returned: Any, current: Any) -> dict[str, Any]:
    """Read the drawing. Whatever came back, its checks look at what was drawn."""
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    is_axes = isinstance(returned, Axes)
    figure: Any = returned if isinstance(returned, Figure) else current
    axes: Any = returned if is_axes else (figure.axes or [figure.add_subplot()])[0]
    figure = axes.figure
    entries = _legend_entries([axes.get_legend(), *figure.legends])
    ticks = _tick_numbers(axes)
    bars = {id(group.lines[0]): str(group.get_label()) for group in axes.containers if hasattr(group, "lines")}
    return {
        "returned": "Axes" if is_axes else type(returned).__name__,
        "scales": (_scale(axes.xaxis, _data(axes, "x")), _scale(axes.yaxis, _data(axes, "y"))),
        "labels": (axes.get_xlabel() or figure.get_supxlabel(), axes.get_ylabel() or figure.get_supylabel()),
        "limits": (_limits(axes.get_xlim()), _limits(axes.get_ylim())),
        "legend": entries,
        "lines": [_line(line, bars.get(id(line), ""), ticks, entries) for line in axes.lines if _visible(line)],
    }


def _limits(limits: Iterable[float]) -> tuple[float, float]:
    low, high = sorted(map(float, limits))
    return low, high


def _data(axes: Any, which: str) -> np.ndarray[Any, Any]:
    """Return the positive finite numbers of all visible lines along one axis."""
    lines = [_floats(getattr(line, f"get_{which}data")(orig=False)) for line in axes.lines if _visible(line)]
    values = np.concatenate([np.empty(0), *lines])
    return values[np.isfinite(values) & (values > 0)]


def _scale(axis: Any, values: np.ndarray[Any, Any]) -> str:
    """Return the name of an axis' scale; `log` for any other that is logarithmic where its numbers lie.

    Matplotlib's `symlog` is one that also has a place for 0, and a scale of functions may be one.
    """
    name = str(axis.get_scale())
    if name in ("linear", "log") or not len(values):
        return name
    at = np.geomspace(values.min(), max(values.max(), 10 * values.min()), 9)
    with np.errstate(all="ignore"):
        steps = np.diff(axis.get_transform().transform(at))
    return "log" if steps[0] and bool((np.abs(steps / steps[0] - 1) < 0.01).all()) else name


def _legend_entries(legends: Iterable[Any]) -> list[tuple[str, dict[str, str]]]:
    """Return text and looks of every entry of the legends."""
    return [
        (text.get_text().strip(), _looks_of_handle(handle))
        for legend in legends
        if legend is not None
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=False)
    ]


def _looks_of_handle(handle: Any) -> dict[str, str]:
    """Return what a legend's sample shows of the looks of a line; of a coloured patch, its colour."""
    from matplotlib.colors import to_hex
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    if isinstance(handle, Line2D):
        return _looks(handle)
    return {"colour": to_hex(handle.get_facecolor())} if isinstance(handle, Patch) else {}


def _visible(line: Any) -> bool:
    return bool(line.get_visible()) and (_joined(line) or line.get_marker() not in ("None", ""))


def _joined(line: Any) -> bool:
    """Tell whether a line joins its points."""
    return line.get_linestyle() not in ("None", "") and line.get_linewidth() > 0


def _line(
    line: Any, label: str, ticks: Mapping[float, float], entries: Iterable[tuple[str, dict[str, str]]]
) -> dict[str, Any]:
    """Return the fields of `Line`; `label` is that of the error bars the line belongs to, if it does."""
    x, y = (_floats(values) for values in (line.get_xdata(orig=False), line.get_ydata(orig=False)))
    order = np.argsort(x, kind="stable")
    x, y, look = x[order].tolist(), y[order].tolist(), _looks(line)
    name = (label or str(line.get_label())).strip()
    if name.startswith("_"):  # Matplotlib's own; legend(["sigmoid", "ReLU"]) names lines by their looks alone
        name = next((text for text, other in entries if other == look), name)
    shown = [ticks.get(round(at, 6), at) for at in x]
    return {"name": name, "x": x, "shown": shown, "y": y, "look": look, "joined": _joined(line)}


def _floats(values: Any) -> np.ndarray[Any, Any]:
    """Return numbers as float64, with NaN for what is masked."""
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)


def _looks(line: Any) -> dict[str, str]:
    """Return colour, dashes, marker and width as texts; lines for which all four are equal cannot be told apart."""
    from matplotlib.colors import to_hex

    dashes = getattr(line, "_dash_pattern", line.get_linestyle())  # get_linestyle says -- for every custom pattern
    return {
        "colour": to_hex(line.get_color()),
        "dashes": str(dashes),
        "marker": str(line.get_marker()),
        "width": str(line.get_linewidth()),
    }


def _tick_numbers(axes: Any) -> dict[float, float]:
    """Return, by its place on the x axis, the first number in each tick label that has one."""
    ticks = zip(axes.get_xticks(), (label.get_text() for label in axes.get_xticklabels()), strict=False)
    found = [(float(at), re.search(r"\d+", text)) for at, text in ticks]
    return {round(at, 6): float(number[0]) for at, number in found if number}

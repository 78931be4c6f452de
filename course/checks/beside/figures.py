"""Reads what a student's function draws, as plain data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from unittest.mock import patch

import numpy as np


def drawn(plot: Callable[..., Any], *args: Any) -> dict[str, Any]:
    """Return the fields of `Picture` as plain data, for what `plot(*args)` draws."""
    import matplotlib.pyplot as plt

    before = set(plt.get_fignums())
    plt.figure()  # a function that draws into the current figure gets a fresh one
    try:
        # A notebook's show() would hand the figure on and close it.
        with patch.object(plt, "show", lambda *args, **kwargs: None):
            returned = plot(*args)
        return _facts(returned, plt.gcf())
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)


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
    return {
        "returned": "Axes" if is_axes else type(returned).__name__,
        "scales": (axes.get_xscale(), axes.get_yscale()),
        "labels": (axes.get_xlabel() or figure.get_supxlabel(), axes.get_ylabel() or figure.get_supylabel()),
        "limits": (_limits(axes.get_xlim()), _limits(axes.get_ylim())),
        "legend": [text for text, _ in entries],
        "lines": [_line(line, ticks, entries) for line in axes.lines if _visible(line)],
    }


def _limits(limits: Iterable[float]) -> tuple[float, float]:
    low, high = sorted(map(float, limits))
    return low, high


def _legend_entries(legends: Iterable[Any]) -> list[tuple[str, str]]:
    """Return text and looks of every entry of the legends."""
    from matplotlib.lines import Line2D

    return [
        (text.get_text().strip(), _look(handle) if isinstance(handle, Line2D) else "")
        for legend in legends
        if legend is not None
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=False)
    ]


def _visible(line: Any) -> bool:
    return bool(line.get_visible()) and (
        line.get_linestyle() not in ("None", "") or line.get_marker() not in ("None", "")
    )


def _line(line: Any, ticks: Mapping[float, float], entries: Iterable[tuple[str, str]]) -> dict[str, Any]:
    x, y = (_floats(values) for values in (line.get_xdata(orig=False), line.get_ydata(orig=False)))
    order = np.argsort(x, kind="stable")
    x, y, look = x[order].tolist(), y[order].tolist(), _look(line)
    name = str(line.get_label()).strip()
    if name.startswith("_"):  # Matplotlib's own; legend(["sigmoid", "ReLU"]) names lines by their looks alone
        name = next((text for text, other in entries if other == look), name)
    return {"name": name, "x": x, "shown": [ticks.get(round(at, 6), at) for at in x], "y": y, "look": look}


def _floats(values: Any) -> np.ndarray[Any, Any]:
    """Return numbers as float64, with NaN for what is masked."""
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)


def _look(line: Any) -> str:
    """Return colour, dashes, marker and width in one text; lines of equal text cannot be told apart."""
    from matplotlib.colors import to_hex

    dashes = getattr(line, "_dash_pattern", line.get_linestyle())  # get_linestyle says -- for every custom pattern
    return f"{to_hex(line.get_color())} {dashes} {line.get_marker()} {line.get_linewidth()}"


def _tick_numbers(axes: Any) -> dict[float, float]:
    """Return, by its place on the x axis, the first number in each tick label that has one."""
    ticks = zip(axes.get_xticks(), (label.get_text() for label in axes.get_xticklabels()), strict=False)
    found = [(float(at), re.search(r"\d+", text)) for at, text in ticks]
    return {round(at, 6): float(number[0]) for at, number in found if number}

"""Draws a figure once more from what the checks read of it, so that a person sees what earned the points.

What a figure holds is reported from the student's side, and whoever digs can make up a report. It is then the made-up
picture that stands in Formgrader and feedback. Numbers and texts of a report are not trusted: they are bounded, and no
text is typeset as a formula.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path
from numpy.typing import NDArray

from autograder.examiner.verdict import CAPTION
from course.checks.decision_boundary import BoundaryPicture, Contours, Exploration, Shown
from course.checks.feature_plane import FeaturePicture
from course.checks.figures import Line, Picture
from course.style import BLUE, GREY, ORANGE, PALE, settings

Array = NDArray[np.float64]

MOST_LINES = 16
MOST_ENTRIES = 12
"""Of a legend."""
MOST_TICKS = 24
"""Numbers on the x axis as they were shown; more than these are left to Matplotlib."""
MOST_PLACES = 2_000
"""Points of a line, and markers of a boundary picture."""
MOST_BANDS = 300
MOST_RINGS = 20_000
MOST_CORNERS = 60_000
"""Of all rings together; of a finer picture every second corner is drawn, or every third, ..."""
MOST_PICTURES = 2
"""Of an explorer: as it was made, and after its first move."""
MOST_CHARACTERS = 60
MOST_NUMBERS_TOLD = 12
"""Numbers of a line, in the text for those who do not see the picture."""
LARGEST = 1e100
SMALLEST = 1e-300
"""On a logarithmic axis. Matplotlib places ticks between these limits without running out of numbers."""

_SIZE = (6.4, 3.8)
_DPI = 90
_CLASS_MAP = LinearSegmentedColormap.from_list("classes", [BLUE, "white", ORANGE])
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_NUMBER = re.compile(r"(?<![\w.])\d{1,6}(?:\.\d{1,20})?(?![\w.])")

_INDEXED = re.compile(r"\$([A-Za-z])_\{?(\d)\}?\$")
"""A letter with an index, the one formula that labels of axes have so often that it is written as text."""
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class Redrawn:
    """A figure as its report has it."""

    caption: str
    png: bytes
    """Empty if nothing can be drawn; the caption then says so."""
    alt: str
    """What the picture shows, in words and numbers."""


def redraw(report: Any) -> Redrawn:
    """Return the figure that a report describes; never fails, whatever is in the report.

    Parameters
    ----------
    report : Any
        A `Picture`, `BoundaryPicture`, `FeaturePicture` or `Exploration`.
    """
    with settings(), mpl.rc_context({"text.usetex": False}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of glyphs that no font has, of limits that are moved apart
        try:
            figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
            alt = _draw(figure, report)
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
        except Exception:  # a report that nobody foresaw costs its picture, not the grading
            return Redrawn(f"{CAPTION}: nothing, because what it reported is no picture.", b"", "")
    return Redrawn(f"{CAPTION}:", buffer.getvalue(), alt)


def _draw(figure: Figure, report: Any) -> str:
    if isinstance(report, Picture):
        return _draw_lines(figure.add_subplot(), report)
    if isinstance(report, BoundaryPicture):
        axes = figure.add_subplot()
        told = [_draw_contours(axes, report.contours), _draw_points(axes, report.points)]
        _limit(axes, (report.view[:2], report.view[2:]))
        return " ".join(told)
    if isinstance(report, FeaturePicture):
        return _draw_plane(figure.add_subplot(), report)
    if isinstance(report, Exploration):
        shown: list[Shown] = list(islice(report.pictures, MOST_PICTURES))
        told = []
        for axes, picture in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
            choice = _text(picture.choice)
            axes.set_title(f"activation: {choice}", loc="left", parse_math=False)
            told.append(f"With {choice!r} chosen: {_draw_contours(axes, picture.contours)}")
        return " ".join(told)
    raise TypeError(f"no figure: {type(report).__name__}")


# Lines -------------------------------------------------------------------------------------------------


def _draw_lines(axes: Axes, picture: Picture) -> str:
    scales = ["log" if scale == "log" else "linear" for scale in picture.scales]
    axes.set(xscale=scales[0], yscale=scales[1])
    axes.grid(color=PALE)
    labels = [_text(label) for label in picture.labels]
    axes.set_xlabel(labels[0], parse_math=False)
    axes.set_ylabel(labels[1], parse_math=False)
    told: list[str] = []
    ticks: dict[float, float] = {}
    for line in islice(picture.lines, MOST_LINES):
        x, y = _on(_numbers(line.x), scales[0]), _numbers(line.y)
        ticks |= dict(zip(x.tolist(), _numbers(line.shown).tolist(), strict=False))
        count = min(len(x), len(y))
        axes.add_line(_styled(line.look, x[:count], _on(y[:count], scales[1]), joined=line.joined))
        told.append(_told(line, y))
    axes.autoscale_view()
    named = {at: number for at, number in ticks.items() if np.isfinite(at)}
    if len(named) <= MOST_TICKS:
        axes.set_xticks([*named], [f"{number:g}" for number in named.values()])
    _limit(axes, picture.limits)
    entries = [(_text(text), look) for text, look in islice(picture.legend, MOST_ENTRIES)]
    if entries:
        # A text that begins with _ would be left out: the names come after the legend is made.
        legend = axes.legend([_styled(look, [], []) for _, look in entries], [" "] * len(entries), loc="best")
        for drawn, (text, _) in zip(legend.get_texts(), entries, strict=True):
            drawn.set(text=text, parse_math=False)
    axis = f"x axis {labels[0]!r}, {scales[0]}; y axis {labels[1]!r}, {scales[1]}"
    names = ", ".join(repr(text) for text, _ in entries) or "nothing"
    return f"Line plot. {axis}. Lines: {'; '.join(told) or 'none'}. The legend names {names}."


def _told(line: Line, y: Array) -> str:
    numbers = ", ".join(f"{number:.3g}" for number in y[:MOST_NUMBERS_TOLD])
    more = ", …" if len(y) > MOST_NUMBERS_TOLD else ""
    return f"{_text(line.name)!r} at {numbers or 'no point'}{more}"


def _styled(look: Mapping[str, str], x: Any, y: Any, *, joined: bool = True) -> Line2D:
    """Return a line with a reported look; what cannot be read of it is grey, solid and thin."""
    texts = {part: value for part, value in look.items() if isinstance(value, str)}
    colour = texts.get("colour", "")
    marker = texts.get("marker", "")
    width = _width(texts.get("width", ""))
    return Line2D(
        x,
        y,
        color=colour if _COLOUR.fullmatch(colour) else GREY,
        linewidth=width,
        linestyle=_dashes(texts.get("dashes", ""), width) if joined else "None",
        marker=marker if marker in Line2D.markers else "None" if not marker else "o",
    )


def _width(text: str) -> float:
    try:
        return min(max(float(text[:20]), 0.5), 8.0)
    except ValueError:  # NaN gives 0.5
        return 1.5


def _dashes(text: str, width: float) -> Any:
    """Return the dash pattern that Matplotlib writes as `(offset, [on, off, ...])`, in points."""
    lengths = [min(max(float(number) / width, 0.1), 50.0) for number in _NUMBER.findall(text[:200])[1:9]]
    if lengths and len(lengths) % 2 == 0:
        return 0, lengths
    return text if text in ("-", "--", "-.", ":") else "-"


# Contours ----------------------------------------------------------------------------------------------


def _draw_contours(axes: Axes, contours: Contours | None) -> str:
    if contours is None:
        return "No filled contours."
    bands = [list(rings) for rings in islice(contours.bands, MOST_BANDS)]
    rings = [len(ring) for band in bands for ring in band]
    if len(rings) > MOST_RINGS:
        raise ValueError("too many rings")
    step = max(1, -(-sum(rings) // MOST_CORNERS))
    paths = [_path([_places(ring)[::step] for ring in band]) for band in bands]
    colours = _CLASS_MAP(np.linspace(0, 1, max(len(paths), 2))[: len(paths)])
    fill = colours if contours.filled else "none"
    axes.add_collection(PathCollection(paths, facecolors=fill, edgecolors=GREY, linewidths=0.4, alpha=0.7))
    axes.autoscale_view(tight=True)
    levels = _numbers(contours.levels)
    between = f" from {levels[0]:.3g} to {levels[-1]:.3g}" if len(levels) else ""
    return f"{'Filled' if contours.filled else 'Unfilled'} contours, {len(levels)} levels{between}."


def _path(rings: Iterable[Array]) -> Path:
    """Return the rings of a band as one path; a ring within a ring is a hole."""
    vertices, codes = [np.empty((0, 2))], [np.empty(0, dtype=np.uint8)]
    for ring in rings:
        if len(ring) > 2:
            vertices += [ring, ring[:1]]
            codes.append(np.array([Path.MOVETO, *[Path.LINETO] * (len(ring) - 1), Path.CLOSEPOLY], dtype=np.uint8))
    return Path(np.concatenate(vertices), np.concatenate(codes))


def _draw_points(axes: Axes, points: tuple[Array, Array]) -> str:
    places, colours = (np.asarray(part, dtype=np.float64)[:MOST_PLACES] for part in points)
    seen = np.isfinite(places).all(axis=1) & (np.abs(places) < LARGEST).all(axis=1)
    colours = np.clip(np.nan_to_num(colours), 0, 1)
    x, y = places[seen].T
    axes.scatter(x, y, c=colours[seen], edgecolors="black", linewidths=0.5, s=24, zorder=3)
    different = len(np.unique(colours.round(2), axis=0))
    return f"{len(points[0])} points in {different} colour{'' if different == 1 else 's'}."


# The plane of two features -----------------------------------------------------------------------------


def _draw_plane(axes: Axes, picture: FeaturePicture) -> str:
    labels = [_text(label) for label in picture.labels]
    axes.set_xlabel(labels[0], parse_math=False)
    axes.set_ylabel(labels[1], parse_math=False)
    lines = [_places(line[:MOST_PLACES]) for line in islice(picture.lines, MOST_BANDS)]
    axes.add_collection(LineCollection(lines, colors=GREY, linewidths=1.5), autolim=False)
    points = _draw_points(axes, picture.points)
    _limit(axes, (picture.view[:2], picture.view[2:]))
    count = f"{len(lines)} line{'' if len(lines) == 1 else 's'}"
    return f"x axis {labels[0]!r}; y axis {labels[1]!r}. {points} {count}."


# What is not trusted -----------------------------------------------------------------------------------


def _text(value: Any) -> str:
    """Return a text as one short line that can be drawn."""
    if not isinstance(value, str):
        return ""
    short = "".join(letter if letter.isprintable() else " " for letter in value[: MOST_CHARACTERS + 1])
    short = _INDEXED.sub(lambda found: found[1] + found[2].translate(_LOWERED), short)
    return short if len(value) <= MOST_CHARACTERS else short[:MOST_CHARACTERS] + "…"


def _numbers(values: Any) -> Array:
    """Return the first numbers of a list."""
    numbers = np.asarray(values[:MOST_PLACES], dtype=np.float64)
    return numbers.reshape(len(numbers))


def _places(values: Any) -> Array:
    """Return the places (n, 2) of a ring that can be drawn."""
    places = np.asarray(values, dtype=np.float64).reshape(len(values), 2)
    places = places[np.isfinite(places).all(axis=1)]
    return np.clip(places, -LARGEST, LARGEST)


def _on(numbers: Array, scale: str) -> Array:
    """Return numbers with NaN for those that an axis of this scale cannot show."""
    low = SMALLEST if scale == "log" else -LARGEST
    with np.errstate(invalid="ignore"):
        return np.where((numbers >= low) & (numbers <= LARGEST), numbers, np.nan)


def _limit(axes: Axes, limits: Iterable[Any]) -> None:
    """Show what the reported limits of the axes show, if an axis can have them."""
    setters: list[tuple[str, Callable[..., Any]]] = [
        (axes.get_xscale(), axes.set_xlim),
        (axes.get_yscale(), axes.set_ylim),
    ]
    for (scale, show), pair in zip(setters, limits, strict=True):
        low, high = (float(number) for number in _on(_numbers(list(pair)), scale))
        if high - low > 1e-9 * max(abs(low), abs(high)):  # nor is it for NaN
            show(low, high)

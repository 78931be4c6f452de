"""What is expected of a figure, judged by what was drawn: axes, lines, labels and legend; pixels play no part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.checks import student_side
from course.checks.beside.figures import drawn
from course.checks.closeness import within
from course.checks.messages import described_type

RTOL = 0.01
"""Relative tolerance of a drawn number: 1 % is half a hundredth of a decade, which no eye sees."""

Series = Mapping[str, Sequence[float]]
"""Numbers to draw by the name of their line: the norms of layer 1, 2, … by activation."""


@dataclass(frozen=True)
class Line:
    """One visible line: its name, its points from left to right, and its looks."""

    name: str
    x: Sequence[float]
    shown: Sequence[float]
    """The numbers a reader sees at ``x``: those of tick labels, where there are any."""
    y: Sequence[float]
    look: Mapping[str, str]
    """Its colour, dashes, marker and width, as texts."""
    joined: bool = True
    """Whether its points are joined; False for markers alone."""


@dataclass(frozen=True)
class Picture:
    """What a plotting function returned and drew."""

    returned: str
    """``Axes``, or the name of another class."""
    scales: tuple[str, str]
    labels: tuple[str, str]
    limits: tuple[tuple[float, float], tuple[float, float]]
    """Smallest and largest number on the x axis and on the y axis."""
    legend: Sequence[tuple[str, Mapping[str, str]]]
    """Text of each entry, and the looks of the sample beside it, as far as it shows them."""
    lines: Sequence[Line]

    def line(self, name: str) -> Line:
        """Return the line of that name.

        Raises
        ------
        AssertionError
            If there is none, or more than one.
        """
        found = [line for line in self.lines if line.name == name]
        if len(found) == 1:
            return found[0]
        there = ", ".join(repr(line.name) for line in self.lines[:4]) or "none at all"
        raise AssertionError(f"Expected one line labelled {name!r}, found {len(found)}. Lines drawn: {there}."[:280])


def picture_of(plot: Callable[..., Any], *args: Any) -> Picture:
    """Call a student's plotting function and return what it drew. Its figures are closed.

    Raises
    ------
    Exception
        Whatever the function raises.
    """
    facts = student_side.run(drawn, plot, *args)
    return Picture(**facts | {"lines": [Line(**line) for line in facts["lines"]]})


# Expectations ------------------------------------------------------------------------------------------


def expect_lines(picture: Picture, series: Series) -> None:
    """Expect a line for each name with the numbers of its series, in order from left to right.

    A 0 has no place on a logarithmic axis. Its point may be left out, masked, 0, or anything not above the
    smallest positive number of its line.

    Raises
    ------
    AssertionError
        With the first line and point that are wrong.
    """
    for name, numbers in series.items():
        _expect_points(picture.line(name), np.asarray(numbers, dtype=np.float64))


def _drawn(line: Line, count: int) -> int:
    """Return how many points of the line count: `count` if all that come after are NaN, which nobody sees."""
    return count if np.isnan(np.asarray(line.y[count:], dtype=np.float64)).all() else len(line.y)


def _expect_points(line: Line, wanted: np.ndarray[Any, Any]) -> None:
    y = np.asarray(line.y[: _drawn(line, len(wanted))], dtype=np.float64)
    positive = wanted > 0
    if len(y) == positive.sum():  # zeros left out, or none
        wanted, positive = wanted[positive], np.full(len(y), True)
    if len(y) != len(wanted):
        raise AssertionError(f"Line {line.name!r}: expected {len(wanted)} points, got {len(y)}.")
    floor = wanted[positive].min(initial=np.inf)
    with np.errstate(invalid="ignore"):
        right = np.where(positive, within(y, wanted, RTOL), ~(y > floor))  # a 0 may be NaN
    if not right.all():
        point = int(np.argmin(right))
        reverse = " The line runs from the last layer to the first." if _reversed(y, wanted) else ""
        raise AssertionError(
            f"Line {line.name!r}, point {point + 1}: got {y[point]:.4g}, expected {wanted[point]:.4g}.{reverse}"
        )


def _reversed(y: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> bool:
    return bool(within(y[::-1], wanted, RTOL).all())


def expect_joined(picture: Picture, names: Iterable[str]) -> None:
    """Expect that the points of each line are joined."""
    for name in names:
        if not picture.line(name).joined:
            raise AssertionError(f"The points of {name!r} are not joined; draw a line through them.")


def expect_axes_returned(picture: Picture) -> None:
    """Expect that the function returned the Axes it drew in."""
    if picture.returned != "Axes":
        raise AssertionError(f"Return the Axes you drew in; got {described_type(picture.returned)}.")


def expect_scales(picture: Picture, x: str, y: str) -> None:
    """Expect the scales of the two axes, named as in Matplotlib."""
    for axis, got, wanted in zip("xy", picture.scales, (x, y), strict=True):
        if got != wanted:
            raise AssertionError(f"Expected a {wanted} {axis} axis, got a {got} one.")


def expect_labels(picture: Picture, x: str, y: str) -> None:
    """Expect that the label of each axis contains a word, in capitals or not."""
    for axis, got, word in zip("xy", picture.labels, (x, y), strict=True):
        if word.lower() not in got.lower():
            raise AssertionError(f"The label of the {axis} axis should contain {word!r}, got {got[:60]!r}.")


def expect_legend(picture: Picture, names: Iterable[str]) -> None:
    """Expect that a legend names each line, and that the sample beside a name looks like that line.

    A sample may show less than the line: its colour alone, say. It must not look more like another line.
    """
    names = list(names)
    for name in names:
        samples = [look for text, look in picture.legend if text == name]
        if not samples:
            there = ", ".join(repr(text) for text, _ in picture.legend[:4]) or "no entry"
            raise AssertionError(f"The legend has no {name!r}; it has {there}."[:280])
        for sample in samples:
            nearest = max(names, key=lambda other: (_shared(sample, picture.line(other).look), other == name))
            if nearest != name:
                raise AssertionError(f"In the legend, the sample beside {name!r} looks like the line of {nearest!r}.")


def _shared(sample: Mapping[str, str], look: Mapping[str, str]) -> int:
    return sum(look.get(part) == shown for part, shown in sample.items())


def expect_numbered_from_one(picture: Picture, series: Series) -> None:
    """Expect that the points of each line are numbered 1, 2, 3, … on the x axis."""
    for name, numbers in series.items():
        line, wanted = picture.line(name), [float(layer) for layer in range(1, len(numbers) + 1)]
        got = list(line.shown[: _drawn(line, len(wanted))])
        if got != wanted:
            first, last = (f"{got[0]:g}", f"{got[-1]:g}") if got else ("nothing", "nothing")
            raise AssertionError(
                f"Line {name!r}: expected {len(wanted)} points, at layers 1 to {len(wanted)}; "
                f"got {len(got)} points, from {first} to {last}."
            )


def expect_told_apart(picture: Picture, names: Iterable[str]) -> None:
    """Expect that no two lines look the same."""
    looks: dict[tuple[tuple[str, str], ...], str] = {}
    for name in names:
        other = looks.setdefault(tuple(sorted(picture.line(name).look.items())), name)
        if other != name:
            raise AssertionError(f"Lines {other!r} and {name!r} have the same colour, style and marker.")


def expect_inside(picture: Picture, names: Iterable[str]) -> None:
    """Expect that no point with a positive number lies outside the limits of the axes."""
    for name in names:
        line = picture.line(name)
        points = [(x, y) for x, y in zip(line.x, line.y, strict=True) if y > 0]
        for axis, values, (low, high) in zip("xy", zip(*points, strict=True), picture.limits, strict=False):
            outside = [value for value in values if not low <= value <= high]
            if outside:
                shown = f"the {axis} axis shows {low:.3g} to {high:.3g}"
                raise AssertionError(f"Line {name!r} has a point at {axis} = {outside[0]:.3g}; {shown}.")

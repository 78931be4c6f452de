"""What is expected of a drawn decision boundary and of the widget that redraws it, judged by plain data.

The data come from `course.checks.beside`; nothing here touches a figure or a widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.path import Path
from numpy.typing import NDArray
from torch import nn

from course.checks import student_side
from course.checks.beside.contours import drawn_boundary
from course.checks.beside.explorers import is_activation_dropdown, moved_explorer
from course.checks.messages import described_type

Array = NDArray[np.float64]

BOUNDARY = {"probability": 0.5, "logit": 0.0}
"""What a picture of a decision boundary may show of class 1, and its value on the boundary."""

GRID_POINTS = 100
"""How many points a grid must have along each axis."""

DATA_SHARE = 1 / 3
"""The least share of the grid that the data take up along each axis."""

COLOUR_DISTANCE = 0.1
"""The least difference in red, green or blue (from 0 to 1) by which the colours of two classes are told apart."""


@dataclass(frozen=True)
class Contours:
    """A contour set."""

    filled: bool
    levels: Sequence[float]
    """In ascending order."""
    extend: str
    """`neither`, `min`, `max` or `both`."""
    bands: Sequence[Sequence[Array]]
    """For each band between two levels (and below and above all, as far as it extends) the rings around it, arrays of
    shape (n, 2). A place is in a band if it lies within an odd number of its rings."""


@dataclass(frozen=True)
class BoundaryPicture:
    """What a plotting function returned and drew."""

    returned: str
    """Name of the class of what came back."""
    contours: Contours | None
    """What came back; None if it is not a contour set."""
    in_axes: bool
    """Whether the contours are in the axes that the function was given."""
    elsewhere: bool
    """Whether something was drawn into other figures."""
    points: tuple[Array, Array]
    """Of the markers in these axes that no filled contours cover, lowest first: positions (n, 2) and colours (n, 4)."""
    view: Sequence[float]
    """Limits of these axes: left, right, bottom, top."""
    state: Mapping[str, Any]
    """`state_after_call` of the network."""


@dataclass(frozen=True)
class Dropdown:
    """A dropdown in a widget."""

    description: str
    options: Sequence[str]


@dataclass(frozen=True)
class Shown:
    """What an explorer showed after it was made, or after a move of its dropdown."""

    choice: str
    contours: Contours | None
    """The last filled ones that were drawn since the picture before."""
    error: str
    """What an output widget or the dropdown would report."""
    stale: bool = False
    """Whether an output widget that was drawn into before was drawn into again without being cleared."""
    layers: int = 0
    """How many filled contour sets are in the same axes."""
    axes: int = 0
    """How many axes are in the same figure."""
    foreign: bool = False
    """Whether these axes belong to another explorer, or making another one changed what this one shows."""
    visible: bool = False
    """Whether the widget got anything new to show."""


@dataclass(frozen=True)
class Exploration:
    """A widget, and what it showed while its activation dropdown was moved."""

    returned: str
    """Name of the class of what came back."""
    is_widget: bool
    dropdowns: Sequence[Dropdown]
    pictures: Sequence[Shown]
    """Empty without an activation dropdown."""


def boundary_picture_of(plot: Callable[..., Any], model: nn.Module, X: Array, y: Any) -> BoundaryPicture:
    """Call a student's `plot(model, X, y, ax)` and return what it drew. Its figures are closed.

    Raises
    ------
    Exception
        Whatever the function raises.
    """
    facts = student_side.run(drawn_boundary, plot, model, X, y)
    return BoundaryPicture(**facts | {"contours": _contours(facts["contours"])})


def exploration_of(
    make: Callable[[Any], Any], data: Any, moves: int | None = None, others: Sequence[Any] = ()
) -> Exploration:
    """Make a student's explorer, move its dropdown, and return what it showed each time.

    The parameters are those of `course.checks.beside.explorers.moved_explorer`.

    Raises
    ------
    Exception
        Whatever `make` raises.
    """
    facts = student_side.run(moved_explorer, make, data, moves, others)
    return Exploration(
        facts["returned"],
        facts["is_widget"],
        [Dropdown(**dropdown) for dropdown in facts["dropdowns"]],
        [Shown(**picture | {"contours": _contours(picture["contours"])}) for picture in facts["pictures"]],
    )


def _contours(facts: dict[str, Any] | None) -> Contours | None:
    return None if facts is None else Contours(**facts)


def logit_of(model: nn.Module) -> Callable[[Array], Array]:
    """Return the network as a function of places (n, 2), giving logits of class 1 (n,)."""

    def logit(places: Array) -> Array:
        with torch.no_grad():
            found: Array = model(torch.tensor(places, dtype=torch.float32))[:, 0].double().numpy()
        return found

    return logit


def expect_contours(contours: Contours | None) -> Contours:
    """Return the contours that a student drew.

    Raises
    ------
    AssertionError
        If there are none.
    """
    if contours is None:
        raise AssertionError("Expected the contour set that ax.contourf returns.")
    return contours


def expect_bands(contours: Contours | None, logit: Callable[[Array], Array], X: Array) -> None:
    """Expect filled contours of a network's probability or logit of class 1: each place in the band of its value.

    Checks 300 random points in the rectangle around the data. Those closer to a level than a thirtieth of
    the rectangle are left out, so a grid of 100 steps over three times the rectangle is fine enough. Places above
    the highest and below the lowest level belong to no band; `expect_filled` looks for those.

    Parameters
    ----------
    contours : Contours | None
        What the student drew; None if there are none.
    logit : Callable[[Array], Array]
        The network as a function of places (n, 2), giving logits of class 1 (n,).
    X : Array
        The data, shape (n, 2).

    Raises
    ------
    AssertionError
        With a place, the network's value and the band, or with the mistake that explains all bands.
    """
    shown_quantity(contours, logit, X)


def shown_quantity(contours: Contours | None, logit: Callable[[Array], Array], X: Array) -> str:
    """Return which key of `BOUNDARY` the contours show, `"probability"` or `"logit"`.

    Parameters and errors are those of `expect_bands`.
    """
    contours = expect_contours(contours)
    if not contours.filled:
        raise AssertionError("Expected filled contours (contourf), got contour lines.")
    problems = _problems(contours, logit, X)
    fitting = [name for name, problem in problems.items() if not problem]
    if fitting:
        return fitting[0]
    if not all(_problems(contours, lambda places: -logit(places), X).values()):
        raise AssertionError("The bands are those of class 0; the picture is to show class 1.")
    if not all(_problems(contours, lambda places: logit(places[:, [1, 0]]), X).values()):
        raise AssertionError("The two axes are exchanged: z[i, j] belongs to the i-th height y and the j-th x.")
    looks_like_probability = all(-0.1 <= level <= 1.1 for level in contours.levels)
    raise AssertionError(problems["probability" if looks_like_probability else "logit"])


def expect_boundary_level(contours: Contours | None, logit: Callable[[Array], Array], X: Array) -> None:
    """Expect right bands as `expect_bands` does, and the boundary to be one of the levels.

    Raises
    ------
    AssertionError
        If it is not; the message names the levels.
    """
    quantity = shown_quantity(contours, logit, X)
    levels = expect_contours(contours).levels
    if not any(abs(level - BOUNDARY[quantity]) < 1e-6 for level in levels):
        shown = ", ".join(f"{level:.3g}" for level in levels[:8])
        raise AssertionError(f"The boundary, {quantity} {BOUNDARY[quantity]:g}, is not among the levels {shown}.")


def expect_filled(contours: Contours | None, X: Array) -> None:
    """Expect every place in the rectangle around the data to be filled.

    Raises
    ------
    AssertionError
        With a place that is not.
    """
    contours = expect_contours(contours)
    places = _places(X)
    empty = np.flatnonzero(bands_at(contours, places) < 0)
    if len(empty):
        x, y = places[empty[0]]
        raise AssertionError(f"Nothing is filled at ({x:.3g}, {y:.3g}): the levels end before the values do.")


def expect_in_axes(drawn: BoundaryPicture) -> None:
    """Expect the contours in the axes that the function was given, and nothing in other figures.

    Raises
    ------
    AssertionError
        With what is not so.
    """
    if not drawn.in_axes:
        raise AssertionError("The contours that came back do not stand in ax.")
    if drawn.elsewhere:
        raise AssertionError("Something was drawn into another figure; call methods of ax, not functions of plt.")


def expect_grid(contours: Contours | None, X: Array) -> None:
    """Expect contours over a grid that reaches beyond the data, but not far, with enough points along each axis.

    The grid is read from the contours: on the border of a filled picture each point of the grid is a corner of a band,
    beside the places where levels cross the border. So a number that two opposite edges share is one of the grid's. A
    grid that is turned or bent shares none, and its points are not counted.

    Raises
    ------
    AssertionError
        With the axis, and what is wrong along it.
    """
    vertices = vertices_of(expect_contours(contours))
    if not len(vertices):
        raise AssertionError("Nothing is filled.")
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    lines = [_lines_across(vertices, axis) for axis in (0, 1)]
    for axis, name in enumerate("xy"):
        if not (low[axis] < X[:, axis].min() and high[axis] > X[:, axis].max()):
            raise AssertionError(f"Along {name} the grid does not reach beyond the outermost rows of X.")
        if np.ptp(X[:, axis]) < 0.99 * DATA_SHARE * (high[axis] - low[axis]):
            times = (high[axis] - low[axis]) / np.ptp(X[:, axis])
            raise AssertionError(
                f"Along {name} the grid is {times:.3g} times as wide as the data; at most 3 times is asked for."
            )
        if 10 < lines[axis] < GRID_POINTS:
            raise AssertionError(
                f"Along {name} the filled picture has {lines[axis]} points of a grid; expected at least {GRID_POINTS}."
            )


def _lines_across(vertices: Array, axis: int) -> int:
    """Return how many numbers along this axis the two edges of the picture across it share, rounding aside."""
    unit = (vertices - vertices.min(axis=0)) / np.ptp(vertices, axis=0)
    edges = [np.round(unit[np.abs(unit[:, 1 - axis] - edge) < 1e-9, axis] * 1e9) for edge in (0, 1)]
    return len(np.intersect1d(*edges))


def vertices_of(contours: Contours) -> Array:
    """Return the corners of all bands, each once, shape (n, 2)."""
    rings = [ring for rings in contours.bands for ring in rings]
    return np.unique(np.concatenate([np.empty((0, 2)), *rings]), axis=0)


def _problems(contours: Contours, logit: Callable[[Array], Array], X: Array) -> dict[str, str]:
    return {quantity: _band_problem(contours, quantity, logit, X) for quantity in BOUNDARY}


def _band_problem(contours: Contours, quantity: str, logit: Callable[[Array], Array], X: Array) -> str:
    """Return which place lies in the wrong band if the contours show this quantity; "" if none does."""
    edges = _band_edges(contours)
    places = _places(X)
    angles = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    around = np.concatenate([[[0.0, 0.0]], np.stack([np.cos(angles), np.sin(angles)], axis=1)]) * np.ptp(X, axis=0) / 30
    values = values_of(quantity, logit((places[:, np.newaxis] + around).reshape(-1, 2))).reshape(len(places), -1)
    expected = np.searchsorted(edges, values, side="right") - 1
    expected[expected == len(edges) - 1] = -1
    clear = np.all(expected == expected[:, :1], axis=1)
    if not clear.any() or np.ptp(expected[clear]) == 0:
        return f"No level lies between the values that the network's {quantity} takes among the data."
    found = bands_at(contours, places)
    wrong = np.flatnonzero(clear & (found != expected[:, 0]))
    if not len(wrong):
        return ""
    first = wrong[0]
    band = "is not filled"
    if found[first] >= 0:
        band = f"lies in the band {edges[found[first]]:.3g} to {edges[found[first] + 1]:.3g}"
    x, y = places[first]
    return f"At ({x:.3g}, {y:.3g}) the network's {quantity} is {values[first, 0]:.3g}, but the place {band}."


def _places(X: Array) -> Array:
    """Return random places in the rectangle around the data, the same ones each time."""
    place: Array = X.min(axis=0) + np.ptp(X, axis=0) * np.random.default_rng(4).uniform(size=(300, 2))
    return place


def values_of(quantity: str, logits: Array) -> Array:
    """Return logits as they are or as probabilities, by the key of `BOUNDARY`."""
    return np.asarray((1 + np.tanh(logits / 2)) / 2 if quantity == "probability" else logits, dtype=float)


def _band_edges(contours: Contours) -> Array:
    """Return the values between which the bands lie: one more than there are bands."""
    below = [-np.inf] if contours.extend in ("min", "both") else []
    above = [np.inf] if contours.extend in ("max", "both") else []
    return np.array([*below, *contours.levels, *above], dtype=float)


def bands_at(contours: Contours, places: Array) -> NDArray[np.int64]:
    """Return the number of the band in which each place (n, 2) lies, -1 where nothing is filled."""
    found = np.full(len(places), -1)
    for number, rings in enumerate(contours.bands):
        inside = np.zeros(len(places), dtype=bool)
        for ring in rings:
            inside ^= Path(ring).contains_points(places)
        found[inside] = number
    return found


def expect_class_colours(points: tuple[Array, Array], X: Array, y: Any, what: str = "a row of X") -> None:
    """Expect a marker on each row of X, on top of the contours, in one colour for each class of y.

    Parameters
    ----------
    points : tuple[Array, Array]
        Of a `BoundaryPicture`.
    X, y : Array and Any
        The data, shapes (n, 2) and (n,).
    what : str, optional
        What a row of `X` is, for the message.

    Raises
    ------
    AssertionError
        With what is missing.
    """
    places, colours = points
    tolerance = 1e-4 * np.ptp(X, axis=0)  # float32 far from the origin keeps no more
    top = []
    for row in X:
        there = np.flatnonzero(np.all(np.abs(places - row) <= tolerance, axis=1))
        if not len(there):
            raise AssertionError(
                f"There is no point at ({row[0]:.3g}, {row[1]:.3g}), which is {what}, or contours cover it."
            )
        top.append(tuple(np.round(colours[there[-1]], 3)))
    used = [{colour for colour, label in zip(top, y, strict=True) if label == wanted} for wanted in (0, 1)]
    if any(not np.abs(np.subtract(a, b))[:3].max() >= COLOUR_DISTANCE for a in used[0] for b in used[1]):  # or NaN
        raise AssertionError("Points of class 0 and points of class 1 have the same colour.")
    if max(map(len, used)) > 1:
        raise AssertionError("Points of the same class have different colours.")


def expect_activation_dropdown(report: Exploration) -> None:
    """Expect a widget with one dropdown called "activation".

    Raises
    ------
    AssertionError
        With what is there.
    """
    if not report.is_widget:
        raise AssertionError(f"Expected a widget, got {described_type(report.returned)}.")
    if len(_activation_dropdowns(report)) != 1:
        found = ", ".join(repr(dropdown.description) for dropdown in report.dropdowns[:8]) or "no dropdown at all"
        raise AssertionError(f'Expected one Dropdown with the description "activation", found {found}.')


def expect_options(report: Exploration, names: Iterable[str]) -> None:
    """Expect the activation dropdown to offer these names, in any order.

    Raises
    ------
    AssertionError
        With the options that are there.
    """
    expect_activation_dropdown(report)
    options = _activation_dropdowns(report)[0].options
    if sorted(options) != sorted(names):
        raise AssertionError(f"Expected the options {', '.join(names)}; they are {', '.join(options[:8])}.")


def _activation_dropdowns(report: Exploration) -> list[Dropdown]:
    return [dropdown for dropdown in report.dropdowns if is_activation_dropdown(dropdown.description)]


def pictures_of(report: Exploration, moves: int = 1) -> Sequence[Shown]:
    """Return the first picture and those after each move.

    Raises
    ------
    AssertionError
        If the dropdown has fewer than `moves` other options.
    """
    if len(report.pictures) <= moves:
        raise AssertionError("There is no activation dropdown with options to choose from.")
    return report.pictures


def expect_picture(picture: Shown, logit: Callable[[Array], Array], X: Array) -> None:
    """Expect a picture of an explorer to show this network, as `expect_bands` does.

    Raises
    ------
    AssertionError
        With the choice, and what is wrong.
    """
    if picture.contours is None:
        problem = picture.error[:200] or "no filled contours were drawn (contourf)."
        raise AssertionError(f"With {picture.choice!r} chosen: {problem}")
    try:
        expect_bands(picture.contours, logit, X)
    except AssertionError as problem:
        raise AssertionError(f"With {picture.choice!r} chosen: {problem}") from None

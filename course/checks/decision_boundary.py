"""What is expected of a drawn decision boundary and of the widget that redraws it, judged by plain data.

The data come from `course.checks.beside.contours`; nothing here touches a figure or a widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from matplotlib.path import Path
from numpy.typing import NDArray
from torch import nn

from course.checks.beside.explorers import is_activation_dropdown

Array = NDArray[np.float64]

BOUNDARY = {"probability": 0.5, "logit": 0.0}
"""What a picture of a decision boundary may show of class 1, and its value on the boundary."""


def logit_of(model: nn.Module) -> Callable[[Array], Array]:
    """Return the network as a function of places (n, 2), giving logits of class 1 (n,)."""

    def logit(places: Array) -> Array:
        with torch.no_grad():
            found: Array = model(torch.tensor(places, dtype=torch.float32))[:, 0].double().numpy()
        return found

    return logit


def expect_bands(contours: dict[str, Any] | None, logit: Callable[[Array], Array], X: Array) -> None:
    """Expect filled contours of a network's probability or logit of class 1: each place in the band of its value.

    Asked are places chosen at random in the rectangle around the data. Those closer to a level than a thirtieth of
    the rectangle are left out, so a grid of 100 steps over three times the rectangle is fine enough. Places above
    the highest and below the lowest level belong to no band; `expect_filled` looks for those.

    Parameters
    ----------
    contours : dict[str, Any] | None
        From `contours_as_data`; None if there are none.
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


def shown_quantity(contours: dict[str, Any] | None, logit: Callable[[Array], Array], X: Array) -> str:
    """Return which key of `BOUNDARY` the contours show, `"probability"` or `"logit"`.

    Parameters and errors are those of `expect_bands`.
    """
    if contours is None:
        raise AssertionError("Expected the contour set that ax.contourf returns.")
    if not contours["filled"]:
        raise AssertionError("Expected filled contours (contourf), got contour lines.")
    problems = _problems(contours, logit, X)
    fitting = [name for name, problem in problems.items() if not problem]
    if fitting:
        return fitting[0]
    if not all(_problems(contours, lambda places: -logit(places), X).values()):
        raise AssertionError("The bands are those of class 0; the picture is to show class 1.")
    if not all(_problems(contours, lambda places: logit(places[:, [1, 0]]), X).values()):
        raise AssertionError("The two axes are exchanged: z[i, j] belongs to the i-th height y and the j-th x.")
    looks_like_probability = all(-0.1 <= level <= 1.1 for level in contours["levels"])
    raise AssertionError(problems["probability" if looks_like_probability else "logit"])


def expect_boundary_level(contours: dict[str, Any] | None, logit: Callable[[Array], Array], X: Array) -> None:
    """Expect right bands as `expect_bands` does, and the boundary to be one of the levels.

    Raises
    ------
    AssertionError
        If it is none; with the levels.
    """
    quantity = shown_quantity(contours, logit, X)
    levels = contours["levels"] if contours else []
    if not any(abs(level - BOUNDARY[quantity]) < 1e-6 for level in levels):
        shown = ", ".join(f"{level:.3g}" for level in levels[:8])
        raise AssertionError(f"The boundary, {quantity} {BOUNDARY[quantity]:g}, is not among the levels {shown}.")


def expect_filled(contours: dict[str, Any], X: Array) -> None:
    """Expect every place in the rectangle around the data to be filled.

    Raises
    ------
    AssertionError
        With a place that is not.
    """
    places = _places(X)
    empty = np.flatnonzero(bands_at(contours, places) < 0)
    if len(empty):
        x, y = places[empty[0]]
        raise AssertionError(f"Nothing is filled at ({x:.3g}, {y:.3g}): the levels end before the values do.")


def _problems(contours: dict[str, Any], logit: Callable[[Array], Array], X: Array) -> dict[str, str]:
    return {quantity: _band_problem(contours, quantity, logit, X) for quantity in BOUNDARY}


def _band_problem(contours: dict[str, Any], quantity: str, logit: Callable[[Array], Array], X: Array) -> str:
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
    """Return 300 places at random in the rectangle around the data, the same ones each time."""
    place: Array = X.min(axis=0) + np.ptp(X, axis=0) * np.random.default_rng(4).uniform(size=(300, 2))
    return place


def values_of(quantity: str, logits: Array) -> Array:
    """Return logits as they are or as probabilities, by the key of `BOUNDARY`."""
    return np.asarray((1 + np.tanh(logits / 2)) / 2 if quantity == "probability" else logits, dtype=float)


def _band_edges(contours: dict[str, Any]) -> Array:
    """Return the values between which the bands lie: one more than there are bands."""
    below = [-np.inf] if contours["extend"] in ("min", "both") else []
    above = [np.inf] if contours["extend"] in ("max", "both") else []
    return np.array([*below, *contours["levels"], *above], dtype=float)


def bands_at(contours: dict[str, Any], places: Array) -> NDArray[np.int64]:
    """Return the number of the band in which each place (n, 2) lies, -1 where nothing is filled."""
    found = np.full(len(places), -1)
    for number, rings in enumerate(contours["bands"]):
        inside = np.zeros(len(places), dtype=bool)
        for ring in rings:
            inside ^= Path(ring).contains_points(places)
        found[inside] = number
    return found


def expect_class_colours(points: tuple[Array, Array], X: Array, y: Any) -> None:
    """Expect a marker on each row of X, in one colour for each class of y.

    Parameters
    ----------
    points : tuple[Array, Array]
        From `points_as_data`
    X, y : Array and Any
        The data, shapes (n, 2) and (n,).

    Raises
    ------
    AssertionError
        With what is missing.
    """
    places, colours = points
    tolerance = 1e-6 * np.ptp(X, axis=0)
    top = []
    for row in X:
        there = np.flatnonzero(np.all(np.abs(places - row) <= tolerance, axis=1))
        if not len(there):
            raise AssertionError(f"There is no point at ({row[0]:.3g}, {row[1]:.3g}), which is a row of X.")
        top.append(tuple(np.round(colours[there[-1]], 3)))
    used = [{colour for colour, label in zip(top, y, strict=True) if label == wanted} for wanted in (0, 1)]
    if used[0] & used[1]:
        raise AssertionError("Points of class 0 and points of class 1 have the same colour.")
    if max(map(len, used)) > 1:
        raise AssertionError("Points of the same class have different colours.")


def expect_activation_dropdown(report: dict[str, Any]) -> None:
    """Expect of what `moved_explorer` returned that it is a widget with one dropdown called "activation".

    Raises
    ------
    AssertionError
        With what is there.
    """
    if not report["is_widget"]:
        raise AssertionError(f"Expected a widget, got {_a(report['returned'])}.")
    if len(_activation_dropdowns(report)) != 1:
        found = ", ".join(repr(d["description"]) for d in report["dropdowns"][:8]) or "no dropdown at all"
        raise AssertionError(f'Expected one Dropdown with the description "activation", found {found}.')


def expect_options(report: dict[str, Any], names: Iterable[str]) -> None:
    """Expect the activation dropdown to offer these names, in any order.

    Raises
    ------
    AssertionError
        With the options that are there.
    """
    expect_activation_dropdown(report)
    options = _activation_dropdowns(report)[0]["options"]
    if sorted(options) != sorted(names):
        raise AssertionError(f"Expected the options {', '.join(names)}; they are {', '.join(options[:8])}.")


def _activation_dropdowns(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [dropdown for dropdown in report["dropdowns"] if is_activation_dropdown(dropdown["description"])]


def pictures_of(report: dict[str, Any], moves: int = 1) -> list[dict[str, Any]]:
    """Return the first picture of `moved_explorer` and those after each move.

    Raises
    ------
    AssertionError
        If the dropdown could not be moved as often.
    """
    pictures: list[dict[str, Any]] = report["pictures"]
    if len(pictures) <= moves:
        raise AssertionError("There is no activation dropdown with options to choose from.")
    return pictures


def expect_picture(picture: dict[str, Any], logit: Callable[[Array], Array], X: Array) -> None:
    """Expect a picture of `moved_explorer` to show this network, as `expect_bands` does.

    Raises
    ------
    AssertionError
        With the choice, and what is wrong.
    """
    if picture["contours"] is None:
        problem = picture["error"][:200] or "no filled contours were drawn (contourf)."
        raise AssertionError(f"With {picture['choice']!r} chosen: {problem}")
    try:
        expect_bands(picture["contours"], logit, X)
    except AssertionError as problem:
        raise AssertionError(f"With {picture['choice']!r} chosen: {problem}") from None


def _a(kind: str) -> str:
    return "None" if kind == "NoneType" else f"a value of type {kind}"

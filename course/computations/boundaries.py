"""Puts a decision boundary into words: what a picture of it shows, for those who read instead of look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import nn

Array = NDArray[np.float64]

STEPS = 241
"""Of the grid along each axis."""
MARGIN = 0.1
"""Of the picture around the points, as a share of their width."""
CORNER = 8.0
"""Degrees by which a boundary turns at a corner, within four steps of the grid."""
STRAIGHT = 3.0
"""Degrees by which a straight line may turn: rounding, and what no eye sees."""
SURE = 0.9
"""From this probability of one class on the network is called sure."""


@dataclass(frozen=True)
class Boundary:
    """What a picture of a network's decision boundary shows.

    Attributes
    ----------
    points : int
        How many there are.
    wrong : Sequence[tuple[int, float, float]]
        Class and place of each point that lies on the other class's side, from left to right.
    sure : int
        Points for which one class has a probability of `SURE` or more.
    share : float
        Of the picture, on class 1's side, in [0, 1].
    middles : tuple[Array, Array]
        Of the side of class 0 and of that of class 1, shape (2,); NaN for one that is not there.
    view : tuple[float, float, float, float]
        Edges of the picture: left, right, bottom, top.
    pieces : Sequence[Array]
        The boundary, each piece from one end to the other, shape (n, 2).
    """

    points: int
    wrong: Sequence[tuple[int, float, float]]
    sure: int
    share: float
    middles: tuple[Array, Array]
    view: tuple[float, float, float, float]
    pieces: Sequence[Array]


def boundary_of(model: nn.Module, X: NDArray[Any], y: Any) -> Boundary:
    """Return what there is to see of the boundary of a network among points of the plane.

    Parameters
    ----------
    model : nn.Module
        Gives a logit of class 1, shape (n, 1), for rows of two numbers. It is in evaluation mode or has no layer that
        behaves otherwise in training.
    X : NDArray[Any]
        The points, shape (n, 2).
    y : Any
        Their classes, 0 or 1.
    """
    dtype = next(model.parameters()).dtype

    def logits(places: Array) -> Array:
        with torch.no_grad():
            found: Array = model(torch.as_tensor(places, dtype=dtype)).reshape(-1).double().numpy()
        return found

    margin = MARGIN * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, STEPS), np.linspace(bottom, top, STEPS))
    heights = logits(np.column_stack([xx.ravel(), yy.ravel()])).reshape(xx.shape)
    pieces = []
    if heights.min() < 0 < heights.max():
        lines = Figure().add_subplot().contour(xx, yy, heights, levels=[0.0])
        pieces = [_from_left(np.asarray(piece)) for piece in lines.allsegs[0] if len(piece) > 2]
    z, labels = logits(np.asarray(X, dtype=float)), np.asarray(y).reshape(-1)
    wrong = np.flatnonzero((z > 0) != (labels > 0.5))
    return Boundary(
        points=len(z),
        wrong=sorted(((int(labels[k]), float(X[k, 0]), float(X[k, 1])) for k in wrong), key=lambda point: point[1:]),
        sure=int((np.abs(z) >= np.log(SURE / (1 - SURE))).sum()),
        share=float((heights > 0).mean()),
        middles=(_middle(xx, yy, heights <= 0), _middle(xx, yy, heights > 0)),
        view=(float(left), float(right), float(bottom), float(top)),
        pieces=sorted(pieces, key=lambda piece: tuple(piece[0])),
    )


def _middle(xx: Array, yy: Array, side: NDArray[np.bool_]) -> Array:
    return np.array([xx[side].mean(), yy[side].mean()]) if side.any() else np.full(2, np.nan)


def _from_left(piece: Array) -> Array:
    return piece if tuple(piece[0]) <= tuple(piece[-1]) else piece[::-1]


def in_words(boundary: Boundary) -> str:
    """Return the picture of a boundary in a few short sentences."""
    left, right, bottom, top = boundary.view
    right_side = boundary.points - len(boundary.wrong)
    sentences = [
        f"The picture shows x1 from {_number(left)} to {_number(right)} and x2 from {_number(bottom)} to "
        f"{_number(top)}.",
        f"{right_side} of {boundary.points} points are on the side of their class{_wrong_ones(boundary.wrong)}.",
        f"For {boundary.sure} points the network is sure: one class has a probability of at least {SURE:g}.",
    ]
    if not boundary.pieces:
        only = 1 if boundary.share > 0.5 else 0
        return " ".join([*sentences, f"The boundary does not cross the picture: all of it is on class {only}'s side."])
    sentences.append(
        f"{boundary.share:.0%} of the picture is on class 1's side, around {_place(boundary.middles[1])}; the other "
        f"side's middle is {_place(boundary.middles[0])}."
    )
    if len(boundary.pieces) > 1:
        sentences.append(f"The boundary has {len(boundary.pieces)} pieces.")
    for number, piece in enumerate(boundary.pieces, 1):
        name = "The boundary" if len(boundary.pieces) == 1 else f"Piece {number}"
        sentences.append(f"{name} {_course(piece)}; {_shape(piece, boundary.view)}.")
    return " ".join(sentences)


def _wrong_ones(wrong: Sequence[tuple[int, float, float]]) -> str:
    if not wrong:
        return ""
    listed = [f"class {label} at {_place((x, y))}" for label, x, y in wrong[:5]]
    more = f", and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return f"; on the wrong side: {', '.join(listed)}{more}"


def _course(piece: Array) -> str:
    """Say where a piece runs: its ends, and where it turns from climbing to falling or back."""
    if np.allclose(piece[0], piece[-1]):
        middle = (piece.min(axis=0) + piece.max(axis=0)) / 2
        return f"is a closed curve around {_place(middle)}"
    turns = _turning_points(piece)
    via = f" by way of {', '.join(map(_place, turns))}" if len(turns) else ""
    return f"runs from {_place(piece[0])}{via} to {_place(piece[-1])}"


def _turning_points(piece: Array) -> Array:
    """Return the places between the ends where x2 is highest or lowest along a piece, small ripples left out."""
    height, ripple = piece[:, 1], 0.02 * np.ptp(piece[:, 1])
    found: list[int] = []
    extreme, rising = 0, 0
    for k, value in enumerate(height):
        step = value - height[extreme]
        if rising == 0 and abs(step) > ripple:
            rising, extreme = int(np.sign(step)), k
        elif rising and step * rising > 0:
            extreme = k
        elif rising and -step * rising > ripple:
            found.append(extreme)
            rising, extreme = -rising, k
    return piece[found]


def _shape(piece: Array, view: tuple[float, float, float, float]) -> str:
    """Say whether a piece is straight, has corners between straight parts, or bends smoothly."""
    left, right, bottom, top = view
    # Even steps along it, of two steps of the grid: contours have long and short ones, whose directions are noise.
    unit = (piece - [left, bottom]) / [right - left, top - bottom] * STEPS
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(unit, axis=0), axis=1))])
    even = np.linspace(0, along[-1], max(3, int(along[-1] / 2)))
    x, y = (np.interp(even, along, unit[:, axis]) for axis in (0, 1))
    directions = np.unwrap(np.arctan2(np.diff(y), np.diff(x)))
    turned = np.degrees(np.diff(directions))
    if np.ptp(np.degrees(directions)) < STRAIGHT:
        return "it is a straight line"
    # At a corner the direction changes within two even steps and hardly before or after.
    pairs = np.abs(turned[:-1] + turned[1:]) if len(turned) > 1 else np.abs(turned)
    corners = [k for k in range(len(pairs)) if pairs[k] >= CORNER and pairs[k] == pairs[max(0, k - 2) : k + 3].max()]
    sharp = sum(pairs[k] for k in corners)
    total = f"it turns by {np.abs(turned).sum():.0f} degrees in all"
    if sharp > 0.6 * np.abs(turned).sum():
        return f"{total}, mostly in {len(corners)} corner{'s' * (len(corners) != 1)} between straight parts"
    return f"{total}, little by little"


def _place(place: Any) -> str:
    return f"({_number(place[0])}, {_number(place[1])})"


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")

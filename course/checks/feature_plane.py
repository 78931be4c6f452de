"""What is expected of the plane of two features: points, and the line along which the output layer cuts, by plain data.

It does not matter how the line was drawn, only where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from course.checks import student_side
from course.checks.beside.feature_plane import drawn_features
from course.checks.decision_boundary import expect_class_colours

Array = NDArray[np.float64]

LINE_TOLERANCE = 0.01
"""How far a drawn line may lie from the right one, in widths of the points: 1 % is hardly seen."""

GAP = 0.05
"""The longest gap in a drawn line, as a share of its way through the points: dots and dashes have gaps.

Across a corner the way is short, and dashes are as long as elsewhere: there it is in widths of the points.
"""

VIEW = 3.0
"""How many times as wide as the points the view may be along each axis."""


@dataclass(frozen=True)
class FeaturePicture:
    """What a plotting function drew."""

    points: tuple[Array, Array]
    """Of the markers that can be seen, lowest first: positions (n, 2) and colours (n, 4)."""
    lines: Sequence[Array]
    """Corners of each line, and of the border of each area, (n, 2)."""
    view: Sequence[float]
    """Limits of the axes: left, right, bottom, top."""
    labels: Sequence[str]
    """Of the x axis and the y axis."""
    elsewhere: bool
    """Whether something was drawn into other figures."""
    state: Mapping[str, Any]
    """`state_after_call` of the network, X and y."""


@dataclass(frozen=True)
class Cut:
    """The output layer's line `weight · h + bias = 0` in the plane of two features h."""

    weight: Array
    """Shape (2,), not both 0."""
    bias: float


def feature_picture_of(
    plot: Callable[..., Any], model: nn.Module, X: NDArray[Any], y: Any, features: Array
) -> FeaturePicture:
    """Call a student's `plot(model, X, y, ax)` and return what it drew. Its figures are closed.

    The parameters are those of `course.checks.beside.feature_plane.drawn_features`.

    Raises
    ------
    Exception
        Whatever the function raises.
    """
    return FeaturePicture(**student_side.run(drawn_features, plot, model, X, y, features))


def cut_of(model: nn.Sequential) -> Cut:
    """Return the line of a network's last part, an `nn.Linear(2, 1)`."""
    output: Any = model[-1]
    return Cut(output.weight.detach().double().numpy()[0], output.bias.item())


def expect_feature_points(drawn: FeaturePicture, features: Array, y: Any) -> None:
    """Expect a point at the features of each row, in one colour for each class of y.

    Raises
    ------
    AssertionError
        With what is missing, or with the mistake that explains it.
    """
    try:
        expect_class_colours(drawn.points, features, y, what="where the features of a row of X lie")
    except AssertionError as problem:
        try:
            expect_class_colours(drawn.points, features[:, ::-1], y)
        except AssertionError:
            raise problem from None
        raise AssertionError("The axes are exchanged: the first unit belongs to the x axis.") from None


def expect_cut(drawn: FeaturePicture, cut: Cut, features: Array) -> None:
    """Expect a line right across the rectangle around the points where the output layer cuts.

    Where that line passes beside the rectangle, nothing is expected.

    Raises
    ------
    AssertionError
        With a place on the right line where nothing is drawn.
    """
    low, width = features.min(axis=0), np.ptp(features, axis=0)
    normal, offset = cut.weight * width, cut.bias + cut.weight @ low  # in units of the rectangle
    offset, normal = offset / np.linalg.norm(normal), normal / np.linalg.norm(normal)
    along = np.array([-normal[1], normal[0]])
    ends = _in_square(-offset * normal - 10 * along, -offset * normal + 10 * along, 0.0)
    if ends is None:
        return
    first, last = sorted(np.array(ends) @ along)
    stretches = [np.array([[first, first], [last, last]])]
    for start, end in _segments((corners - low) / width for corners in drawn.lines):
        inside = _in_square(start, end, LINE_TOLERANCE)
        if inside is not None and np.abs(np.array(inside) @ normal + offset).max() <= LINE_TOLERANCE:
            stretches.append(np.sort(np.array(inside) @ along)[np.newaxis])
    dots = (drawn.points[0] - low) / width
    dots = dots[np.abs(dots @ normal + offset) <= LINE_TOLERANCE] @ along
    stretches.append(np.column_stack([dots, dots]))
    gap_from, gap_to = _longest_gap(np.concatenate(stretches), first, last)
    if gap_to - gap_from > GAP * max(last - first, 1.0):
        place = low + width * (-offset * normal + (gap_from + gap_to) / 2 * along)
        raise AssertionError(
            f"At ({place[0]:.3g}, {place[1]:.3g}) the output layer is undecided (w · h + c = 0), but no line is there."
        )


def _segments(lines: Any) -> list[tuple[Array, Array]]:
    """Return the straight pieces of all lines that have two finite ends."""
    pieces = [np.stack([corners[:-1], corners[1:]], axis=1) for corners in lines]
    return [
        (piece[0], piece[1]) for piece in np.concatenate([np.empty((0, 2, 2)), *pieces]) if np.isfinite(piece).all()
    ]


def _in_square(start: Array, end: Array, margin: float) -> tuple[Array, Array] | None:
    """Return the ends of the part of a straight piece in the unit square, which is wider by `margin`; None if none is.

    This is the way of Liang and Barsky: of the piece `start + t (end - start)`, each edge leaves a range of t.
    """
    low, high, way = 0.0, 1.0, end - start
    for axis in (0, 1):
        for sign, edge in ((-1, -margin), (1, 1 + margin)):
            speed, room = sign * way[axis], sign * (edge - start[axis])
            if speed == 0 and room < 0:
                return None
            if speed < 0:
                low = max(low, room / speed)
            elif speed > 0:
                high = min(high, room / speed)
    return (start + low * way, start + high * way) if low < high else None


def _longest_gap(stretches: Array, first: float, last: float) -> tuple[float, float]:
    """Return where the longest part between `first` and `last` begins and ends that no stretch (n, 2) covers."""
    stretches = np.clip(stretches[np.argsort(stretches[:, 0])], first, last)
    reached = np.maximum.accumulate(stretches[:, 1])
    gaps = np.append(stretches[1:, 0], last) - reached
    longest = int(gaps.argmax())
    return float(reached[longest]), float(reached[longest] + gaps[longest])


def expect_view(drawn: FeaturePicture, features: Array) -> None:
    """Expect the axes to show all points, and to be at most `VIEW` times as wide as these.

    Raises
    ------
    AssertionError
        With the axis, and what is wrong along it.
    """
    left, right, bottom, top = drawn.view
    for axis, name, (low, high) in [(0, "x", (left, right)), (1, "y", (bottom, top))]:
        values = features[:, axis]
        width = float(np.ptp(values))
        if low > values.min() + 1e-3 * width or high < values.max() - 1e-3 * width:
            raise AssertionError(f"Along {name} the axes are cut off before the points end.")
        if high - low > 1.01 * VIEW * width:
            raise AssertionError(
                f"Along {name} the axes are {(high - low) / width:.3g} times as wide as the points; "
                f"at most {VIEW:g} times is asked for."
            )


def expect_unit_labels(drawn: FeaturePicture) -> None:
    """Expect a label on each axis, and not the same on both."""
    labels = [label.strip() for label in drawn.labels]
    for name, label in zip("xy", labels, strict=True):
        if not label:
            raise AssertionError(f"The {name} axis has no label.")
    if labels[0] == labels[1]:
        raise AssertionError(f"Both axes are labelled {labels[0][:60]!r}; say which unit is which.")


def expect_in_given_axes(drawn: FeaturePicture) -> None:
    """Expect points in the axes that the function was given, and nothing in other figures."""
    if not len(drawn.points[0]):
        raise AssertionError("No point was drawn into ax.")
    if drawn.elsewhere:
        raise AssertionError("Something was drawn into another figure; call methods of ax, not functions of plt.")

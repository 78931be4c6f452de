"""XOR folded: two units carry the four corners of a square to where a straight line separates the classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course import style
from course.computations.functions import FloatArray
from course.demos.framework.base import Demo
from course.demos.framework.controls import slider

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
CLASSES = np.array([0, 1, 1, 0])  # of the corners: XOR
LOW, HIGH = -0.25, 1.25  # ends of both axes of the plane; further out a half-folded unit would cut once more
LOOKS = ((style.BLUE, "o", "XOR is 0"), (style.VERMILLION, "^", "XOR is 1"))


def hidden(points: FloatArray, share: float) -> FloatArray:
    """Return what the two units make of points of the plane; both have the shape (n, 2).

    The pre-activations are x₁ + x₂ and x₁ + x₂ − 1. The units put out (1 − share)·z + share·ReLU(z).
    """
    z = points.sum(axis=1, keepdims=True) - [0.0, 1.0]
    return (1.0 - share) * z + share * np.maximum(0.0, z)


@dataclass(frozen=True)
class Cut:
    """The line between the classes in hidden space: the points h with normal · h = offset.

    `room` is the distance of the two classes across it, 0 if no line separates them. `normal` has length 1.
    """

    normal: FloatArray
    offset: float
    room: float


def cut(share: float) -> Cut:
    """Return the line half way between the images of the two classes, along the images of (0, 0) and (1, 1)."""
    first, middle, _, last = hidden(CORNERS, share)
    along = last - first
    normal = np.array([along[1], -along[0]]) / np.hypot(*along)
    room = float(normal @ (middle - first))
    return Cut(normal, float(normal @ first) + room / 2, room if room > 1e-12 else 0.0)


class FoldedPlane(Demo):
    """Let ReLU in little by little: the images of the corners leave their straight line, and a cut becomes possible."""

    title = "XOR in hidden space"
    size = (760, 340)
    stills: ClassVar = {"01_folded": {"share": 1.0}, "01_not_folded": {"share": 0.0}}

    def make_controls(self) -> dict[str, Any]:
        """Return how much of ReLU the units have."""
        return {"share": slider("ReLU, share s", 0.0, 0.0, 1.0, 0.05, width=420)}

    def build(self, figure: Figure) -> None:
        """Build the plane with its corners and the band of class 1; hidden space with their images and the cut."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.5))
        figure.subplots_adjust(left=0.06, right=0.985, top=0.82, bottom=0.14, wspace=0.2)
        style.style_axes(left, title="what comes in", xlabel="x₁", ylabel="x₂")
        style.style_axes(right, title="what the output layer sees", xlabel="h₁", ylabel="h₂")
        left.set(xlim=(LOW, HIGH), ylim=(LOW, HIGH), xticks=(0, 1), yticks=(0, 1), aspect="equal")
        right.set(xlim=(-1.0, 3.0), ylim=(-2.0, 2.0))
        lower, upper = [[LOW, 0.5 - LOW], [0.5 - LOW, LOW]], [[HIGH, 1.5 - HIGH], [1.5 - HIGH, HIGH]]
        band = [*lower, [HIGH, LOW], *upper, [LOW, HIGH]]  # from x₁ + x₂ = 0.5 to 1.5
        self.band = Polygon(band, facecolor=style.PALE, edgecolor="none", zorder=0)
        left.add_patch(self.band)
        left.set_autoscale_on(False)
        (self.plane,) = right.plot([], [], color=style.GREY, linestyle=style.DOTTED, label="the whole plane")
        (self.line,) = right.plot([], [], color=style.GREEN, linestyle=style.DASHED, label="cut")
        self.points = [_points(axes, number) for axes in (left, right) for number in (0, 1)]
        for axes_points, number in zip(self.points[:2], (0, 1), strict=True):
            axes_points.set_data(*CORNERS[number == CLASSES].T)
        figure.legend(
            handles=[*self.points[:2], self.plane, self.line], loc="upper right", ncols=4, frameon=False,
            handlelength=2.4,
        )  # fmt: skip
        self.canvas.animate([self.band, self.plane, self.line, *self.points[2:]])

    def update(self) -> None:
        """Move the images of plane and corners, and the cut between them if there is one."""
        share = float(self.value("share"))
        self.cut = cut(share)
        ends = np.array([[2 * LOW, 0.0], [0.0, 0.0], [1.0, 0.0], [2 * HIGH, 0.0]])  # only the sum counts
        self.plane.set_data(*hidden(ends, share).T)
        images = hidden(CORNERS, share)
        for line, number in zip(self.points[2:], (0, 1), strict=True):
            line.set_data(*images[number == CLASSES].T)
        along = np.array([-self.cut.normal[1], self.cut.normal[0]])
        far = self.cut.offset * self.cut.normal + np.outer([-5.0, 5.0], along)
        self.line.set_data(*far.T)
        for artist in (self.line, self.band):
            artist.set_visible(self.cut.room > 0)

    def describe(self) -> tuple[str, str]:
        """Return the image of each corner, and whether a line separates the classes."""
        share = float(self.value("share"))
        rows = [f"units: {1 - share:.2f} z + {share:.2f} ReLU(z), for z = x₁ + x₂ and z = x₁ + x₂ − 1"]
        told = []
        for corner, image, number in zip(CORNERS, hidden(CORNERS, share), CLASSES, strict=True):
            place = f"({image[0] + 0.0:.2f}, {image[1] + 0.0:.2f})"
            rows.append(f"corner ({corner[0]:.0f}, {corner[1]:.0f}), XOR {number}: hidden space {place}")
            told.append(f"({corner[0]:.0f}, {corner[1]:.0f}) at {place}")
        if self.cut.room > 0:
            rows.append(f"a straight line separates them; the classes are {self.cut.room:.3f} apart")
            fate = f"A green dashed line runs between the classes, which are {self.cut.room:.2f} apart"
            band = "a pale band from x₁ + x₂ = 0.5 to 1.5 is what the cut makes of the plane"
        else:
            rows.append("no straight line separates them: all four lie on one line, in the order 0, 1, 0")
            fate = "All lie on one straight line, the two of class 1 between those of class 0, so there is no cut"
            band = "there is no band"
        alt = (
            f"Left: the corners of the unit square, blue dots where XOR is 0 and vermillion triangles where it is 1; "
            f"{band}. Right: hidden space, h₂ against h₁, with the images of the corners: {', '.join(told)}. {fate}. A "
            f"grey dotted line is the image of the whole plane."
        )
        return "\n".join(rows), alt


def _points(axes: Axes, number: int) -> Any:
    """Return an empty set of points in the looks of a class."""
    colour, marker, label = LOOKS[number]
    (points,) = axes.plot(
        [], [], marker, color=colour, markersize=10, markeredgecolor="white", label=label, zorder=4, clip_on=False
    )
    return points

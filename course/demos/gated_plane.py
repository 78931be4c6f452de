"""One gated unit over the plane: the product of a linear value and an activated gate that looks another way.

The unit puts out (u·x) · g(v·x). Here u points along the first axis and has length 1; v is turned by an angle and has
a length. Shazeer, "GLU variants improve transformer" (2020), has the names.
"""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, evaluate
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, row, slider

VARIANTS = {"SwiGLU": "silu", "GEGLU": "gelu", "ReGLU": "relu", "GLU": "sigmoid", "bilinear": "identity"}
"""Name of the variant -> activation of its gate."""
FAR = 2.0  # ends of both axes
CELLS = 61
CORNERS = np.array([[1.0, 1.0], [-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]])
CLASSES = (0, 0, 1, 1)  # of the corners: XOR of the signs
BRIGHTEST = 2.0  # outputs of this size and more have the full colour
LOOKS = ((style.BLACK, "o", "signs equal"), (style.PURPLE, "^", "signs differ"))


def gated_unit(points: FloatArray, variant: str, angle: float, length: float) -> FloatArray:
    """Return what the unit puts out.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 2)
    variant : str
        A key of VARIANTS.
    angle : float
        Between u and v, degrees.
    length : float
        Of v.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    turned = np.deg2rad(angle)
    gate, _ = evaluate(VARIANTS[variant], points @ (length * np.array([np.cos(turned), np.sin(turned)])))
    return np.asarray(points[:, 0] * gate)


def separates(outputs: FloatArray) -> bool:
    """Tell whether a threshold on the unit's output at the corners tells the two classes apart."""
    first, second = (outputs[np.array(CLASSES) == number] for number in (0, 1))
    return bool(first.min() - second.max() > 1e-9 or second.min() - first.max() > 1e-9)


class GatedPlane(Demo):
    """Turn the gate against the value, and see what one unit can tell apart."""

    title = "One gated unit over the plane"
    size = (780, 350)
    stills: ClassVar = {"11_gated_plane": {}}

    def make_controls(self) -> dict[str, Any]:
        """Return the variant, and the direction and length of the gate's weights."""
        variants = [(f"{name}: {ACTIVATIONS[gate].label}", name) for name, gate in VARIANTS.items()]
        return {
            "variant": menu("variant", variants, width=220),
            "angle": slider("angle of the gate, °", 90.0, 0.0, 180.0, 5.0, width=330, shown=".0f"),
            "length": slider("length of the gate's weights", 1.0, 0.5, 6.0, 0.1, width=360, shown=".1f"),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put all in one row that wraps."""
        return row(self.controls.values())

    def build(self, figure: Figure) -> None:
        """Build the map of outputs with the corners and the gate's direction; beside it the output along both axes."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.35))
        figure.subplots_adjust(left=0.06, right=0.985, top=0.82, bottom=0.14, wspace=0.22)
        style.style_axes(left, title="output over the plane", xlabel="x₁", ylabel="x₂")
        style.style_axes(right, title="output along two diagonals", xlabel="t")
        colours = LinearSegmentedColormap.from_list("outputs", [style.SKY, "#FFFFFF", style.ORANGE])
        self.map = left.imshow(
            np.zeros((CELLS, CELLS)), cmap=colours, vmin=-BRIGHTEST, vmax=BRIGHTEST,
            extent=(-FAR, FAR, -FAR, FAR), origin="lower", interpolation="nearest",
        )  # fmt: skip
        left.grid(False)
        left.set(xlim=(-FAR, FAR), ylim=(-FAR, FAR), xticks=(-2, -1, 0, 1, 2), yticks=(-2, -1, 0, 1, 2))
        (self.direction,) = left.plot([], [], color=style.GREY, linestyle=style.DASHED, label="direction of the gate")
        corners = []
        for number, (colour, marker, label) in enumerate(LOOKS):
            points = CORNERS[np.array(CLASSES) == number]
            corners += left.plot(
                *points.T, marker, color=colour, markersize=9, markeredgecolor="white", label=label, zorder=4
            )
        right.set(xlim=(-FAR, FAR), ylim=(-4.2, 4.2), xticks=(-2, -1, 0, 1, 2))
        (self.equal,) = right.plot([], [], color=style.BLACK, label="x = (t, t)")
        (self.differ,) = right.plot([], [], color=style.PURPLE, linestyle=style.DASHED, label="x = (t, −t)")
        self.dots = [
            right.plot([], [], marker, color=colour, markersize=8, markeredgecolor="white", zorder=4)[0]
            for colour, marker, _ in LOOKS
        ]
        right.legend(loc="lower right", frameon=False, ncols=2, borderaxespad=0.1)
        figure.legend(
            handles=[*corners, self.direction], loc="upper left", ncols=3, frameon=False, handlelength=2.4,
            borderaxespad=0.2,
        )  # fmt: skip
        self.canvas.animate([self.map, self.direction, *corners, self.equal, self.differ, *self.dots])
        axis = np.linspace(-FAR, FAR, CELLS)
        self._plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        self._t = axis

    def update(self) -> None:
        """Compute the unit on the grid, along the diagonals and at the corners."""
        variant, angle, length = (self.value(name) for name in ("variant", "angle", "length"))
        self.map.set_data(gated_unit(self._plane, variant, angle, length).reshape(CELLS, CELLS))
        for line, sign in ((self.equal, 1.0), (self.differ, -1.0)):
            points = np.column_stack([self._t, sign * self._t])
            line.set_data(self._t, gated_unit(points, variant, angle, length))
        self.corners = gated_unit(CORNERS, variant, angle, length)
        for number, dots in enumerate(self.dots):
            chosen = np.array(CLASSES) == number
            dots.set_data(CORNERS[chosen, 0], self.corners[chosen])
        turned = np.deg2rad(angle)
        self.direction.set_data([0.0, length * np.cos(turned)], [0.0, length * np.sin(turned)])

    def describe(self) -> tuple[str, str]:
        """Return the output at the four corners, and whether a threshold tells them apart."""
        variant, angle, length = (self.value(name) for name in ("variant", "angle", "length"))
        label = ACTIVATIONS[VARIANTS[variant]].label
        rows = [f"{variant}: (u·x) · {label}(v·x), angle {angle:.0f}°, length of v {length:.1f}"]
        rows += [
            f"({corner[0]:+.0f}, {corner[1]:+.0f})  {LOOKS[number][2]:<13}{value + 0.0:>9.3f}"
            for corner, number, value in zip(CORNERS, CLASSES, self.corners, strict=True)
        ]
        told = "tells the two kinds of corners apart" if separates(self.corners) else "does not tell them apart"
        rows.append(f"a threshold on this one unit {told}")
        outputs = ", ".join(f"{value + 0.0:.2f}" for value in self.corners)
        alt = (
            f"Left: the output of one {variant} unit over the plane from −2 to 2, sky blue where it is negative, white "
            f"at 0, orange where it is positive; a grey dashed line from the centre shows the direction of the gate, "
            f"{angle:.0f}° from the first axis. Black dots at (1, 1) and (−1, −1), purple triangles at (−1, 1) and "
            f"(1, −1). Right: the output along x = (t, t), black and solid, and along x = (t, −t), purple and dashed, "
            f"for t from −2 to 2. At the four corners, in the order above, it is {outputs}. A threshold {told}."
        )
        return "\n".join(rows), alt

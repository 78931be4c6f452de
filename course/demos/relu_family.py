"""ReLU and its family: value and slope of ReLU, Leaky ReLU (PReLU) and ELU while their parameters move."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, grid
from course.demos.framework.base import Demo
from course.demos.framework.controls import slider

MEMBERS = ("relu", "leaky_relu", "elu")
LABELS = {"relu": "ReLU", "leaky_relu": "Leaky ReLU, PReLU", "elu": "ELU"}
REACH = 4.0  # the curves run from -REACH to REACH
STEEPEST = 2.0  # largest parameter of ELU


def member(name: str, x: FloatArray, parameter: float) -> tuple[FloatArray, FloatArray]:
    """Return value and slope of a member of the family at `x`, as torch computes them.

    Parameters
    ----------
    name : str
        One of `MEMBERS`.
    x : FloatArray
        Ndarray of float64, shape (n,).
    parameter : float
        The negative slope of Leaky ReLU (PReLU is the same function, its slope is trained), or ELU's α.
        ReLU has none and ignores it.

    Returns
    -------
    value, slope : ndarray of float64, shape (n,)
        At the kink, x = 0, the slope is torch's convention: the one from the left.
    """
    inputs = torch.tensor(x, requires_grad=True)
    if name == "relu":
        outputs = F.relu(inputs)
    elif name == "leaky_relu":
        outputs = F.leaky_relu(inputs, parameter)
    else:
        outputs = F.elu(inputs, parameter)
    (slopes,) = torch.autograd.grad(outputs.sum(), inputs)
    return outputs.detach().numpy(), slopes.numpy()


def left_slope(name: str, parameter: float) -> float:
    """Return the slope at 0 from the left. From the right it is 1, so there is no kink only if this is 1."""
    return 0.0 if name == "relu" else parameter


def mean_output(name: str, parameter: float) -> float:
    """Return the mean output for a standard normal input.

    The right half gives 1/√(2π). The left half gives -α/√(2π) for Leaky ReLU, and for ELU
    α (√e Φ(-1) - 1/2), by completing the square in the integral of eˣ φ(x).
    """
    right = 1.0 / math.sqrt(2.0 * math.pi)
    if name == "elu":
        tail = 0.5 * math.erfc(1.0 / math.sqrt(2.0))  # Φ(-1)
        return right + parameter * (math.sqrt(math.e) * tail - 0.5)
    return right * (1.0 - left_slope(name, parameter))


class ReluFamily(Demo):
    """Move the parameters: the left half of Leaky ReLU and of ELU follows, the right half never changes."""

    title = "The ReLU family"
    size = (800, 330)
    stills: ClassVar = {
        "03_family": {"leak": 0.1, "alpha": 1.0, "x": -1.5},
        "03_family_kink": {"leak": 0.25, "alpha": 2.0, "x": -1.0},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return both parameters and the position x."""
        return {
            "leak": slider("slope α of Leaky ReLU", 0.1, 0.0, 1.0, 0.01, width=370),
            "alpha": slider("α of ELU", 1.0, 0.0, STEEPEST, 0.01, width=370),
            "x": slider("x", -1.5, -REACH, REACH, 0.05, width=370),
        }

    def build(self, figure: Figure) -> None:
        """Build the functions on the left, their slopes on the right."""
        left, right = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.055, right=0.985, top=0.815, bottom=0.14, wspace=0.16)
        style.style_axes(left, title="function f(x)", xlabel="x")
        style.style_axes(right, title="slope f′(x)", xlabel="x")
        left.set(xlim=(-REACH, REACH), ylim=(-REACH - 0.3, REACH + 0.3))
        right.set(xlim=(-REACH, REACH), ylim=(-0.15, STEEPEST + 0.15))
        self.axes = {"value": left, "slope": right}
        self.curves = {panel: self._lines(panel) for panel in self.axes}
        self.points = {
            panel: self._lines(panel, linestyle="none", marker="o", markersize=8, markeredgecolor="white")
            for panel in self.axes
        }
        self.cursors = [axes.axvline(0.0, color=style.GREY, linewidth=1.2) for axes in (left, right)]
        figure.legend(
            list(self.curves["value"].values()), [LABELS[name] for name in MEMBERS], loc="upper right",
            ncols=len(MEMBERS), frameon=False, handlelength=2.8, borderaxespad=0.2,
        )  # fmt: skip
        groups = (*self.curves.values(), *self.points.values())
        self.canvas.animate([*self.cursors, *(line for group in groups for line in group.values())])
        self._x = grid(-REACH, REACH, (0.0,), points=161)

    def _lines(self, panel: str, **looks: Any) -> dict[str, Line2D]:
        """Return an empty line per member in the given panel."""
        lines = {}
        for name in MEMBERS:
            own = {"color": ACTIVATIONS[name].colour, "linestyle": ACTIVATIONS[name].dash}
            (lines[name],) = self.axes[panel].plot([], [], **(own | looks))
        return lines

    def update(self) -> None:
        """Draw every member with its parameter, and the points at x."""
        x = float(self.value("x"))
        self.parameters = {
            "relu": 0.0, "leaky_relu": float(self.value("leak")), "elu": float(self.value("alpha"))
        }  # fmt: skip
        self.traced = {}
        for name, parameter in self.parameters.items():
            value, slope = member(name, self._x, parameter)
            if left_slope(name, parameter) != 1.0:
                slope[self._x == 0.0] = np.nan  # the line breaks where the slope jumps
            self.curves["value"][name].set_data(self._x, value)
            self.curves["slope"][name].set_data(self._x, slope)
            at_x = [float(a[0]) for a in member(name, np.array([x]), parameter)]
            self.traced[name] = at_x
            for panel, y in zip(self.axes, at_x, strict=True):
                self.points[panel][name].set_data([x], [y])
        for cursor in self.cursors:
            cursor.set_xdata([x, x])

    def describe(self) -> tuple[str, str]:
        """Return a row per member, then the picture in words."""
        x = float(self.value("x"))
        rows = [f"{f'x = {x:.4g}':<28}{'f(x)':>9}{'f′(x)':>9}{'slope left of 0':>18}{'mean output, x ~ N(0, 1)':>27}"]
        words = []
        for name, (value, slope) in self.traced.items():
            parameter = self.parameters[name]
            label = LABELS[name] + ("" if name == "relu" else f", α = {parameter:.2f}")
            left = left_slope(name, parameter)
            rows.append(f"{label:<28}{value:>9.4f}{slope:>9.4f}{left:>18.2f}{mean_output(name, parameter):>27.4f}")
            kink = "no kink at 0" if left == 1.0 else f"a kink at 0, where the slope jumps from {left:.2f} to 1"
            words.append(f"{label} ({ACTIVATIONS[name].looks}) has {kink}")
        alt = (
            f"Two panels over x from −4 to 4: left the functions, right their slopes. All three are x for x > 0, with "
            f"slope 1, and differ for x < 0: ReLU is 0, Leaky ReLU a straight line, ELU a curve that levels off at "
            f"−{self.parameters['elu']:.2f}. {'; '.join(words)}. A vertical line marks x = {x:.4g}."
        )
        return "\n".join(rows), alt

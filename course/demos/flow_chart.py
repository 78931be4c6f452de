"""The flow chart from a place in a network to its activation: three answers, one path, and the code for it."""

from __future__ import annotations

import textwrap
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course import style
from course.computations.functions import FloatArray
from course.computations.recommendations import (
    DEAD_LIMIT,
    QUESTIONS,
    ROLES,
    TABLE,
    Recommendation,
    recommend,
    situations,
)
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, row, slider

LABELS = {"hidden": "network", "output": "prediction", "gate": "gate for"}
# The chart is drawn in units of one row, 100 units wide. Boxes by column: left and right edge.
ROOT, QUESTION, ANSWER, RESULT = (0.0, 13.0), (18.0, 40.0), (46.0, 73.0), (78.0, 99.5)
RELU, LEAKY = (78.0, 85.0), (89.0, 99.5)  # these two share a row
HALF, TALL = 0.4, 0.85  # of the height of a box with one line, with two
GAP = 0.7  # between the rows of two roles
GAUGE, GAUGE_HEIGHT = (1.5, 36.0), -0.65  # of the dead units: 0 % at the left, 100 % at the right


def _rows() -> dict[tuple[str, str], float]:
    """Return the height of each path's row, the first one on top at 0, downwards."""
    rows, height, last = {}, 0.0, "hidden"
    for role, situation in TABLE:
        height -= GAP if role != last else 0.0
        rows[role, situation], last = height, role
        height -= 1.0
    return rows


ROWS = _rows()
MIDDLES = {role: float(np.mean([ROWS[role, answer] for answer in situations(role)])) for role in ROLES}


def boxes(path: Recommendation) -> list[FloatArray]:
    """Return the corners of the four boxes of `path`, from the root to its result: shape (4, 2) each."""
    row = ROWS[path.role, path.situation]
    result = {"ReLU": RELU, "Leaky ReLU": LEAKY}.get(path.activation, RESULT)
    return [
        _corners(ROOT, MIDDLES["output"], TALL),
        _corners(QUESTION, MIDDLES[path.role], TALL),
        _corners(ANSWER, row, HALF),
        _corners(result, row, HALF),
    ]


def route(path: Recommendation) -> FloatArray:
    """Return the corners of the line that joins the boxes of `path`, NaN where it breaks: shape (n, 2)."""
    row, middle = ROWS[path.role, path.situation], MIDDLES[path.role]
    bends = [(ROOT[1], QUESTION[0], MIDDLES["output"], middle), (QUESTION[1], ANSWER[0], middle, row)]
    corners = []
    for left, right, start, end in bends:
        half = (left + right) / 2
        corners += [(left, start), (half, start), (half, end), (right, end), (np.nan, np.nan)]
    corners += [(ANSWER[1], row), (RESULT[0], row)]
    if path.activation == "Leaky ReLU":
        corners += [(np.nan, np.nan), (RELU[1], row), (LEAKY[0], row)]
    return np.array(corners)


def _corners(edges: tuple[float, float], height: float, half: float) -> FloatArray:
    left, right = edges
    return np.array([[left, height - half], [right, height - half], [right, height + half], [left, height + half]])


class FlowChart(Demo):
    """Answer three questions; the chart shows the path, and the readout has the reason and the code."""

    title = "Which activation? A flow chart that ends in code"
    shows_code = True
    size = (800, 490)
    stills: ClassVar = {
        "07a_flow_chart": {},
        "07a_flow_chart_output": {"role": "output", "output": "one of many classes"},
        "07a_flow_chart_dead": {"role": "hidden", "hidden": "convolutional", "dead": 35.0},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return which role the code is for, an answer for each role, and the share of dead units."""
        answers = {role: menu(LABELS[role], situations(role), width=250) for role in ROLES}
        return {
            "role": menu("show the path of the", [(label, role) for role, label in ROLES.items()], width=270),
            **answers,
            "dead": slider("hidden units counted dead, %", 2.0, 0.0, 100.0, 1.0, width=420, shown=".0f"),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put the role and the slider in one row, the three answers in the next."""
        first = row([self.controls["role"], self.controls["dead"]])
        return widgets.VBox([first, row(self.controls[role] for role in ROLES)])

    def build(self, figure: Figure) -> None:
        """Build every box and line of the chart once, pale; over them what moves: the paths, frames and the gauge."""
        axes = figure.add_axes((0.005, 0.01, 0.99, 0.98))
        axes.set(xlim=(-0.5, 100), ylim=(min(ROWS.values()) - 0.6, 0.75))
        axes.axis("off")
        _draw_boxes(axes)
        for role, situation in TABLE:
            pale = route(recommend(role, situation, dead=100.0))
            axes.plot(*pale.T, color=style.PALE, linewidth=1.2, zorder=1)
        _draw_gauge(axes)
        self.others = [
            axes.plot([], [], color=style.GREY, linewidth=1.2, linestyle=style.DOTTED)[0] for _ in range(len(ROLES) - 1)
        ]
        (self.taken,) = axes.plot([], [], color=style.BLUE, linewidth=3.2, solid_joinstyle="round")
        self.frames = [
            Polygon(corners, fill=False, edgecolor=style.BLUE, linewidth=2.4)
            for corners in boxes(next(iter(TABLE.values())))
        ]
        for frame in self.frames:
            axes.add_patch(frame)
        (self.marker,) = axes.plot([], [], marker="v", markersize=9, color=style.VERMILLION, linestyle="none")
        self.canvas.animate([*self.others, self.taken, *self.frames, self.marker])

    def update(self) -> None:
        """Look the three paths up; the role's own is drawn strong, the other two dotted."""
        role, self.dead = self.value("role"), float(self.value("dead"))
        self.paths = {name: recommend(name, self.value(name), self.dead) for name in ROLES}
        self.path = self.paths[role]
        self.taken.set_data(*route(self.path).T)
        for line, path in zip(self.others, (p for name, p in self.paths.items() if name != role), strict=True):
            line.set_data(*route(path).T)
        for frame, corners in zip(self.frames, boxes(self.path), strict=True):
            frame.set_xy(corners)
        self.marker.set_data([_on_gauge(self.dead)], [GAUGE_HEIGHT + 0.38])

    @property
    def code(self) -> str:
        """The snippet at the end of the path."""
        return self.path.code

    def describe(self) -> tuple[str, str]:
        """Return the path with its reason and code; the other two roles in a line each."""
        rows = [f"{ROLES[self.path.role]}, {self.path.situation}: {self.path.activation}"]
        rows += textwrap.wrap(f"Why: {self.path.reason}", 96)
        rows.append(f"hidden units counted dead: {self.dead:.0f} % (Leaky ReLU above {DEAD_LIMIT:.0f} %)")
        others = [path for path in self.paths.values() if path is not self.path]
        rows += [f"your {ROLES[path.role]}, {path.situation}: {path.activation}" for path in others]
        rows += ["", self.path.code.rstrip()]
        answers = "; ".join(
            f"{ROLES[role]}: "
            + ", ".join(f"{answer} → {TABLE[role, answer].activation}" for answer in situations(role))
            for role in ROLES
        )
        dotted = " and ".join(f"{path.situation} → {path.activation}" for path in others)
        alt = (
            f"A flow chart from left to right: the role, the question for this role, its answers, the activation. "
            f"{answers}. A thick blue line and blue frames mark the path {ROLES[self.path.role]}, "
            f"“{QUESTIONS[self.path.role]}”, {self.path.situation} → {self.path.activation}. Dotted lines mark "
            f"{dotted}. A gauge at the top left stands at {self.dead:.0f} % dead units; above {DEAD_LIMIT:.0f} % ReLU "
            f"gives way to Leaky ReLU."
        )
        return "\n".join(rows), alt


def _draw_boxes(axes: Axes) -> None:
    """Draw the boxes with their words: the root, a question for each role, a row for each path."""
    drawn: dict[tuple[str, tuple[float, ...]], FloatArray] = {}
    for role, situation in TABLE:
        for path in {recommend(role, situation), recommend(role, situation, dead=100.0)}:
            question = f"{ROLES[role]}:\n{QUESTIONS[role]}"
            words = ("Where does\nit stand?", question, situation, path.activation)
            drawn |= {(text, tuple(corners.flat)): corners for text, corners in zip(words, boxes(path), strict=True)}
    for (text, _), corners in drawn.items():
        axes.add_patch(Polygon(corners, facecolor="white", edgecolor=style.GREY, linewidth=0.8, zorder=2))
        x, y = corners.mean(axis=0)
        # Single lines are centred by what stands on the baseline, or words with a descender would stand higher.
        va = "center" if "\n" in text else "center_baseline"
        axes.text(x, y, text, ha="center", va=va, fontsize=9, zorder=3, linespacing=1.1)


def _draw_gauge(axes: Axes) -> None:
    """Draw a line from 0 to 100 percent of dead units, with a mark at the limit."""
    axes.plot(GAUGE, [GAUGE_HEIGHT] * 2, color=style.GREY, linewidth=1.2)
    for percent in (0.0, DEAD_LIMIT, 50.0, 100.0):
        x = _on_gauge(percent)
        axes.plot([x, x], [GAUGE_HEIGHT - 0.15, GAUGE_HEIGHT + 0.15], color=style.GREY, linewidth=1.2)
        axes.text(x, GAUGE_HEIGHT - 0.25, f"{percent:.0f}", ha="center", va="top", fontsize=8.5)
    axes.text(GAUGE[0] - 1.0, GAUGE_HEIGHT + 1.0, "hidden units counted dead, %", va="center", fontsize=9)


def _on_gauge(percent: float) -> float:
    return GAUGE[0] + (GAUGE[1] - GAUGE[0]) * percent / 100.0

"""Gates over time: the memory cell of an LSTM keeps, forgets and takes in, by the openings of two gates.

One cell of Hochreiter and Schmidhuber's LSTM with the forget gate of Gers, Schmidhuber and Cummins (2000):
memory = f · memory before + i · candidate. In a network the gates' pre-activations come from weights, at each step
anew; here they are held still at what the sliders say.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray, evaluate
from course.demos.framework.base import Demo
from course.demos.framework.controls import menu, row, slider

STEPS = 60
GATES = ("sigmoid", "hard_sigmoid", "relu")
Z = np.linspace(-8.0, 8.0, 321)
TALLEST = 2.0  # the picture of the memory ends here; the readout does not
PULSES = {5: 1.0, 25: -0.6, 40: 0.8}


def candidates() -> FloatArray:
    """Return what is offered to the memory at each step: three pulses and a little noise, within ±1; shape (STEPS,)."""
    offered = 0.05 * np.sin(2.4 * np.arange(STEPS) ** 1.3)  # looks like noise and is the same everywhere
    offered[list(PULSES)] = list(PULSES.values())
    return offered


def memory(forget: float, take: float, offered: FloatArray) -> FloatArray:
    """Return the cell's state after each step, from 0 on.

    Forget · state before + take · offered; the shape of `offered`.
    """
    states, state = [], 0.0
    for value in offered:
        state = forget * state + take * value
        states.append(state)
    return np.array(states)


class MemoryGate(Demo):
    """Open and shut the two gates of a memory cell and watch what it remembers."""

    title = "Gates of a memory cell"
    size = (800, 300)
    stills: ClassVar = {
        "07a_memory_open": {"forget": 5.0},
        "07a_memory_leaks": {"forget": 1.0},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return the gates' function and the pre-activations of both."""
        sliders = {
            name: slider(label, start, -8.0, 8.0, 0.1, width=360)
            for name, label, start in (("forget", "forget gate, z", 1.0), ("take", "input gate, z", 0.5))
        }
        return {
            "gate": menu("gates made of", [(ACTIVATIONS[name].label, name) for name in GATES], width=240),
            **sliders,
        }

    def layout_controls(self) -> widgets.Widget:
        """Return the function in one row, the two sliders in the next."""
        sliders = row([self.controls["forget"], self.controls["take"]])
        return widgets.VBox([self.controls["gate"], sliders])

    def build(self, figure: Figure) -> None:
        """Build the gates' function with a point for each gate, and candidate and memory over time."""
        left, right = figure.subplots(1, 2, width_ratios=(2, 5))
        figure.subplots_adjust(left=0.055, right=0.985, top=0.9, bottom=0.155, wspace=0.15)
        style.style_axes(left, title="gate f(z)", xlabel="pre-activation z")
        left.set(xlim=(-8.7, 8.7), ylim=(-0.1, 1.6), xticks=(-8, -4, 0, 4, 8))
        style.style_axes(right, title="offered and remembered", xlabel="step")
        right.set(xlim=(-1, STEPS + 0.5), ylim=(-TALLEST / 2, TALLEST))
        self.offered = candidates()
        steps = np.arange(STEPS)
        right.vlines(steps, 0, self.offered, color=style.GREY, linewidth=2.4, label="candidate")
        (self.state,) = right.plot(steps, self.offered, color=style.BLUE, label="memory")
        right.legend(loc="upper left", ncols=2, frameon=False, borderaxespad=0.1)
        (self.curve,) = left.plot([], [], color=style.BLACK)
        looks: dict[str, Any] = {"linestyle": "none", "markersize": 9, "markeredgecolor": "white"}
        (self.forget,) = left.plot([], [], marker="o", color=style.BLUE, label="forget", **looks)
        (self.take,) = left.plot([], [], marker="s", color=style.ORANGE, label="input", **looks)
        left.legend(loc="upper left", frameon=False, handletextpad=0.1, borderaxespad=0.1)
        self.canvas.animate([self.curve, self.state, self.forget, self.take])

    def update(self) -> None:
        """Draw two openings, then the memory step by step."""
        gate = self.value("gate")
        z = np.array([self.value("forget"), self.value("take")], dtype=float)
        self.openings, self.slopes = evaluate(gate, z)
        self.states = memory(float(self.openings[0]), float(self.openings[1]), self.offered)
        self.curve.set_data(Z, evaluate(gate, Z)[0])
        self.forget.set_data(z[:1], self.openings[:1])
        self.take.set_data(z[1:], self.openings[1:])
        self.state.set_ydata(np.clip(self.states, -1e3, 1e3))  # far outside of the picture, yet a number to draw

    def describe(self) -> tuple[str, str]:
        """Return openings and slopes of both gates, how long the memory lasts, and its last value."""
        label = ACTIVATIONS[self.value("gate")].label
        z = (self.value("forget"), self.value("take"))
        rows = [f"{'gates made of ' + label:<32}{'z':>8}{'opening':>10}{'slope':>10}"]
        for name, at, opening, slope in zip(("forget gate", "input gate"), z, self.openings, self.slopes, strict=True):
            rows.append(f"{name:<32}{at:>8.1f}{opening:>10.4f}{slope:>10.4f}")
        forget = float(self.openings[0])
        rows.append(f"of the memory {50} steps ago there is left: {forget**50:.3g} times   ({half_life(forget)})")
        rows.append(f"memory after step {STEPS - 1}: {self.states[-1]:.4g}")
        outside = " It leaves the picture." if np.abs(self.states).max() > TALLEST else ""
        alt = (
            f"Left, the gates' function, {label}, against the pre-activation from −8 to 8, with a round blue point at "
            f"z = {z[0]:.1f} for the forget gate, open to {self.openings[0]:.2f}, and a square orange one at "
            f"z = {z[1]:.1f} for the input gate, open to {self.openings[1]:.2f}. Right, over {STEPS} steps, grey bars "
            f"for what is offered: 1 at step 5, −0.6 at step 25, 0.8 at step 40, and next to nothing elsewhere; and a "
            f"blue line for the memory. Its largest size is {np.abs(self.states).max():.3g}, its last value "
            f"{self.states[-1]:.3g}.{outside}"
        )
        return "\n".join(rows), alt


def half_life(forget: float) -> str:
    """Say after how many steps the factor `forget`, 0 or more, leaves one half."""
    if forget <= 0.0:
        return "forgotten at once"
    if forget > 1.0:
        return "it grows at each step"
    if forget == 1.0:
        return "kept for ever"
    steps = math.log(0.5) / math.log(forget)
    return f"one half after {steps:.0f} steps" if steps > 10 else f"one half after {steps:.1f} steps"

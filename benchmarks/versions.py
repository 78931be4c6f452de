"""The versions of a demo that the benchmark compares, as a kernel shows them.

`show_ours` is the demo as a lesson has it, and `show_asked_only` the same without drawing ahead. `show_interact` has
the same slider and the same artists in a plain `ipywidgets.interact`: each move makes a new figure, draws all of it,
and shows it as an inline picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import ipywidgets as widgets
import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib_inline.config import InlineBackend

from course import style
from course.demos import all_demos
from course.demos.framework.base import Demo
from course.demos.framework.canvas import DPI
from course.demos.framework.kept import Kept
from course.demos.framework.state import SLIDERS


def first_slider(controls: Mapping[str, Any]) -> str:
    """Return the name of the first control that is a slider; LookupError if there is none."""
    for name, control in controls.items():
        if isinstance(control, SLIDERS):
            return name
    raise LookupError("no control is a slider")


class Redrawn(Demo):
    """Mixed into a demo: the picture can be drawn anew, as often as wanted, without making new controls."""

    def build(self, figure: Figure) -> None:
        """Note what there is before the first artist, then make the artists."""
        self._before = {name: value for name, value in vars(self).items() if name != "_before"}
        super().build(figure)  # type: ignore[safe-super]  # not abstract in the demo that this is mixed into

    def redraw(self, name: str, value: float) -> Figure:
        """Draw all of the picture in a new figure of pyplot, with this value of the named control."""
        vars(self).update(self._before)  # nothing has been drawn or computed yet
        width, height = self.size
        with style.settings():
            figure = plt.figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
            self.canvas = cast(Any, _StillCanvas(figure))
            self.build(figure)
            self.controls[name].value = value
            self.update()
            if self.controls[name].value != value:  # the first update of a demo may choose where to begin
                self.controls[name].value = value
                self.update()
        return figure


class _StillCanvas:
    """Stands where a demo has its live canvas, and does nothing: a picture drawn once has no moving parts."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def animate(self, artists: Sequence[Artist]) -> None:
        """Draw these like all others."""

    def invalidate(self) -> None:
        """Everything is drawn anyway."""


def redrawn(kind: type[Demo]) -> Redrawn:
    """Return a demo of this kind that can be redrawn. It does not follow its controls, and no page knows of these."""
    demo: Redrawn = type(kind.__name__, (Redrawn, kind), {})()
    demo._listening = False
    for control in demo.controls.values():
        control.close()
    return demo


def show_ours(name: str) -> Demo:
    """Return the demo of the module with this name."""
    return all_demos()[name]()


def show_asked_only(name: str) -> Demo:
    """Return the same demo, but nothing is drawn ahead."""
    demo = show_ours(name)
    cast(Any, demo).foreseeable = dict
    demo.canvas.widget.kept = Kept(most=0)  # nor does the page keep what it has shown
    return demo


def show_interact(name: str) -> None:
    """Display a plain `interact` with the demo's picture and a slider like its first one."""
    # The inline backend would draw a second time to find out how much of the margin to cut off.
    InlineBackend.instance().print_figure_kwargs = cast(Any, {"bbox_inches": None})
    demo = redrawn(all_demos()[name])
    slider = first_slider(demo.controls)

    def picture(value: float) -> None:
        demo.redraw(slider, value)
        plt.show()

    traits = ("value", "min", "max", "step", "description", "style", "layout")
    of_demo = demo.controls[slider]
    widgets.interact(picture, value=type(of_demo)(**{trait: getattr(of_demo, trait) for trait in traits}))

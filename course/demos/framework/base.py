"""Base class of the demos: controls, one live figure, a readout, a caption and an error line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, ClassVar

import ipywidgets as widgets
from matplotlib.figure import Figure

from course import style
from course.demos.framework.canvas import LiveCanvas
from course.demos.framework.controls import line_up, row
from course.demos.framework.look_ahead import LookAhead, plan_ahead
from course.demos.framework.rest import Rest
from course.demos.framework.state import SLIDERS, State, state_of
from course.widgets.markup import WIDE, alert, bundle, inline, typeset


class BadInputError(ValueError):
    """A control holds something the demo cannot show. The message is one line for the student."""


class Demo(ABC):
    """A widget demo. Display it as the last line of a cell.

    Between two changes it draws ahead what its sliders would show, the next steps first, so that the page can show them
    in the frame after a key press or while a slider is dragged, before the kernel has heard of it. What the page has is
    not drawn while a slider moves: the words follow each value, the kernel's own picture comes once the slider rests.

    A subclass computes with plain functions of its module and implements four methods:

    - `make_controls` returns the widgets by name, each with a `description`;
    - `build` makes all artists once and hands those that move to `self.canvas.animate`;
    - `update` reads the controls with `value`, computes, then sets the artists' data. It raises `BadInputError`
      before it touches an artist, so that the picture always belongs to the last good input;
    - `describe` returns the readout and the alt text of the present state.

    Attributes
    ----------
    controls : dict of str to widget
        What a student can move. Setting `.value` is the same as moving it.
    readout, alt_text, error : str
        The numbers, the picture in words, and what is wrong with the input ("" if nothing is).
    """

    title: ClassVar[str]
    size: ClassVar[tuple[int, int]] = (760, 400)
    stills: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Still pictures for readers without a kernel: file name without ending -> values of controls.

    Those in the Markdown cell just before the demo's cell are folded away while the demo is live.
    """

    shows_code: ClassVar[bool] = False
    """Whether the readout is code too, which stays as it is; else its numbers are typeset."""

    def __init__(self) -> None:
        self.readout = self.alt_text = self.error = ""
        self._assumed: dict[str, Any] = {}  # values that controls would have, while a step is drawn ahead
        self._in_use, self._direction = "", 1.0  # the slider that was moved last, and which way it went
        self._ranks: dict[Any, float] = {}  # of pictures drawn ahead, by the key of their state
        self.controls = self.make_controls()
        line_up([control for control in self.controls.values() if isinstance(control, SLIDERS)])
        label = f"{self.title}. The picture in words follows."
        self.canvas = LiveCanvas(*self.size, label=label, stills=list(self.stills))
        self._lock = self.canvas.lock
        self.canvas.state = self._state
        page = self.canvas.widget
        self.ahead = LookAhead(self._draw_ahead, lambda: page.clear)
        self._rest = Rest(self._settle)
        page.on_near, page.on_got = self._look_ahead, self.ahead.go_on
        page.on_seen = lambda: self._look_ahead(first=False)
        self.words = widgets.HTML(layout=WIDE)
        with style.settings():
            self.build(self.canvas.figure)
            self._show()
        self._listening = True
        for control in self.controls.values():
            control.observe(self._on_change, "value")
        body = widgets.Box([self.canvas.widget, self.words])
        body.add_class("demo-body")
        self.widget = widgets.VBox([self.layout_controls(), body])
        self.widget.add_class("demo")

    @abstractmethod
    def make_controls(self) -> dict[str, Any]:
        """Return the widgets a student moves, by name."""

    @abstractmethod
    def build(self, figure: Figure) -> None:
        """Make every artist once."""

    @abstractmethod
    def update(self) -> None:
        """Read the controls, compute, set the artists' data."""

    @abstractmethod
    def describe(self) -> tuple[str, str]:
        """Return readout (lines of plain text) and alt text (sentences) of the present state."""

    def layout_controls(self) -> widgets.Widget:
        """Put the controls above the figure."""
        return row(self.controls.values())

    def value(self, name: str) -> Any:
        """Return the value of a control; while a step is drawn ahead, the one that it would have."""
        return self._assumed[name] if name in self._assumed else self.controls[name].value

    def foreseeable(self) -> dict[str, Any]:
        """Return the sliders that can be drawn ahead, by name: those on which `update` may be tried out.

        Trying out means that the artists and attributes are as before once `update` has been called again. So while
        only these sliders change, what has been drawn ahead remains true; any other change makes it void.
        """
        return {name: control for name, control in self.controls.items() if isinstance(control, SLIDERS)}

    def set(self, **values: Any) -> None:
        """Set several controls at once, by name, as one change."""
        with self._lock:
            self._listening = False
            try:
                for name, value in values.items():
                    self.controls[name].value = value
            finally:
                self._listening = True
            self._on_change(None)

    def png(self, dpi: int = 100) -> bytes:
        """Return the picture of the present state."""
        return self.canvas.png(dpi)

    def _on_change(self, change: Any) -> None:
        with self._lock:
            if not self._listening:
                return
            self.ahead.stop()
            self._rest.stop()
            if not self._follow(change):
                self.canvas.widget.forget()
            self._listening = False  # `update` may move limits of controls, which changes values
            try:
                with style.settings():
                    self._show()
            finally:
                self._listening = True
            self._look_ahead()

    def _follow(self, change: Any) -> bool:
        """Note which slider has been moved; return whether what was drawn ahead remains true."""
        moved = next((name for name, slider in self.foreseeable().items() if change and slider is change["owner"]), "")
        if moved:
            self._in_use, self._direction = moved, change["new"] - change["old"]
        return bool(moved)

    def _state(self) -> State:
        return state_of(self.controls.values())

    def _look_ahead(self, *, first: bool = True) -> None:
        page = self.canvas.widget
        if page.asked and page.seen and not self.error:
            self.ahead.start(self._steps(), first=first)
        else:
            self.ahead.stop()

    def _steps(self) -> Iterator[tuple[str, float]]:
        """Yield what the page does not keep yet of what is to be drawn ahead, the most useful first."""
        with self._lock:
            plan = plan_ahead(self.foreseeable(), self._in_use, self._direction)
            state = self._state()
            keys = [state.after(self.controls[name], value).key for name, value in plan]
        self._ranks = {key: rank for rank, key in enumerate(keys)}
        for step, key in zip(plan, keys, strict=True):
            if key not in self.canvas.widget.kept:
                yield step

    def _draw_ahead(self, name: str, value: float) -> bool:
        """Draw a step and send it; return whether there is room for more."""

        def move() -> None:
            self._assumed = {name: value}
            self.update()

        def back() -> None:
            self._assumed = {}
            self.update()

        with self._lock:
            self._listening = False
            try:
                if name not in self.foreseeable():  # another thread has begun a training
                    return False
                state = self._state().after(self.controls[name], value)
                with style.settings():
                    picture = self.canvas.draw_ahead(move, back)
            except BadInputError:  # at that value; the page will say so when it is chosen
                return True
            finally:
                self._listening = True
            if picture is None:
                return True
            return self.canvas.widget.keep(picture, state, lambda key: self._ranks.get(key, inf))

    def _show(self) -> None:
        try:
            self.update()
        except BadInputError as problem:
            self.error = typeset(str(problem))
            self.canvas.widget.stay(self._state())
        else:
            self.error = ""
            if not (self.canvas.widget.recall(self._state()) and self._rest.start()):
                self.canvas.refresh()  # before the words: it is what the hand on the slider waits for
            readout, alt_text = self.describe()
            self.readout = readout if self.shows_code else typeset(readout)
            self.alt_text = typeset(alt_text)
        self.words.value = _words(self.error, self.readout, self.alt_text)

    def _settle(self) -> None:
        """Draw what the page has shown by itself, unless another control has been moved that waits for its turn."""
        with self._lock:
            recalled = self.canvas.widget.recalled
            if recalled is not None and recalled.key == self._state().key:
                with style.settings():
                    self.canvas.refresh()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget, and for readers without a kernel a still picture and the same facts as text."""
        data = bundle(self.widget, f"{self.title}\n\n{self.readout}\n\n{self.alt_text}")
        data["image/png"] = b64encode(self.png()).decode("ascii")
        return data, {"image/png": {"alt": self.alt_text}}


def _words(error: str, readout: str, alt_text: str) -> str:
    """Return the text under the figure as HTML: error line, readout, caption."""
    small = "font-size:13px;line-height:1.4;margin:4px 0"
    lines = "\n".join(_sentence(line) if line.endswith(".") else inline(line) for line in readout.splitlines())
    rows = f"{small};white-space:pre;word-break:normal;overflow-x:auto"  # numbers are scrolled, never broken
    return (
        (alert(error) if error else "")
        + f'<pre role="status" class="demo-readout" tabindex="0" style="{rows}">{lines}</pre>'
        + f'<p class="demo-alt" style="{small};max-width:760px"><b>Picture in words.</b> {inline(alt_text)}</p>'
    )


def _sentence(line: str) -> str:
    """Return a line of a readout that may be broken between words, unlike one with numbers in columns."""
    return f'<span style="white-space:pre-wrap">{inline(line)}</span>'

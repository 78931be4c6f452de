"""A live Matplotlib figure that redraws what moved, and the widget that shows its pixels in the page."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave
from numpy.typing import NDArray

from course.demos.framework.kept import Kept, Picture
from course.demos.framework.state import State, state_of
from course.demos.framework.wire import pack

DPI = 100
SHARPEST = 4.0  # device pixels per CSS pixel; more are not drawn
UNDER_WAY = 16
"""Pictures sent ahead that the page has not confirmed; it confirms eight at a time."""


def _joined(*names: str) -> str:
    """Return what stands in these files of this folder, as one module or style sheet of the page."""
    return "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)


class PixelCanvas(anywidget.AnyWidget):
    """A canvas in the page that shows pixels of the kernel.

    ipympl sends a PNG, which the browser has to load as an image before it can draw it: 20 ms of the time between a
    key press and new pixels. Here pictures travel as runs of pixels over the part that stands still. The page keeps
    them, each with the state of the controls that it shows, and shows those of states to come by itself.
    `pixel_canvas.js` is the page's side.

    Until the page has asked for a picture, nothing is sent. It asks once it has made its side of the widget, and
    again when it is zoomed.

    Attributes
    ----------
    label : str
        What screen readers call the canvas.
    css_width : int
        Its width in CSS pixels; the height follows from the picture.
    stills : list of str
        File names without ending of the pictures that stand for it where no kernel runs. `still.js` folds them away.
    asked : bool
        Whether a page has asked for pictures.
    seen : bool
        Whether the widget is in sight in a page.
    kept : Kept
        What the page keeps.
    recalled : State or None
        The state of which the page shows a picture by itself, if the kernel has not said so yet.
    on_ask : callable
        Called with the number of device pixels in a CSS pixel when a page asks. It must call `show`.
    on_near : callable
        Called when the pointer or the keyboard focus comes near the widget whose CSS class is `demo`.
    on_seen : callable
        Called when the widget comes into sight or goes out of it, and when a page has asked.
    on_got : callable
        Called when the page has got what was sent ahead.
    """

    _esm = _joined("still.js", "pixel_canvas.js")
    _css = _joined("pixel_canvas.css", "still.css")
    label = traitlets.Unicode().tag(sync=True)
    css_width = traitlets.Int().tag(sync=True)
    stills = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_ask: Callable[[float], None] = lambda _: None
        self.on_near: Callable[[], None] = lambda: None
        self.on_seen: Callable[[], None] = lambda: None
        self.on_got: Callable[[], None] = lambda: None
        self.asked = self.seen = False
        self.kept = Kept()
        self._still: NDArray[np.uint32] | None = None  # as the page has it
        self._now: Picture | None = None  # what the page was to show last, whether the kernel has said so or not
        self.recalled: State | None = None
        self._rank: Callable[[Any], float] = lambda _: 0.0
        self._numbers = count(1)
        self._under_way = 0
        self.on_msg(self._hear)

    @property
    def clear(self) -> bool:
        """Whether the page has got most of what was sent ahead: on a slow network its answers go first."""
        return self._under_way < UNDER_WAY

    def show(self, pixels: NDArray[np.uint32], still: NDArray[np.uint32], state: State) -> None:
        """Have the page show a picture.

        If the page keeps another picture of exactly this state, something else has changed than the controls, and all
        that it keeps is void.

        Parameters
        ----------
        pixels : array, shape (height, width), dtype uint32
            Opaque RGBA, four bytes each.
        still : array, same shape and dtype
            The part of the picture that does not move. It must not be changed afterwards.
        state : State
            Of the controls.
        """
        if not self.asked:
            return
        self.recalled = None
        if still is not self._still:
            if self._still is None or not np.array_equal(still, self._still):
                self.kept.clear()
                everything = np.ones(still.shape, dtype=np.bool_)
                self.send({"still": still.shape[::-1]}, buffers=[pack(still, everything)])
            self._still = still
        packed = pack(pixels, pixels != still)
        held = self.kept.get(state.key)
        if held is not None and held.digest != hash(packed):
            if held.values == state.values:
                self.forget()
            held = None
        if held is None:
            self._now = self._picture(packed, state)
            dropped = self.kept.put(state.key, self._now, self._rank, must=True)
            self._tell({"now": self._now.number}, state, dropped, packed)
        else:
            self._now = held
            self._tell({"now": held.number}, state)

    def keep(self, pixels: NDArray[np.uint32], state: State, rank: Callable[[Any], float]) -> bool:
        """Send a picture that the page is to show as soon as its controls have that state.

        Parameters
        ----------
        pixels : array
            Like those of `show`, over the same still part.
        state : State
            Of the controls.
        rank : callable
            How useless a picture is, by the key of its state: the page drops the highest.

        Returns
        -------
        bool
            False if there is no more room for a picture as useful as this one.
        """
        if self._still is None or self._still.shape != pixels.shape:
            return False
        now, self._rank = self._now, rank
        packed = pack(pixels, pixels != self._still)
        picture = self._picture(packed, state)

        def but_now(key: Any) -> float:
            return -1.0 if self.kept.get(key) is now else rank(key)

        dropped = self.kept.put(state.key, picture, but_now)
        if dropped is None:
            return False
        self._under_way += 1
        self._tell({"ahead": picture.number}, state, dropped, packed)
        return True

    def recall(self, state: State) -> bool:
        """Return whether the page keeps a picture of this state, and so shows it without being told."""
        held = self.kept.get(state.key) if self.asked else None
        if held is None:
            return False
        self._now, self.recalled = held, state
        return True

    def stay(self, state: State) -> None:
        """Have the page stay with the last picture in this state of the controls, of which there is none."""
        self.recalled = None
        if self._now is not None and self.asked:
            self._tell({"now": self._now.number}, state)

    def forget(self) -> None:
        """Have the page drop all pictures but the one that it shows: what they show is no longer so."""
        if self.recalled is not None:
            self.stay(self.recalled)
        if len(self.kept):
            self.kept.clear()
            self.send({"forget": True})

    def _picture(self, packed: bytes, state: State) -> Picture:
        return Picture(next(self._numbers), len(packed), hash(packed), state.values)

    def _tell(
        self, message: dict[str, Any], state: State, dropped: Sequence[Picture] | None = (), packed: bytes | None = None
    ) -> None:
        message |= {"state": state.values, "drop": [picture.number for picture in dropped or ()]}
        self.send(message, buffers=None if packed is None else [packed])

    def _hear(self, _: object, message: dict[str, Any], __: object) -> None:
        if "ratio" in message:
            self.asked, self._still, self._now, self.recalled, self._under_way = True, None, None, None, 0
            self.kept.clear()
            self.on_ask(float(min(max(message["ratio"], 1), SHARPEST)))
            self.on_seen()
        elif "near" in message:
            self.on_near()
        elif "seen" in message:
            self.seen = bool(message["seen"])
            self.on_seen()
        elif "got" in message:
            self._under_way = max(0, self._under_way - int(message["got"]))
            self.on_got()


class LiveCanvas:
    """A Matplotlib figure, the widget that shows it, and the artists that move.

    The artists passed to `animate` are drawn over a saved background. `refresh` then costs the drawing
    of these artists alone (Matplotlib calls it blitting); axes, ticks, text and legends are drawn again
    only after `invalidate`. The figure is made without pyplot, so no global state is involved.

    JupyterLab handles messages of widgets in a thread of their own, beside that of the cells. Hold `lock` while you
    set artists and call `refresh` or `draw_ahead`.

    Attributes
    ----------
    state : callable
        Returns the state of the controls that the figure shows when `refresh` is called.
    """

    def __init__(self, width: int, height: int, label: str, stills: Sequence[str] = ()) -> None:
        """Make an empty figure of `width` by `height` CSS pixels; screen readers call it `label`.

        `stills` are the names of its still pictures.
        """
        self.figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
        self._agg = FigureCanvasAgg(self.figure)
        self.widget = PixelCanvas(label=label, css_width=width, stills=list(stills))
        self.widget.on_ask = self._start
        self.lock = threading.RLock()
        self.state: Callable[[], State] = lambda: state_of(())
        self._still: NDArray[np.uint32] = np.zeros((0, 0), dtype=np.uint32)
        self._moving: list[Artist] = []
        self._background: Any = None

    def animate(self, artists: Sequence[Artist]) -> None:
        """Declare the artists that move. They are drawn last, in this order."""
        self._moving = list(artists)
        for artist in self._moving:
            artist.set_animated(True)

    def invalidate(self) -> None:
        """Say that something other than the moving artists has changed."""
        self._background = None

    def refresh(self) -> None:
        """Draw what moved, or everything after `invalidate`, and send the page what changed."""
        if self._background is None:
            self._agg.draw()
            self._background = self._agg.copy_from_bbox(self.figure.bbox)
            self._still = self.pixels().copy()
        self._draw_moving()
        self.widget.show(self.pixels(), self._still, self.state())

    def draw_ahead(self, move: Callable[[], None], back: Callable[[], None]) -> NDArray[np.uint32] | None:
        """Return what the picture would be after `move`, without showing it.

        Parameters
        ----------
        move, back : callable
            Set the artists' data: to those of the picture, and to those of the present one.

        Returns
        -------
        array of shape (height, width) and dtype uint32, or None
            None if not only moving artists have changed: drawing everything takes too long to do it on suspicion.
        """
        background = self._background
        if background is None:
            return None
        try:
            move()
            if self._background is None:
                return None
            self._draw_moving()
            return self.pixels()
        finally:
            moved_all, self._background = self._background is None, background
            back()
            # If only one of the two ways changed the whole figure, they were not each other's reverse: another thread
            # has changed a control meanwhile.
            self._background = background if (self._background is None) == moved_all else None

    def pixels(self) -> NDArray[np.uint32]:
        """Return the picture as it was last drawn: opaque RGBA, shape (height, width) in device pixels. No copy."""
        return np.asarray(self._agg.buffer_rgba()).view(np.uint32)[:, :, 0]

    def png(self, dpi: int = DPI) -> bytes:
        """Return the figure as the page shows it, as PNG bytes that depend on nothing but the figure."""
        with self.lock:
            shown, self.figure.dpi = self.figure.dpi, dpi
            try:
                self._agg.draw()
                for artist in self._moving:
                    self.figure.draw_artist(artist)
                picture = np.array(self._agg.buffer_rgba())
            finally:
                self.figure.dpi = shown
        buffer = io.BytesIO()
        nothing: Any = {"Software": None}  # Matplotlib's version would be there
        imsave(buffer, picture, format="png", dpi=dpi, metadata=nothing)
        return buffer.getvalue()

    def _draw_moving(self) -> None:
        self._agg.restore_region(self._background)
        for artist in self._moving:
            self.figure.draw_artist(artist)

    def _start(self, ratio: float) -> None:
        with self.lock:
            if self.figure.dpi != DPI * ratio:
                self.figure.dpi = DPI * ratio
                self.invalidate()
            self.refresh()

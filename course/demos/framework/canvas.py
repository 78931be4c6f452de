"""A live Matplotlib figure that redraws what moved and sends the page the pixels that changed."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
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

DPI = 100
SHARPEST = 4.0  # device pixels per CSS pixel; more are not drawn


def _joined(*names: str) -> str:
    """Return what stands in these files of this folder, as one module or style sheet of the page."""
    return "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)


class PixelCanvas(anywidget.AnyWidget):
    """A canvas in the page that shows pixels of the kernel.

    ipympl sends a PNG, which the browser has to load as an image before it can draw it: 20 ms of the time between a
    key press and new pixels. Here changed pixels travel as they are and are put on the canvas as the message
    arrives, in order and without loss. `pixel_canvas.js` is the page's side.

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
    on_ask : callable
        Called with the number of device pixels in a CSS pixel when a page asks. It must call `show`.
    on_near : callable
        Called when the pointer or the keyboard focus comes near the widget whose CSS class is `demo`.
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
        self._shown: NDArray[np.uint32] | None = None  # what the page shows; None until it has asked
        self.on_msg(self._hear)

    @property
    def asked(self) -> bool:
        """Whether a page has asked for pictures."""
        return self._shown is not None

    def show(self, pixels: NDArray[np.uint32]) -> None:
        """Send what differs from the last picture of the same shape; all of it if there was none.

        Parameters
        ----------
        pixels : array, shape (height, width), dtype uint32
            Opaque RGBA, four bytes each. A copy is kept.
        """
        if self._shown is None:
            return
        self._send_changes({"size": pixels.shape[::-1]}, pixels)
        self._shown = pixels.copy()

    def show_ahead(self, pixels: NDArray[np.uint32], slider: str, value: float, within: float) -> None:
        """Send a picture that the page is to show as soon as a slider gets a value, until `show` is called.

        Parameters
        ----------
        pixels : array, shape (height, width), dtype uint32
            Like those of `show`.
        slider : str
            Model id of the slider's widget.
        value, within : float
            The value, and how far off it may be.
        """
        if self._shown is not None:
            self._send_changes({"ahead": {"slider": slider, "value": value, "within": within}}, pixels)

    def _send_changes(self, message: dict[str, Any], pixels: NDArray[np.uint32]) -> None:
        assert self._shown is not None
        same_shape = pixels.shape == self._shown.shape
        changed = pixels != self._shown if same_shape else np.ones(pixels.shape, dtype=np.bool_)
        self.send(message, buffers=[runs(pixels, changed).astype("<u4").tobytes()])

    def _hear(self, _: object, message: dict[str, Any], __: object) -> None:
        if "ratio" in message:
            self._shown = np.empty((0, 0), dtype=np.uint32)  # unlike any picture, so all of it is sent
            self.on_ask(float(min(max(message["ratio"], 1), SHARPEST)))
        elif "near" in message:
            self.on_near()


def runs(pixels: NDArray[np.uint32], changed: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Return the `changed` ones of `pixels`, both of shape (height, width), as runs of neighbours of one colour.

    Returns
    -------
    array, shape (n, 3), dtype uint32
        First pixel, counted along the rows, number of pixels, and colour of each run, in order.
    """
    where = np.flatnonzero(changed)
    colours = pixels.ravel()[where]
    begins = np.ones(len(where), dtype=np.bool_)
    begins[1:] = (np.diff(where) != 1) | (colours[1:] != colours[:-1])
    first = np.flatnonzero(begins)
    return np.column_stack([where[first], np.diff(first, append=len(where)), colours[first]]).astype(np.uint32)


class LiveCanvas:
    """A Matplotlib figure, the widget that shows it, and the artists that move.

    The artists passed to `animate` are drawn over a saved background. `refresh` then costs the drawing
    of these artists alone (Matplotlib calls it blitting); axes, ticks, text and legends are drawn again
    only after `invalidate`. The figure is made without pyplot, so no global state is involved.

    JupyterLab handles messages of widgets in a thread of their own, beside that of the cells. Hold `lock` while you
    set artists and call `refresh` or `draw_ahead`.
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
        self._draw_moving()
        self.widget.show(self.pixels())

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

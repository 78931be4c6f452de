"""A figure on an ipympl canvas that sends one new picture per change, redrawing only what moved."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ipympl.backend_nbagg import Canvas, FigureManager
from matplotlib.artist import Artist
from matplotlib.figure import Figure

DPI = 100


class LiveCanvas:
    """A Matplotlib figure, its ipympl widget, and the artists that move.

    The artists passed to `animate` are drawn over a saved background. `refresh` then costs the drawing
    of these artists alone (Matplotlib calls it blitting); axes, ticks, text and legends are drawn again
    only after `invalidate`. The figure is made without pyplot, so no global state is involved.

    `draw_idle` is avoided: it asks the browser to ask the kernel to draw, a second round trip.
    """

    def __init__(self, width: int, height: int) -> None:
        """Make an empty figure of `width` by `height` CSS pixels."""
        self.figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
        self.widget = Canvas(self.figure)
        for part in ("toolbar_visible", "header_visible", "footer_visible", "resizable"):
            setattr(self.widget, part, False)
        # ipympl would keep a picture in the widget's state until a browser asks for one. It does so without
        # the "data:" prefix, which leaves the browser with a broken image, and costs a second PNG per change.
        self.widget.syncing_data_url = False
        # The canvas keeps its manager by itself; it carries the messages to the browser.
        FigureManager(self.widget, 0)
        self._moving: list[Artist] = []
        self._background: Any = None
        self.widget.mpl_connect("draw_event", self._keep_background)

    def animate(self, artists: Sequence[Artist]) -> None:
        """Declare the artists that move. They are drawn last, in this order."""
        self._moving = list(artists)
        for artist in self._moving:
            artist.set_animated(True)

    def invalidate(self) -> None:
        """Say that something other than the moving artists has changed."""
        self._background = None

    def refresh(self) -> None:
        """Send the browser a new picture."""
        if self._background is None:
            self.widget.draw()
        else:
            self.widget.restore_region(self._background)
            self._draw_moving()
            self.widget.blit()

    def png(self, dpi: int = DPI) -> bytes:
        """The figure as it is now, as PNG bytes that depend on nothing but the figure."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
        return buffer.getvalue()

    def _keep_background(self, event: object) -> None:
        if self.widget.is_saving():  # a still picture, perhaps of another size
            return
        self._background = self.widget.copy_from_bbox(self.figure.bbox)
        self._draw_moving()

    def _draw_moving(self) -> None:
        for artist in self._moving:
            self.figure.draw_artist(artist)

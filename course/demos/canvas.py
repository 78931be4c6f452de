"""A figure on an ipympl canvas that sends one new picture per change, redrawing only what moved."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from ipympl.backend_nbagg import Canvas, FigureManager
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

DPI = 100
SETTLE_MS = 200  # a pause this long in the changes sends the whole picture once


class FastCanvas(Canvas):
    """ipympl's canvas with a faster encoding of small changes.

    The canvas sends the pixels that changed since the last picture, the others transparent, as a PNG of four
    bytes per pixel. Packing that is most of the kernel's time for a change. A moved line or point brings few
    colours: up to 255 of them fit in one byte per pixel, which is packed here, and unpacked in the browser,
    several times as fast. More colours are rounded; the whole exact picture follows (see `LiveCanvas`).

    ipympl also tells the browser, in a message of its own, when whole pictures and changes take turns, so that it
    wipes the canvas before a whole one. Here a whole picture is opaque and covers what was there: all are changes.
    """

    _last_buff: NDArray[np.uint32]
    _force_full: bool
    _png_is_old: bool

    def get_diff_image(self) -> bytes | None:
        """The next picture for the browser as PNG bytes, None if nothing was drawn since the last one."""
        if not self._png_is_old:
            return None
        pixels = np.asarray(self.get_renderer().buffer_rgba()).view(np.uint32)[:, :, 0]
        if self._force_full or pixels.shape != self._last_buff.shape:
            picture = png(rgba(pixels))
        else:
            picture = diff_png(pixels, pixels != self._last_buff)
        self._last_buff, self._force_full, self._png_is_old = pixels.copy(), False, False
        self.set_image_mode("diff")
        return picture


def diff_png(pixels: NDArray[np.uint32], changed: NDArray[np.bool_]) -> bytes:
    """PNG of the `changed` ones of opaque RGBA `pixels`, the others transparent; both of shape (height, width).

    Colours are exact if there are at most 255. With more they are rounded to 5 bits per channel, or to 4;
    if even that leaves too many, the PNG has four exact bytes per pixel.
    """
    for bits in (8, 5, 4):
        colours, indices = np.unique(rounded(pixels[changed], bits), return_inverse=True)
        if len(colours) <= 255:
            entries = np.zeros(changed.shape, dtype=np.uint8)
            entries[changed] = indices + 1  # entry 0 is the transparent one
            image = Image.fromarray(entries).convert("P")
            image.putpalette(bytes(3) + colours.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
            return png(image, transparency=0)
    return png(rgba(np.where(changed, pixels, 0)))


def rgba(pixels: NDArray[np.uint32]) -> Image.Image:
    """RGBA pixels, shape (height, width), as an image with four bytes per pixel."""
    return Image.fromarray(pixels.view(np.uint8).reshape(*pixels.shape, 4))


def png(image: Image.Image, **options: Any) -> bytes:
    """The image as PNG bytes, packed quickly rather than tightly."""
    buffer = io.BytesIO()
    image.save(buffer, format="png", compress_level=1, **options)
    return buffer.getvalue()


def rounded(colours: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    """RGBA colours with `bits` (4 to 8) significant bits per channel; 0 and 255 stay what they are."""
    high = np.uint32((0xFF << (8 - bits) & 0xFF) * 0x01010101)
    # The top bits are repeated in the place of the dropped ones, so that white stays white.
    return (colours & high) | ((colours & high) >> np.uint32(bits)) & ~high


class LiveCanvas:
    """A Matplotlib figure, its ipympl widget, and the artists that move.

    The artists passed to `animate` are drawn over a saved background. `refresh` then costs the drawing
    of these artists alone (Matplotlib calls it blitting); axes, ticks, text and legends are drawn again
    only after `invalidate`. The figure is made without pyplot, so no global state is involved.

    `draw_idle` is avoided: it asks the browser to ask the kernel to draw, a second round trip. The price is
    that a picture of changes which arrives before the browser has unpacked the one before it replaces that
    one, and its changes are missing on the screen. So the whole picture follows as soon as there is a pause.
    """

    def __init__(self, width: int, height: int) -> None:
        """Make an empty figure of `width` by `height` CSS pixels."""
        self.figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
        self.widget = FastCanvas(self.figure)
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
        self._settle = self.widget.new_timer(interval=SETTLE_MS, callbacks=[(self.send_whole, (), {})])
        self._settle.single_shot = True

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
        self._settle.stop()
        self._settle.start()

    def send_whole(self) -> None:
        """Send the browser every pixel, not only those that changed."""
        self.widget._force_full = True
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

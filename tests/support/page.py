"""Stands in for the page: keeps the pixels that a demo's canvas sends, as `pixel_canvas.js` does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.demos.framework.base import Demo
from course.demos.framework.canvas import LiveCanvas


def paint(picture: NDArray[np.uint32], data: bytes) -> NDArray[np.uint32]:
    """A copy of the picture with the runs of a message painted over it."""
    flat = picture.copy().ravel()
    for first, count, colour in np.frombuffer(data, dtype="<u4").reshape(-1, 3):
        flat[first : first + count] = colour
    return flat.reshape(picture.shape)


class StubPage:
    """Asks a canvas for pictures, and holds what a browser would show.

    Attributes
    ----------
    picture : array, shape (height, width), dtype uint32
        What the page shows.
    pictures : int
        How many have come.
    ahead : list of (str, float, array)
        Model id, value and picture of each step drawn ahead since the last picture.
    """

    def __init__(self, canvas: LiveCanvas, ratio: float = 1.0) -> None:
        self.picture, self.pictures, self.ahead = np.zeros((0, 0), dtype=np.uint32), 0, list[tuple[str, float, Any]]()
        self._widget = canvas.widget
        self._widget.send = self._receive
        self.say(ratio=ratio)

    @classmethod
    def of(cls, demo: Demo) -> StubPage:
        """The page that shows this demo."""
        return cls(demo.canvas)

    def say(self, **message: Any) -> None:
        """What the page sends."""
        self._widget._handle_custom_msg(message, [])

    def _receive(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        if "ahead" in message:
            step = message["ahead"]
            self.ahead.append((step["slider"], step["value"], paint(self.picture, buffers[0])))
            return
        width, height = message["size"]
        if self.picture.shape != (height, width):
            self.picture = np.zeros((height, width), dtype=np.uint32)
        self.picture, self.ahead = paint(self.picture, buffers[0]), []
        self.pictures += 1

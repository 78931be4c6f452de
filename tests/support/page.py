"""Stands in for the page: keeps the pictures that a demo's canvas sends, as `pixel_canvas.js` does."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.demos.framework.base import Demo
from course.demos.framework.canvas import LiveCanvas

CONFIRMED = 8
"""Pictures for which the page sends one answer."""


def paint(picture: NDArray[np.uint32], packed: bytes) -> NDArray[np.uint32]:
    """A copy of the picture with packed runs painted over it."""
    flat, at = picture.copy().ravel(), 0
    left_out, counts, colours = np.frombuffer(zlib.decompress(packed), dtype="<u4").reshape(3, -1).astype(np.int64)
    for gap, count, colour in zip(left_out, counts, colours, strict=True):
        flat[at + gap : at + gap + count] = colour
        at += gap + count
    return flat.reshape(picture.shape)


@dataclass(frozen=True)
class Sent:
    """A picture that the page keeps: the controls' values that it shows, by model ids; and packed runs."""

    state: dict[str, Any]
    packed: bytes


class StubPage:
    """Asks a canvas for pictures, and holds what a browser would show and keep.

    Attributes
    ----------
    picture : array, shape (height, width), dtype uint32
        What the kernel has the page show.
    pictures : int
        How many times it has said so.
    kept : dict of int to Sent
        All that the page keeps, by number.
    ahead : list of Sent
        What was drawn ahead and is kept, in the order in which it came.
    """

    def __init__(self, canvas: LiveCanvas, ratio: float = 1.0) -> None:
        self.picture, self.pictures = np.zeros((0, 0), dtype=np.uint32), 0
        self.kept = dict[int, Sent]()
        self.drawn_ahead = set[int]()
        self._still = self.picture
        self._now: bytes = b""
        self._widget = canvas.widget
        self._widget.send = self._receive
        self._arrived = 0
        self.say(ratio=ratio)
        self.say(seen=True)

    @classmethod
    def of(cls, demo: Demo) -> StubPage:
        """The page that shows this demo."""
        return cls(demo.canvas)

    @property
    def ahead(self) -> list[Sent]:
        """What was drawn ahead, in the order in which it came."""
        return [sent for number, sent in self.kept.items() if number in self.drawn_ahead]

    def say(self, **message: Any) -> None:
        """What the page sends."""
        self._widget._handle_custom_msg(message, [])

    def shows(self, sent: Sent) -> NDArray[np.uint32]:
        """What the page shows of a picture that it keeps."""
        return paint(self._still, sent.packed)

    def _receive(self, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        if "still" in message:
            width, height = message["still"]
            self._still = paint(np.zeros((height, width), dtype=np.uint32), (buffers or [])[0])
            self.kept.clear()
        elif "forget" in message:
            self.kept.clear()
        else:
            self._take(message, buffers)

    def _take(self, message: dict[str, Any], buffers: list[bytes] | None) -> None:
        for number in message["drop"]:
            del self.kept[number]
        number = message.get("now", message.get("ahead"))
        if buffers:
            self.kept[number] = Sent(dict(message["state"]), buffers[0])
        if "now" in message:
            self._now = buffers[0] if buffers else self.kept[number].packed if number in self.kept else self._now
            self.picture = paint(self._still, self._now)
            self.pictures += 1
            return
        self.drawn_ahead.add(number)
        self._arrived += 1
        if self._arrived % CONFIRMED == 0:
            self.say(got=CONFIRMED)

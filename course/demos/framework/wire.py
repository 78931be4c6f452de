"""Pictures as they travel to the page: what differs from the still part, in runs of one colour, compressed."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray


def pack(pixels: NDArray[np.uint32], changed: NDArray[np.bool_]) -> bytes:
    """Return the `changed` ones of `pixels`, both of shape (height, width), for `pixel_canvas.js`.

    Returns
    -------
    bytes
        Compressed by deflate: for each run of neighbours of one colour the number of pixels left out before it, then
        for each its number of pixels, then for each its colour, as little-endian uint32.
    """
    first, count, colour = runs(pixels, changed).T
    left_out = np.diff(first, prepend=np.uint32(0))
    left_out[1:] -= count[:-1]
    return zlib.compress(np.concatenate([left_out, count, colour]).astype("<u4").tobytes(), 1)


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

"""Says how deep JSON text is nested before anything parses it.

What parses or copies a deep value may end in a `RecursionError`, or not, by the version of Python and by how deep in
calls it is asked. So the depth is bounded here, by the text alone.
"""

from __future__ import annotations

import numpy as np

_CHUNK = 1 << 20  # bytes looked at in one go: what a scan takes in memory, whatever the size of the text
_QUOTE = ord('"')
_STEPS = np.zeros(256, np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1


def is_nested_deeper(text: bytes, levels: int) -> bool:
    """Return whether lists and objects are nested more than `levels` deep; brackets in strings do not count.

    Parameters
    ----------
    text : bytes
        UTF-8. If it is not JSON, the answer is that for the part at the beginning that is.
    levels : int
        At least 0.
    """
    # Outside of strings JSON has no backslash; inside, what is left without these ends at the next quote.
    plain = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    depth, quotes = 0, 0
    for start in range(0, len(plain), _CHUNK):
        part = np.frombuffer(plain, np.uint8, min(_CHUNK, len(plain) - start), start)
        counted = quotes + np.cumsum(part == _QUOTE)
        depths = depth + np.cumsum(np.where(counted % 2 == 0, _STEPS[part], 0))
        if depths.max() > levels:
            return True
        depth, quotes = int(depths[-1]), int(counted[-1])
    return False

"""Which steps of a slider to draw ahead, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

LIMIT = 240
"""Steps of one slider that are drawn ahead at most."""

FIRST_REACH = 4
"""Steps to each side that are drawn before any farther one."""

_TINY = 1e-6  # of a step: a slider's value is off by rounding errors


def steps_ahead(
    value: float, low: float, high: float, step: float, direction: float = 1, limit: int = LIMIT
) -> list[float]:
    """Return values that a slider may get next, the most useful first.

    A slow hand stays near and needs each step; a fast one gets far and passes several steps from one frame to the next.
    So each step is there up to some reach, every second up to twice that, every fourth up to four times that; then the
    reach is doubled, until the slider's ends are reached with each step.

    Parameters
    ----------
    value : float
        Where the slider is. It is not among the values.
    low, high, step : float
        As the slider has them; `step` is positive.
    direction : float
        Which way it went last, positive or negative: of two steps equally far, that one comes first.
    limit : int
        How many values at most.

    Returns
    -------
    list of float
        Values of the slider's own steps, as the page computes them.
    """
    last = floor((high - low) / step + _TINY)
    at = (value - low) / step
    above, below = floor(at + _TINY) + 1, ceil(at - _TINY) - 1
    ways = [(above, 1, last - above + 1), (below, -1, below + 1)]
    if direction < 0:
        ways.reverse()
    farthest = max(count for _, _, count in ways)
    numbers = dict.fromkeys(
        start + sign * (distance - 1)
        for distance in _distances(farthest)
        for start, sign, count in ways
        if distance <= count
    )
    return [on_slider(number, low, high, step) for number in list(numbers)[:limit]]


def on_slider(number: int, low: float, high: float, step: float) -> float:
    """Return the value of a step, counted from `low`, to the last bit as noUiSlider computes it: in percent."""
    percent = number * (step * 100 / (high - low))
    return percent * (high - low) / 100 + low


def _distances(farthest: int) -> Iterator[int]:
    """Yield 1 to `farthest` at least once each, as `steps_ahead` orders them."""
    reach = FIRST_REACH
    while True:
        for distance in range(1, min(farthest, 4 * reach) + 1):
            if distance <= reach or distance % (2 if distance <= 2 * reach else 4) == 0:
                yield distance
        if reach >= farthest:
            return
        reach *= 2

"""Drawing ahead: while nobody waits for anything else, the next steps of the sliders are drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

QUIET_S = 0.04  # how long the demo must have been left alone
PAUSE_S = 0.005  # after each picture: time for a message to come in, which goes first
WITHIN = 0.01  # steps by which the page's value may differ from the kernel's, whose roundings differ


class LookAhead:
    """A queue that calls a function for each neighbouring value of some sliders, one at a time, while all is quiet.

    Parameters
    ----------
    draw : callable
        Takes a slider's name and a value of it.
    """

    def __init__(self, draw: Callable[[str, float], None]) -> None:
        self._draw = draw
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether there is more to draw."""
        return self._timer is not None

    def start(self, sliders: Mapping[str, Any], last: str = "", direction: float = 1) -> None:
        """Begin anew, after `QUIET_S` seconds. Without a running event loop there is no page, and nothing is done.

        Parameters
        ----------
        sliders : mapping of str to widget
            Widgets with `value`, `min`, `max` and `step`, by name.
        last : str
            The one that was moved last: its next step is the likeliest.
        direction : float
            Which way it went: positive or negative.
        """
        self.stop()
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        first = {name: slider for name, slider in sliders.items() if name == last}
        self._later(QUIET_S, neighbours(first | dict(sliders), direction))

    def stop(self) -> None:
        """Draw no more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _later(self, seconds: float, steps: Iterator[tuple[str, float]]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._next, steps)

    def _next(self, steps: Iterator[tuple[str, float]]) -> None:
        self._timer = None
        step = next(steps, None)
        if step is not None:
            self._draw(*step)
            self._later(PAUSE_S, steps)


def neighbours(sliders: Mapping[str, Any], direction: float = 1) -> Iterator[tuple[str, float]]:
    """Yield name and value for one step to either side, as far as the sliders go; in this direction first."""
    for name, slider in sliders.items():
        tiny = slider.step * WITHIN
        for step in (slider.step, -slider.step) if direction > 0 else (-slider.step, slider.step):
            if slider.min - tiny <= slider.value + step <= slider.max + tiny:
                yield name, slider.value + step

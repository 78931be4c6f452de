"""Drawing ahead: while nobody waits for anything else, the next pictures of the sliders are drawn."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from course.demos.framework.pace import LEAST_S, PACE, Pace
from course.demos.framework.steps import LIMIT, steps_ahead

SWITCH = "DRAW_AHEAD"
"""Environment variable; with the value 0 nothing is drawn ahead."""

QUIET_S = 0.04  # how long the demo must have been left alone


class LookAhead:
    """A queue that calls a function for value after value of some sliders, one at a time, while all is quiet.

    Parameters
    ----------
    draw : callable
        Takes a slider's name and a value of it. Returns whether to go on.
    clear : callable
        Tells whether the page has received what was sent. If not, the queue waits for `go_on`.
    pace : Pace
        How fast.
    """

    def __init__(
        self, draw: Callable[[str, float], bool], clear: Callable[[], bool] = lambda: True, pace: Pace = PACE
    ) -> None:
        self._draw, self._clear, self._pace = draw, clear, pace
        self._plan: Iterator[tuple[str, float]] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether it will draw more by itself."""
        return self._timer is not None

    def start(self, plan: Iterator[tuple[str, float]], *, first: bool = True) -> None:
        """Begin anew, after `QUIET_S` seconds. Without a running event loop there is no page, and nothing is done.

        Parameters
        ----------
        plan : iterator of (str, float)
            Names of sliders and values, the most useful first. It is asked for the next one only when that is drawn.
        first : bool
            Whether this goes before the plans of other demos.
        """
        self.stop()
        if os.environ.get(SWITCH, "").strip() == "0":
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        self._pace.follow_cells()
        if first:
            self._pace.lead(self)
        self._plan = plan
        self._later(QUIET_S, plan)

    def go_on(self) -> None:
        """Draw more if the queue waits for the page."""
        if self._plan is not None and self._timer is None:
            self._later(LEAST_S, self._plan)

    def stop(self) -> None:
        """Draw no more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._plan = None

    def _later(self, seconds: float, plan: Iterator[tuple[str, float]]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._next, plan)

    def _next(self, plan: Iterator[tuple[str, float]]) -> None:
        if plan is not self._plan:  # another thread has begun anew
            return
        if wait := self._pace.wait(self):
            self._later(wait, plan)
            return
        self._timer = None
        if not self._clear():
            return
        self._pace.begin()
        step = next(plan, None)
        more = step is not None and self._draw(*step)
        self._pace.end()
        if plan is self._plan:
            if more:
                self._later(LEAST_S, plan)
            else:
                self.stop()


def plan_ahead(
    sliders: Mapping[str, Any], in_use: str = "", direction: float = 1, limit: int = LIMIT
) -> list[tuple[str, float]]:
    """Return names and values to draw: the next step of each slider to either side, then more of the one in use.

    Parameters
    ----------
    sliders : mapping of str to widget
        Widgets with `value`, `min`, `max` and `step`, by name.
    in_use : str
        The one that was moved last; the first one if it is not among them.
    direction : float
        Which way it went: positive or negative.
    limit : int
        How many steps of it at most.
    """
    found: dict[tuple[str, float], None] = {}
    if in_use not in sliders:
        in_use, direction = next(iter(sliders), ""), 1
    ways = {name: direction if name == in_use else 1 for name in sorted(sliders, key=lambda name: name != in_use)}
    for name, way in ways.items():
        found |= dict.fromkeys((name, value) for value in _values(sliders[name], way, limit=2))
    if in_use:
        found |= dict.fromkeys((in_use, value) for value in _values(sliders[in_use], direction, limit))
    return list(found)


def _values(slider: Any, direction: float, limit: int) -> list[float]:
    """Return the values to draw of a slider, of its own kind of numbers."""
    values = steps_ahead(slider.value, slider.min, slider.max, slider.step, direction, limit)
    return [round(value) for value in values] if isinstance(slider.value, int) else values

"""Moves a slider as a hand does, and notes when the page shows another picture meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from playwright.sync_api import Locator

from benchmarks.shown import WATCH

FRAME_S = 1 / 60
"""Seconds between two events of a mouse, as browsers report them."""


@dataclass(frozen=True)
class Film:
    """What was shown while a hand moved.

    Attributes
    ----------
    begin, end : float
        Milliseconds on the clock of the page: the first event of the hand, and the last.
    times : tuple of float
        When a frame with another picture than before had been rendered, in between.
    """

    begin: float
    end: float
    times: tuple[float, ...]

    @property
    def gaps(self) -> list[float]:
        """Milliseconds between pictures, from the first event to the last."""
        return [float(gap) for gap in np.diff([self.begin, *self.times, self.end])]

    @property
    def per_second(self) -> float:
        """Pictures a second."""
        return 1000 * len(self.times) / (self.end - self.begin)


def film(output: Locator, move: Callable[[], None]) -> Film:
    """Watch the first canvas or image of an output while something moves.

    Parameters
    ----------
    output : Locator
        The output of a cell.
    move : callable
        Moves a slider in it.

    Returns
    -------
    Film
    """
    begin = output.evaluate(_START)
    move()
    end, times = output.evaluate("window.film()")
    return Film(begin, end, tuple(float(at) for at in times if at <= end))


def drag(handle: Locator, seconds: float, steps: int, least: float) -> None:
    """Drag a slider's handle with the mouse to and fro between the ends of its track.

    Parameters
    ----------
    handle : Locator
        The handle.
    seconds : float
        How long. In so much time the hand crosses the track once, or more often.
    steps : int
        Steps of the slider.
    least : float
        Steps that the hand passes a second at least.
    """
    mouse = handle.page.mouse
    base = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]")
    track, knob = base.bounding_box(), handle.bounding_box()
    assert track is not None
    assert knob is not None
    left, width = track["x"], track["width"]
    start, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    tracks_a_second = max(1 / seconds, least / steps)
    mouse.move(start, y)
    mouse.down()
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < seconds:
        at = (start - left) / width + passed * tracks_a_second
        mouse.move(left + width * (1 - abs(at % 2 - 1)), y)
        time.sleep(max(0.0, FRAME_S - (time.monotonic() - begin - passed)))
    mouse.up()


def hold(handle: Locator, seconds: float, step: float, high: float, per_second: float) -> None:
    """Hold an arrow key on a slider's handle: to the right, and from the end of the slider to the left.

    Parameters
    ----------
    handle : Locator
        The handle.
    seconds : float
        How long.
    step, high : float
        Of the slider.
    per_second : float
        How often the keyboard repeats a key.
    """
    handle.focus()
    right = round((high - float(handle.get_attribute("aria-valuetext") or high)) / step)
    keyboard, begin = handle.page.keyboard, time.monotonic()
    pressed, key = 0, ""
    while time.monotonic() - begin < seconds:
        wanted = "ArrowRight" if pressed < right else "ArrowLeft"
        if key not in ("", wanted):
            keyboard.up(key)
        key = wanted
        keyboard.down(key)
        pressed += 1
        time.sleep(max(0.0, pressed / per_second - (time.monotonic() - begin)))
    keyboard.up(key)


_START = f"""output => {{
  const watch = {WATCH};
  const times = [];
  const stop = watch(output, at => times.push(at));
  window.film = () => {{
    stop();
    return [performance.now(), times];
  }};
  return performance.now();
}}"""

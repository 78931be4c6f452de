"""How the command ends when it is stopped: by Ctrl-C, SIGTERM, or SIGHUP, which a terminal sends when it closes.

All three are a `KeyboardInterrupt` in the command. Before it begins and after it has ended there is nothing to put in
order, so they end the process there and then; so does a second one, if the first takes too long. What was started
ends with this process, and the next run clears the files of one that ended at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import Literal, NoReturn

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
TOGETHER_SECONDS = 1.0
"""One closed terminal sends several signals, and so does an impatient finger."""


class State:
    """What has come so far, and when."""

    phase: Literal["start", "command", "end"] = "start"
    number = 0
    at = 0.0


state = State()


def watch() -> None:
    """Take the signals from now on; those that `nohup` or a shell has switched off stay so."""
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            signal.signal(number, _take)
    sys.unraisablehook = _take_unraisable


def begin() -> None:
    """Have signals interrupt the command, which puts things in order."""
    state.phase = "command"


def end() -> None:
    """Have signals end the process while the interpreter shuts down."""
    state.phase = "end"


def exit_status() -> int:
    """Return the status of a command that a signal has stopped, as shells have it; 0 if none has."""
    return 128 + state.number if state.number else 0


def tell(line: str) -> None:
    """Print a line about the command on stderr, if there is still a terminal."""
    with suppress(OSError, ValueError):
        print(f"autograder: {line}", file=sys.stderr, flush=True)


def _take(number: int, _frame: FrameType | None = None) -> None:
    before, state.number = state.number, state.number or number
    if state.phase != "command":
        _end_now()
    if not before:
        state.at = time.monotonic()
        raise KeyboardInterrupt
    if time.monotonic() - state.at > TOGETHER_SECONDS:
        _end_now()


def _end_now() -> NoReturn:
    if state.phase != "end":
        tell("stopped.")
    os._exit(exit_status())


def _take_unraisable(told: sys.UnraisableHookArgs) -> None:
    """End at an interrupt that came where Python can only print it, as in a finalizer."""
    if isinstance(told.exc_value, KeyboardInterrupt):
        _end_now()
    sys.__unraisablehook__(told)

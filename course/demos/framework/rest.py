"""The moment at which a hand has come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

REST_S = 0.1
"""Seconds without a move after which a hand counts as resting: longer than a busy machine takes between two moves."""


class Rest:
    """Calls a function once a demo has been left alone for `REST_S` seconds.

    Parameters
    ----------
    call : callable
    """

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> bool:
        """Begin to wait, anew if it waits already; return False, and do nothing, without a running event loop."""
        self.stop()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._timer = loop.call_later(REST_S, self._call)
        return True

    def stop(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

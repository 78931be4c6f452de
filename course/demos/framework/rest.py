"""The moment at which a hand has come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

QUIET_S = 0.04
"""Seconds after which a demo counts as left alone."""


class Rest:
    """Calls a function once a demo has been left alone for `QUIET_S` seconds.

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
        self._timer = loop.call_later(QUIET_S, self._call)
        return True

    def stop(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

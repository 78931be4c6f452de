# mypy: disable-error-code="no-untyped-call"
# (IPython and ipykernel have no types for what is called here)
"""Shows figures below the cell that draws them, as pictures, whatever a student chose: nobody looks at a window.

Read in matplotlib 3.11: `backend_registry.load_backend_module`, by which every way of choosing a backend goes, and
`Gcf`, which knows the figures of pyplot. In ipykernel 7.4.0: hooks of the display publisher.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core import pylabtools
from IPython.core.getipython import get_ipython

_INLINE = "module://matplotlib_inline.backend_inline"
_WINDOWS = ("gtk", "macosx", "nbagg", "notebook", "qt", "tk", "webagg", "wx")
"""Beginnings of the names of backends that draw in a window, or by a script in the page."""
_PIXELS = {"png", "png2x", "retina", "jpg", "jpeg"}
_WIDGET = "application/vnd.jupyter.widget-view+json"

_select_figure_formats = pylabtools.select_figure_formats


def _with_pixels(shell: Any, formats: Any, **kwargs: Any) -> None:
    """Choose the formats of figures, PNG among them: no page shows PDF, and drawings can be too large for one."""
    chosen = {formats} if isinstance(formats, str) else set(formats)
    _select_figure_formats(shell, chosen if chosen & _PIXELS else chosen | {"png"}, **kwargs)


class RoomShell(ZMQInteractiveShell):
    """IPython's shell without windows."""

    display_pub: Any

    def init_display_pub(self) -> None:
        """Look at what is displayed."""
        super().init_display_pub()
        self.display_pub.register_hook(_drop_shown)

    def init_events(self) -> None:
        """Look after figures before and after each cell."""
        super().init_events()
        pylabtools.select_figure_formats = _with_pixels
        self._shown: WeakKeyDictionary[Any, bytes] = WeakKeyDictionary()
        self.events.register("pre_run_cell", self._before_cell)
        self.events.register("post_execute", self._show_canvases)

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        """Carry out `%matplotlib`; canvases of ipympl are widgets that students put beside others, so they stay."""
        return super().enable_matplotlib(gui if gui in ("widget", "ipympl", "agg") else "inline")

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: no loop of events runs."""

    def _update_exit_now(self, change: Any) -> None:
        """Do nothing: the host ends the room. ipykernel would end it a little later, in the midst of another cell."""

    def _before_cell(self, info: Any) -> None:
        if "matplotlib" in str(info.raw_cell):
            with suppress(Exception):  # it may not be there, or be a student's own
                _draw_inline()

    def _show_canvases(self) -> None:
        """Display the canvases that have changed since they were displayed."""
        for figure, canvas in _canvases():
            if not figure.stale and canvas in self._shown:
                continue
            picture = io.BytesIO()
            with suppress(Exception):  # a figure that cannot be drawn said so when it was displayed
                figure.savefig(picture, format="png", dpi="figure")
                figure.stale = False
            digest = hashlib.sha256(picture.getvalue()).digest()
            if picture.getvalue() and self._shown.get(canvas) != digest:
                self._shown[canvas] = digest
                self.display_pub.publish(
                    {"image/png": b64encode(picture.getvalue()).decode(), "text/plain": repr(figure)}
                )


def _draw_inline() -> None:
    """Load the inline backend in the place of each one that draws elsewhere."""
    registry = importlib.import_module("matplotlib.backends.registry").backend_registry
    load = registry.load_backend_module
    if load.__name__ == "load_inline":
        return

    def load_inline(backend: str) -> Any:
        if not backend.lower().startswith(_WINDOWS):
            return load(backend)
        module = load(_INLINE)
        module.configure_inline_support(get_ipython(), _INLINE)
        importlib.import_module("matplotlib").interactive(True)
        return module

    registry.load_backend_module = load_inline


def _canvases() -> Iterator[tuple[Any, Any]]:
    """Yield pyplot's figures that ipympl draws, and their canvases."""
    backend, pyplot = sys.modules.get("ipympl.backend_nbagg"), sys.modules.get("matplotlib._pylab_helpers")
    if backend is None or pyplot is None:
        return
    for manager in pyplot.Gcf.get_all_fig_managers():
        if isinstance(manager.canvas, backend.Canvas):
            yield manager.canvas.figure, manager.canvas


def _drop_shown(message: dict[str, Any]) -> dict[str, Any] | None:
    """Send no canvas that is shown at the end of the cell: ipympl displays it when it is made, and still empty."""
    data = message["content"].get("data", {})
    if _WIDGET in data and "image/png" in data:
        ours = {canvas.model_id for _, canvas in _canvases()}
        if data[_WIDGET].get("model_id") in ours:
            return None
    return message

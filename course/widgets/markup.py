"""Small pieces of HTML and MIME bundles that the course's widgets share."""

from __future__ import annotations

import html
import re
from typing import Any

import ipywidgets as widgets

WIDE = {"width": "auto"}
"""Layout of what takes the room its text needs. Plain data: a widget shared by all would end with
`Widget.close_all()`."""


def inline(text: str) -> str:
    """Return `text` as HTML: special characters escaped, words between backticks as code. LaTeX is left alone."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def status(text: str) -> str:
    """Return a paragraph that screen readers announce when it appears."""
    return f'<p role="status">{inline(text)}</p>'


def alert(text: str) -> str:
    """Return a paragraph that says what is wrong; announced at once."""
    return f'<p role="alert" style="color:#B00020;font-weight:bold;margin:4px 0">{inline(text)}</p>'


def bundle(widget: widgets.Widget, text: str) -> dict[str, Any]:
    """Return what to display: the widget, and `text` where no widget can run."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {"application/vnd.jupyter.widget-view+json": view, "text/plain": text}

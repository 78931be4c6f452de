"""Small pieces of HTML and MIME bundles that the course's widgets share."""

from __future__ import annotations

import html
import re
from typing import Any

import ipywidgets as widgets

from course.checks.scoring import BAD, GOOD

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
    return f'<p role="alert" style="{BAD};font-weight:bold;margin:4px 0">{inline(text)}</p>'


def remark(text: str) -> str:
    """Return a paragraph for what is good to know beside the matter; nothing for no text."""
    return f'<p role="note">{html.escape(text, quote=False)}</p>' if text else ""


def verdict(text: str, right: bool) -> str:
    """Return a paragraph that says whether something is right, in words and by colour and sign."""
    sign = f'<span aria-hidden="true">{"✓" if right else "✗"}</span>'
    return f'<p role="status" style="{GOOD if right else BAD}">{sign} {inline(text)}</p>'


_MINUS = re.compile(r"(?<![\w)\]=−-])-(?=[\d.]|inf\b)")
_PER_CENT = re.compile(r"(?: (?= +[−\d.]+%))?( *[−\d.]*\d)%")
_POWER = re.compile(r"( *)([−-]?)(?<![\w.])((\d(?:\.\d+)?)e([+-]?)0*(\d+))\b")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def typeset(text: str) -> str:
    """Return `text` with numbers as print has them: a real minus sign, powers of ten, a space before the per cent sign.

    Columns stay where they are, and so does code such as `dim=-1`.
    """
    text = _MINUS.sub("−", text)
    text = _POWER.sub(_power, text)
    return _PER_CENT.sub(r"\1 %", text)


def _power(found: re.Match[str]) -> str:
    """Return a number such as 3e-17 as 3·10⁻¹⁷; in a column, the spaces before it make up for the difference."""
    spaces, minus, number, factor, sign, exponent = found.groups()
    shown = factor if exponent == "0" else f"{factor}·10{(sign.strip('+') + exponent).translate(_RAISED)}"
    if len(spaces) > 1:
        spaces = " " * max(1, len(spaces) + len(number) - len(shown))
    return spaces + minus + shown


def bundle(widget: widgets.Widget, text: str) -> dict[str, Any]:
    """Return what to display: the widget, and `text` where no widget can run."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {"application/vnd.jupyter.widget-view+json": view, "text/plain": text}

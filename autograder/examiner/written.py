"""Writes a graded notebook: the bytes of nbformat's own writer, which copies the notebook and is slow to indent."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from json.encoder import encode_basestring as quoted
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4.rwbase import split_lines, strip_transient


def written(notebook: NotebookNode) -> bytes:
    """Return the file of a notebook, whose texts are lists of lines afterwards, as in the file."""
    with contextlib.suppress(nbformat.ValidationError):  # nbformat repairs what it can, and writes the rest as it is
        nbformat.validate(notebook)
    split_lines(notebook)
    strip_transient(notebook)
    return _json(notebook, "\n").encode(errors="replace")


_CONSTANTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: repr,
}


def _json(value: Any, start: str) -> str:
    """Return JSON text whose lines begin with `start`: keys in order, one blank more for each level."""
    if isinstance(value, str):
        return quoted(value)
    if type(value) in _CONSTANTS:
        return _CONSTANTS[type(value)](value)
    if isinstance(value, dict) and value and all(type(key) is str for key in value):
        inner = f"{start} "
        parts = [f"{quoted(key)}: {_json(value[key], inner)}" for key in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(parts)}{start}}}"
    if isinstance(value, list | tuple) and value:
        inner = f"{start} "
        items = map(quoted, value) if set(map(type, value)) == {str} else (_json(item, inner) for item in value)
        return f"[{inner}{f',{inner}'.join(items)}{start}]"
    text = json.dumps(value, indent=1, sort_keys=True, separators=(",", ": "), ensure_ascii=False)
    return text.replace("\n", start)

"""A cell's output messages as notebook outputs, cleaned and cut to a limit.

nbclient's `process_message` does the same for kernels that it trusts: it bounds no size, checks no field, and writes
what a message holds into the notebook as it came.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

from course.handing_in.notebook_parts import new_display, new_error, new_result, new_stream

MAX_RICH_BYTES = 16 * 1024**2
"""Of the pictures, HTML and Markdown of one cell, beside its other output; what is shown of them is chosen later."""

_RICH = ("image/", "application/pdf", "text/html", "text/markdown")
_MAX_JSON_DEPTH = 32
_MAX_TRACEBACK_LINES = 500
_OUR_FRAME = re.compile(r"File [^\n]{0,1000}/student_room/")
"""Beginning of a frame of a traceback that lies in what is mounted into rooms."""


class _Malformed(Exception):
    """The content is not what its message type says."""


class Outputs:
    """Collects outputs until `max_bytes` of them are there; later ones are dropped and a note says so.

    `shown` is applied to each text at the end: it names the folders of a room as people are to see them. `limit` is
    what the note says, if not that of a cell.
    """

    def __init__(self, max_bytes: int, shown: Callable[[str], str] = str, limit: str = "") -> None:
        self._limit = limit or f"a cell keeps {max_bytes} bytes of it"
        self._max_bytes = max_bytes
        self._shown = shown
        self._left = max_bytes
        self._rich_left = MAX_RICH_BYTES
        self._outputs: list[NotebookNode] = []
        self._displays: dict[str, list[NotebookNode]] = {}
        self._clear_before_next = False
        self._cut = False

    def add(self, kind: str, content: dict[str, Any], size: int) -> None:
        """Take one iopub message; anything malformed, or not an output, is ignored."""
        try:
            if kind == "clear_output":
                self._clear_before_next = True
                if not content.get("wait"):
                    self._clear()
            elif kind == "stream":
                self._add_stream(content)
            elif kind in ("display_data", "execute_result", "error"):
                self._add_output(kind, content, size)
            elif kind == "update_display_data":
                self._update_display(content, size)
        except (_Malformed, KeyError, TypeError, ValueError, OverflowError, RecursionError):
            return

    @property
    def kept(self) -> int:
        """Bytes of what was kept, as it came."""
        return self._max_bytes if self._cut else self._max_bytes - self._left

    def finished(self) -> list[NotebookNode]:
        """Return the outputs, with a note at the end if some are missing."""
        for output in self._outputs:
            _rewrite(output, self._shown)
        if not self._cut:
            return self._outputs
        note = f"[output cut: {self._limit}]\n"
        return [*self._outputs, new_stream("stdout", note)]

    def _clear(self) -> None:
        self._clear_before_next = False
        self._outputs.clear()
        self._displays.clear()

    def _grant(self, size: int) -> int:
        """Return how many of `size` bytes may be kept; after the first cut none may."""
        if self._clear_before_next:
            self._clear()
        granted = min(size, self._left)
        self._cut = self._cut or granted < size
        self._left = 0 if self._cut else self._left - granted
        return granted

    def _grant_rich(self, output: NotebookNode) -> int:
        """Leave of an output's pictures and the like what may be kept; return how many bytes they all had."""
        sizes = {
            mime: len(value)
            for mime, value in output.get("data", {}).items()
            if mime.startswith(_RICH) and isinstance(value, str)
        }
        for mime, size in sorted(sizes.items(), key=lambda item: item[1]):
            if size > self._rich_left:
                output.data[mime] = ""  # what shows outputs says that it is not there
            else:
                self._rich_left -= size
        return sum(sizes.values())

    def _add_stream(self, content: dict[str, Any]) -> None:
        name, text = content["name"], _text(content["text"]).encode()
        if name not in ("stdout", "stderr"):
            raise _Malformed
        kept = text[: self._grant(len(text))].decode(errors="ignore")
        last = self._outputs[-1] if self._outputs else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += kept
        elif kept:
            self._outputs.append(new_stream(name, kept))

    def _add_output(self, kind: str, content: dict[str, Any], size: int) -> None:
        output = _build(kind, content)
        size -= self._grant_rich(output)
        if self._grant(size) < size:
            return
        self._outputs.append(output)
        display_id = _display_id(content)
        if display_id is not None:
            self._displays.setdefault(display_id, []).append(output)

    def _update_display(self, content: dict[str, Any], size: int) -> None:
        shown = self._displays.get(_display_id(content) or "", [])
        update = _build("display_data", content)
        size -= self._grant_rich(update) if shown else 0
        if shown and self._grant(size) == size:
            for output in shown:
                output.data, output.metadata = update.data, update.metadata


def _build(kind: str, content: dict[str, Any]) -> Any:
    if kind == "error":
        lines = [_text(line) for line in content["traceback"][:_MAX_TRACEBACK_LINES]]
        return new_error(_text(content["ename"]), _text(content["evalue"]), lines)
    data = {_text(mime): _json(value, _MAX_JSON_DEPTH) for mime, value in content["data"].items()}
    for mime, value in data.items():
        if not isinstance(value, str) and not mime.endswith("json"):
            raise _Malformed
    metadata = _json(content.get("metadata") or {}, _MAX_JSON_DEPTH)
    if not isinstance(metadata, dict):
        raise _Malformed
    if kind == "display_data":
        return new_display(data, metadata)
    count = int(content["execution_count"])
    if count < 0:
        raise _Malformed
    return new_result(data, metadata, count)


def _rewrite(output: NotebookNode, shown: Callable[[str], str]) -> None:
    """Apply `shown` to every text of an output."""
    for key in ("text", "ename", "evalue"):
        if key in output:
            output[key] = shown(output[key])
    if "traceback" in output:
        output.traceback = [shown(line) for line in output.traceback if not _OUR_FRAME.match(line)]
    for mime, value in output.get("data", {}).items():
        if isinstance(value, str) and not mime.startswith("image/"):
            output.data[mime] = shown(value)


def _display_id(content: dict[str, Any]) -> str | None:
    transient = content.get("transient")
    name = transient.get("display_id") if isinstance(transient, dict) else None
    return name if isinstance(name, str) else None


def _text(value: Any) -> str:
    """Return a string that can be written as UTF-8."""
    if not isinstance(value, str):
        raise _Malformed
    return value.encode("utf-8", "replace").decode()


def _json(value: Any, depth: int) -> Any:
    """Return a copy that can be written as JSON: bounded in depth, valid text, finite numbers."""
    if depth == 0:
        raise _Malformed
    if isinstance(value, dict):
        return {_text(key): _json(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item, depth - 1) for item in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

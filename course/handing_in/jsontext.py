"""Reads JSON text piece by piece, and passes over what nobody asks for without parsing it.

A notebook is mostly outputs, which grading throws away. Whatever they hold (a hundred megabytes, a million empty
objects, a thousand levels) costs no more than looking at each byte once, a megabyte at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]  # it is there, and typeshed does not know it
from typing import Any, NamedTuple

import numpy as np

MAX_LEVELS = 100
"""Of lists and objects in a value that is parsed."""

MAX_KEPT_BYTES = 32 * 1024**2
"""Of all values that are parsed."""

MAX_KEPT_VALUES = 1_000_000
"""In all values that are parsed: a list of empty objects takes 24 times as much memory as its text."""

MAX_STEPS = 100_000
"""Members and items that are looked at one by one."""

_FIRST_CHUNK, _CHUNK = 1 << 10, 1 << 20  # bytes looked at in one go; most values are small
_QUOTE = ord('"')
_STEPS = np.zeros(256, np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1
_STARTS_VALUE = np.zeros(256, bool)
_STARTS_VALUE[[ord("["), ord("{"), ord(",")]] = True

_ENDS = frozenset((b"]", b"}"))
_BLANKS = frozenset((b" ", b"\t", b"\r", b"\n"))
_BLANK = re.compile(rb"[ \t\r\n]*")
_SCALAR = re.compile(rb'[^\s,:"\[\]{}]+')
_COMMA_TOO_MANY = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|,(?=\s*[\]}])', re.DOTALL)
_WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_WINDOWS |= {number: chr(number - 0xDC00) for number, text in _WINDOWS.items() if text == "�"}


class BadJson(ValueError):
    """The text is not JSON, or has more than is read; the message says what is wrong, and in which line."""


class Extent(NamedTuple):
    """How far a value reaches, and what it would cost to parse it."""

    end: int
    levels: int = 0
    values: int = 1
    """At least as many as are in it, itself included."""


class JsonText:
    """A position in JSON text, and what can be done with the value that begins there.

    NaN, trailing commas and line breaks in strings are understood. What is passed over is not judged at all.

    Parameters
    ----------
    raw : bytes
        UTF-8. Bytes of strings that are not count as Windows-1252, and `is_utf8` turns false.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        # As long as the text, with neither escaped quotes nor backslashes: outside of strings JSON has none, and a
        # string now ends at the next quote.
        self._plain = raw.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        self._at = 0
        self._steps = self._kept_bytes = self._kept_values = 0
        self.is_utf8 = True

    def peek(self) -> str:
        """Return the first character of what comes next, which is no blank; nothing at the end."""
        first = self._plain[self._at : self._at + 1]
        if first in _BLANKS:
            self._at = _BLANK.match(self._plain, self._at).end()  # type: ignore[union-attr]  # matches anywhere
            first = self._plain[self._at : self._at + 1]
        return chr(first[0]) if first else ""

    def members(self) -> Iterator[str]:
        """Go through the object that begins here: yield each key, before its value; what is not read is passed over.

        Raises
        ------
        BadJson
            If it is none. So do all the others.
        """
        for _ in self._parts("{", "}"):
            if self.peek() != '"':
                raise self._bad("a name in double quotes should be here")
            key = self.value()
            if self.peek() != ":":
                raise self._bad("a colon should be here")
            self._at += 1
            self.peek()
            start = self._at
            yield key
            if self._at == start:
                self.skip()

    def items(self) -> Iterator[None]:
        """Go through the list that begins here, as `members` through an object."""
        for _ in self._parts("[", "]"):
            start = self._at
            yield
            if self._at == start:
                self.skip()

    def _parts(self, opening: str, closing: str) -> Iterator[None]:
        if self.peek() != opening:
            raise self._bad(f"{opening} should be here")
        self._at += 1
        while self.peek() != closing:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise BadJson(f"it has more than {MAX_STEPS:,} names and values outside of its outputs")
            yield
            if self.peek() == ",":
                self._at += 1
            elif self.peek() != closing:
                raise self._bad(f"a comma or {closing} should be here")
        self._at += 1

    def skip(self) -> None:
        """Pass over the value that begins here."""
        self._at = self.extent().end

    def here(self) -> int:
        """Return the place of what comes next, for `skip_from`."""
        self.peek()
        return self._at

    def skip_from(self, place: int) -> None:
        """Leave an object or a list early, which begins at a place of before."""
        self._at = place
        self.skip()

    def value(self) -> Any:
        """Return the value that begins here."""
        extent, start = self.extent(), self._at
        if extent.levels > MAX_LEVELS:
            raise BadJson(f"it is nested too deeply, more than {MAX_LEVELS} levels (line {self._line(start)})")
        self._kept_bytes += extent.end - start
        self._kept_values += extent.values
        if self._kept_bytes > MAX_KEPT_BYTES:
            raise BadJson(f"without its outputs it still has more than {MAX_KEPT_BYTES // 1024**2} MiB")
        if self._kept_values > MAX_KEPT_VALUES:
            raise BadJson(f"without its outputs it still has more than {MAX_KEPT_VALUES:,} values")
        self._at = extent.end
        text = self._decoded(self._raw[start : extent.end])
        try:
            if text[0] == '"':  # most of a notebook
                return scanstring(text, 1, False)[0]
            return _parse(text)
        except json.JSONDecodeError:
            pass
        try:
            return _parse(_COMMA_TOO_MANY.sub(lambda match: match[1] or "", text))
        except json.JSONDecodeError as error:
            line = self._line(start) + error.lineno - 1
            raise BadJson(f"it is not JSON (line {line}: {error.msg[:80]})") from None

    def scalar(self) -> Any:
        """Return the string, number or constant that begins here; a list or an object is passed over for None."""
        if self.peek() in ("[", "{"):
            self.skip()
            return None
        return self.value()

    def rest(self) -> bytes:
        """Return what is left, without blanks around it."""
        return self._raw[self._at :].strip()

    def extent(self) -> Extent:
        """Return how far the value that begins here reaches."""
        first = self.peek()
        if first in ("[", "{"):
            return self._extent_of_container()
        if first == '"':
            end = self._plain.find(b'"', self._at + 1)
            if end < 0:
                raise self._cut_off()
            return Extent(end + 1)
        match = _SCALAR.match(self._plain, self._at)
        if match is None:
            raise self._bad("a value should be here")
        return Extent(match.end())

    def _extent_of_container(self) -> Extent:
        start, size = self._at, _FIRST_CHUNK
        if self._plain[start + 1 : start + 2] in _ENDS:
            return Extent(start + 2, 1, 2)
        depth = quotes = levels = values = 0
        while start < len(self._plain):
            part = np.frombuffer(self._plain, np.uint8, min(size, len(self._plain) - start), start)
            quoted = (quotes + np.cumsum(part == _QUOTE, dtype=np.int32)) % 2
            depths = depth + np.cumsum(np.where(quoted, 0, _STEPS[part]), dtype=np.int32)
            closed = np.flatnonzero(depths == 0)
            stop = int(closed[0]) + 1 if len(closed) else len(part)
            levels = max(levels, int(depths[:stop].max()))
            values += int(np.count_nonzero(_STARTS_VALUE[part[:stop]] & (quoted[:stop] == 0)))
            if len(closed):
                return Extent(start + stop, levels, values + 1)
            depth, quotes = int(depths[-1]), int(quoted[-1])
            start, size = start + len(part), min(4 * size, _CHUNK)
        raise self._cut_off()

    def _decoded(self, raw: bytes) -> str:
        for errors in ("strict", "surrogatepass"):  # some programs write each half of an emoji by itself
            try:
                return raw.decode("utf-8", errors)
            except UnicodeDecodeError:
                continue
        self.is_utf8 = False
        return raw.decode("utf-8", "surrogateescape").translate(_WINDOWS)

    def _bad(self, what: str) -> BadJson:
        if self._at >= len(self._plain):
            return self._cut_off()
        return BadJson(f"it is not JSON (line {self._line(self._at)}: {what})")

    def _cut_off(self) -> BadJson:
        return BadJson("it is not JSON; perhaps the file was cut off")

    def _line(self, at: int) -> int:
        return self._raw.count(b"\n", 0, at) + 1


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else float(digits)


_parse = json.JSONDecoder(strict=False, parse_int=_number).decode  # `json.loads` would make one for each value

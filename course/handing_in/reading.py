"""Reads the bytes of a submitted notebook, whatever program saved them.

What JupyterLab opens is read, valid or not. Only what grading uses is looked at: type, text, id and tags of each cell,
nbgrader's marks, attachments. All else, outputs first, is passed over before anything is judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode, from_dict

from course.handing_in.celltext import is_python
from course.handing_in.jsontext import BadJson, JsonText
from course.handing_in.notebook_parts import new_cell

MAX_NOTEBOOK_BYTES = 128 * 1024**2
"""Largest notebook that is read at all; nearly all of an honest one that is so large are outputs."""

MAX_CELLS = 2000
"""Cells of a notebook that is read at all, empty ones aside; restoring and running each takes time."""

MAX_METADATA_KEYS = 1000
"""In the metadata of a cell, as far as they are looked at; all editors together put in a few dozen."""

_TYPES = {"code": "code", "markdown": "markdown", "raw": "raw"}
_TYPES |= dict.fromkeys(("heading", "html", "text"), "markdown")  # of formats 1 to 3
_TEXTS = ("source", "input", "code", "text")
"""Where a cell's text stands: in format 4, in formats 2 and 3, and in format 1."""

_OF_CODE = {"outputs", "execution_count", "input", "code", "prompt_number"}
_MARKS = {"grade_id", "points", "grade", "solution", "locked", "task", "cell_type", "checksum", "schema_version"}
_SWITCHES = {"deletable", "editable"}
_BOTH_SIDES = re.compile(r"^<{7}[ \n].*^={7}\n.*^>{7}(?:[ \n]|\Z)", re.DOTALL | re.MULTILINE)
_ID = re.compile(r"[\w-]{1,64}")
_NAMED = 5  # cells that a note names

_LOOKS_LIKE = {
    b"PK\x03\x04": "an archive (ZIP)",
    b"\x1f\x8b": "an archive (gzip)",
    b"7z\xbc\xaf": "an archive (7z)",
    b"Rar!": "an archive (RAR)",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<": "a web page",
    b"version https://git-lfs": "the place holder that Git LFS leaves for a file",
    b"[InternetShortcut]": "a link to a web page",
}


class UnreadableNotebook(Exception):
    """A submitted file is not a notebook; the message completes "cannot be read: …"."""


class _Notes:
    """What had to be guessed or was lost: a sentence for each kind, with the cells that it is about."""

    def __init__(self) -> None:
        self._cells: dict[str, list[int]] = {}

    def add(self, what: str, cell: int | None = None) -> None:
        numbers = self._cells.setdefault(what, [])
        if cell is not None and cell not in numbers[-1:]:
            numbers.append(cell)

    def sentences(self) -> list[str]:
        return [f"{_named(numbers)}: {what}" if numbers else what for what, numbers in self._cells.items()]


def _named(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"cell {numbers[0]}"
    shown, more = numbers[:_NAMED], len(numbers) - _NAMED
    if more > 0:
        return f"cells {', '.join(map(str, shown))} and {more} more"
    return f"cells {', '.join(map(str, shown[:-1]))} and {shown[-1]}"


def read_submission(raw: bytes) -> tuple[NotebookNode, list[str]]:
    """Return a submitted notebook with what grading uses of it, and what had to be guessed or was lost, as sentences.

    The cells are of the types code, markdown and raw. Each has its text, clean metadata (`nbgrader`, `tags`,
    `deletable`, `editable`, if they are there) and, if it has one that can be used, its id; two may have the same.

    Parameters
    ----------
    raw : bytes
        The bytes of the file.

    Raises
    ------
    UnreadableNotebook
        Saying what is wrong with the file.
    """
    if len(raw) > MAX_NOTEBOOK_BYTES:
        raise UnreadableNotebook(f"it has {len(raw) / 1024**2:.0f} MiB, more than {MAX_NOTEBOOK_BYTES // 1024**2}")
    notes = _Notes()
    utf8 = _utf8(raw)
    _refuse_conflicts(utf8)
    text = JsonText(utf8)
    if text.peek() != "{":
        raise UnreadableNotebook(_no_notebook(utf8))
    try:
        cells = _cells_of(text, notes)
        if cells is None:
            raise UnreadableNotebook("it is not a Jupyter notebook: it has no cells")
        if rest := text.rest():
            _judge_rest(rest, notes)
    except BadJson as error:
        raise UnreadableNotebook(str(error)) from None
    if not text.is_utf8:
        notes.add("the file is not in UTF-8; its text was read as Windows-1252, and accents may be wrong")
    # Of 4.4 and not 4.5, whose rules for ids nbconvert enforces by making new ones.
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return from_dict(notebook), notes.sentences()


def refusal(notebook: str, error: UnreadableNotebook) -> str:
    """Return the sentences that a student reads whose notebook cannot be read: which file, why, and what to do.

    Parameters
    ----------
    notebook : str
        Its name without the suffix.
    """
    return f"{notebook}.ipynb cannot be read: {error}. Please hand it in again as JupyterLab saves it."


def _utf8(raw: bytes) -> bytes:
    """Return text in UTF-8 without byte order mark, and without the zero bytes that a failing disk puts at an end."""
    encoding = json.detect_encoding(raw[:4])
    if encoding.startswith(("utf-16", "utf-32")):
        width = int(encoding[4:6]) // 8
        raw = raw[: len(raw) // width * width].decode(encoding, "replace").encode()
    return raw.removeprefix(b"\xef\xbb\xbf").rstrip(b"\0 \t\r\n")


def _no_notebook(text: bytes) -> str:
    if not text:
        return "it is empty"
    for start, what in _LOOKS_LIKE.items():
        if text[:100].lstrip().startswith(start):
            return f"it is {what}, not a notebook"
    return "it is not a Jupyter notebook, which begins with {"


def _refuse_conflicts(text: bytes) -> None:
    """Refuse what git leaves where it could not merge; which side is meant is the student's to say."""
    for mark in (b"<<<<<<< ", b">>>>>>> "):
        at = 0 if text.startswith(mark) else text.find(b"\n" + mark) + 1
        if at or text.startswith(mark):
            line = text.count(b"\n", 0, at) + 1
            raise UnreadableNotebook(f"it holds both sides of a merge conflict (line {line}); one has to be chosen")


def _judge_rest(rest: bytes, notes: _Notes) -> None:
    if rest.startswith(b"{"):
        raise UnreadableNotebook("it holds two notebooks, one behind the other; one has to be chosen")
    notes.add("something stood behind the end of the notebook; it was not read")


def _cells_of(text: JsonText, notes: _Notes, *, sent: bool = False) -> list[NotebookNode] | None:
    """Return the cells of the notebook that begins here, wherever a version of the format has them; None if nowhere."""
    cells: list[NotebookNode] | None = None
    for key in text.members():
        kind = text.peek()
        if key == "cells" and kind == "[":
            cells = list(_bounded(_cells(text, notes)))
        elif key == "worksheets" and kind == "[" and not cells:
            cells = list(_bounded(_of_worksheets(text, notes)))
        elif key == "content" and kind == "{" and not cells and not sent:  # as Jupyter's server sends a file
            cells = _cells_of(text, notes, sent=True)
        elif key == "nbformat":
            version = text.scalar()
            if isinstance(version, int | float) and version > 4:
                notes.add(f"the file says that its format is {version}; it was read as format 4")
    return cells


def _of_worksheets(text: JsonText, notes: _Notes) -> Iterator[NotebookNode]:
    before = 0
    for _ in text.items():
        if text.peek() == "{":
            for key in text.members():
                if key == "cells" and text.peek() == "[":
                    for cell in _cells(text, notes, before):
                        before += 1
                        yield cell


def _bounded(cells: Iterator[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield so many cells and no more; of the empty ones without a role in grading those that there is room for."""
    full = empty = 0
    for cell in cells:
        is_empty = not cell.source.strip() and "nbgrader" not in cell.metadata
        empty += is_empty
        full += not is_empty
        if full > MAX_CELLS:
            raise UnreadableNotebook(f"it has more than {MAX_CELLS:,} cells")
        if not is_empty or empty <= MAX_CELLS:
            yield cell


def _cells(text: JsonText, notes: _Notes, before: int = 0) -> Iterator[NotebookNode]:
    for number, _ in enumerate(text.items(), before + 1):
        if text.peek() == "{":
            yield _cell(text, number, notes)
        else:
            notes.add("not a cell; left out", number)


def _cell(text: JsonText, number: int, notes: _Notes) -> NotebookNode:
    found: dict[str, Any] = {}
    for key in text.members():
        if key in _TEXTS:
            found[key] = _pieces(text, number, notes)
        elif key == "metadata":
            found[key] = _metadata(text, number, notes)
        elif key == "attachments":
            found[key] = _attachments(text, number, notes)
        elif key in ("cell_type", "id", "level"):
            found[key] = _scalar(text, number, notes)
        else:
            found[key] = None
    metadata = found.get("metadata") or {}
    id_of_colab = metadata.pop("id", None)  # which keeps it with the metadata
    own_id = _id(found.get("id")) or _id(id_of_colab)
    cell_type = _cell_type(found, metadata, number, notes)
    pieces: list[str] = next((found[key] for key in _TEXTS if found.get(key) is not None), [])
    source = _code(pieces, number, notes) if cell_type == "code" else "".join(pieces)
    source = _whole(source, number, notes)
    if found.get("cell_type") == "heading":
        level = found.get("level")
        level = level if isinstance(level, int) and 1 <= level <= 6 else 1
        source = f"{'#' * level} {' '.join(source.splitlines())}"
    if _BOTH_SIDES.search(source):
        notes.add("both sides of a merge conflict are in it; one has to be chosen", number)
    cell = new_cell(cell_type, source, metadata)
    del cell["id"]
    if own_id:
        cell["id"] = own_id
    if cell_type != "code" and found.get("attachments"):
        cell["attachments"] = from_dict(found["attachments"])
    return cell


def _cell_type(found: dict[str, Any], metadata: dict[str, Any], number: int, notes: _Notes) -> str:
    told = found.get("cell_type")
    if isinstance(told, str) and told.strip().lower() in _TYPES:
        return _TYPES[told.strip().lower()]
    if isinstance(told, str):
        notes.add("of a type that Jupyter does not have; kept as raw text", number)
        return "raw"
    marked = metadata.get("nbgrader", {}).get("cell_type")
    guess = _TYPES.get(marked, "") if isinstance(marked, str) else ""
    guess = guess or ("code" if _OF_CODE & found.keys() else "markdown")
    notes.add(f"without a type; taken for {guess}", number)
    return guess


def _code(pieces: list[str], number: int, notes: _Notes) -> str:
    """Return what pieces of code are together, as Jupyter joins them, or as a program that wrote lines meant."""
    joined, lines = "".join(pieces), "\n".join(pieces)
    if len(pieces) < 2 or joined.splitlines()[1:] or is_python(joined) or not is_python(lines):
        return joined
    notes.add("its lines had no ends; each piece of its text was read as a line", number)
    return lines


def _pieces(text: JsonText, number: int, notes: _Notes) -> list[str] | None:
    """Return the pieces of a cell's text: a string, or those in lists, however deep; None where null stands."""
    pieces: list[str] = []
    lost = False
    waiting = [text.value()]
    if waiting == [None]:
        return None
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            lost = True
        elif value is not None:
            pieces.append(str(value))
    if lost:
        notes.add("its text is broken; what is no text was left out", number)
    return pieces


def _scalar(text: JsonText, number: int, notes: _Notes) -> Any:
    value = text.scalar()
    return _whole(value, number, notes) if isinstance(value, str) else value


def _whole(source: str, number: int, notes: _Notes) -> str:
    """Return text with halves of a character joined, or replaced where one is missing: no file can hold half of one."""
    try:
        source.encode()
    except UnicodeEncodeError:
        source = source.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if "�" in source:
            notes.add("half a character was replaced by �", number)
    return source


def _metadata(text: JsonText, number: int, notes: _Notes) -> dict[str, Any]:
    """Return what grading uses of a cell's metadata, if it is of the right kind; nothing else is parsed."""
    clean: dict[str, Any] = {}
    if text.peek() != "{":
        return clean
    start = text.here()
    for count, key in enumerate(text.members()):
        if count == MAX_METADATA_KEYS:
            notes.add(f"its metadata have more than {MAX_METADATA_KEYS:,} keys; the others were not read", number)
            text.skip_from(start)
            break
        if key == "nbgrader" and text.peek() == "{":
            marks = {mark: _scalar(text, number, notes) for mark in text.members() if mark in _MARKS}
            if isinstance(marks.get("grade_id"), str) and marks["grade_id"]:
                clean[key] = marks
        elif key == "tags":
            tags = text.value()
            tags = [tags] if isinstance(tags, str) else tags
            if isinstance(tags, list):
                clean[key] = [_whole(tag, number, notes) for tag in tags if isinstance(tag, str)]
        elif key in _SWITCHES or key == "id":
            value = _scalar(text, number, notes)
            if isinstance(value, bool) or key == "id":
                clean[key] = value
    return clean


def _attachments(text: JsonText, number: int, notes: _Notes) -> dict[str, dict[str, str]]:
    """Return the attachments of a cell: by name and by media type their data, which are text."""
    clean: dict[str, dict[str, str]] = {}
    if text.peek() != "{":
        return clean
    for name in text.members():
        if text.peek() != "{":
            continue
        for kind in text.members():
            data = "".join(_pieces(text, number, notes) or [])
            if data:
                kept = clean.setdefault(_whole(name, number, notes), {})
                kept[_whole(kind, number, notes)] = _whole(data, number, notes)
    return clean


def _id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""

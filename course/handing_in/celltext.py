"""Compares the texts of cells, and reads from code which names it defines, without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import lru_cache


def _region(name: str) -> re.Pattern[str]:
    edge = rf"^[^\n]*{{}} {name}[^\n]*\n"  # as nbgrader has it: the words may stand anywhere in the line
    return re.compile(f"{edge.format('BEGIN')}.*?{edge.format('END')}?", re.DOTALL | re.MULTILINE)


_HIDDEN = _region("HIDDEN TESTS")
_MARK_SCHEME = _region("MARK SCHEME")
_COMMENT_LINE = re.compile(r"^[ \t]*#(?!\s*%)[^\n]*$", re.MULTILINE)
_HTML_COMMENT = re.compile(r"<!--(?:[^-]|-(?!->))*-->")
_DEFINED = re.compile(
    r"^(?:(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)"
    r"|(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]*(?::[^=\n]+)?=(?!=)"
    r"|(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+([^\n#]+))",
    re.MULTILINE,
)

_MOST_LONGER = 5000
"""Characters by which a text may be longer than another before they are compared as lines only."""


def visible_part(source: str) -> str:
    """Return the code of a test cell without the hidden tests, as students have it."""
    return _HIDDEN.sub("", source)


def visible_text(source: str) -> str:
    """Return the text of a cell as students have it, without hidden tests and mark schemes."""
    return _MARK_SCHEME.sub("", visible_part(source))


def squeezed(text: str, cell_type: str) -> str:
    """Return a text without its blanks, line ends and comments; texts alike in all else have the same."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = (_COMMENT_LINE if cell_type == "code" else _HTML_COMMENT).sub("", text)
    return "".join(text.split())


def says_the_same(text: str, other: str, cell_type: str) -> bool:
    """Tell whether two texts differ in blanks, line ends and comments at most, or in how code is laid out."""
    if squeezed(text, cell_type) == squeezed(other, cell_type):
        return True
    if cell_type != "code" or abs(len(text) - len(other)) > _MOST_LONGER:
        return False
    meaning = _meaning(other)
    return meaning is not None and _meaning(text) == meaning


def is_python(code: str) -> bool:
    """Tell whether Python itself can read code, which it cannot if there are magics in it."""
    return _meaning(code) is not None


@lru_cache(maxsize=256)
def _meaning(code: str) -> str | None:
    """Return what Python reads in code; None if that is not Python's own syntax."""
    try:
        return ast.dump(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def rest_of(text: str, known: str) -> str:
    """Return what was written before or behind a known text, or all of it if that does not stand there unbroken."""
    text, known = text.replace("\r\n", "\n"), known.strip()
    if not known or known not in text:
        return text
    before, _, after = text.partition(known)
    return "\n\n".join(part.strip() for part in (before, after) if part.strip())


def joined_to(pieces: Sequence[str], whole: str, cell_type: str) -> bool:
    """Tell whether pieces, in order, say what a whole says."""
    return says_the_same("\n".join(pieces), whole, cell_type)


def names_defined(code: str) -> frozenset[str]:
    """Return the names to which code gives a value at its outermost level, also if it is not Python throughout."""
    found: set[str] = set()
    for defined, assigned, imported in _DEFINED.findall(code):
        found |= {defined} - {""}
        found |= {name.strip() for name in assigned.split(",") if name.strip()}
        for part in imported.strip("() ").split(","):
            words = part.split()
            if words:
                found.add(words[-1].partition(".")[0])
    return frozenset(found)

"""What the class report wants to know of a graded notebook beside its verdict: whose words these are, and which file.

It is made where the notebook is graded, and kept in the gradebook, so that a report need not read the notebooks of a
whole class again.
"""

from __future__ import annotations

import builtins
import hashlib
import keyword
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

from course.handing_in.sourcecells import SourceNotebook

FORM = 1
"""Of summaries: whoever changes what is in one counts it up, and those of before are made anew."""
MOST_CODE = 100_000
"""Characters of code of one cell that are kept, to compare it with others'."""
_TOKEN = re.compile(r"(?P<left_out>#[^\n]*|\"\"\".*?\"\"\"|'''.*?''')|\.?\w+|[^\w\s]", re.DOTALL)
_NAME = "a name"
_KNOWN = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})
_FIRST, _FIRST_SURROGATE, _SURROGATES = ord("0"), 0xD800, 0x800


@dataclass(frozen=True)
class Summary:
    """What is kept of one graded notebook."""

    kind: str
    """Of the form, and of the assignment whose own lines are not in it: `kind_of`."""
    content: str
    """`content_hash` of the file of which it was made."""
    words: tuple[str, ...] = ()
    """The different tokens of what the student wrote; number n is written as `letter(n)`."""
    code: Mapping[str, str] = field(default_factory=dict)
    """What the student wrote, by cell, a letter for each token. Cells of the student's own are together under an empty
    name."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return what `asdict` gave."""
        return cls(**{**data, "words": tuple(data["words"])})


def summarise(notebook: Mapping[str, Any], content: bytes, source: SourceNotebook) -> Summary:
    """Return the summary of a graded notebook.

    Parameters
    ----------
    notebook : Mapping[str, Any]
        As JSON has it.
    content : bytes
        Its file.
    source : SourceNotebook
        The assignment's; its lines are no code of the student's.
    """
    code = student_code(notebook["cells"], given_lines(source.text))
    alphabet: dict[str, str] = {}
    letters = {name: encoded(tokens(text), alphabet) for name, text in code.items()}
    return Summary(kind_of(source.text), content_hash(content), tuple(alphabet), letters)


@lru_cache
def kind_of(source: str) -> str:
    """Return what the summaries of an assignment's notebook have in common.

    Parameters
    ----------
    source : str
        `SourceNotebook.text`.
    """
    known = " ".join(sorted(_KNOWN))  # another Python has other builtins
    return hashlib.sha256(f"{FORM} {known} {source}".encode(errors="surrogatepass")).hexdigest()


def content_hash(content: bytes) -> str:
    """Return the hash by which a file is known again."""
    return hashlib.sha256(content).hexdigest()


@lru_cache
def given_lines(source: str) -> frozenset[str]:
    """Return the lines of an assignment's notebook as students get it, without spaces around them.

    Parameters
    ----------
    source : str
        `SourceNotebook.text`.
    """
    notebook = SourceNotebook.from_text(source)
    texts = [*(cell.source for cell in notebook.cells), *(cell.source for cell in notebook.released)]
    return frozenset(line.strip() for text in texts for line in text.splitlines())


def student_code(cells: Sequence[Mapping[str, Any]], given: Collection[str]) -> dict[str, str]:
    """Return what a student wrote, by cell, without the assignment's own lines."""
    code: dict[str, list[str]] = {}
    for cell in cells:
        ours = cell["metadata"].get("nbgrader", {})
        if cell.get("cell_type") == "code" and not (
            ours.get("locked") or (ours.get("grade") and not ours.get("solution"))
        ):
            source = cell.get("source", "")
            lines = ("".join(source) if isinstance(source, list) else str(source)).splitlines()
            own = [line for line in lines if line.strip() and line.strip() not in given]
            code.setdefault(ours.get("grade_id", ""), []).extend(own)
    return {name: "\n".join(lines)[:MOST_CODE] for name, lines in code.items() if lines}


def tokens(code: str) -> list[str]:
    """Return the tokens of a piece of code without comments and docstrings; it need not be Python that runs.

    Names that are neither Python's nor attributes are all the same token: whoever copies renames.
    """
    found = (match[0] for match in _TOKEN.finditer(code) if not match["left_out"])
    return [_NAME if token.isidentifier() and token not in _KNOWN else token for token in found]


def encoded(words: Iterable[str], alphabet: dict[str, str]) -> str:
    """Return words as one letter each, with which `alphabet` is filled."""
    words = list(words)
    for word in dict.fromkeys(words):
        if word not in alphabet:
            alphabet[word] = letter(len(alphabet))
    return "".join(map(alphabet.__getitem__, words))


def letter(number: int) -> str:
    """Return the letter of a word that is the one of this number in an alphabet."""
    point = number + _FIRST
    return chr(point if point < _FIRST_SURROGATE else point + _SURROGATES)


def number_of(letter: str) -> int:
    """Return the number whose letter this is."""
    point = ord(letter)
    return (point if point < _FIRST_SURROGATE else point - _SURROGATES) - _FIRST

"""Finds submissions whose code is nearly the same, when the assignment's own text has been taken out of it.

Code is compared token by token; comments, layout and the names that students gave do not count. That two programs are
alike proves nothing, and short ones always are, so a person has to look.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from autograder.reports.results import ClassResults

ALIKE = 95.0
"""Per cent of the tokens that two programs have in common, in the same order, to be listed."""
SHORTEST = 80
"""Tokens of a program that is compared at all."""
LONGEST = 10_000
"""Tokens of a program that are compared; nobody writes more by hand."""
BLOCK = 256
"""Programs that are compared with all others at a time, so that a large class takes little memory."""

_TOKEN = re.compile(r"(?P<left_out>#[^\n]*|\"\"\".*?\"\"\"|'''.*?''')|\.?\w+|[^\w\s]", re.DOTALL)
_FIRST_SURROGATE, _SURROGATES = 0xD800, 0x800
_NAME = "a name"
_KNOWN = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})


@dataclass(frozen=True)
class Alike:
    """Students whose code is nearly the same."""

    students: tuple[str, ...]
    least: float
    """Per cent that the two most different neighbours among them have in common."""
    tokens: int
    """Of the shortest of their programs."""


def near_identical(results: ClassResults) -> list[Alike]:
    """Return groups of students with nearly the same code, the largest first.

    In a group each program is alike to at least one other, not necessarily to all.
    """
    alphabet: dict[str, str] = {}
    programs: dict[str, list[str]] = {}
    for student in results.students:
        words = [word for cell in sorted(student.code) for word in tokens(student.code[cell])]
        if len(words) >= SHORTEST:
            programs.setdefault(encoded(words[:LONGEST], alphabet), []).append(student.id)
    texts = list(programs)
    if not texts:
        return []
    one, other, shares = _pairs(texts)
    _, group = connected_components(coo_array((shares, (one, other)), shape=(len(texts),) * 2), directed=False)
    found = []
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        students = sorted(student for member in members for student in programs[texts[member]])
        if len(students) > 1:
            inside = shares[group[one] == number]
            found.append(
                Alike(
                    tuple(students),
                    least=float(inside.min()) if inside.size else 100.0,
                    tokens=min(len(texts[member]) for member in members),
                )
            )
    return sorted(found, key=lambda alike: (-len(alike.students), -alike.tokens, alike.students))


def _pairs(texts: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which of these texts are alike, each pair once, and how much."""
    found = []
    for start in range(0, len(texts), BLOCK):
        rows = process.cdist(
            texts[start : start + BLOCK], texts[start:], scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.float32
        )
        one, other = np.nonzero(np.triu(rows, 1))
        found.append((one + start, other + start, rows[one, other]))
    one, other, shares = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return one, other, shares


def likeness(one: str, other: str) -> float:
    """Return how alike two pieces of code are, 0 to 1."""
    alphabet: dict[str, str] = {}
    return fuzz.ratio(encoded(tokens(one), alphabet), encoded(tokens(other), alphabet)) / 100


def tokens(code: str) -> list[str]:
    """Return the tokens of a piece of code without comments and docstrings; it need not be Python that runs.

    Names that are neither Python's nor attributes are all the same token: whoever copies renames.
    """
    found = (match[0] for match in _TOKEN.finditer(code) if not match["left_out"])
    return [_NAME if token.isidentifier() and token not in _KNOWN else token for token in found]


def encoded(words: Iterable[str], alphabet: dict[str, str]) -> str:
    """Return words as one character each, with which `alphabet` is filled."""
    words = list(words)
    for word in dict.fromkeys(words):
        if word not in alphabet:
            alphabet[word] = _letter(len(alphabet))
    return "".join(map(alphabet.__getitem__, words))


def _letter(number: int) -> str:
    return chr(number if number < _FIRST_SURROGATE else number + _SURROGATES)

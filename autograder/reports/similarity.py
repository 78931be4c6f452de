"""Finds submissions whose code is nearly the same, when the assignment's own text has been taken out of it.

Code is compared token by token; comments, layout and the names that students gave do not count. That two programs are
alike proves nothing, and short ones always are, so a person has to look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz, process

from autograder.examiner.summary import encoded, letter
from autograder.reports.graded_notebook import Code
from autograder.reports.neighbours import near
from autograder.reports.results import ClassResults

ALIKE = 95.0
"""Per cent of the tokens that two programs have in common, in the same order, to be listed."""
SHORTEST = 80
"""Tokens of a program that is compared at all."""
LONGEST = 10_000
"""Tokens of a program that are compared; nobody writes more by hand."""
BLOCK = 100_000
"""Pairs that are compared at a time, so that a large class takes little memory."""

_AT_A_TIME = 256
_KINDS = 64
"""Into how many kinds tokens are put to be counted."""


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
        program = "".join(_in_letters(student.code[cell], alphabet) for cell in sorted(student.code))
        if len(program) >= SHORTEST:
            programs.setdefault(program[:LONGEST], []).append(student.id)
    texts = list(programs)
    if not texts:
        return []
    one, other, shares = pairs(texts)
    group = _connected(len(texts), one, other)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for text, number in enumerate(group.tolist()):
        members[number].append(text)
    least = np.full(len(texts), 100.0, np.float32)
    np.minimum.at(least, group[one], shares)
    found = []
    for number, alike in members.items():
        students = sorted(student for text in alike for student in programs[texts[text]])
        if len(students) > 1:
            found.append(Alike(tuple(students), float(least[number]), min(len(texts[text]) for text in alike)))
    return sorted(found, key=lambda alike: (-len(alike.students), -alike.tokens, alike.students))


def pairs(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which of these texts are alike, each pair once, and how much.

    What two texts lack of each other's letters, they lack in any order: those that differ too much in how often they
    have each are not compared.
    """
    letters = [np.frombuffer(text.encode("utf-32-le"), np.uint32) % _KINDS for text in texts]
    counts = np.array([np.bincount(each, minlength=_KINDS) for each in letters])
    one, other = near(counts, 1 - ALIKE / 100)
    shares = [np.empty(0, np.float32)]
    for start in range(0, len(one), BLOCK):
        here = slice(start, start + BLOCK)
        rows = ([texts[number] for number in numbers[here]] for numbers in (one, other))
        shares.append(process.cpdist(*rows, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.float32))
    share = np.concatenate(shares)
    return one[share > 0], other[share > 0], share[share > 0]


def _connected(size: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return for each of so many the lowest number that it is connected with."""
    group = np.arange(size)
    before = None
    while before is None or (group != before).any():
        before = group.copy()
        for ends in (one, other):
            np.minimum.at(group, ends, np.minimum(before[one], before[other]))
        group = group[group]
    return group


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how alike two pieces of code are, as tokens, 0 to 1."""
    alphabet: dict[str, str] = {}
    return fuzz.ratio(encoded(one, alphabet), encoded(other, alphabet)) / 100


def _in_letters(code: Code, alphabet: dict[str, str]) -> str:
    """Return a piece of code in the letters of the class, with which `alphabet` is filled."""
    for word in code.words:
        if word not in alphabet:
            alphabet[word] = letter(len(alphabet))
    points = _points(-(-len(code.words) // _AT_A_TIME))
    return code.letters.translate(dict(zip(points, map(alphabet.__getitem__, code.words), strict=False)))


@lru_cache
def _points(many: int) -> list[int]:
    """Return the code points of the first letters of any alphabet."""
    return [ord(letter(number)) for number in range(many * _AT_A_TIME)]

"""Tables that are sorted by any column without a script: each row knows its ranks, and the style sheet orders them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import east_asian_width

WIDEST = 32.0
"""Letters of a word for which a column makes room; longer ones are broken."""
WIDE = 1.7
"""Width of a wide letter, in letters of usual width."""


def ranks(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return for each row the style that holds its rank in each column; None comes last.

    Parameters
    ----------
    rows : Sequence[Sequence[Any]]
        What each row is sorted by, column by column.
    """
    styles: list[list[str]] = [[] for _ in rows]
    for number, column in enumerate(zip(*rows, strict=True), start=1):
        there = sorted({value for value in column if value is not None})
        rank = {value: place for place, value in enumerate(there)}
        for style, value in zip(styles, column, strict=True):
            style.append(f"--s{number}:{len(there) if value is None else rank[value]}")
    return [";".join(style) for style in styles]


def longest_word(texts: Iterable[str]) -> float:
    """Return how wide the widest word is that is not to be broken, in letters of usual width."""
    words = (word for text in texts for word in re.split(r"[\s_-]", text))
    return max((min(sum(map(_width, word)), WIDEST) for word in words), default=0.0)


def _width(letter: str) -> float:
    return WIDE if letter in "mwMW@" or east_asian_width(letter) in "WF" else 1.0

"""Tables that are sorted by any column without a script: each row knows its ranks, and the style sheet orders them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


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

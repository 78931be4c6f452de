"""Makes plain data of what a student's function gives: a `defaultdict` is a dict, a named tuple a tuple.

Only exact types leave the student's side; to ask for them would be to ask for more than the tasks do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

MAX_DEPTH = 32
"""Levels of nesting that are looked into; what is deeper, or contains itself, stays as it is."""

_SCALARS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
)
_SEQUENCES: tuple[type, ...] = (list, tuple, set, frozenset)


def plain_result(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return `plain` of what `function(*args, **kwargs)` gives."""
    return plain(function(*args, **kwargs))


def plain(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return the value with the built-in type in place of each subclass of one, in containers too.

    The subclass has no say in it: its contents are read by the methods of the built-in type. A mapping that is no dict
    becomes one. NumPy's numbers stay as they are.
    """
    if depth == 0 or value is None or (isinstance(value, bool | np.generic) and not isinstance(value, str)):
        return value
    if isinstance(value, dict):
        return {plain(key, depth - 1): plain(item, depth - 1) for key, item in dict.items(value)}
    if isinstance(value, Mapping):
        return {plain(key, depth - 1): plain(value[key], depth - 1) for key in value}
    for kind in _SEQUENCES:
        if isinstance(value, kind):
            return kind(plain(item, depth - 1) for item in kind.__iter__(value))  # type: ignore[attr-defined]
    for kind, of in _SCALARS:
        if isinstance(value, kind):
            return of(value)
    return value

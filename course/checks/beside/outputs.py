"""Gives what a student's functions returned as plain data: a named tuple or an ordered dict would stay in the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from course.checks.messages import NotNumbersError, numbers


def plain_pair(output_layer: Callable[[str], Any], task: str) -> Any:
    """Return `output_layer(task)`; as a tuple of strings if it is one, whatever the classes of tuple and strings."""
    answer = output_layer(task)
    if isinstance(answer, tuple) and all(isinstance(name, str) for name in answer):
        # str(name) of a member of an Enum is the member's name, not its value.
        return tuple(str.__str__(name) for name in answer)
    return answer


def plain_training(train: Callable[..., Any], X: Any, y: Any, steps: int) -> Any:
    """Return `train(X, y, steps=steps)`; as a dict of arrays if it is a mapping, whatever its class."""
    result = train(X, y, steps=steps)
    if not isinstance(result, Mapping):
        return result
    return {key: _plain(result[key]) for key in ("losses", "probabilities") if key in result}


def _plain(value: Any) -> Any:
    try:
        return numbers(value)
    except NotNumbersError:
        return value  # the trusted side says what it is

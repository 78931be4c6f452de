"""What a student's function gives, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course.checks import student_side
from course.checks.beside.plain import plain_result


def result_of(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what `function(*args, **kwargs)` gives on the student's side; a kind of dict, list or tuple as such.

    Raises
    ------
    Exception
        Whatever the function raises.
    """
    return student_side.run(plain_result, function, *args, **kwargs)

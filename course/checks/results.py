"""What a student's function gives, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from course.checks import student_side
from course.checks.beside.networks import result_and_state
from course.checks.beside.plain import plain_result


def result_of(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what `function(*args, **kwargs)` gives on the student's side; a kind of dict, list or tuple as such.

    Raises
    ------
    Exception
        Whatever the function raises.
    """
    return student_side.run(plain_result, function, *args, **kwargs)


def result_with_network(function: Callable[..., Any], model: nn.Module, *args: Any, in_training: bool = True) -> Any:
    """Return what `function(model, *args)` gives, called as where its traces are looked for: no call tells which it is.

    Parameters
    ----------
    function : Callable[..., Any]
        The student's.
    model : nn.Module
        The network; the function gets a copy.
    args : Any
        Further arguments.
    in_training : bool, optional
        As for `result_and_state`.

    Raises
    ------
    Exception
        Whatever the function raises.
    """
    return student_side.run(result_and_state, function, model, *args, in_training=in_training)["result"]

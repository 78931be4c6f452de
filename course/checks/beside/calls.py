"""Questions put to a student's function that only an observer next to it can answer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np


def warnings_of(function: Callable[[Any], Any], x: Any) -> list[str]:
    """Return the texts of the floating-point warnings given while `function(x)` runs."""
    import warnings

    # Underflow to zero or a subnormal is no mistake: exp(-1000) is 0.
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        function(x)
    return [str(warning.message) for warning in caught if issubclass(warning.category, RuntimeWarning)]


def argument_after_call(function: Callable[[Any], Any], x: Any) -> Any:
    """Return the array or tensor handed to `function` as it is after the call."""
    x = copy.deepcopy(x)
    function(x)
    return x


def with_labels(loss: Callable[[Any, Any], Any], y: Any) -> Callable[[Any], Any]:
    """Return `loss(logits, y)` as a function of the logits alone.

    Called beside the student's code by `student_side.run`, it gives the functions of this module one argument.
    """
    return lambda logits: loss(logits, y)

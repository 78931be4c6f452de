"""What is expected of a function of numbers apart from its values: no warning, and its arguments left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.checks import student_side
from course.checks.beside.calls import observed, observed_each


class Observed:
    """A student's function that is called alike whatever is tested; warnings and changed arguments are kept.

    Parameters
    ----------
    function : Callable[..., Any]
        The student's function, of arrays or tensors. It gets copies, so nothing it writes comes back.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.warnings: list[str] = []
        """NumPy's warnings in the last call."""
        self._wrote_into_arguments = False

    def __call__(self, *arguments: Any, layout: str = "", **options: Any) -> Any:
        """Return what the function returns.

        Parameters
        ----------
        *arguments : Any
            Arrays or tensors.
        layout : str, optional
            How the first one lies in memory, one of `beside.calls.LAYOUTS`.
        **options : Any
            Arguments by name.
        """
        return self._noted(arguments, *student_side.run(observed, self.function, arguments, options, layout))

    def each(self, *inputs: Any, layout: str = "") -> Iterator[Any]:
        """Yield what the function returns for one input after the other: the same as calls, and all in one question.

        Parameters
        ----------
        *inputs : Any
            Arrays or tensors.
        layout : str, optional
            As in a call.
        """
        told = student_side.run(observed_each, self.function, list(inputs), layout)
        for x, seen in zip(inputs, told, strict=False):
            yield self._noted((x,), *seen)
        for x in inputs[len(told) :]:
            yield self(x, layout=layout)  # it failed; asked by itself, it says why

    def _noted(self, arguments: tuple[Any, ...], result: Any, warnings: list[str], after: list[Any]) -> Any:
        self.warnings = warnings
        if not all(map(_same, arguments, after)):
            self._wrote_into_arguments = True
        return result

    def expect_no_warning(self) -> None:
        """Expect that NumPy warned of nothing in the last call: no overflow, no invalid value.

        Raises
        ------
        AssertionError
            With the first warning.
        """
        if self.warnings:
            raise AssertionError(f"NumPy warned: {self.warnings[0]}.")

    def expect_arguments_unchanged(self) -> None:
        """Expect that the arguments of all calls so far held the same numbers afterwards.

        Raises
        ------
        AssertionError
            If one did not.
        """
        if self._wrote_into_arguments:
            raise AssertionError("The function writes into what it was given; work on a copy.")


def _same(before: Any, after: Any) -> bool:
    before, after = (np.asarray(x.detach() if hasattr(x, "detach") else x) for x in (before, after))
    numeric = before.dtype.kind in "fc"
    return before.dtype == after.dtype and np.array_equal(before, after, equal_nan=numeric)

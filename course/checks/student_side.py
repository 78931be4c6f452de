"""What must run where the student's code lives: in this kernel, or in the grader's student room.

Test cells use `run` for the little that only makes sense next to the student's function (was its
argument changed? did it warn?). In a student's own JupyterLab that is this very process. The grader
replaces the side with `switch`, and then the helper travels to the student room and only plain data
(numbers, strings, arrays, tensors, containers of them) comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class StudentSide(Protocol):
    """Where student code runs."""

    def run(self, helper: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call `helper(*args, **kwargs)` next to the student's code."""


class SameKernel:
    """The student's own kernel: helpers are called directly, nothing travels."""

    def run(self, helper: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the helper here."""
        return helper(*args, **kwargs)


_side: StudentSide = SameKernel()


def switch(side: StudentSide) -> StudentSide:
    """Make `run` work on another side, and return the one it worked on; for graders."""
    global _side
    before, _side = _side, side
    return before


def run(helper: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `helper(*args, **kwargs)` next to the student's code and return its plain result.

    Parameters
    ----------
    helper : Callable[..., Any]
        Function that needs nothing but its arguments and importable modules.
    args, kwargs : plain data or functions of the student

    Raises
    ------
    Exception
        Whatever the student's code raised, as an instance of the same built-in exception.
    """
    return _side.run(helper, *args, **kwargs)


def type_name(value: Any) -> str:
    """Return the name of a value's class, for messages; also of a value that stayed on the other side."""
    name = getattr(type(value), "student_type_name", None)
    return str(name(value)) if name else type(value).__name__


def seed_generators() -> None:
    """Seed Python's, NumPy's and torch's global random generators.

    The grader does this on both sides before each submission, so that code which forgot to seed is graded
    the same every time.
    """
    import random
    import sys

    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)

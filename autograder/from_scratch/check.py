"""Gives a test cell the student's function, run apart from the notebook, if it was written from scratch."""

from __future__ import annotations

import ast
from typing import Any

from autograder.from_scratch.rules import violations
from autograder.from_scratch.slicing import slice_of
from course.checks import student_side
from course.checks.beside.calls import without_library_activations


def from_scratch(name: str) -> Any:
    """Return the student's function `name`, run apart from the notebook, if it uses no library's activation.

    Only the part of the notebook that the function depends on runs, in a room of its own. The function that
    comes back raises an `AssertionError` should torch carry out an activation while it is called.

    Parameters
    ----------
    name : str
        The name the student gave it in the notebook.

    Raises
    ------
    AssertionError
        Naming what it may not use.
    """
    statements = slice_of(student_side.sources(), name)
    if not statements:
        raise AssertionError(f"No cell defines {name} by that name.")
    found = violations(statements)
    if found:
        raise AssertionError(f"Write {name} yourself, without {', '.join(found)}.")
    function = student_side.alone(ast.unparse(ast.Module(statements, [])), name)
    return student_side.run(without_library_activations, function)

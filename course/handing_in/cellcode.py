"""Runs the code of a cell in a namespace of one's own, as IPython would."""

from __future__ import annotations

import ast
from functools import lru_cache
from types import CodeType
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

SKIPPED = "skip-execution"
"""Tag of a cell that is not run, as nbclient has it; test cells always are."""


def parse(source: str, filename: str) -> ast.Module:
    """Return the tree of a cell's code, IPython's own syntax included."""
    try:
        return ast.parse(source, filename)
    except SyntaxError:  # IPython's own syntax; translating it takes longer than running most cells
        return ast.parse(TransformerManager().transform_cell(source), filename)


def execute(source: str, filename: str, namespace: dict[str, Any]) -> Any:
    """Run a cell and return the value of its last expression, or None."""
    statements, last = _compiled(source, filename)
    exec(statements, namespace)
    return None if last is None else eval(last, namespace)


@lru_cache(maxsize=256)
def _compiled(source: str, filename: str) -> tuple[CodeType, CodeType | None]:
    """Return the code of a cell's statements, and that of the expression at its end; a whole class has the same."""
    tree = parse(source, filename)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return compile(tree, filename, "exec"), None
    tree.body.pop()
    return compile(tree, filename, "exec"), compile(ast.Expression(last.value), filename, "eval")


@lru_cache(maxsize=256)
def is_from_scratch(source: str) -> bool:
    """Return whether the code of a test cell says that its function must do without what is not NumPy's or Python's."""
    try:
        tree = parse(source, "<test cell>")
    except SyntaxError:  # running it says so
        return False
    return any(
        isinstance(node, ast.keyword)
        and node.arg == "from_scratch"
        and isinstance(node.value, ast.Constant)
        and node.value.value is True
        for node in ast.walk(tree)
    )

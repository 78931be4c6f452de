"""Finds test cells that were written for another version of the grader, before they cost anybody points.

The gradebook has an assignment's cells as they were when it was generated. After an update a cell may import what is
there no longer, or call it in a way that it no longer takes: an error in the examiner's own code, for which no student
may get zero points.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
from collections.abc import Iterator
from typing import Any

from autograder.errors import UserError
from course.handing_in.cellcode import parse
from course.handing_in.sourcecells import SourceNotebook

OURS = ("autograder", "course")


def require_this_version(source: SourceNotebook) -> None:
    """Refuse a notebook whose locked cells do not go with the modules of ours that are here.

    Raises
    ------
    UserError
        Naming the first such cell and what is wrong with it.
    """
    problem = next(problems(source), None)
    if problem is not None:
        cell, why = problem
        raise UserError(
            f"Cell {cell!r} of {source.name}.ipynb goes with another version of this grader: {why}. No grade has "
            f"changed because of it. Run 'nbgrader generate_assignment {source.assignment} --force', which takes the "
            "cell as source/ has it, and grade again; if it is the same there, correct it first."
        )


def problems(source: SourceNotebook) -> Iterator[tuple[str, str]]:
    """Yield each locked cell that imports or calls what is not there in our modules, with what is wrong."""
    trees: list[tuple[str, ast.Module]] = []
    for cell in source.cells:
        if cell.cell_type == "code" and cell.locked:
            with contextlib.suppress(SyntaxError):  # running it says so
                trees.append((cell.name, parse(cell.source, cell.name)))
    others = {name for _, tree in trees for name in _assigned(tree)}
    known: dict[str, Any] = {}
    for name, tree in trees:
        guarded = {id(node) for each in ast.walk(tree) if isinstance(each, ast.Try) for node in ast.walk(each)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Import | ast.ImportFrom) or id(node) in guarded:
                continue
            if why := _imported(node, known):
                yield name, why
        ours = {each: found for each, found in known.items() if each not in others}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (why := _called(node, ours)):
                yield name, why


def _assigned(tree: ast.AST) -> Iterator[str]:
    """Yield the names that code binds other than by importing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def _imported(node: ast.Import | ast.ImportFrom, known: dict[str, Any]) -> str:
    """Import what a statement wants of our modules; return why it fails, if it does."""
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        name = module or alias.name
        if name.partition(".")[0] not in OURS:
            continue
        try:
            found = importlib.import_module(name)
            if module and not hasattr(found, alias.name):
                importlib.import_module(f"{module}.{alias.name}")
        except ImportError:
            return f"it imports {f'{alias.name} from {module}' if module else name}, which is not there"
        if module:
            known[alias.asname or alias.name] = getattr(found, alias.name)
        elif alias.asname:
            known[alias.asname] = found
    return ""


def _called(node: ast.Call, known: dict[str, Any]) -> str:
    """Return why a call of something of ours cannot be made, if so."""
    target = node.func
    if isinstance(target, ast.Name):
        function = known.get(target.id)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        holder = known.get(target.value.id)
        if not inspect.ismodule(holder):
            return ""
        if not hasattr(holder, target.attr):
            return f"it calls {target.value.id}.{target.attr}, which is not there"
        function = getattr(holder, target.attr)
    else:
        return ""
    if not (inspect.isfunction(function) or inspect.isclass(function)):
        return ""
    unknown = any(isinstance(each, ast.Starred) for each in node.args) or any(k.arg is None for k in node.keywords)
    if unknown:
        return ""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return ""
    try:
        signature.bind(*node.args, **{str(keyword.arg): keyword for keyword in node.keywords})
    except TypeError as error:
        return f"it calls {function.__name__} in a way that it does not take ({error})"
    return ""

"""Tells, before anything is graded, that a function leads to something that will not be there."""

from __future__ import annotations

import contextlib
import dis
import functools
import os
import sys
from collections.abc import Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

_THERE = sys.stdlib_module_names | {"numpy", "builtins"}
_MOST_OBJECTS = 500


def hint_for(name: str) -> str:
    """Return a sentence about the notebook's function `name`, or nothing if all that it uses will be there."""
    function = vars(sys.modules["__main__"]).get(name)
    found: list[str] = []
    with contextlib.suppress(Exception):  # what a student's objects do when they are looked at is anyone's guess
        found = packages_not_there(function)
    if not found:
        return ""
    return (
        f"When this is graded, NumPy and Python's standard library are all there is. {name} uses "
        f"{' and '.join(found)}, so write that part with NumPy. To compare, use {found[0]} in cells of your own."
    )


def packages_not_there(function: Any) -> list[str]:
    """Return the packages, besides NumPy and the standard library, that a function's names lead to, sorted.

    It follows the function's global names, its closure, its defaults, and in the same way the functions and objects
    that it finds there, as far as they are the student's own.
    """
    found: set[str] = set()
    seen: set[int] = set()
    waiting = [function]
    while waiting and len(seen) < _MOST_OBJECTS:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        package = _package_of(value)
        if package is not None and package not in _THERE:
            found.add(package)
        elif isinstance(value, FunctionType) and package is None:
            waiting += _reached_by(value)
            found |= {name for name in map(_not_there, _imported(value.__code__)) if name}
        elif isinstance(value, MethodType):
            waiting += [value.__func__, value.__self__]
        elif isinstance(value, type) and package is None:
            waiting += [*vars(value).values(), *value.__bases__]
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, functools.partial):
            waiting += [value.func, value.args, value.keywords]
        elif not isinstance(value, ModuleType | type | FunctionType):
            waiting += [type(value), *getattr(value, "__dict__", {}).values()]
    return sorted(found)


def _package_of(value: Any) -> str | None:
    """Return the installed package that a value comes from; None for the student's own and for plain data."""
    if isinstance(value, ModuleType):
        return _not_there(value.__name__)
    owner = value
    if isinstance(value, BuiltinFunctionType) and value.__module__ is None:  # a method of something
        owner = type(value.__self__)
    elif not isinstance(value, FunctionType | type | MethodType | BuiltinFunctionType):
        owner = type(value)
    name = getattr(owner, "__module__", None)
    return _not_there(name) or _there(name) if isinstance(name, str) else None


def _there(module: str) -> str | None:
    top = module.partition(".")[0]
    return top if top in _THERE else None


def _not_there(module: str) -> str | None:
    """Return the package of a module that will not be there; None for others, the student's own files among them."""
    top, _, rest = module.partition(".")
    if top == "course" and rest:
        part = rest.partition(".")[0]
        return None if part == "checks" else f"course.{part}"
    if top in _THERE or top in ("course", "__main__"):
        return None
    file = getattr(sys.modules.get(top), "__file__", None) or ""
    installed = "site-packages" in file or "dist-packages" in file
    own = os.path.realpath(file).startswith(f"{os.path.realpath(os.curdir)}{os.sep}")
    return top if installed or not own else None


def _reached_by(function: FunctionType) -> Iterator[Any]:
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    yield getattr(function, "__wrapped__", None)
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # an empty cell
            yield cell.cell_contents
    for code in _codes(function.__code__):
        for instruction in dis.get_instructions(code):
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME") and instruction.argval in function.__globals__:
                yield function.__globals__[instruction.argval]


def _imported(code: CodeType) -> Iterator[str]:
    for part in _codes(code):
        for instruction in dis.get_instructions(part):
            if instruction.opname == "IMPORT_NAME":
                yield instruction.argval


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code, and that of the functions defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)

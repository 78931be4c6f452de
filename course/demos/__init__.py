"""Widget demos of the lessons, one per module: computation first, then a thin view of it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from course.demos.framework.base import Demo


def all_demos() -> dict[str, type[Demo]]:
    """Return every demo class of this package by the name of its module, in alphabetical order."""
    found = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Demo) and kind.__module__ == module.__name__ and not inspect.isabstract(kind):
                found[info.name] = kind
    return found

"""Lets a process that grades have modules of nbgrader and nbconvert without all else that these packages import.

Imported itself, nbgrader imports its server extensions, and nbconvert all its exporters: that takes longer, and more
memory, than what grading needs of them. Import this first; where one is there already, nothing changes. Who asks a
package for more than its modules has it imported as usual, there and then.
"""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module, metadata
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

PACKAGES = ("nbgrader", "nbconvert", "nbconvert.filters", "nbconvert.preprocessors")


def _make_lean(name: str) -> None:
    """Have a package without what its `__init__` does, until somebody asks for that."""
    spec = None if name in sys.modules else find_spec(name)
    if spec is None:
        return
    package = module_from_spec(spec)
    package.__getattr__ = partial(_from_whole, package)  # type: ignore[method-assign]
    sys.modules[name] = package
    above, _, last = name.rpartition(".")
    if above:
        setattr(sys.modules[above], last, package)
    else:
        package.__version__ = metadata.version(name)  # type: ignore[attr-defined]  # what their modules ask for


def _from_whole(package: ModuleType, name: str) -> Any:
    """Return a module of a package, or an attribute that it has once it has been imported as a whole."""
    if name.startswith("__"):  # those that there are, are there
        raise AttributeError(name)
    if find_spec(f"{package.__name__}.{name}") is not None:
        return import_module(f"{package.__name__}.{name}")
    del package.__getattr__
    loader = package.__spec__.loader if package.__spec__ else None
    assert loader is not None
    loader.exec_module(package)
    return getattr(package, name)


for _name in PACKAGES:
    _make_lean(_name)

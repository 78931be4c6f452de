"""Lets a process that grades have `nbgrader.utils` without Jupyter's server.

The package nbgrader imports its server extensions when it is imported itself, which takes longer, and more memory, than
all that grading needs of it. Import this first; where nbgrader is there already, nothing changes.
"""

from __future__ import annotations

import sys
from importlib import metadata
from importlib.util import find_spec, module_from_spec

if "nbgrader" not in sys.modules and (spec := find_spec("nbgrader")) is not None:
    package = module_from_spec(spec)
    package.__version__ = metadata.version("nbgrader")  # type: ignore[attr-defined]  # all that its modules want of it
    sys.modules["nbgrader"] = package

"""The versions of what grades in a process: of the grader's own code too, which changes between two releases."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import autograder
import course

DISTRIBUTION = "activation-course"
NAMES = {"grader": "autograder", "nbgrader": "nbgrader", "python": "Python", "numpy": "NumPy", "torch": "torch"}
"""What people call the programs whose versions are kept."""
CODE = tuple(
    Path(package.__path__[0], part)
    for package, part in ((autograder, ""), (course, "checks"), (course, "handing_in"), (course, "computations"))
)
"""Folders whose Python files are the grader's code: what students' lessons and demos consist of is not."""
_LETTERS = 8


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of what grades in this process; the grader's ends with a short hash of its code."""
    return {
        "grader": f"{_version(DISTRIBUTION)}+{code_hash()}",
        "nbgrader": _version("nbgrader"),
        "python": platform.python_version(),
        "numpy": _version("numpy"),
        "torch": _version("torch"),
    }


def versions_line() -> str:
    """Return the versions here as one line, as `Provenance.programs` has them."""
    return ", ".join(f"{shown} {versions()[name]}" for name, shown in NAMES.items())


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def code_hash() -> str:
    """Return a short hash of the grader's code: between two releases, and in a checkout, the version stays the same."""
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted(folder.rglob("*.py")):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder.parent).as_posix()} {len(content)} ".encode() + content)
    return digest.hexdigest()[:_LETTERS]

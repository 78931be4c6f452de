"""The environment variables of a process that is to find this course."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import course


def with_course() -> dict[str, str]:
    """Return this process's variables, with the folder of the course on the search path if Python does not know it."""
    here = str(Path(course.__path__[0]).parent)
    if here in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        return dict(os.environ)
    return os.environ | {"PYTHONPATH": os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])}

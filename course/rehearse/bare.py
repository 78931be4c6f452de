"""Starts a kernel in which NumPy and the standard library are all that can be imported, as in a bare room.

Nothing keeps code here from going around it: whoever rehearses wants to know, and the grader's room has a wall.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.machinery import PathFinder
from typing import Any

from course.handing_in.from_scratch import WANTED, required, top_names

OF_THE_COURSE = ("course.checks", "course.handing_in", "course.rehearse")
"""Its other parts hold activations."""


class OnlyNumPy:
    """Finds what a bare room has, and the files beside the notebook; put in the place of all other finders.

    Parameters
    ----------
    finders : Sequence[Any]
        Those that were there; they are asked for what may be found.
    """

    def __init__(self, finders: Sequence[Any]) -> None:
        self._finders = finders
        names = {name.partition(".")[0] for each in required(WANTED) for name in top_names(each)}
        self._there = {*sys.stdlib_module_names, *names, "__main__", "course"}

    @staticmethod
    def find_distributions(*arguments: Any, **options: Any) -> Any:
        """Find the metadata of packages, as ever."""
        return PathFinder.find_distributions(*arguments, **options)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """Return the spec of a module, or None."""
        if name.startswith("course."):
            there = ".".join(name.split(".")[:2]) in OF_THE_COURSE
        else:
            there = path is not None or name in self._there
        if there:
            return _first(finder.find_spec(name, path, target) for finder in self._finders)
        # Beside the notebook; and where Python keeps a little that `stdlib_module_names` does not list.
        return PathFinder.find_spec(name, ["", sysconfig.get_path("stdlib")])


def _first(specs: Iterable[Any]) -> Any:
    return next((spec for spec in specs if spec is not None), None)


def main() -> None:
    """Run the kernel; its arguments are those of ipykernel."""
    sys.meta_path[:] = [OnlyNumPy(tuple(sys.meta_path))]
    from ipykernel.kernelapp import IPKernelApp

    from course.handing_in.replay import Namespace

    app = IPKernelApp.instance(user_ns=Namespace())
    app.initialize()
    packages = [number for number, folder in enumerate(sys.path) if folder.endswith("-packages")]
    sys.path.insert(packages[0] if packages else len(sys.path), "")
    app.start()


if __name__ == "__main__":
    main()

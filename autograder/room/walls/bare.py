"""What a bare room may read: Python, its standard library, NumPy, what our agent needs, and no other package.

A package that cannot be read cannot be called, under whatever name. What the packages of `WANTED` need in turn is
taken from their metadata, and their files from their records, so nothing here names a package that is kept away.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from autograder.room.walls.environment import SYSTEM, linked_packages, private_folders, python_prefixes
from course.handing_in.from_scratch import WANTED, required, top_names

_FOLDERS_OF_PACKAGES = ("site-packages", "dist-packages")
_PROBE = """
import importlib, pathlib, sysconfig
names = [p.name.partition(".")[0] for p in pathlib.Path(sysconfig.get_path("stdlib"), "lib-dynload").glob("*")]
for name in [*names, "numpy", "numpy.random", "zmq", "psutil", "msgpack"]:
    try:
        importlib.import_module(name)
    except Exception:
        pass
print(pathlib.Path("/proc/self/maps").read_text())
"""


@cache
def entries() -> tuple[Path, ...]:
    """Return the folders and files of the packages that a bare room has, each directly in a folder of packages."""
    found: set[Path] = set()
    for distribution in required(WANTED):
        folder = Path(str(distribution.locate_file("")))
        found |= {folder / name for name in top_names(distribution)}
    return tuple(sorted(path for path in found if path.exists()))


@cache
def interpreter() -> tuple[Path, ...]:
    """Return the files and folders of Python itself; a folder of packages may lie within them."""
    base = {"platbase": sys.base_exec_prefix}
    found = {Path(sysconfig.get_path(name, vars=base)) for name in ("stdlib", "platstdlib")}
    for prefix in python_prefixes():
        found |= {prefix / "pyvenv.cfg", *(prefix / "bin").glob("python*")}
    prefix = Path(sys.base_prefix).resolve()
    if not prefix.is_relative_to("/usr"):
        found |= libraries(prefix / "lib")
    return tuple(sorted(path for path in found if path.exists()))


@cache
def folders_of_packages() -> frozenset[Path]:
    """Return the folders of packages that lie where a room may read."""
    roots = {*map(Path, SYSTEM), *python_prefixes(), Path("/usr/local")}
    found = {
        folder
        for root in roots
        for pattern in ("lib*/python*", "python*")
        for python in root.glob(pattern)
        for folder in (python / name for name in _FOLDERS_OF_PACKAGES)
    }
    return frozenset(folder.resolve() for folder in found if folder.is_dir())


def python_paths(*, bare: bool) -> tuple[set[Path], set[Path]]:
    """Return what of Python a room is shown, and what is hidden within that, and within the system's folders.

    What is shown and lies in something hidden is shown all the same.
    """
    if not bare:
        return python_prefixes() | linked_packages(), private_folders()
    return {*interpreter(), *entries()}, private_folders() | folders_of_packages()


def libraries(folder: Path) -> set[Path]:
    """Return the shared libraries of an environment that Python and a bare room's packages load.

    A conda environment keeps those of every package in one folder, torch's too.
    """
    there = {path for path in folder.glob("*.so*") if path.is_file()}
    if all(path.name.startswith("libpython") for path in there):
        return there
    maps = subprocess.run(
        [sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=120, check=True
    ).stdout
    loaded = {
        Path(line.split(maxsplit=5)[5]).resolve() for line in maps.splitlines() if line.count(" ") and "/" in line
    }
    return {path for path in there if path.resolve() in loaded}

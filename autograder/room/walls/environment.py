"""What a student room may read of this machine: the system, Python, and only the code that is meant for it."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime")
"""Names below /etc."""

PROC = ("cpuinfo", "meminfo", "stat", "uptime", "loadavg", "version")
"""Names below /proc: the machine's, no process's."""


def _names_of_places() -> list[tuple[str, str]]:
    """Return the folders of this machine that texts of a room may name, longest first, and how people see them."""
    paths = sysconfig.get_paths()
    places = {paths["purelib"]: "site-packages", paths["stdlib"]: Path(paths["stdlib"]).name}
    return sorted(places.items(), key=lambda place: -len(place[0]))


_PLACES = _names_of_places()


def without_places(text: str) -> str:
    """Return text with the folders of Python and of its packages named as on any machine."""
    for folder, name in _PLACES:
        text = text.replace(folder, name)
    return text


_PACKAGE = Path(__file__).parents[2]
_PROJECT = _PACKAGE.parent  # or site-packages, where the package is installed and not linked


def python_prefixes() -> set[Path]:
    """Return the folders of the interpreter and its environment."""
    return {Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_prefix).resolve()}


def linked_packages() -> set[Path]:
    """Return the folders of packages that a `.pth` file adds to those of the environment, wherever they are."""
    added = {Path(entry) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")}
    prefixes = python_prefixes()
    return {path for path in added if path.is_dir() and not any(path.is_relative_to(prefix) for prefix in prefixes)}


def private_folders() -> set[Path]:
    """Return the folders of ours that no room may read, wherever they lie in what it may."""
    return {_PACKAGE} | ({_PROJECT} if (_PROJECT / "pyproject.toml").exists() else set())


def without(shown: Iterable[Path], private: Iterable[Path]) -> Iterator[Path]:
    """Yield what is left of folders when folders somewhere below them are taken out.

    Where a folder holds a private one, its entries stand for it. One that is private itself, or lies in a private
    one, is left out; but what is named by itself (an environment within the project) is shown.
    """
    private = {path.resolve() for path in private}
    named = {path.resolve() for path in shown} - private
    for path in sorted(named):
        yield from _remaining(path, private, named)


def _remaining(path: Path, private: set[Path], named: set[Path]) -> Iterator[Path]:
    if path in private:
        return
    if not any(hidden.is_relative_to(path) for hidden in private):
        yield path
        return
    for entry in sorted(path.iterdir()):
        if not entry.is_symlink() and entry not in named:
            yield from _remaining(entry, private, named)

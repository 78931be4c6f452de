"""Reads the files that are handed in beside a notebook: which of them go along with it, and which are left out."""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

MAX_FILES_BYTES = 64 * 1024**2
"""Of all files that a student hands in beside a notebook, unless `c.Examiner.files_mib` says otherwise."""

MAX_FILES = 1000
"""Files of a student's own that go along with a notebook."""


def read_files(
    folder: Path,
    ignored: Iterable[str],
    most: int | None = None,
    most_bytes: int | None = None,
    unwanted: Container[str] = (),
) -> tuple[dict[str, bytes], list[str]]:
    """Return the regular files below a folder, by relative path, and what was left out, as sentences.

    Notebooks and hidden files are not looked at.

    Parameters
    ----------
    folder : Path
        Where to look.
    ignored : Iterable[str]
        Patterns of further names that are not looked at.
    most : int | None, optional
        How many are read; the rest is left out.
    most_bytes : int | None, optional
        How much they may have together; the largest are left out until they have no more.
    unwanted : Container[str], optional
        Relative paths that are not read, and do not count.
    """
    paths: dict[str, Path] = {}
    left_out = []
    beyond = 0
    for path in _regular_files(folder, tuple(ignored)):
        name = path.relative_to(folder).as_posix()
        if name in unwanted:
            continue
        if name != printable(name):
            left_out.append(f"the file {printable(name)} was left out: its name cannot be printed")
        elif len(paths) == most:
            beyond += 1
        else:
            paths[name] = path
    if beyond:
        left_out.append(f"{beyond} files were left out: a submission may have {most}")
    if most_bytes is not None:
        large = _too_large(paths, most_bytes)
        if large:
            left_out.append(_too_large_sentence(large, most_bytes))
        paths = {name: path for name, path in paths.items() if name not in large}
    return {name: path.read_bytes() for name, path in paths.items()}, left_out


def _too_large(paths: Mapping[str, Path], most_bytes: int) -> list[str]:
    """Return the largest files, those without which the others have no more than so many bytes."""
    sizes = {name: path.stat().st_size for name, path in paths.items()}
    total, large = sum(sizes.values()), []
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        if total <= most_bytes:
            break
        total -= sizes[name]
        large.append(name)
    return large


def _too_large_sentence(names: list[str], most_bytes: int) -> str:
    what = (
        f"the file {names[0][:100]} was"
        if len(names) == 1
        else f"{names[0][:100]} and {len(names) - 1} more files were"
    )
    return f"{what} left out: the files of a submission may have {most_bytes / 1024**2:.0f} MiB together"


def _regular_files(folder: Path, ignored: tuple[str, ...]) -> Iterator[Path]:
    patterns = (".*", "*.ipynb", *ignored)

    def wanted(name: str) -> bool:
        return not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(filter(wanted, folders))
        for name in sorted(filter(wanted, names)):
            path = Path(parent, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def printable(text: str) -> str:
    """Return text on one line that does nothing to a terminal; what cannot be printed becomes `�`."""
    return "".join(character if character.isprintable() else "�" for character in text)

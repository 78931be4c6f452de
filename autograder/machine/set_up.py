"""Sets the project up in `.venv`: once, in steps that are announced first, and completely or not at all.

`make` runs this before the virtual environment exists, perhaps with a Python that is too old, so it imports the
standard library only and is written for Python 3.8.

Two small files in `.venv` say how far set-up came. `UNFINISHED` is there from before the first change until after the
last; a run that finds it starts over. `INSTALLED` holds what the packages were chosen by; as long as that stays the
same there is nothing to do.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.machine.installers import ProgramError, install_all, pip_install, run
from autograder.machine.pip_errors import explain, is_full
from autograder.machine.system_packages import BY_NAME, VENV, SystemPackage, install_command, message, provide
from autograder.machine.torch_build import TorchBuild, choose_build

OLDEST_PYTHON = (3, 11)
INSTALLED = ".installed"
UNFINISHED = ".unfinished"
LISTS = ("pyproject.toml", "constraints.txt")
"""The files that say which packages are wanted."""

GB = 10**9
NEEDED = 2.5 * GB
"""Disk that the environment takes while it is made: 2 GB in the end, and the largest download beside it."""

NEEDED_WITH_CUDA = 7.0 * GB


class SetUpError(Exception):
    """Set-up cannot go on; the message is one line for the person at the keyboard."""


def main(arguments: Sequence[str]) -> int:
    """Set up; 1 if that cannot be done, after a line that says why and what to do."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        _check_python()
        options = _options(arguments)
        set_up(
            Path.cwd(),
            extras=options.extras,
            needs=[BY_NAME[name] for name in options.needs],
            wants=[BY_NAME[name] for name in options.wants],
            this_python=options.this_python,
        )
    except SetUpError as error:
        print(f"Set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up: stopped. Run it again; what was downloaded is kept.", file=sys.stderr)
        return 130
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="set_up", description="Set the project up in .venv.")
    parser.add_argument("--extras", nargs="*", default=[], help="extras of pyproject.toml to install")
    parser.add_argument("--needs", nargs="*", default=[], choices=[*BY_NAME], help="system packages it must have")
    parser.add_argument("--wants", nargs="*", default=[], choices=[*BY_NAME], help="system packages to mention")
    parser.add_argument("--this-python", action="store_true", help="make .venv anew if it has another Python")
    return parser.parse_args(arguments)


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise SetUpError(
            f"Python 3.11 or newer is needed, but {sys.executable} is {platform.python_version()}. Install a newer one "
            "beside it, then name it: make setup PYTHON=/path/to/python3.11"
        )


def set_up(
    root: Path,
    extras: Iterable[str] = (),
    needs: Iterable[SystemPackage] = (),
    wants: Iterable[SystemPackage] = (),
    this_python: bool = False,
) -> None:
    """Provide system packages and the virtual environment of the project in `root`.

    Parameters
    ----------
    root : Path
        The folder with pyproject.toml.
    extras : iterable of str
        Extras of pyproject.toml to install; those that are installed already stay.
    needs : iterable of SystemPackage
        Without these nothing is downloaded.
    wants : iterable of SystemPackage
        If one of these is missing, a line says so.
    this_python : bool
        Whether an environment that was made with another Python is made anew.

    Raises
    ------
    SetUpError
        If it cannot be done.
    """
    environment = Environment(root)
    fresh = environment.must_be_made(this_python)
    wants = list(wants)
    missing = provide([*([VENV] if fresh else []), *needs, *wants])
    optional = [package for package in missing if package in wants]
    if len(optional) < len(missing):
        raise SetUpError(message(missing))
    if optional:
        names = ", ".join(f"{package.name} ({package.purpose})" for package in optional)
        print(f"Missing, but not needed yet: {names}. Install with: {install_command(optional)}", flush=True)
    if fresh or not environment.has(extras):
        with environment.errors_in_one_line():
            environment.make(extras, fresh)


@dataclass(frozen=True)
class Environment:
    """The virtual environment of the project in the folder `root`."""

    root: Path

    @property
    def folder(self) -> Path:
        """Where it is; may be a link, or a disk of its own."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / "bin" / "python"

    def must_be_made(self, this_python: bool) -> bool:
        """Return whether it is missing, half-made, broken, moved or (where that matters) of another Python."""
        version = self._version()
        recorded = self._recorded()
        return (
            not self.python.exists()
            or (self.folder / UNFINISHED).exists()
            or not any(self.folder.glob("lib/python*/site-packages/pip"))
            or version < OLDEST_PYTHON
            or (this_python and version != sys.version_info[:3])
            or recorded.get("root", str(self.root)) != str(self.root)
        )

    def has(self, extras: Iterable[str]) -> bool:
        """Return whether the packages of these extras are installed, in the versions that are wanted now."""
        recorded = self._recorded()
        return recorded.get("lists") == self._lists() and set(extras) <= set(recorded["extras"])

    def make(self, extras: Iterable[str], fresh: bool) -> None:
        """Install the packages, into a new environment if it is to be `fresh`.

        Raises
        ------
        SetUpError
            If a step fails.
        """
        start = time.monotonic()
        extras = sorted({*extras, *self._recorded().get("extras", [])})
        build = choose_build((self.root / "constraints.txt").read_text(encoding="utf-8"))
        take_torch = fresh or not self._has_torch(build)
        steps = Steps(fresh + take_torch + 1)
        self._announce(build, fresh, steps.count)
        if fresh:
            self._check_disk()
            self._empty()
            steps.begin("an empty environment: a few seconds")
            run([sys.executable, "-m", "venv", str(self.folder)], dict(os.environ))
        else:
            (self.folder / UNFINISHED).touch()
        with suppress(FileNotFoundError):
            (self.folder / INSTALLED).unlink()
        if take_torch:
            steps.begin("PyTorch, 200 MB or more: about a minute")
            self._take_torch(build)
        steps.begin("the other packages, about 170: one to four minutes" if fresh else "the other packages: a minute")
        install_all(self.root, self.python, extras)
        self._record(extras)
        print(f"Set up in {time.monotonic() - start:.0f} s.", flush=True)

    def _announce(self, build: TorchBuild, fresh: bool, steps: int) -> None:
        """Say what will happen, before anything does."""
        if fresh:
            most = f"up to {NEEDED_WITH_CUDA / GB:g}" if build.with_cuda else f"{NEEDED / GB:g}"
            print(
                f"Setting up .venv with Python {platform.python_version()}, once: {steps} steps, two to six minutes, "
                f"{most} GB.",
                flush=True,
            )
        else:
            print("Bringing the packages in .venv up to date.", flush=True)
        if build.why and steps > 1:
            print(build.why, flush=True)

    def _check_disk(self) -> None:
        """Refuse to begin if the disk is too small; as pip's choice of a build is not known, the smaller one counts."""
        place = self.folder if self.folder.exists() else self.root
        freed = _size(self.folder) if self.folder.exists() else 0
        if shutil.disk_usage(place).free + freed < NEEDED:
            raise SetUpError(self._full_line())

    def _full_line(self) -> str:
        place = self.folder if self.folder.exists() else self.root
        free = shutil.disk_usage(place).free / GB
        return (
            f"the disk of {place} is full: {free:.1f} GB are free there, and set-up needs {NEEDED / GB:g} GB, or "
            f"{NEEDED_WITH_CUDA / GB:g} GB where PyTorch comes with CUDA. Make room, then run it again."
        )

    def _empty(self) -> None:
        """Leave an empty folder that is marked as unfinished. The folder itself stays: it may be a mounted disk."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / UNFINISHED).touch()
        for path in self.folder.iterdir():
            if path.name == UNFINISHED:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _take_torch(self, build: TorchBuild) -> None:
        """Install torch alone, from its own index if one was chosen; if that breaks off, from where pip looks."""
        if build.index:
            try:
                return pip_install(self.python, "--no-deps", "--index-url", build.index, build.requirement)
            except ProgramError as error:
                if is_full(error.text):
                    raise
            print(f"{build.index} failed: pip takes PyTorch from its own index, up to 5 GB.", flush=True)
        return pip_install(self.python, "--no-deps", build.requirement)

    def _has_torch(self, build: TorchBuild) -> bool:
        name = build.requirement.replace("==", "-")
        return any(self.folder.glob(f"lib/python*/site-packages/{name}*.dist-info"))

    def _record(self, extras: list[str]) -> None:
        """Record that everything is installed. Only then is the environment finished."""
        record = {"root": str(self.root), "lists": self._lists(), "extras": extras}
        (self.folder / INSTALLED).write_text(json.dumps(record), encoding="utf-8")
        (self.folder / UNFINISHED).unlink()

    def _recorded(self) -> dict[str, Any]:
        """Return what `_record` wrote, or nothing."""
        try:
            recorded = json.loads((self.folder / INSTALLED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return recorded if isinstance(recorded, dict) else {}

    def _lists(self) -> str:
        return hashlib.sha256(b"\0".join((self.root / name).read_bytes() for name in LISTS)).hexdigest()

    def _version(self) -> tuple[int, ...]:
        """Return the version of its Python, as `venv` wrote it down; (0,) if it did not."""
        try:
            text = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except OSError:
            return (0,)
        found = re.search(r"^version(?:_info)? *= *(\d+)\.(\d+)\.(\d+)", text, re.MULTILINE)
        return tuple(map(int, found.groups())) if found else (0,)

    @contextmanager
    def errors_in_one_line(self) -> Iterator[None]:
        """Turn what goes wrong on the way into a SetUpError of one line."""
        try:
            yield
        except ProgramError as error:
            if is_full(error.text):
                raise SetUpError(self._full_line()) from error
            line = explain(error.text)
            if line is None:
                print(error.text, file=sys.stderr)
                line = f"{error.program} failed; its last messages are above. Run it again, or report them."
            raise SetUpError(line) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise SetUpError(self._full_line()) from error
            raise SetUpError(f"{error.filename or self.folder}: {error.strerror or error}.") from error


@dataclass
class Steps:
    """Announces the steps and counts them."""

    count: int
    begun: int = 0

    def begin(self, what: str) -> None:
        """Say which step begins, and how long it takes."""
        self.begun += 1
        print(f"{self.begun}/{self.count} {what} …", flush=True)


def _size(folder: Path) -> int:
    """Return the bytes that the files below `folder` take; an unreadable one counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.lstat().st_size
    return total


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

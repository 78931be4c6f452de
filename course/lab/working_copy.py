"""The student's working copy: lessons, and each assignment where nbgrader looks for it.

What the course hands out stays as it is, so that a newer course can take its place. The copy is brought up to date each
time it is opened: what the student has not changed is replaced, what the student has changed stays, and gets the newer
version beside it. To run a notebook does not change it: only the text of its cells counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course.lab import settings

RECORD = ".lab/copied.json"
"""What was put into the copy: path -> digest, of what is handed out, and of newer versions beside the student's."""

LESSON_SUFFIXES = {".ipynb", ".png"}
LINKS = {"lessons/": (b"](../../release/", b"](../"), "README.md": (b"](../release/", b"](")}
"""An assignment is in `release/` of what was handed out, and at the top of the copy."""


@dataclass(frozen=True)
class Part:
    """What is replaced as a whole or not at all: a lesson, or a folder with an assignment.

    Attributes
    ----------
    name : str
        Its path in the copy.
    files : Mapping[str, bytes]
        Path in the copy -> contents.
    """

    name: str
    files: Mapping[str, bytes]

    def beside(self, number: int) -> Part:
        """Return the same under another name, its notebooks saying that they are the newer version."""
        path = PurePosixPath(self.name)
        tail = "_new" if number == 1 else f"_new{number}"
        name = str(path.with_name(path.stem + tail + path.suffix))
        files = {name + old.removeprefix(self.name): _newer(self.name, old, data) for old, data in self.files.items()}
        return Part(name, files)


def refresh(course: Path, copy: Path) -> list[str]:
    """Make the working copy, or bring it up to date.

    Parameters
    ----------
    course : Path
        What was handed out: the folder that holds `course/`, and `release/` if the assignments came along.
    copy : Path
        The folder of the copy; made if it is not there.

    Returns
    -------
    list of str
        A line on each part of which there is a newer version beside the student's.
    """
    record, beside = _read_record(copy)
    told = []
    parts = _parts(course)
    for part in parts:
        was = {path: record.get(path) for path in part.files}
        new = {path: digest(path, data) for path, data in part.files.items()}
        there = {path: _digest_there(copy, path) for path in part.files}
        if all(there[path] in (None, was[path], new[path]) for path in part.files):
            _write(copy, {path: data for path, data in part.files.items() if there[path] != new[path]})
        elif any(was.values()) and was != new:
            newer = _free_place(copy, part, beside)
            _write(copy, newer.files)
            beside |= {path: digest(path, data) for path, data in newer.files.items()}
            told.append(
                f"There is a newer {part.name}. You changed yours, so it stays as it is; the new one is {newer.name}."
            )
        elif not any(was.values()):
            continue  # it came from elsewhere, as from nbgrader's exchange
        record |= new
    _forget(copy, record, {path for part in parts for path in part.files})
    _write(copy, {RECORD: json.dumps({"copied": record, "beside": beside}, indent=1, sort_keys=True).encode()})
    return told


def digest(path: str, data: bytes) -> str:
    """Return what tells contents apart; of a notebook, the text of its cells."""
    if path.endswith(".ipynb"):
        try:
            cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(data)["cells"]]
        except (ValueError, TypeError, LookupError, RecursionError):
            pass  # a notebook that nobody can read is told apart by its bytes
        else:
            data = json.dumps(cells).encode()
    return hashlib.sha256(data).hexdigest()


def _parts(course: Path) -> list[Part]:
    lessons = course / "course" / "lessons"
    files = {path.relative_to(course / "course").as_posix(): path for path in _files(lessons)}
    files = {name: path for name, path in files.items() if path.suffix in LESSON_SUFFIXES}
    singles = {name: path.read_bytes() for name, path in files.items()}
    singles["README.md"] = (course / "course" / "README.md").read_bytes()
    singles[settings.NAME] = settings.for_students(_course_settings(course)).encode()
    parts = [Part(name, {name: _linked(name, data)}) for name, data in sorted(singles.items())]
    for folder in sorted((course / "release").glob("[!.]*/")):
        contents = {path.relative_to(course / "release").as_posix(): path.read_bytes() for path in _files(folder)}
        parts.append(Part(folder.name, contents))
    return parts


def _files(folder: Path) -> list[Path]:
    """Return the files below a folder, without what editors and JupyterLab keep in hidden folders."""
    paths = sorted(folder.rglob("*"))
    return [p for p in paths if p.is_file() and not any(part.startswith(".") for part in p.relative_to(folder).parts)]


def _course_settings(course: Path) -> Config:
    if not (course / settings.NAME).is_file():
        return Config()
    return PyFileConfigLoader(settings.NAME, path=str(course)).load_config()


def _linked(name: str, data: bytes) -> bytes:
    for begin, (old, new) in LINKS.items():
        if name.startswith(begin):
            return data.replace(old, new)
    return data


def _digest_there(copy: Path, path: str) -> str | None:
    try:
        return digest(path, (copy / path).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _free_place(copy: Path, part: Part, beside: Mapping[str, str]) -> Part:
    """Return the part under the first name where it overwrites nothing of the student's."""
    for number in count(1):
        newer = part.beside(number)
        if all(_digest_there(copy, path) in (None, beside.get(path)) for path in newer.files):
            return newer
    raise AssertionError("not reached")


def _newer(name: str, path: str, data: bytes) -> bytes:
    if not path.endswith(".ipynb"):
        return data
    notebook: dict[str, Any] = json.loads(data)
    text = f"**This is the newer version of {name}.** You changed yours, so it stayed as it is."
    cell = {"cell_type": "markdown", "id": "newer-version", "metadata": {}, "source": text}
    return json.dumps(notebook | {"cells": [cell, *notebook["cells"]]}, ensure_ascii=False, indent=1).encode()


def _forget(copy: Path, record: dict[str, str], handed_out: set[str]) -> None:
    """Take away what is handed out no longer and has not been changed."""
    for path in sorted(record.keys() - handed_out):
        if _digest_there(copy, path) == record[path]:
            (copy / path).unlink()
            if not any((copy / path).parent.iterdir()):
                (copy / path).parent.rmdir()
        del record[path]


def _write(copy: Path, files: Mapping[str, bytes]) -> None:
    """Write files, each whole or not at all."""
    for path, data in files.items():
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(data)
        part.replace(target)


def _read_record(copy: Path) -> tuple[dict[str, str], dict[str, str]]:
    try:
        record = json.loads((copy / RECORD).read_bytes())
        return dict(record["copied"]), dict(record["beside"])
    except (FileNotFoundError, ValueError, TypeError, LookupError):  # without one, all that differs is the student's
        return {}, {}

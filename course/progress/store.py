"""One small JSON file with what a student did in the lessons. Whatever is wrong with it, a lesson goes on.

It lies where the platform keeps such data, for each user of the machine on their own, or in the folder that the
environment variable `FOLDER_VARIABLE` names. It is read and written only in a notebook that somebody works in.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock
from IPython import get_ipython

FOLDER_VARIABLE = "ACTIVATION_COURSE_PROGRESS"
"""Environment variable with the folder of the file. If it is empty, nothing is kept."""

NAME = "progress.json"
VERSION = 1
"""Of the file's form. Raise it if an older course could not make sense of a file."""

LARGEST = 4_000_000
"""Bytes of a file that can be ours: all answers to all lessons take a hundredth of it."""

LONGEST = 20_000
"""Characters of a text that are kept; so no file of ours gets larger than that."""

LOCK_SECONDS = 2.0
"""How long to wait for another kernel that writes."""

Value = dict[str, Any]
Items = dict[str, dict[str, dict[str, Value]]]
"""What was done: by lesson, kind and id."""


class _UnreadableError(Exception):
    """The file is none of ours, or no longer. The message says why, in a few words."""


class _NewerError(Exception):
    """The file is that of a newer version of the course."""


class Store:
    """The file in a folder; reading and writing it never fails, but may leave a note.

    Parameters
    ----------
    folder : Path or None
        Where the file is, or will be. None to keep nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._unwritten: dict[tuple[str, str, str], Value] = {}
        self._note = ""
        self._said: set[str] = set()

    @property
    def keeps(self) -> bool:
        """Whether there is a place to keep anything."""
        return self.folder is not None

    def items(self) -> Items:
        """Return all that was kept, and what could not be written in this session."""
        items: Items = {}
        if self.folder is not None:
            try:
                items = self._read_or_set_aside(self.folder)
            except _NewerError:
                self._say(_newer(self.folder))
            except OSError as problem:
                self._say(
                    f"Your progress in {self.folder / NAME} cannot be read ({_why(problem)}). Lessons work without it."
                )
        return self._with_unwritten(items)

    def get(self, lesson: str, kind: str, item: str) -> Value:
        """Return what was kept of one item; nothing if there is nothing."""
        return self.items().get(lesson, {}).get(kind, {}).get(item, {})

    def put(self, lesson: str, kind: str, item: str, value: Value) -> None:
        """Keep `value`, plain data, as what was done with one item."""
        if self.folder is None:
            return
        self._unwritten[lesson, kind, item] = {
            name: part[:LONGEST] if isinstance(part, str) else part for name, part in value.items()
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _alone(self.folder):  # two kernels: neither loses what the other has just written
                _write(self.folder, self._with_unwritten(self._read_or_set_aside(self.folder, locked=True)))
        except _NewerError:
            self._say(_newer(self.folder))
        except OSError as problem:
            self._say(
                f"Your progress cannot be kept in {self.folder} ({_why(problem)}). Lessons work without it, but what "
                "you do now is forgotten when the kernel ends."
            )
        else:
            self._unwritten.clear()

    def forget(self) -> None:
        """Delete the file, those that were set aside, and what a kernel left that ended while it wrote."""
        self._unwritten.clear()
        if self.folder is None:
            return
        try:
            with _alone(self.folder):
                for pattern in (NAME, "progress-unreadable-*.json", ".progress-*.tmp"):
                    for path in self.folder.glob(pattern):
                        path.unlink(missing_ok=True)
        except OSError as problem:
            self._said.clear()  # it was asked for again, so it is answered again
            self._say(f"Your progress cannot be deleted ({_why(problem)}). Delete {self.folder} yourself.")

    def note(self) -> str:
        """Return the line that a student should see now, "" if there is none; each is returned once."""
        note, self._note = self._note, ""
        return note

    def _say(self, note: str) -> None:
        if note not in self._said:
            self._said.add(note)
            self._note = note

    def _with_unwritten(self, items: Items) -> Items:
        for (lesson, kind, item), value in self._unwritten.items():
            items.setdefault(lesson, {}).setdefault(kind, {})[item] = value
        return items

    def _read_or_set_aside(self, folder: Path, *, locked: bool = False) -> Items:
        try:
            return _read(folder / NAME)
        except _UnreadableError as problem:
            if not locked:
                with _alone(folder):  # meanwhile another kernel may have set it aside and begun a new one
                    return self._read_or_set_aside(folder, locked=True)
            aside = _set_aside(folder)
            self._say(f"Your progress could not be read ({problem}). The file is now {aside}, and a new one begins.")
            return {}


@cache
def _store(folder: Path | None) -> Store:
    return Store(folder)


def here() -> Store:
    """Return the store for this notebook: one that keeps nothing where nobody works in it."""
    return _store(_folder() if somebody_is_there() else None)


def somebody_is_there() -> bool:
    """Whether the cell that runs was started in a notebook by somebody who could answer a question.

    A grader, nbconvert, a rehearsal and Validate run cells without a keyboard, and say so with each.
    """
    request = getattr(getattr(get_ipython(), "kernel", None), "get_parent", None)
    if request is None or "NBGRADER_EXECUTION" in os.environ:
        return False
    return bool(request("shell").get("content", {}).get("allow_stdin"))


def _folder() -> Path | None:
    named = os.environ.get(FOLDER_VARIABLE)
    folder = platformdirs.user_data_path("activation-course", appauthor=False) if named is None else Path(named)
    return folder if folder.is_absolute() else None  # without a home it would land among the lessons


def _read(path: Path) -> Items:
    try:
        if path.is_symlink() or path.exists():
            if not path.is_file():
                raise _UnreadableError("it is no file")
            if path.stat().st_size > LARGEST:
                raise _UnreadableError("it is too large")
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise _UnreadableError("it may not be opened") from None
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise _UnreadableError("it is no JSON") from None
    version = content.get("version") if isinstance(content, dict) else None
    if type(version) is not int or version < VERSION:
        raise _UnreadableError("it is of another version")
    if version > VERSION:
        raise _NewerError
    items = content.get("items")
    if not _nested(items, 4) or not all(_flat(value) for value in _values(items)):
        raise _UnreadableError("what is in it has another form")
    return items


def _nested(value: object, depth: int) -> bool:
    """Whether these are dictionaries in dictionaries, so many levels deep."""
    return isinstance(value, dict) and (depth == 1 or all(_nested(inner, depth - 1) for inner in value.values()))


def _values(items: Items) -> Iterator[Value]:
    return (value for kinds in items.values() for values in kinds.values() for value in values.values())


def _flat(value: Value) -> bool:
    """Whether there is nothing in it but plain values, and lists of them."""
    parts = [part for each in value.values() for part in (each if isinstance(each, list) else [each])]
    return not any(isinstance(part, list | dict) for part in parts)


def _write(folder: Path, items: Items) -> None:
    """Write the file whole or not at all."""
    text = json.dumps({"version": VERSION, "items": items}, indent=1, sort_keys=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".progress-", suffix=".tmp")
    try:
        with open(handle, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor
            file.write(text)
            file.flush()
            os.fsync(handle)  # a network disk says only now that it is full
        Path(name).replace(folder / NAME)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _set_aside(folder: Path) -> str:
    names = (f"progress-unreadable-{number}.json" for number in range(1, 10_000))
    free = next(name for name in names if not os.path.lexists(folder / name))
    (folder / NAME).rename(folder / free)
    return free


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other kernels from writing meanwhile; where the disk knows no locks, go on without."""
    lock = FileLock(folder / "progress.lock")
    with contextlib.suppress(OSError, NotImplementedError):
        lock.acquire(timeout=LOCK_SECONDS)
    try:
        yield
    finally:
        lock.release()


def _newer(folder: Path) -> str:
    return f"Your progress in {folder / NAME} is that of a newer version of the course. It stays as it is."


def _why(problem: OSError) -> str:
    return (problem.strerror or type(problem).__name__).lower()

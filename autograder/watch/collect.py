"""Collects single submissions with nbgrader's own class, so that files lie where `nbgrader collect` puts them."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
from collections.abc import Callable, Container
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import ignore_patterns

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.exchange import Collect
from autograder.files import share
from autograder.reports.release import FROM_THE_EXCHANGE
from autograder.timestamps import exchange_zone, read_timestamp, read_timestamp_file

_LOG = logging.getLogger("autograder.nbgrader")
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False
_Ignored = Callable[[str, list[str]], list[str]]

DEEPEST = 100
"""Most folders one in the other: each takes a descriptor while it is copied."""
_CHUNK_BYTES = 2**20


class NameReader:
    """Reads the names of submissions as nbgrader does."""

    def __init__(self, course: CourseFolder) -> None:
        self._collect = _quiet(CollectOne(coursedir=course.directory, config=course.config))

    def __call__(self, name: str) -> tuple[str, str, datetime]:
        """Return the student, the assignment and the time stamp in a name.

        Raises
        ------
        nbgrader.exchange.ExchangeError, ValueError, OverflowError
            If nbgrader cannot read it.
        """
        record = self._collect._path_to_record(name)
        return record["username"], name.rsplit("+", 3)[1], record["timestamp"]


class CollectOne(Collect):
    """`nbgrader collect --update` for one submission.

    A link in it stays a link, which grading does not follow: nbgrader would copy what it leads to, and the exchange
    takes links from anybody. A folder is put into its place whole.
    """

    name = ""
    """Of its folder in the exchange."""
    copied = False
    _being_made: Path | None = None

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Read a name as nbgrader does, and its time as we read `timestamp.txt`.

        nbgrader takes 12:00 CEST for 12:00 UTC, which puts submissions in a wrong order when the clocks change.
        """
        record: dict[str, Any] = super()._path_to_record(path)
        stamp = read_timestamp(record["filename"].rsplit("+", 3)[2], exchange_zone(self.config)).utc
        return record if stamp is None else {**record, "timestamp": stamp}

    def init_src(self) -> None:
        """Take the one submission."""
        self.inbound_path = str(Path(str(self.root), str(self.coursedir.course_id), "inbound"))
        self.src_records = [self._path_to_record(self.name)]

    def copy_files(self) -> None:
        """Copy first: nbgrader removes the one that is there before it copies, and this one may be refused."""
        record = self.src_records[0]
        dest = self.coursedir.format_path(
            self.coursedir.submitted_directory, record["username"], self.coursedir.assignment_id
        )
        target = Path(dest)
        self._being_made = target.with_name(f".{target.name}.collecting")
        ignored = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
        )
        shutil.rmtree(self._being_made, ignore_errors=True)
        try:
            source = Path(self.inbound_path, record["filename"])
            copy_without_following(source, self._being_made, ignored, 1000 * self.coursedir.max_dir_size)
            super().copy_files()
        finally:
            shutil.rmtree(self._being_made, ignore_errors=True)

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Put the copy in its place, in one step as others see it."""
        assert self._being_made is not None
        self._being_made.rename(dest)
        self.copied = True


class _Dated(CourseDirectory):
    """nbgrader's, which reads a time stamp as we do: a student may have made it a link, a folder, or anything."""

    def get_existing_timestamp(self, dest_path: str) -> datetime | None:
        """Return the time of the submission in a folder, in UTC; None if it has none that can be read."""
        return read_timestamp_file(Path(dest_path), exchange_zone(self.config)).utc


def collect_one(course: CourseFolder, assignment: str, name: str) -> bool:
    """Put a submission into `submitted/`; False if a newer one of this student is there already.

    Raises
    ------
    UserError
        If it is too large or too deep.
    nbgrader.exchange.ExchangeError, OSError
        If the exchange or the course folder cannot be used.
    """
    directory = _Dated(config=course.config, root=str(course.root))
    directory.assignment_id = assignment
    collect = _quiet(CollectOne(coursedir=directory, config=course.config))
    collect.update, collect.check_owner, collect.before_duedate, collect.name = True, False, False, name
    collect.start()
    if collect.copied:
        if directory.groupshared:
            student = collect.src_records[0]["username"]
            share(course.folder("submitted", assignment, student), course.root)
        return True
    record = collect.src_records[0]
    there = directory.get_existing_timestamp(str(course.folder("submitted", assignment, record["username"])))
    return bool(there == record["timestamp"])


def forged_by(course: CourseFolder, folder: Path, student: str, students: Container[str]) -> str:
    """Return the student who made another one's submission; nothing if nobody did.

    nbgrader warns of each owner who has another name; on many hubs all files have the same owner, who is no student.
    """
    if not Collect(coursedir=course.directory, config=course.config).check_owner:
        return ""
    with suppress(KeyError):  # an id without a name
        owner = pwd.getpwuid(folder.lstat().st_uid).pw_name
        if owner != student and owner in students:
            return owner
    return ""


def copy_without_following(source: Path, target: Path, ignored: _Ignored, most_bytes: float) -> None:
    """Copy a folder that another person may change meanwhile; what is no file, folder or link is left out.

    Raises
    ------
    UserError
        If it has more than so many bytes, or too many folders one in the other.
    """
    total = 0
    for where, folders, files, descriptor in os.fwalk(source, follow_symlinks=False):
        below = Path(where).relative_to(source)
        if len(below.parts) > DEEPEST:
            raise UserError(f"it has more than {DEEPEST} folders, one in the other")
        here = target / below
        here.mkdir(parents=True, exist_ok=True)
        left_out = set(ignored(where, [*folders, *files]))
        if where == str(source):  # nbgrader reads these, whatever they lead to
            left_out |= {name for name in FROM_THE_EXCHANGE if not _is_file(name, descriptor)}
        folders[:] = [name for name in folders if name not in left_out]
        for name in files:
            if name not in left_out:
                total += _copy(name, descriptor, here / name, most_bytes - total)


def _is_file(name: str, folder: int) -> bool:
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _copy(name: str, folder: int, target: Path, most_bytes: float) -> int:
    """Copy a file of an open folder, or a link as a link; return its size."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            raise
        if stat.S_ISLNK(mode):
            target.symlink_to(os.readlink(name, dir_fd=folder))
        return 0
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return 0
        if status.st_size > most_bytes:
            raise UserError("it is larger than CourseDirectory.max_dir_size allows")
        left = status.st_size  # it may grow meanwhile, faster than it is read
        with target.open("wb") as copy:
            while chunk := file.read(min(left, _CHUNK_BYTES)):
                copy.write(chunk)
                left -= len(chunk)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    return status.st_size


def _quiet(collect: CollectOne) -> CollectOne:
    """Let nbgrader say nothing by itself: what goes wrong is raised."""
    collect.log = _LOG
    return collect

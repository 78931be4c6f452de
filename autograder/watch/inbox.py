"""Sees what students submit: new folders in the exchange's `inbound`, once they are whole."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Collection, Container, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import watchfiles
from nbgrader.exchange import ExchangeError

from autograder.batch.submissions import name_problem
from autograder.course_folder import LITTER, CourseFolder
from autograder.errors import UserError
from autograder.exchange import exchange_folder
from autograder.reports.release import FROM_THE_EXCHANGE
from autograder.watch.collect import NameReader
from autograder.watch.queue import Arrival

SETTLED_SECONDS = 10.0
"""What nbgrader did not finish, or another program made, counts as whole once it has not changed for so long."""
_FINISHED = 0o777
"""Permissions of a submission's folder after the last step of `nbgrader submit`."""


@dataclass
class Seen:
    """What a look into the exchange has found."""

    arrived: list[Arrival] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Name of a folder to the reason why it is no submission."""
    unfinished: bool = False
    """Whether somebody submits just now."""


class Inbox:
    """The submissions of some assignments in a course's exchange.

    Parameters
    ----------
    assignments : Collection of str
        Those to look for.
    """

    def __init__(self, course: CourseFolder, assignments: Collection[str]) -> None:
        self._course = course
        self._assignments = assignments
        self._read = NameReader(course)
        self._not_ours: set[str] = set()
        self._growing: dict[str, tuple[object, float]] = {}
        self._refused: dict[str, str] = {}

    @property
    def folder(self) -> Path:
        """Where submissions arrive."""
        return exchange_folder(self._course) / str(self._course.directory.course_id) / "inbound"

    def look(self, known: Container[str]) -> Seen:
        """Return what has arrived apart from what is known.

        Parameters
        ----------
        known : Container of str
            Names of folders that are not looked at.

        Raises
        ------
        UserError
            If the folder is not there.
        OSError
            If it cannot be read.
        """
        seen = Seen()
        try:
            with os.scandir(self.folder) as entries:
                new = [entry.name for entry in entries if entry.name not in known and entry.name not in self._not_ours]
        except (FileNotFoundError, NotADirectoryError):
            raise UserError(
                f"The exchange has no folder {self.folder}: release an assignment with 'nbgrader release_assignment', "
                "or have the exchange's disk mounted."
            ) from None
        seen.refused.update((name, self._refused[name]) for name in new if name in self._refused)
        for name in sorted(set(new) - seen.refused.keys()):
            with suppress(FileNotFoundError):  # an instructor has just deleted it
                self._look_at(name, seen)
        self._refused = dict(seen.refused)
        self._growing = {name: growing for name, growing in self._growing.items() if name in new}
        return seen

    def gone(self, names: Iterable[str]) -> list[str]:
        """Return those that are not in the folder any more; none if the folder is not there."""
        return [name for name in names if not os.path.lexists(self.folder / name)] if self.folder.is_dir() else []

    def _look_at(self, name: str, seen: Seen) -> None:
        try:
            student, assignment, stamp = self._read(name)
        except (ExchangeError, ValueError, OverflowError) as error:
            if self._names_one_of_ours(name):
                seen.refused[name] = f"nbgrader cannot read the name of its folder ({error})"
            else:
                self._not_ours.add(name)
            return
        if assignment not in self._assignments:
            if self._names_one_of_ours(name):  # a zone written as a number, "+04", moves the parts
                seen.refused[name] = f"nbgrader reads another assignment in the name of its folder ({assignment!r})"
            else:
                self._not_ours.add(name)
            return
        path = self.folder / name
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            seen.refused[name] = "it is not a folder"
        elif problem := self._not_a_student(student):
            seen.refused[name] = problem
        elif self._is_whole(path, status):
            moment = datetime.fromtimestamp(min(status.st_mtime, time.time()), UTC).replace(tzinfo=None)
            seen.arrived.append(Arrival(student, assignment, name, stamp, moment))
        else:
            seen.unfinished = True

    def _names_one_of_ours(self, name: str) -> bool:
        return any(f"+{assignment}+" in name for assignment in self._assignments)

    def _is_whole(self, path: Path, status: os.stat_result) -> bool:
        if stat.S_IMODE(status.st_mode) & _FINISHED == _FINISHED and all(
            os.access(path / name, os.R_OK) and (path / name).stat().st_size for name in FROM_THE_EXCHANGE
        ):
            return True
        state = status.st_mtime_ns, status.st_mode, status.st_nlink
        before, since = self._growing.get(path.name, (None, 0.0))
        if before != state:
            self._growing[path.name] = state, time.monotonic()
            return False
        return time.monotonic() - since > SETTLED_SECONDS

    def _not_a_student(self, student: str) -> str:
        """Return why no student can have this name, or nothing."""
        excluded = {part.strip() for part in self._course.directory.student_id_exclude.split(",")}
        if not student or student.startswith(".") or student in LITTER:
            return "no student can have this name"
        if student in excluded:
            return "nbgrader's setting CourseDirectory.student_id_exclude names this student"
        return name_problem(student)


class Bell:
    """Rings when something happens in a folder, where the file system tells that; elsewhere it stays silent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rung = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until it rings, or for so long."""
        self._rung.wait(seconds)
        self._rung.clear()

    def ring(self) -> None:
        """End a wait."""
        self._rung.set()

    def close(self) -> None:
        """Listen no more."""
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._over.is_set():
            with suppress(OSError, RuntimeError):  # the folder is not there, or too many are watched
                for _ in watchfiles.watch(
                    self._folder,
                    watch_filter=None,
                    recursive=False,
                    debounce=100,
                    step=20,
                    rust_timeout=500,
                    yield_on_timeout=True,
                    stop_event=self._over,
                    ignore_permission_denied=True,
                ):
                    if _:
                        self._rung.set()
                    elif not self._folder.is_dir():
                        break  # it is watched anew when it is there again
            self._over.wait(1.0)

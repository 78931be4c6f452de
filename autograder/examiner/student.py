"""The student's side of one submission: a room, and if it dies, a fresh one in which the cells are replayed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from nbformat import NotebookNode

from autograder.examiner.budget import TimeBudget
from autograder.examiner.proxies import (
    Handle,
    StudentCellFailed,
    StudentDied,
    StudentLacks,
    StudentObject,
    StudentObjectError,
    StudentStopped,
    student_error,
)
from autograder.room.errors import (
    RoomDied,
    RoomNameError,
    RoomTimeout,
    SandboxEnded,
    StudentCodeError,
    ValueRefused,
)
from autograder.room.inside.limits import Limits
from autograder.room.inside.wire import RemoteRef
from autograder.room.session import CellRun, RoomFactory, StudentRoom
from course.checks.beside.files import read_file
from course.handing_in.celltext import names_defined

MAX_REPLAYS = 30
"""Fresh rooms for one submission after deaths; more deaths than this and the rest of it is not run."""

MAX_DEATHS_IN_CELL = 3
"""Deaths while one test cell asks its questions; after these it gets no further answer, and the next cell goes on."""


MAX_FILE_BYTES = 32 * 1024**2
"""Of a file that is read from a room."""
MOST_REASON = 200
"""Characters of an exception in the reason for lost points."""

LACKING = "NotThere"
"""The exception by which a bare room says that something is not there (`course.handing_in.replay`)."""


@dataclass(frozen=True)
class Lacking:
    """Stands for a variable of the student that wants what is not there."""

    error: StudentLacks

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Say what it wants."""
        raise self.error


@dataclass(frozen=True)
class Ran:
    """A cell that ran, and whether it did so to its end."""

    source: str
    ended_well: bool


class StudentRun:
    """Runs the student's cells and puts the examiner's questions to them, within the limits.

    One bad cell costs itself: when the room dies, the next use opens a fresh one and replays the cells
    that ran before, without the culprit. Use as a context manager.
    """

    def __init__(
        self,
        warm: RoomFactory,
        files: Mapping[str, bytes],
        limits: Limits,
        budget: TimeBudget | None = None,
        *,
        last_try: bool = False,
    ) -> None:
        self._last_try = last_try
        self._output_left = limits.all_output_bytes
        self._lost: SandboxEnded | None = None
        self._warm = warm
        self._files = files
        self._limits = limits
        self._budget = budget or TimeBudget(limits)
        self._bare: BareRun | None = None
        self._room: StudentRoom | None = None
        self._room_number = 0
        self._deaths_in_cell = 0
        self._history: list[Ran] = []
        self._ran: list[Ran] = []
        self.double = False
        """Whether the student's latest cell left torch with float64 for its default dtype."""
        self.asks_in_double = False
        self._failed: dict[str, str] = {}
        """Why the latest cell that was to define a name did not run to its end."""

    def __enter__(self) -> StudentRun:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End its rooms."""
        if self._bare is not None:
            self._bare.close()
        if self._room is not None:
            self._room.close()

    # Running cells

    def run_cell(self, source: str) -> CellRun:
        """Run a cell of the notebook; one that stops or kills the room is left out of later replays."""
        self.begin_cell()
        try:
            with self._in_sandbox():
                room = self._living_room()
                with self._budget.spend(room.clock) as seconds:
                    run = room.run_cell(source, seconds, self._output_left)
        except (StudentDied, StudentStopped) as error:
            run = CellRun([], "died", str(error))
        self._output_left = max(0, self._output_left - run.kept)
        self._remember(source, run)
        if run.ended in ("ok", "error"):
            self.double = run.double
            self._history.append(Ran(source, run.ended == "ok"))
            self._ran.append(self._history[-1])
        return run

    def _remember(self, source: str, run: CellRun) -> None:
        """Keep why a cell failed, for the names that it was to define."""
        why = run.note if run.ended not in ("ok", "error") else first_error(run.outputs)
        for name in names_defined(source):
            if why:
                self._failed[name] = why
            else:
                self._failed.pop(name, None)

    def begin_cell(self) -> None:
        """Give the next cell its full time."""
        self._budget.begin_cell()
        self._deaths_in_cell = 0
        if self._bare is not None:
            self._bare.begin_cell()

    def bare(self) -> StudentRun:
        """Return the same notebook in a bare room: as far as it has run, less what wants what is not there."""
        if self._bare is None:
            self._bare = BareRun(self._warm.bare(), self._files, self._limits, self._budget, last_try=self._last_try)
            self._bare._failed = self._failed
        self._bare.follow(self._ran)
        return self._bare

    # Questions of test cells

    @contextlib.contextmanager
    def in_double(self) -> Iterator[None]:
        """Have questions answered with float64 for torch's default dtype."""
        self.asks_in_double = True
        try:
            yield
        finally:
            self.asks_in_double = False

    def get(self, name: str) -> Any:
        """Return a variable of the notebook.

        Raises
        ------
        NameError
            If the notebook defines none of that name.
        """
        return self._ask(lambda room, seconds: room.get(name), name, about=name)

    def delete(self, name: str) -> None:
        """Delete a variable of the notebook; raises as `get` does."""
        self._ask(lambda room, seconds: room.delete(name), about=name)

    def put(self, name: str, value: StudentObject) -> None:
        """Give an object of the student a name in the notebook, as a test does that had deleted it."""
        handle: Handle = object.__getattribute__(value, "_handle")
        self._ask(lambda room, seconds: room.put(name, self._current(handle, room)), about=name)

    def call(self, target: Handle, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call an object of the student."""
        return self._ask(
            lambda room, seconds: room.call(self._current(target, room), _sent(args), _sent(kwargs), seconds),
            about=target.name,
        )

    def getattr(self, target: Handle, name: str) -> Any:
        """Read an attribute of an object of the student."""
        return self._ask(lambda room, seconds: room.getattr(self._current(target, room), name))

    def run(self, helper: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a helper of the test cell in the room in which the objects among its arguments are."""
        given: list[Any] = []
        _gather(args, given)
        _gather(kwargs, given)
        if lacking := next((value for value in given if isinstance(value, Lacking)), None):
            raise lacking.error
        objects = list(_students(given))
        side = objects[0][1] if objects else self
        if side is not self:
            return side.run(helper, *args, **kwargs)
        about = next((handle.name for handle, _ in objects if handle.name), None)
        return self._ask(lambda room, seconds: room.run(helper, _sent(args), _sent(kwargs), seconds), about=about)

    def file(self, name: str) -> bytes | None:
        """Return the content of a file in the folder of the room that runs, or None if there is none."""
        if self._room is None or not self._room.alive:
            return None
        try:
            content = self.run(read_file, name, MAX_FILE_BYTES)
        except Exception:  # what the student's process answers
            return None
        return content if isinstance(content, bytes) else None

    def _ask(
        self, question: Callable[[StudentRoom, float], Any], name: str | None = None, *, about: str | None = None
    ) -> Any:
        """Put a question; the answer is kept under `name`, and messages are about the student's `about`."""
        if self._deaths_in_cell >= MAX_DEATHS_IN_CELL:
            raise StudentDied(f"the kernel ended {MAX_DEATHS_IN_CELL} times in these checks; no more were tried")
        with self._in_sandbox():
            room = self._living_room()
            room.double = self.asks_in_double
        try:
            with self._in_sandbox(), self._budget.spend(room.clock) as seconds:
                answer = question(room, seconds)
        except StudentCodeError as error:
            raise self._error(error, about) from None
        except RoomNameError as error:
            if why := self._failed.get(error.name):
                raise StudentCellFailed(error.name, why) from None
            raise NameError(f"name {error.name!r} is not defined in the notebook") from None
        except ValueRefused as error:
            raise StudentObjectError(str(error)) from None
        except RoomTimeout as error:
            raise StudentStopped(f"the code ran longer than {error.seconds:.3g} s") from None
        except RoomDied as error:
            raise StudentDied(error.reason) from None
        finally:
            self._deaths_in_cell += not room.alive
        return self._received(answer, name)

    def _error(self, error: StudentCodeError, about: str | None) -> Exception:
        return student_error(error)

    def _current(self, target: Handle, room: StudentRoom) -> RemoteRef:
        """Return where an object is now; an object of a dead room is looked up again by name."""
        if target.room == self._room_number:
            return target.ref
        found = room.get(target.name) if target.name else None
        if not isinstance(found, RemoteRef):
            raise RoomDied("the object was lost when the student's kernel ended")
        return found

    def _received(self, value: Any, name: str | None = None) -> Any:
        if isinstance(value, RemoteRef):
            return StudentObject(Handle(value, self._room_number, name), self)
        if type(value) in (list, tuple):
            return type(value)(self._received(item) for item in value)
        if type(value) is dict:
            return {key: self._received(item) for key, item in value.items()}
        return value

    # The room and its time

    def require_sandbox(self) -> None:
        """Raise what a test cell may have taken for a failure of the student's: the end of the sandbox.

        Raises
        ------
        SandboxEnded
            If it ended from outside at some time; nothing that came after it counts.
        """
        for side in (self, self._bare):
            if side is not None and side._lost is not None:
                raise side._lost

    @contextlib.contextmanager
    def _in_sandbox(self) -> Iterator[None]:
        """Remember the end of the sandbox, which a test cell may catch."""
        try:
            yield
        except SandboxEnded as error:
            if self._last_try and not error.certain:
                raise StudentDied(error.reason) from None
            self._lost = error
            raise

    def _living_room(self) -> StudentRoom:
        while self._room is None or not self._room.alive:
            if self._room_number > MAX_REPLAYS:
                raise StudentDied("the kernel ended too often; the rest of the notebook was not run")
            self._open_room()
        return self._room

    def _open_room(self) -> None:
        if self._room is not None:
            self._room.close()
        self._room = self._warm.open_room(self._files, self._budget.processor)
        self._room_number += 1
        replayed, self._history = self._history, []
        for cell in replayed:
            if not self._room.alive:
                return  # _living_room opens the next one; what already ran is replayed there
            if self._replay(self._room, cell):
                self._history.append(cell)

    def _replay(self, room: StudentRoom, cell: Ran) -> bool:
        """Run a cell once more, in a cell's full time; return whether to do so again after the next death."""
        with self._budget.apart(), self._budget.spend(room.clock) as seconds:
            return room.run_cell(cell.source, seconds, 0).ended in ("ok", "error")


def first_error(outputs: Iterable[NotebookNode]) -> str:
    """Return the first exception among outputs on one line; nothing if there is none."""
    for output in outputs:
        if output.output_type == "error":
            return _in_short(f"{output.ename}: {output.evalue}")
        if output.output_type == "stream" and output.name == "stderr":
            for line in output.text.splitlines():
                if line.startswith("UsageError: "):  # all that IPython says of a magic that it does not know
                    return _in_short(line)
    return ""


def _in_short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MOST_REASON else f"{text[: MOST_REASON - 1]}…"


class BareRun(StudentRun):
    """The same submission where only NumPy and the standard library are there.

    It runs no cell by itself: it follows what another run has run, statement by statement, when it is asked.
    """

    def __init__(
        self,
        warm: RoomFactory,
        files: Mapping[str, bytes],
        limits: Limits,
        budget: TimeBudget | None = None,
        *,
        last_try: bool = False,
    ) -> None:
        super().__init__(warm, files, limits, budget, last_try=last_try)
        self._followed = 0

    def get(self, name: str) -> Any:
        """Return a variable of the notebook; one that is lacking says so when it is called."""
        try:
            return super().get(name)
        except StudentLacks as error:
            return Lacking(error)

    def follow(self, cells: Sequence[Ran]) -> None:
        """Catch up with the cells of the other run; one that stops or kills the room is left out."""
        new, self._followed = cells[self._followed :], len(cells)
        for cell in new:
            try:
                with self._in_sandbox():
                    if self._replay(self._living_room(), cell):
                        self._history.append(cell)
            except (StudentDied, StudentStopped):
                return  # no time or no room is left, as the next question will say

    def _replay(self, room: StudentRoom, cell: Ran) -> bool:
        try:
            with (
                self._budget.apart(),
                self._budget.spend(room.clock) as seconds,
                contextlib.suppress(StudentCodeError),  # the replay goes on after a statement that fails
            ):
                room.replay(cell.source, ended_well=cell.ended_well, seconds=seconds)
        except (RoomTimeout, RoomDied, ValueRefused):
            return False
        return True

    def _error(self, error: StudentCodeError, about: str | None) -> Exception:
        if error.ename == LACKING:
            return StudentLacks(f"{error.message}: write {about or 'it'} with NumPy.")
        return super()._error(error, about)


def _gather(value: Any, found: list[Any]) -> None:
    """Add what is in arguments, wherever `_sent` looks."""
    if type(value) in (list, tuple):
        for item in value:
            _gather(item, found)
    elif type(value) is dict:
        for item in value.values():
            _gather(item, found)
    else:
        found.append(value)


def _students(values: Iterable[Any]) -> Iterator[tuple[Handle, StudentRun]]:
    """Yield the student's objects among the values, each with its side."""
    for value in values:
        if isinstance(value, StudentObject):
            yield object.__getattribute__(value, "_handle"), object.__getattribute__(value, "_asker")


def _sent(value: Any) -> Any:
    """Return arguments with the student's objects as the references by which the room knows them."""
    if isinstance(value, StudentObject):
        return object.__getattribute__(value, "_handle").ref
    if type(value) in (list, tuple):
        return type(value)(_sent(item) for item in value)
    if type(value) is dict:
        return {key: _sent(item) for key, item in value.items()}
    return value

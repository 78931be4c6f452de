"""What the examiner's code holds instead of an object or an exception of the student.

A `StudentObject` can be called and its attributes read; both happen in the student room. Everything by
which an object could flatter a test (comparison, truth, length, arithmetic, iteration, conversion) is
refused, so an object that equals everything proves nothing.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from autograder.room.errors import StudentCodeError
from autograder.room.inside.wire import RemoteRef


@dataclass(frozen=True)
class Handle:
    """Where an object of the student is: in which room, and under which name of the notebook, if any."""

    ref: RemoteRef
    room: int
    name: str | None = None


class StudentObjects(Protocol):
    """Answers questions about the student's objects."""

    def call(self, target: Handle, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call an object in the room."""

    def getattr(self, target: Handle, name: str) -> Any:
        """Read an attribute of an object in the room."""


class StudentObjectError(AssertionError):
    """The test code needed plain data and got an object of the student: the test fails."""


class StudentError(Exception):
    """An exception of the student's code; also an instance of the built-in exceptions it derives from."""

    ename = "Exception"
    message = ""

    def __str__(self) -> str:
        return self.message


class StudentStopped(StudentError, TimeoutError):
    """The student's code ran longer than allowed."""

    ename = "Stopped"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StudentDied(StudentError):
    """The student's kernel ended while it ran the student's code."""

    ename = "Kernel died"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StudentLacks(StudentError, AssertionError):
    """The student's code wants what is not there in a from-scratch exercise."""

    ename = "Not there"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StudentCellFailed(StudentError, NameError, AssertionError):
    """A name is not there because the cell that was to define it failed."""

    ename = "NameError"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name)
        self.message = f"{name} is not defined: its cell ended with {why}"


class StudentObject:
    """An object that stays in the student room."""

    __slots__ = ("_asker", "_handle")

    def __init__(self, handle: Handle, asker: StudentObjects) -> None:
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_asker", asker)

    def student_type_name(self) -> str:
        """Return the name of its class, for messages; `course.checks.student_side.type_name` asks for it."""
        return self._handle.ref.type_name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object in the student room."""
        return self._asker.call(self._handle, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        # NumPy and others probe special names to convert an object; a student's object has no say in that.
        if name.startswith("__"):
            raise AttributeError(f"a student's object shows no {name}")
        return self._asker.getattr(self._handle, name)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise StudentObjectError(f"cannot set {name} of a student's object from a test cell")

    def __repr__(self) -> str:
        return f"<the student's {self.student_type_name()}>"

    def __reduce__(self) -> NoReturn:
        raise StudentObjectError("a student's object cannot be copied or pickled")


REFUSED = (
    "eq ne lt le gt ge bool len iter next contains getitem setitem delitem reversed hash int float complex index "
    "str format bytes add radd iadd sub rsub isub mul rmul imul matmul rmatmul truediv rtruediv floordiv rfloordiv "
    "mod rmod divmod rdivmod pow rpow lshift rlshift rshift rrshift and rand or ror xor rxor neg pos abs invert "
    "round trunc floor ceil enter exit await aiter anext array array_ufunc array_function"
).split()
"""Special methods, without their underscores, that a student's object refuses."""


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refuse(self: StudentObject, *args: Any, **kwargs: Any) -> NoReturn:
        kind = self.student_type_name()
        raise StudentObjectError(f"Expected plain data such as a number or an array, got a value of type {kind}.")

    refuse.__name__ = f"__{name}__"
    return refuse


for _name in REFUSED:
    setattr(StudentObject, f"__{_name}__", _refusal(_name))


def student_error(error: StudentCodeError) -> StudentError:
    """Return the exception that a test cell sees for one raised by the student's code.

    Its class derives from `StudentError` and from the built-in exception nearest to the student's, so that
    `pytest.raises(ValueError)` works. What is not an `Exception` (`SystemExit`, `KeyboardInterrupt`)
    becomes a plain `StudentError`: a student must not end the examiner.
    """
    base = next((kind for kind in map(_builtin_exception, error.builtin_bases) if kind), Exception)
    bases = (StudentError,) if base is Exception else (StudentError, base)
    # __new__ and __init__ of some built-in exceptions want arguments of their own.
    kind = type(error.ename, bases, {"__init__": lambda self: None, "__module__": "student", "__str__": _message})
    made: StudentError = kind()
    made.ename, made.message = error.ename, error.message
    return made


def _message(self: StudentError) -> str:
    return self.message


def _builtin_exception(name: str) -> type[Exception] | None:
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)) or issubclass(kind, BaseExceptionGroup):
        return None  # a group cannot be made without the exceptions in it, which stayed in the room
    return kind

"""What can go wrong with a student room, as exceptions of the host side."""

from __future__ import annotations


class RoomError(Exception):
    """Base of everything a student room raises."""


class SandboxUnavailable(RoomError):
    """A machine cannot build the sandbox; the message says what is missing and how to install it."""


class NotStarted(RoomError):
    """What opens rooms of this kind is not there yet, and another process has to start it."""


class RoomNameError(RoomError, KeyError):
    """The student's namespace has no such name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"name {self.name!r} is not defined"


class RoomTimeout(RoomError):
    """A request took longer than allowed; `StudentRoom.alive` tells whether the room survived it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"stopped after {seconds:g} s")
        self.seconds = seconds


class RoomDied(RoomError):
    """The room is gone; `reason` is a plain sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SandboxEnded(RoomError):
    """What the room is made of was ended from outside, through no fault of the code in it.

    Attributes
    ----------
    reason : str
        A plain sentence.
    certain : bool
        False if the code in the room could have done it too.
    """

    def __init__(self, reason: str, *, certain: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.certain = certain


class ValueRefused(RoomError):
    """A value cannot leave the room (too large, nested too deep) or may not enter it."""


class StudentCodeError(RoomError):
    """The student's code raised an exception.

    Attributes
    ----------
    ename : str
        Name of the exception's class, as the student wrote it.
    builtin_bases : tuple[str, ...]
        Names of the built-in classes among its bases, most specific first.
    message : str
        `str()` of the exception, cut to a limit.
    traceback_text : str
        The traceback as text, cut to a limit.
    """

    def __init__(self, ename: str, builtin_bases: tuple[str, ...], message: str, traceback_text: str) -> None:
        super().__init__(f"{ename}: {message}" if message else ename)
        self.ename = ename
        self.builtin_bases = builtin_bases
        self.message = message
        self.traceback_text = traceback_text

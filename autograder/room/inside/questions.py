"""The channel for questions to a room: a socket of its own beside Jupyter's channels.

A question through Jupyter's protocol costs four messages of JSON and a pass through the kernel's message
loop, ten times what answering it takes; test cells ask a hundred. Questions are messages of `channel`, since the
host is trusted; answers are a fixed header and bytes, since the room is not.
"""

from __future__ import annotations

import itertools
import select
import socket
import struct
import time
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NoReturn

from . import channel

_ANSWER = struct.Struct("!QQB")  # length of the value, number of the question, status
_CHUNK = 1 << 20


class Status(IntEnum):
    """What kind of answer it is."""

    OK = 0
    """The value."""
    ERROR = 1
    """An exception of the student's code: names, message and traceback."""
    REFUSED = 2
    """The value cannot leave the room; why, as a string."""
    MISSING = 3
    """The student's namespace has no such name."""
    SAME = 4
    """The value; and each name whose object has a handle, and was asked for, still means that object."""


_STATUSES = frozenset(map(int, Status))


class AnswerError(Exception):
    """What came is not an answer, or is larger than allowed."""


class QuestionChannel:
    """The host's end. It never waits for a room longer than told."""

    def __init__(self, end: socket.socket, max_bytes: int) -> None:
        self._socket = end
        self._socket.setblocking(False)
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._numbers = itertools.count()

    def fileno(self) -> int:
        """Return the socket's file descriptor, for polling."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def send(self, question: dict[str, Any], payload: bytes, deadline: float) -> int:
        """Send a question and return its number.

        Raises
        ------
        TimeoutError
            The room did not take it before `deadline` (`time.monotonic`).
        OSError
            The room is gone.
        """
        number = next(self._numbers)
        unsent = memoryview(channel.framed([number, question, payload]))
        while unsent:
            try:
                unsent = unsent[self._socket.send(unsent[:_CHUNK]) :]
            except BlockingIOError:
                if not select.select([], [self._socket], [], max(0.0, deadline - time.monotonic()))[1]:
                    raise TimeoutError("the kernel does not read its questions") from None
        return number

    def receive(self) -> list[tuple[int, Status, bytes]]:
        """Return the answers that are complete after reading what has arrived; never waits.

        Raises
        ------
        AnswerError
            The bytes are no answer, or a value is too large.
        OSError
            The room is gone.
        """
        try:
            chunk = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return []
        if not chunk:
            raise ConnectionResetError("the kernel closed its channel for questions")
        self._buffer += chunk
        return list(self._complete_answers())

    def _complete_answers(self) -> Iterator[tuple[int, Status, bytes]]:
        while len(self._buffer) >= _ANSWER.size:
            length, number, status = _ANSWER.unpack_from(self._buffer)
            if length > self._max_bytes:
                raise AnswerError(f"the kernel sent an answer of more than {self._max_bytes} bytes")
            if status not in _STATUSES:
                raise AnswerError("the kernel sent an answer of an unknown kind")
            end = _ANSWER.size + length
            if len(self._buffer) < end:
                return
            value = bytes(memoryview(self._buffer)[_ANSWER.size : end])
            del self._buffer[:end]
            yield number, Status(status), value


def referred(number: int) -> NoReturn:
    """Stand, in what is pickled for a room, for finding the object of a reference there."""
    raise LookupError(f"object {number} is in a room")


REFERRED = (f"autograder.room.inside.{__name__.rpartition('.')[2]}", referred.__name__)
"""Module and name of `referred` on the host, where it is pickled."""


def receive_question(end: socket.socket) -> tuple[int, dict[str, Any], bytes]:
    """In the room: the next question, with its number and payload."""
    (number, question, payload), _ = channel.receive(end)
    return number, question, payload


def send_answer(end: socket.socket, number: int, status: Status, value: bytes) -> None:
    """In the room: answer a question."""
    end.sendall(_ANSWER.pack(len(value), number, status) + value)

"""Requests to a kernel and their answers, in one blocking loop."""

from __future__ import annotations

import itertools
import json
import select
import time
from collections.abc import Callable
from typing import Any

from autograder.room.inside.limits import MIB
from autograder.room.inside.questions import AnswerError, QuestionChannel
from autograder.room.zmtp import Connection, Disconnected, ProtocolError

_MESSAGE_OVERHEAD = 1024  # what one message costs us, however short it is
_MAX_JSON_BYTES = 8 * MIB
_EMPTY_OUTPUT = b'{"data": {"text/plain": ""}, "metadata": {}, "execution_count": 0}'
_SUBSCRIBE_TO_ALL = [b"\x01"]
_DELIMITER = b"<IDS|MSG>"
_PARTS = ("header", "parent_header", "metadata", "content")


class Overdue(Exception):
    """No answer before the deadline."""


class Flooded(Exception):
    """A request made more output than allowed."""


class Gone(Exception):
    """The kernel's process has ended, or it has closed its sockets."""


OutputHandler = Callable[[str, dict[str, Any], int], None]
"""Takes a message's type, its content and its size in bytes."""


class Pending:
    """A request on its way."""

    def __init__(self, on_output: OutputHandler | None = None, *, message_id: str = "", number: int = -1) -> None:
        self.message_id = message_id
        self.number = number
        self.on_output = on_output
        self.reply: Any = None
        self.idle = on_output is None
        self.received = 0


class KernelClient:
    """The client's side of a kernel's shell and iopub channels, and of its channel for questions.

    Nothing a kernel sends raises anything but this module's exceptions and `zmtp.ProtocolError`: what
    cannot be decoded, or answers no request of ours, is ignored.
    """

    def __init__(
        self,
        shell_path: str,
        iopub_path: str,
        asker: QuestionChannel,
        process_fd: int,
        max_bytes: int,
        flood_bytes: int,
    ) -> None:
        self._shell = Connection(shell_path, "DEALER", max_bytes)
        self._iopub = Connection(iopub_path, "SUB", max_bytes)
        self._asker = asker
        self._flood_bytes = flood_bytes
        self._numbers = itertools.count()
        self._poller = select.poll()
        self._channels = {channel.fileno() for channel in (self._shell, self._iopub, asker)}
        for fd in (*self._channels, process_fd):
            self._poller.register(fd, select.POLLIN)

    def close(self) -> None:
        """Close all channels."""
        self._asker.close()
        self._shell.close()
        self._iopub.close()

    def start(self, deadline: float) -> None:
        """Finish connecting; the kernel answers no request before our subscription has reached it.

        Raises
        ------
        TimeoutError, zmtp.Disconnected
            The kernel does not answer.
        """
        self._iopub.handshake(deadline)
        self._iopub.send(_SUBSCRIBE_TO_ALL, deadline)
        self._shell.handshake(deadline)

    def ask(self, question: dict[str, Any], payload: bytes, deadline: float) -> Pending:
        """Send a question; its reply will be a status and an encoded value."""
        try:
            return Pending(number=self._asker.send(question, payload, deadline))
        except TimeoutError:
            raise Overdue from None
        except OSError as error:
            raise Gone(str(error)) from None

    def send(self, kind: str, content: dict[str, Any], deadline: float, on_output: OutputHandler) -> Pending:
        """Send a request of Jupyter's; its output counts as part of the answer."""
        message_id = f"host-{next(self._numbers)}"
        header = {"msg_id": message_id, "msg_type": kind, "username": "", "session": "host", "version": "5.3"}
        parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
        try:
            self._shell.send([_DELIMITER, b"", *parts], deadline)
        except TimeoutError:
            raise Overdue from None
        except Disconnected as error:
            raise Gone(str(error)) from None
        return Pending(on_output, message_id=message_id)

    def wait(self, pending: Pending, deadline: float) -> Any:
        """Return the reply to a request or question, once its output is complete too.

        Raises
        ------
        Overdue
            `deadline` (`time.monotonic`) has passed; waiting can go on with a later one.
        Flooded
            The kernel sends more than it may.
        Gone
            The kernel is gone.
        zmtp.ProtocolError
            The kernel sends something that cannot be read.
        """
        while pending.reply is None or not pending.idle:
            ready = self._poll(deadline)
            if self._iopub.fileno() in ready:
                for message in self._decoded(self._iopub, pending):
                    self._take_output(pending, message)
            if self._shell.fileno() in ready:
                for message in self._decoded(self._shell, pending):
                    if _answers(message, pending):
                        pending.reply = message
            if self._asker.fileno() in ready:
                self._take_answers(pending)
        return pending.reply

    def _poll(self, deadline: float) -> set[int]:
        """Wait until something can be read; the kernel's end counts once all it sent has been read."""
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise Overdue
        ready = {fd for fd, _ in self._poller.poll(seconds * 1000)}
        if not ready:
            raise Overdue
        if not ready & self._channels:
            raise Gone("its process has ended")
        return ready

    def _take_answers(self, pending: Pending) -> None:
        try:
            answers = self._asker.receive()
        except AnswerError as error:
            raise ProtocolError(str(error)) from None
        except OSError as error:
            raise Gone(str(error)) from None
        for number, status, value in answers:
            if number == pending.number and pending.reply is None:
                pending.reply = status, value

    def _decoded(self, connection: Connection, pending: Pending) -> list[dict[str, Any]]:
        try:
            raw = connection.receive()
        except Disconnected as error:
            raise Gone(str(error)) from None
        messages = []
        for frames in raw:
            size = sum(map(len, frames))
            pending.received += size + _MESSAGE_OVERHEAD
            if pending.received > self._flood_bytes:
                raise Flooded
            message = _decode(frames)
            if message is not None:
                message["size"] = size
                messages.append(message)
        return messages

    @staticmethod
    def _take_output(pending: Pending, message: dict[str, Any]) -> None:
        if pending.on_output is None or not _answers(message, pending):
            return
        kind, content = message["header"].get("msg_type"), message["content"]
        if kind == "status":
            pending.idle = pending.idle or content.get("execution_state") == "idle"
        elif isinstance(kind, str):
            pending.on_output(kind, content, message["size"])


def _decode(frames: list[bytes]) -> dict[str, Any] | None:
    """Return a message of Jupyter's protocol; None for anything that is not one."""
    try:
        start = frames.index(_DELIMITER) + 2  # after the delimiter comes a signature, unused here
        parts = [json.loads(_bounded(frame)) for frame in frames[start : start + 4]]
    except (ValueError, RecursionError):
        return None
    if len(parts) < 4 or not all(isinstance(part, dict) for part in parts):
        return None
    return dict(zip(_PARTS, parts, strict=True))


def _bounded(frame: bytes) -> bytes:
    """Return the frame, or an empty output in its place that counts as too large.

    Parsed JSON is up to 30 times as long.
    """
    return frame if len(frame) <= _MAX_JSON_BYTES else _EMPTY_OUTPUT


def _answers(message: dict[str, Any], pending: Pending) -> bool:
    return bool(message["parent_header"].get("msg_id") == pending.message_id)


def end_of_process(process_fd: int, seconds: float) -> bool:
    """Tell whether the process behind a pidfd ends within `seconds`."""
    poller = select.poll()
    poller.register(process_fd, select.POLLIN)
    return bool(poller.poll(seconds * 1000))

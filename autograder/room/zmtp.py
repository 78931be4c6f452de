"""A bounded ZMTP 3.0 client on a Unix socket, for talking to a kernel we do not trust.

libzmq limits the size of a frame but not of a message, whose frames it collects in memory before anyone
can look. A peer that never ends its message would fill the grader's memory. Here every message is
bounded, and what is not read stays in the peer. Protocol: https://rfc.zeromq.org/spec/23/ with the NULL
mechanism.
"""

from __future__ import annotations

import select
import socket
import struct
import time

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_MORE, _LONG, _COMMAND = 1, 2, 4
_CHUNK = 256 * 1024
_FRAME_COST = 64  # bytes of ours that even an empty frame takes


class ProtocolError(Exception):
    """The peer does not speak ZMTP, or says too much at once."""


class Disconnected(Exception):
    """The peer has closed the connection."""


class Connection:
    """One connected socket of type `DEALER` or `SUB`.

    Parameters
    ----------
    path : str
        Unix socket the peer listens on.
    kind : str
        Our ZMTP socket type.
    max_bytes : int
        Most bytes of one message.
    """

    def __init__(self, path: str, kind: str, max_bytes: int) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._socket.setblocking(False)
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._greeted = False
        self._ready = False
        self._frames: list[bytes] = []
        self._message_bytes = 0
        ready = b"\x05READY\x0bSocket-Type" + struct.pack("!I", len(kind)) + kind.encode()
        self._outgoing = bytearray(GREETING + bytes((_COMMAND, len(ready))) + ready)

    def fileno(self) -> int:
        """Return the socket's file descriptor, for polling."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def handshake(self, deadline: float) -> None:
        """Finish connecting; libzmq drops a client that sends a message before its own `READY`.

        Raises
        ------
        TimeoutError
            The peer did not answer before `deadline` (`time.monotonic`).
        Disconnected, ProtocolError
            As in `receive`.
        """
        self._flush(deadline)
        while not self._ready:
            if not select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the kernel did not finish the handshake")
            self.receive()

    def send(self, frames: list[bytes], deadline: float) -> None:
        """Send one message.

        Raises
        ------
        TimeoutError
            The peer did not take it before `deadline` (`time.monotonic`).
        Disconnected
            The peer is gone.
        """
        for index, frame in enumerate(frames):
            more = _MORE if index < len(frames) - 1 else 0
            short = len(frame) < 256
            self._outgoing += struct.pack("!BB" if short else "!BQ", more if short else more | _LONG, len(frame))
            self._outgoing += frame
        self._flush(deadline)

    def _flush(self, deadline: float) -> None:
        while self._outgoing:
            try:
                del self._outgoing[: self._socket.send(memoryview(self._outgoing)[:_CHUNK].tobytes())]
            except BlockingIOError:
                if not select.select([], [self._socket], [], max(0.0, deadline - time.monotonic()))[1]:
                    raise TimeoutError("the kernel does not read its messages") from None
            except OSError as error:
                raise Disconnected(str(error)) from None

    def receive(self) -> list[list[bytes]]:
        """Return the messages that are complete after reading what has arrived; never waits.

        Raises
        ------
        ProtocolError
            The bytes are not ZMTP, or a message is too large.
        Disconnected
            The peer has closed.
        """
        try:
            chunk = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError as error:
            raise Disconnected(str(error)) from None
        if not chunk:
            raise Disconnected("the kernel closed its socket")
        self._buffer += chunk
        return self._complete_messages()

    def _complete_messages(self) -> list[list[bytes]]:
        messages = []
        start = 0 if self._greeted else self._read_greeting()
        while (frame := self._frame_at(start)) is not None:
            flags, body_start, end = frame
            if flags & _COMMAND:
                self._ready = True  # the first command is READY, or the peer closes; no later one matters
            else:
                self._frames.append(bytes(memoryview(self._buffer)[body_start:end]))
                self._message_bytes += end - body_start + _FRAME_COST
                if not flags & _MORE:
                    messages.append(self._frames)
                    self._frames, self._message_bytes = [], 0
            start = end
        del self._buffer[:start]
        return messages

    def _read_greeting(self) -> int:
        if len(self._buffer) < len(GREETING):
            return 0
        if self._buffer[0] != 0xFF or self._buffer[9] != 0x7F or self._buffer[10] < 3:
            raise ProtocolError("the kernel does not speak ZMTP 3")
        self._greeted = True
        return len(GREETING)

    def _frame_at(self, start: int) -> tuple[int, int, int] | None:
        """Return flags, start and end of the frame's body; None while it is not complete."""
        header = bytes(self._buffer[start : start + 9]) if self._greeted else b""
        if not header or len(header) < (9 if header[0] & _LONG else 2):
            return None
        size: int = struct.unpack_from("!Q", header, 1)[0] if header[0] & _LONG else header[1]
        if self._message_bytes + size + _FRAME_COST > self._max_bytes:
            raise ProtocolError(f"the kernel sent a message of more than {self._max_bytes} bytes")
        body = start + (9 if header[0] & _LONG else 2)
        return (header[0], body, body + size) if len(self._buffer) >= body + size else None

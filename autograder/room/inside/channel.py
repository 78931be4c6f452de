"""Length-prefixed msgpack messages, with file descriptors, between the host and what it has started.

This is the one framing of messages that trusted code sends: to and from the fork server, and questions to a room.
"""

from __future__ import annotations

import socket
import struct
from typing import Any

import msgpack

_LENGTH = struct.Struct("!Q")
_MAX_FDS = 4
_CHUNK = 1 << 20


def framed(message: Any) -> bytes:
    """Return the bytes of one message of plain data, as `receive` reads them."""
    payload: bytes = msgpack.packb(message)
    return _LENGTH.pack(len(payload)) + payload


def send(sock: socket.socket, message: Any, fds: list[int] | None = None) -> None:
    """Send one message of plain data and, with it, copies of the file descriptors."""
    data = memoryview(framed(message))
    sent = socket.send_fds(sock, [data[: _LENGTH.size]], fds or [])
    sock.sendall(data[sent:])


def receive(sock: socket.socket, max_bytes: int = 2**40) -> tuple[Any, list[int]]:
    """Receive one message and its file descriptors.

    Raises
    ------
    EOFError
        The other side has closed.
    ValueError
        The message is longer than `max_bytes` or is not msgpack.
    """
    header, fds, _, _ = socket.recv_fds(sock, _LENGTH.size, _MAX_FDS)
    header += _receive_exactly(sock, _LENGTH.size - len(header)) if header else b""
    if not header:
        raise EOFError("the other side closed the channel")
    (length,) = _LENGTH.unpack(header)
    if length > max_bytes:
        raise ValueError(f"a message of {length} bytes is longer than {max_bytes}")
    return msgpack.unpackb(_receive_exactly(sock, length)), fds


def receive_with_sender(sock: socket.socket, max_bytes: int) -> tuple[bytes, int]:
    """Receive one datagram and the sender's process id, as the kernel sees it from here.

    The socket needs `SO_PASSCRED`. The id is translated between pid namespaces by the kernel.
    """
    credentials = struct.Struct("3i")
    data, ancillary, _, _ = sock.recvmsg(max_bytes, socket.CMSG_SPACE(credentials.size))
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return data, credentials.unpack(content)[0]
    raise EOFError("the other side closed the channel")


def _receive_exactly(sock: socket.socket, count: int) -> bytes:
    """Return the next bytes; memory is taken for what has come, not for what a length promises."""
    data = bytearray()
    while len(data) < count:
        chunk = sock.recv(min(count - len(data), _CHUNK))
        if not chunk:
            raise EOFError("the other side closed the channel in the middle of a message")
        data += chunk
    return bytes(data)

"""Length-prefixed msgpack messages, with file descriptors, between the host and the warm process."""

from __future__ import annotations

import socket
import struct
from typing import Any

import msgpack

_LENGTH = struct.Struct("!Q")
_MAX_FDS = 4


def send(sock: socket.socket, message: Any, fds: list[int] | None = None) -> None:
    """Send one message of plain data and, with it, copies of the file descriptors."""
    payload = msgpack.packb(message)
    socket.send_fds(sock, [_LENGTH.pack(len(payload))], fds or [])
    sock.sendall(payload)


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
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        got = sock.recv_into(view)
        if not got:
            raise EOFError("the other side closed the channel in the middle of a message")
        view = view[got:]
    return bytes(buffer)

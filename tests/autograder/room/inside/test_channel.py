"""Messages between the host and the fork server, over a pair of sockets."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from autograder.room.inside import channel


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    one.settimeout(10)
    other.settimeout(10)
    with one, other:
        yield one, other


def test_messages_come_in_order_and_whole(ends: tuple[socket.socket, socket.socket]) -> None:
    here, there = ends
    messages = [{"files": {"a.txt": b"\0" * 10**6}}, [], {"number": 2**60, "text": "Zoë"}]
    sender = threading.Thread(target=lambda: [channel.send(here, message) for message in messages])
    sender.start()
    assert [channel.receive(there) for _ in messages] == [(message, []) for message in messages]
    sender.join()


def test_descriptors_come_along_as_copies(ends: tuple[socket.socket, socket.socket]) -> None:
    here, there = ends
    read, write = os.pipe()
    channel.send(here, "two", [read, write])
    os.close(read)
    message, (their_read, their_write) = channel.receive(there)
    assert message == "two"
    os.write(their_write, b"through")
    assert os.read(their_read, 20) == b"through"
    for descriptor in (write, their_read, their_write):
        os.close(descriptor)


def test_a_message_that_is_too_long_is_refused_before_it_is_read(ends: tuple[socket.socket, socket.socket]) -> None:
    here, there = ends
    channel.send(here, b"x" * 100)
    with pytest.raises(ValueError, match="longer than 50"):
        channel.receive(there, max_bytes=50)


@pytest.mark.parametrize("cut", [0, 3, 8, 12])
def test_the_end_of_the_other_side_is_seen_wherever_it_comes(
    ends: tuple[socket.socket, socket.socket], cut: int
) -> None:
    here, there = ends
    channel.send(here, "a message")
    whole = there.recv(1000)
    here.sendall(whole[:cut])
    here.shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError, match="the other side closed the channel"):
        channel.receive(there)


def test_the_sender_is_told_by_the_kernel(ends: tuple[socket.socket, socket.socket]) -> None:
    here, there = ends
    there.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    pid = os.fork()
    if pid == 0:
        here.sendall(b"ready")
        os._exit(0)
    assert channel.receive_with_sender(there, 100) == (b"ready", pid)
    os.waitpid(pid, 0)

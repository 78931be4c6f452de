"""The one framing of messages: whole, with their file descriptors, however the socket cuts them."""

from __future__ import annotations

import os
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.room.inside import channel

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.binary(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=10,
)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


@given(st.lists(PLAIN, max_size=4))
def test_messages_come_as_they_were_sent(messages: list[object]) -> None:
    one, other = socket.socketpair()
    with one, other:
        for message in messages:
            channel.send(one, message)
        assert [channel.receive(other) for _ in messages] == [(message, []) for message in messages]


def test_file_descriptors_come_with_their_message(ends: tuple[socket.socket, socket.socket], tmp_path: Path) -> None:
    one, other = ends
    file = tmp_path / "file"
    file.write_text("content")
    descriptor = os.open(file, os.O_RDONLY)
    channel.send(one, {"number": 1}, [descriptor])
    channel.send(one, {"number": 2})
    os.close(descriptor)
    message, (copy,) = channel.receive(other)
    assert (message, os.read(copy, 20)) == ({"number": 1}, b"content")
    os.close(copy)
    assert channel.receive(other) == ({"number": 2}, [])


def test_a_message_may_come_byte_by_byte(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.append(channel.receive(other)))
    reader.start()
    for byte in channel.framed(["hello", b"\0" * 50]):
        one.send(bytes([byte]))
    reader.join()
    assert got == [(["hello", b"\0" * 50], [])]


def test_a_message_longer_than_any_buffer(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    sender = threading.Thread(target=lambda: channel.send(one, bytes(5 * 10**6)))
    sender.start()
    message, _ = channel.receive(other)
    sender.join()
    assert message == bytes(5 * 10**6)


def test_a_longer_message_than_is_wanted(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    channel.send(one, "x" * 100)
    with pytest.raises(ValueError, match="a message of 102 bytes is longer than 50"):
        channel.receive(other, max_bytes=50)


@pytest.mark.parametrize("sent", [b"", channel.framed("hello")[:3], channel.framed("hello")[:-1]])
def test_the_end_of_the_other_side_is_noticed(ends: tuple[socket.socket, socket.socket], sent: bytes) -> None:
    one, other = ends
    one.sendall(sent)
    one.close()
    with pytest.raises(EOFError, match="the other side closed the channel"):
        channel.receive(other)


def test_a_length_alone_takes_no_memory(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    one.sendall((2**33).to_bytes(8, "big"))
    one.close()
    tracemalloc.start()
    try:
        with pytest.raises(EOFError):
            channel.receive(other)
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_what_is_no_message(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    one.sendall((1).to_bytes(8, "big") + b"\xc1")
    with pytest.raises((ValueError, msgpack.FormatError)):
        channel.receive(other)

"""The ZMTP client against real libzmq peers and against peers that cheat."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

import pytest
import zmq

from autograder.room.zmtp import GREETING, Connection, Disconnected, ProtocolError

_COMMAND = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER"
READY = bytes([4, len(_COMMAND)]) + _COMMAND


def messages(connection, count, seconds=60.0):
    """The next `count` messages."""
    found, end = [], time.monotonic() + seconds
    while len(found) < count and time.monotonic() < end:
        found += connection.receive()
    return found


@pytest.fixture
def context():
    with zmq.Context() as made:
        yield made


def test_requests_and_replies_of_any_size(context, tmp_path):
    path = str(tmp_path / "s")
    with context.socket(zmq.ROUTER) as router:
        router.bind(f"ipc://{path}")
        with contextlib.closing(Connection(path, "DEALER", 10**7)) as dealer:
            dealer.handshake(time.monotonic() + 60)
            for parts in ([b""], [b"a", b"b" * 255, b"c" * 256], [b"d" * 10**6, b""]):
                dealer.send(parts, time.monotonic() + 60)
                identity, *got = router.recv_multipart()
                assert got == parts
                router.send_multipart([identity, *parts])
                assert messages(dealer, 1) == [parts]


def test_subscription(context, tmp_path):
    path = str(tmp_path / "s")
    with context.socket(zmq.XPUB) as publisher:
        publisher.bind(f"ipc://{path}")
        with contextlib.closing(Connection(path, "SUB", 10**6)) as subscriber:
            subscriber.handshake(time.monotonic() + 60)
            subscriber.send([b"\x01"], time.monotonic() + 60)
            assert publisher.recv() == b"\x01"
            for number in range(100):
                publisher.send_multipart([b"topic", str(number).encode()])
            assert messages(subscriber, 100) == [[b"topic", str(number).encode()] for number in range(100)]


@contextlib.contextmanager
def peer(tmp_path, data, endless=b""):
    """A connection to a peer that sends `data`, then `endless` for as long as it is read."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        def serve():
            accepted, _ = listener.accept()
            with accepted, contextlib.suppress(OSError):
                accepted.sendall(data)
                while endless:
                    accepted.sendall(endless)

        thread = threading.Thread(target=serve)
        thread.start()
        connection = Connection(str(tmp_path / "s"), "SUB", 10**6)
        yield connection
        connection.close()
        thread.join()


def long_frame(flags, size):
    return struct.pack("!BQ", flags | 2, size)


CHEATS = {
    "no greeting": (b"HTTP/1.1 200 OK\r\n" * 10, b""),
    "old version": (b"\xff" + bytes(8) + b"\x7f\x01" + bytes(53), b""),
    "frame larger than allowed": (GREETING + READY + long_frame(0, 2**62), b""),
    "command larger than allowed": (GREETING + long_frame(4, 10**7), b""),
    "message without end": (GREETING + READY, long_frame(1, 10**5) + bytes(10**5)),
    "empty frames without end": (GREETING + READY, b"\x01\x00" * 1000),
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheating_peers_are_refused(tmp_path, name):
    with peer(tmp_path, *CHEATS[name]) as connection, pytest.raises(ProtocolError):
        messages(connection, 1)


def test_a_peer_that_closes(tmp_path):
    with peer(tmp_path, GREETING + READY + b"\x00\x01") as connection, pytest.raises(Disconnected):
        messages(connection, 1)


def test_a_peer_that_does_not_answer(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        with contextlib.closing(Connection(str(tmp_path / "s"), "SUB", 10**6)) as connection:
            with pytest.raises(TimeoutError):
                connection.handshake(time.monotonic() + 0.1)
            with pytest.raises(TimeoutError):
                connection.send([bytes(10**7)], time.monotonic() + 0.1)

"""The host's end of the channel for questions believes no bytes."""

from __future__ import annotations

import socket
import struct
import threading
import time

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.room.inside.questions import AnswerError, QuestionChannel, Status, receive_question, send_answer

HEADER = struct.Struct("!QQB")


@pytest.fixture
def ends():
    host, room = socket.socketpair()
    with host, room:
        yield QuestionChannel(host, max_bytes=1000), room


def test_a_question_and_its_answer(ends):
    asker, room = ends
    number = asker.send({"operation": "get", "name": "x"}, b"payload", time.monotonic() + 60)
    assert receive_question(room) == (number, {"operation": "get", "name": "x"}, b"payload")
    send_answer(room, number, Status.OK, b"value")
    assert asker.receive() == [(number, Status.OK, b"value")]
    assert asker.receive() == []


def test_numbers_differ(ends):
    asker, _ = ends
    assert len({asker.send({}, b"", time.monotonic() + 60) for _ in range(5)}) == 5


def test_an_answer_may_come_in_pieces(ends):
    asker, room = ends
    message = HEADER.pack(5, 7, Status.REFUSED) + b"value"
    for byte in message[:-1]:
        room.send(bytes([byte]))
        assert asker.receive() == []
    room.send(message[-1:])
    assert asker.receive() == [(7, Status.REFUSED, b"value")]


@pytest.mark.parametrize("header", [(1001, 0, 0), (2**63, 0, 0), (1, 0, 5), (0, 0, 255)])
def test_too_large_or_unknown(ends, header):
    asker, room = ends
    room.send(HEADER.pack(*header))
    with pytest.raises(AnswerError):
        asker.receive()


def test_a_room_that_is_gone(ends):
    asker, room = ends
    room.close()
    with pytest.raises(OSError, match="closed"):
        asker.receive()


def test_a_room_that_does_not_read(ends):
    asker, _ = ends
    with pytest.raises(TimeoutError):
        asker.send({}, bytes(10**7), time.monotonic() + 0.2)


def test_a_long_question_arrives_whole(ends):
    asker, room = ends
    got = []
    reader = threading.Thread(target=lambda: got.append(receive_question(room)))
    reader.start()
    asker.send({"operation": "run"}, bytes(5 * 10**6), time.monotonic() + 60)
    reader.join()
    assert got == [(0, {"operation": "run"}, bytes(5 * 10**6))]


def test_the_room_notices_a_host_that_is_gone(ends):
    asker, room = ends
    asker.close()
    with pytest.raises(EOFError):
        receive_question(room)


@given(st.binary(max_size=2000))
def test_no_bytes_break_the_host(data):
    host, room = socket.socketpair()
    with host, room:
        asker = QuestionChannel(host, max_bytes=100)
        room.sendall(data)
        try:
            answers = asker.receive()
        except AnswerError:
            return
        read = sum(HEADER.size + len(value) for _, _, value in answers)
        assert data[:read] == b"".join(HEADER.pack(len(v), n, s) + v for n, s, v in answers)


@given(st.dictionaries(st.text(max_size=5), st.integers(0, 9), max_size=3), st.binary(max_size=100))
def test_questions_are_what_was_sent(question, payload):
    host, room = socket.socketpair()
    with host, room:
        number = QuestionChannel(host, 100).send(question, payload, time.monotonic() + 60)
        assert receive_question(room) == (number, question, payload)
        assert msgpack.unpackb(msgpack.packb(question)) == question

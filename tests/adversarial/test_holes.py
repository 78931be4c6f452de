"""Holes that the attacks found, each closed at its place; without these, an attack would merely take long."""

from __future__ import annotations

import json

import msgpack
import nbformat
import pytest

from autograder.room.inside.wire import WireError, decode
from course.handing_in.reading import MAX_CELLS, UnreadableNotebook, read_submission

PRIME = 2**61 - 1
"""Python's hash of an integer is its remainder by this number."""


def dictionary(keys):
    parts = [msgpack.packb(3) + msgpack.packb(key.to_bytes(16, "little", signed=True)) + b"\0" for key in keys]
    return b"".join(parts) + msgpack.packb(12) + msgpack.packb(len(keys))


def test_keys_with_the_same_hash_are_refused():
    assert len(decode(dictionary(range(1000)))) == 1000
    with pytest.raises(WireError, match="same hash"):
        decode(dictionary([number * PRIME for number in range(1000)]))


def test_a_notebook_of_too_many_cells_is_not_read():
    def notebook(cells):
        return json.dumps(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1") for _ in range(cells)])
        ).encode()

    assert len(read_submission(notebook(3))[0].cells) == 3
    with pytest.raises(UnreadableNotebook, match=f"more than {MAX_CELLS:,} cells"):
        read_submission(notebook(MAX_CELLS + 1))

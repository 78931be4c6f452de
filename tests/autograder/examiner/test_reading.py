"""Any bytes are a notebook or are said to be none."""

from __future__ import annotations

import contextlib

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UnreadableNotebook
from autograder.examiner.reading import read_submission
from autograder.files import MAX_NOTEBOOK_BYTES


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "it is not JSON; perhaps the file was cut off"),
        (b'{"cells": [', "it is not JSON; perhaps the file was cut off"),
        (b"[]", "not a Jupyter notebook"),
        (b"5", "not a Jupyter notebook"),
        (b'{"nbformat": 99, "nbformat_minor": 0, "cells": [], "metadata": {}}', "not a Jupyter notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{}], "metadata": {}}', "not a Jupyter notebook"),
        ("café".encode("latin-1"), "not UTF-8 text (byte 3)"),
        (b"PK\x03\x04zip", "it is not JSON"),
        (b"[" * 100_000, "nested too deeply, more than 100 levels"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nested too deeply"),
        (b" " * (MAX_NOTEBOOK_BYTES + 1), "more than 32"),
    ],
    ids=[
        "empty",
        "truncated",
        "list",
        "number",
        "future",
        "bad cell",
        "latin-1",
        "zip",
        "deep",
        "just too deep",
        "huge",
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(raw, says):
    with pytest.raises(UnreadableNotebook) as caught:
        read_submission(raw)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200))
def test_no_bytes_break_reading(raw):
    with contextlib.suppress(UnreadableNotebook):
        nbformat.validate(read_submission(raw)[0])

"""The depth of JSON text, against the depth of the value that it becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.examiner import nesting
from autograder.examiner.nesting import is_nested_deeper

TRICKY = st.text('[]{}"\\ a', max_size=8)
VALUES = st.recursive(
    st.none() | st.integers() | TRICKY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TRICKY, inner, max_size=3),
    max_leaves=12,
)


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(VALUES, st.integers(1, 7))
def test_the_depth_is_that_of_the_value(value: Any, chunk: int) -> None:
    """Whatever stands in strings, and wherever the text is cut into chunks."""
    raw, depth = json.dumps(value).encode(), depth_of(value)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(nesting, "_CHUNK", chunk)
        assert not is_nested_deeper(raw, depth)
        assert depth == 0 or is_nested_deeper(raw, depth - 1)


@pytest.mark.parametrize(
    ("raw", "deep"),
    [
        (b"", False),
        (b'"' + b"[" * 9, False),
        (b'"\\', False),
        (b'"\\\\"' + b"[" * 9, True),
        (b'"\\"' + b"[" * 9, False),
        (b"]" * 9 + b"[" * 9, False),
        (b"[" * 9, True),
        (b"[]" * 9, False),
    ],
)
def test_what_is_no_json_is_judged_as_far_as_it_goes(raw: bytes, deep: bool) -> None:
    assert is_nested_deeper(raw, 8) is deep

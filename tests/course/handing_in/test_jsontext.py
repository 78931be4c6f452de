"""What is read of JSON text is what Python's parser reads, and what is passed over costs nothing but its bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.handing_in import jsontext
from course.handing_in.jsontext import BadJson, JsonText

TRICKY = st.text('[]{}"\\ a,:é\n', max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TRICKY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TRICKY, inner, max_size=3),
    max_leaves=12,
)


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


def count_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(count_of, value.values()))
    return 1 + sum(map(count_of, value)) if isinstance(value, list) else 1


@given(VALUES, st.integers(1, 7), st.booleans())
def test_an_extent_is_that_of_the_value(value: Any, chunk: int, ascii_only: bool) -> None:
    """Whatever stands in strings, and wherever the text is cut into chunks."""
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jsontext, "_FIRST_CHUNK", chunk)
        patched.setattr(jsontext, "_CHUNK", 2 * chunk)
        extent = JsonText(b" " + raw + b" ,[]").extent()
    assert (extent.end, extent.levels) == (1 + len(raw), depth_of(value))
    assert extent.values >= count_of(value)


@given(st.lists(st.tuples(TRICKY, VALUES, st.booleans()), max_size=5), st.sampled_from([None, 1]))
def test_members_and_items_are_read_or_passed_over(parts: list[tuple[str, Any, bool]], indent: int | None) -> None:
    wanted = [read for _, _, read in parts]
    members = "{" + ",".join(f"{json.dumps(key)}: {json.dumps(value, indent=indent)}" for key, value, _ in parts) + "}"
    text = JsonText(members.encode())
    assert [(key, text.value()) for key, read in zip(text.members(), wanted, strict=True) if read] == [
        (key, value) for key, value, read in parts if read
    ]
    assert text.rest() == b""
    text = JsonText(json.dumps([value for _, value, _ in parts], indent=indent).encode())
    read = [text.value() for wants, _ in zip(wanted, text.items(), strict=False) if wants]
    assert read == [value for _, value, wants in parts if wants]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"[1, 2,]", [1, 2]),
        (b'{"a": [",]",],}', {"a": [",]"]}),
        (b"[Infinity, -Infinity]", [float("inf"), -float("inf")]),
        (b'"two\nlines"', "two\nlines"),
        (b"1" * 5000, float("inf")),
        (b'"\xe9\x80\xc3\xa9"', "é€é"),
        (b'"\xed\xa0\xbd\xed\xb8\x80"', "\ud83d\ude00"),
    ],
)
def test_what_a_strict_parser_would_refuse(raw: bytes, value: Any) -> None:
    text = JsonText(raw)
    assert text.value() == value
    assert text.is_utf8 == (b"\xe9" not in raw)


def test_a_scalar_is_no_list() -> None:
    text = JsonText(b'[[1], {"a": 1}, "b", 2]')
    assert [text.scalar() for _ in text.items()] == [None, None, "b", 2]


def read_all(text: JsonText) -> list[Any]:
    return [text.value() for _ in text.members()]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"a": 1', "perhaps the file was cut off"),
        (b'{"a', "perhaps the file was cut off"),
        (b'{"a": [[]', "perhaps the file was cut off"),
        (b'{"a" 1}', "line 1: a colon should be here"),
        (b'{"a":\n}', "line 2: a value should be here"),
        (b'{"a": 1 "b": 2}', "line 1: a comma or } should be here"),
        (b"{,}", "line 1: a name in double quotes should be here"),
        (b"[1]", "line 1: { should be here"),
        (b'{"a": {"b": ' + b"[" * 100 + b"]" * 100 + b"}}", "nested too deeply, more than 100 levels (line 1)"),
        (b'{\n"a": truth}', "line 2: Expecting value"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(raw: bytes, says: str) -> None:
    with pytest.raises(BadJson) as caught:
        read_all(JsonText(raw))
    assert says in str(caught.value)


@pytest.mark.parametrize("dropped", [b"[" * 10**6 + b"]" * 10**6, b"[" + b"{}," * 10**6 + b"{}]"])
def test_nothing_is_too_much_to_be_passed_over(dropped: bytes) -> None:
    text = JsonText(b'{"a": ' + dropped + b', "b": 1}')
    assert [text.value() for key in text.members() if key == "b"] == [1]

"""Subclasses of the built-in types count as these, whatever they say of themselves."""

from __future__ import annotations

import collections
import enum
import types

import numpy as np
import pytest

from course.checks.beside.plain import MAX_DEPTH, plain, plain_result


class Colour(enum.StrEnum):
    RED = "red"


class Boast(list):
    def __iter__(self):
        return iter([1, 2, 3])

    def __len__(self):
        return 3


Pair = collections.namedtuple("Pair", "name value")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (collections.defaultdict(list, a=[1.0]), {"a": [1.0]}),
        (collections.OrderedDict(b=2, a=1), {"b": 2, "a": 1}),
        (collections.Counter("aa"), {"a": 2}),
        (Pair("a", Pair("b", 1)), ("a", ("b", 1))),
        ({Colour.RED: Colour.RED}, {"red": "red"}),
        (enum.IntEnum("Level", "LOW").LOW, 1),
        (Boast([7]), [7]),
        ((np.str_("a"), {np.str_("b"): 1}), ("a", {"b": 1})),
        (types.MappingProxyType({"a": Pair("a", 1)}), {"a": ("a", 1)}),
        (collections.ChainMap({"a": 1}, {"a": 2, "b": 3}), {"a": 1, "b": 3}),
        ([None, True, 1, 1.5, "a"], [None, True, 1, 1.5, "a"]),
    ],
    ids=repr,
)
def test_a_subclass_becomes_what_it_derives_from(value, expected):
    found = plain(value)
    assert found == expected
    assert repr(found) == repr(expected)


def test_arrays_numpy_numbers_and_objects_stay():
    for value in (np.float64(1.0), np.ones(2), object(), len):
        assert plain(value) is value
        assert plain([value])[0] is value


def test_a_list_that_contains_itself_is_left_alone():
    inner: list = []
    inner.append(inner)
    found, depth = plain(inner), 0
    while found is not inner:
        found, depth = found[0], depth + 1
    assert depth == MAX_DEPTH


def test_the_result_of_a_call_is_plain():
    assert type(plain_result(lambda a, b: Pair(a, b), 1, b=2)) is tuple

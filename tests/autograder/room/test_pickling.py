"""What enters a student room: plain data by the quick way, all else by cloudpickle, and both arrive as they were."""

from __future__ import annotations

import io
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.room import pickling
from autograder.room.errors import ValueRefused
from autograder.room.inside.agent import Objects, Unpickler
from autograder.room.inside.questions import REFERRED, referred
from autograder.room.inside.wire import RemoteRef

OBJECTS = Objects()
MINE = [object(), object()]
REFERENCES = [OBJECTS.refer(each) for each in MINE]

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.complex_numbers(allow_nan=False) | st.sampled_from(REFERENCES),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)  # fmt: skip
NUMBERS = arrays.boolean_dtypes() | arrays.integer_dtypes() | arrays.floating_dtypes() | arrays.unicode_string_dtypes()


def arrived(pickled: bytes):
    return Unpickler(io.BytesIO(pickled), OBJECTS).load()


def with_objects(value):
    """The value as the room is to see it: objects in the place of references."""
    if type(value) is RemoteRef:
        return OBJECTS.find(value.id)
    if type(value) in (list, tuple):
        return type(value)(map(with_objects, value))
    return {key: with_objects(item) for key, item in value.items()} if type(value) is dict else value


@given(PLAIN)
def test_plain_data_arrives_as_it_was_with_objects_for_references(value):
    assert pickling.dumps_plain(value) is not None
    assert arrived(pickling.dumps(value)) == with_objects(value)


@given(arrays.arrays(NUMBERS, arrays.array_shapes(min_dims=0)))
def test_arrays_arrive_as_they_were(array):
    assert pickling.dumps_plain(array) is not None
    found, transposed = arrived(pickling.dumps([array, array.T]))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    assert transposed.flags.f_contiguous == array.T.flags.f_contiguous


class Text(str):
    """Plain by its base alone."""


@pytest.mark.parametrize(
    "value", [lambda x: x + 1, np.array([len], dtype=object), {"a": [len]}, Text("a"), {1, 2}, np.float64(2)]
)
def test_what_is_not_plain_goes_the_careful_way_and_arrives_too(value):
    assert pickling.dumps_plain(value) is None
    assert type(arrived(pickling.dumps(value))).__name__ == type(value).__name__


def test_a_list_that_contains_itself_arrives():
    value: list[object] = [REFERENCES[0]]
    value.append(value)
    found = arrived(pickling.dumps(value))
    assert found[0] is MINE[0]
    assert found[1] is found


@pytest.mark.parametrize("value", [referred, [pickling], {"a": pickling.dumps}, (1, ValueRefused)])
def test_our_own_code_does_not_enter(value):
    with pytest.raises(ValueRefused, match="belongs to autograder"):
        pickling.dumps(value)


def test_what_cannot_be_pickled_is_refused():
    with pytest.raises(ValueRefused, match="cannot be sent"):
        pickling.dumps([threading.Lock()])


def test_a_reference_is_found_by_the_name_that_its_pickle_has():
    assert (referred.__module__, referred.__name__) == REFERRED
    with pytest.raises(LookupError):
        pickle.loads(pickling.dumps(REFERENCES[0]))

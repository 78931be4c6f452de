"""The codec of values that leave the room: exact round trips, and nothing but `WireError` for other bytes."""

from __future__ import annotations

import contextlib
import gc
import numbers
import sys
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.room.inside import tensors, wire

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary()
    | st.fractions()
    | st.decimals(allow_nan=False, allow_infinity=False)
)
KEYS = st.recursive(SCALARS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=4)
    ),
    max_leaves=12,
)
DTYPES = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes()
    | hnp.unsigned_integer_dtypes()
    | hnp.floating_dtypes(sizes=(16, 32, 64))
    | hnp.complex_number_dtypes(sizes=(64, 128))
)
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4)))


def refer(obj):
    return wire.RemoteRef(7, type(obj).__name__)


def encode(value, max_bytes=10**6):
    return wire.encode(value, max_bytes=max_bytes, refer=refer)


def canonical(value):
    """Text that is equal for values equal in content and exact type; NaN is equal to itself."""
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__}{sorted(map(canonical, value))}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}{list(map(canonical, value))}"
    if isinstance(value, dict):
        return f"dict{[(canonical(key), canonical(item)) for key, item in value.items()]}"
    return f"{type(value).__name__} {value!r}"


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_plain_values_come_back_exactly(value):
    assert canonical(wire.decode(encode(value))) == canonical(value)


@given(ARRAYS)
@settings(max_examples=100, deadline=None)
def test_arrays_and_their_scalars_come_back_exactly(array):
    back = wire.decode(encode(array))
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert back.flags.writeable
    for item in array.ravel()[:1]:
        scalar = wire.decode(encode(item))
        assert type(scalar) is type(item)
        assert scalar.tobytes() == item.tobytes()


@pytest.mark.parametrize("dtype", tensors.DTYPES.values(), ids=str)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)], ids=str)
def test_tensors_come_back_exactly(dtype, shape):
    tensor = torch.ones(shape).to(dtype)
    back = wire.decode(encode(tensor))
    assert (back.dtype, back.shape) == (tensor.dtype, tensor.shape)
    assert torch.equal(back.to(torch.complex128), tensor.to(torch.complex128))


def test_a_tensor_loses_its_graph_and_keeps_its_flag():
    leaf = torch.ones(2, requires_grad=True)
    back = wire.decode(encode(leaf * 2))
    assert back.requires_grad
    assert back.grad_fn is None
    assert wire.decode(encode(torch.ones(2).conj())).tolist() == [1.0, 1.0]


class MyInt(int): ...


class MyList(list): ...


class MyArray(np.ndarray): ...


class MyTensor(torch.Tensor): ...


class Flattering(float):
    def __float__(self):
        return 1.0

    def __eq__(self, other):
        return True

    __hash__ = None


class OfALibrary:
    """A number as SymPy, mpmath and gmpy2 have them: no subclass of Python's, but registered as one of its kind."""

    numerator, denominator = 3, 2

    def __int__(self):
        return 3

    def __float__(self):
        return 1.5

    def __complex__(self):
        return 1.5j


def registered(kind):
    made = type(kind.__name__, (OfALibrary,), {})
    kind.register(made)
    return made()


class Pair(NamedTuple):
    x: int
    y: int


ONES = np.ones(2)
PLAIN = {
    "int": (MyInt(1), 1),
    "list": (MyList([MyInt(1)]), [1]),
    "dict": (Counter("aab"), {"a": 2, "b": 1}),
    "size": (torch.ones(2, 3).shape, (2, 3)),
    "key": ({MyInt(1): 2}, {1: 2}),
    "set": ({MyInt(1)}, {1}),
    "deep": (frozenset([(MyInt(1),)]), frozenset([(1,)])),
    "objects": (np.array([None, 2.5], dtype=object), np.array([None, 2.5], dtype=object)),
    "fractions": (np.array([Fraction(1, 3), Decimal("0.1")]), np.array([Fraction(1, 3), Decimal("0.1")])),
    "decimal": (type("Money", (Decimal,), {})("1.50"), Decimal("1.50")),
    "integer of a library": (registered(numbers.Integral), 3),
    "rational of a library": (registered(numbers.Rational), Fraction(3, 2)),
    "real of a library": (registered(numbers.Real), 1.5),
    "complex of a library": (registered(numbers.Complex), 1.5j),
    "array": (ONES.view(MyArray), ONES),
    "masked": (np.ma.masked_invalid([1.0, 1.0]), ONES),
    "matrix": (np.asmatrix(ONES), ONES.reshape(1, 2)),
    "longdouble": (np.ones(2, np.longdouble), np.ones(2, np.longdouble)),
    "parameter": (torch.nn.Parameter(torch.ones(2)), torch.ones(2, requires_grad=True)),
    "tensor": (torch.ones(2).as_subclass(MyTensor), torch.ones(2)),
}


@pytest.mark.parametrize("name", PLAIN)
def test_instances_of_subclasses_come_back_as_what_they_are_subclasses_of(name):
    value, plain = PLAIN[name]
    back = wire.decode(encode(value))
    assert canonical(back) == canonical(plain)


def test_a_subclass_has_no_say_in_what_it_is():
    assert wire.decode(encode(Flattering(2.5))) == 2.5


def test_a_parameter_brings_its_gradient():
    weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    (weight**2).sum().backward()
    back = wire.decode(encode(weight))
    assert back.grad.tolist() == [6.0, 8.0]
    assert wire.decode(encode(back)).grad.tolist() == [6.0, 8.0]


@pytest.mark.parametrize(
    "value",
    [
        *(object(), len, Pair(1, 2), np.array([object()]), np.array([[1], 2], dtype=object)),
        *(np.zeros(1, dtype=[("a", "f8")]), torch.ones(2).to_sparse(), {(1, object()): [3]}),
        *(Fraction(1, 10**1000), Decimal("1e9999"), Decimal("NaN"), np.array([Decimal("1e9999")])),
    ],
    ids=lambda value: type(value).__name__,
)
def test_everything_else_stays_behind_a_reference(value):
    assert wire.decode(encode(value)) == wire.RemoteRef(7, type(value).__name__)
    assert wire.decode(encode([value, 1])) == [wire.RemoteRef(7, type(value).__name__), 1]


def test_limits_of_the_encoder():
    cyclic: list = []
    cyclic.append(cyclic)
    for value, reason in (
        (cyclic, "contains itself"),
        (b"x" * 100, "larger"),
        (set(range(20_001)), "members"),
        ("\ud800", "sent"),
    ):
        with pytest.raises(wire.WireError, match=reason):
            encode(value, max_bytes=90 if isinstance(value, bytes) else 10**6)


def raw(*fields):
    return b"".join(map(msgpack.packb, fields))


NONE, BOOL, INT, BIG, FLOAT, COMPLEX, STR, BYTES, LIST, TUPLE, SET, FROZENSET, DICT, SCALAR, ARRAY, TENSOR, REF = range(
    17
)
FRACTION, DECIMAL = 19, 20
BAD = {
    "nothing": b"",
    "two values": raw(NONE, NONE),
    "unknown tag": raw(99),
    "bool as tag": raw(True),
    "nested msgpack": raw(INT) + b"\x91\x01",
    "deep msgpack": b"\x91" * 100_000,
    "wrong scalar": raw(INT, "1"),
    "missing parts": raw(LIST, 3),
    "huge count": raw(LIST, 2**60),
    "negative count": raw(LIST, -1),
    "deep list": raw(NONE) + raw(LIST, 1) * 100,
    "unhashable key": raw(LIST, 0, NONE, DICT, 1),
    "unhashable member": raw(LIST, 0, SET, 1),
    "reference as key": raw(REF, 1, "a", SET, 1),
    "key twice": raw(INT, 1, NONE, INT, 1, NONE, DICT, 2),
    "member twice": raw(INT, 1, FLOAT, 1.0, SET, 2),
    "object array": raw(ARRAY, "|O", 1, 1, b"12345678"),
    "structured array": raw(ARRAY, "f8,f8", 1, 1, b"1" * 16),
    "empty text dtype": raw(ARRAY, "<U0", 1, 2**31, b""),
    "short array": raw(ARRAY, "<f8", 1, 2, b"12345678"),
    "shape product overflows": raw(ARRAY, "<f8", 3, 2**31, 2**31, 4, b""),
    "negative dimension": raw(ARRAY, "<f8", 1, -1, b""),
    "too many dimensions": raw(ARRAY, "|u1", 33, *[1] * 33, b"1"),
    "impossible bool": raw(ARRAY, "|b1", 1, 1, b"\2"),
    "impossible text": raw(ARRAY, "<U1", 1, 1, b"\xff\xff\xff\x7f"),
    "surrogate text": raw(ARRAY, "<U1", 1, 1, b"\0\xd8\0\0"),
    "tensor of unknown dtype": raw(TENSOR, "quint8", False, 1, 1, b"1"),
    "tensor with impossible bool": raw(TENSOR, "bool", False, 1, 1, b"\2"),
    "integer with gradient": raw(TENSOR, "int8", True, 1, 1, b"1"),
    "huge int": raw(BIG, b"1" * 70_000),
    "fraction over nothing": raw(FRACTION, b"\1", b""),
    "long fraction": raw(FRACTION, b"\1" * 9999, b"\1"),
    "no decimal": raw(DECIMAL, "1e"),
    "decimal without end": raw(DECIMAL, "1e9999999"),
    "long decimal": raw(DECIMAL, "1" * 9999),
    "decimal that is no number": raw(DECIMAL, "sNaN"),
    "pickle": b"cos\nsystem\n(S'true'\ntR.",
    "timestamp": b"\x02\xd6\xff\0\0\0\0",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_bytes_are_refused(name):
    with pytest.raises(wire.WireError):
        wire.decode(BAD[name])


@pytest.mark.parametrize("name", ["key twice", "surrogate text", "deep msgpack"])
def test_a_kept_error_keeps_nothing_of_the_bytes(name):
    data = BAD[name] * 1
    before = sys.getrefcount(data)
    with pytest.raises(wire.WireError) as caught:
        wire.decode(data)
    assert sys.getrefcount(data) == before
    assert caught.value.__context__ is None
    assert not [found for found in gc.get_objects() if type(found) is wire.Decoder]


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_random_bytes_raise_nothing_else(data):
    with contextlib.suppress(wire.WireError):
        wire.decode(data)


@given(VALUES | ARRAYS, st.data())
@settings(max_examples=200, deadline=None)
def test_changed_bytes_raise_nothing_else(value, data):
    encoded = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(encoded)))
    with contextlib.suppress(wire.WireError):
        wire.decode(bytes(encoded[:end]))


def test_an_empty_tensor_from_numpy_comes_back():
    back = wire.decode(encode(torch.from_numpy(np.empty((0, 3), np.float32))))
    assert back.shape == (0, 3)
    assert back.dtype == torch.float32

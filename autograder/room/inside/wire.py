"""Plain data as bytes, for values that leave the student room; decoded without trust.

A value is a flat sequence of msgpack scalars in postfix order: the parts of a container come before it,
then its tag and its length. The decoder is a loop with a stack, so no input can make it recurse, and each
record it reads adds one value of bounded size.

Why not one of the formats there are: msgpack's own containers know no tuples, sets and long integers, and build a dict
before its keys can be looked at; in ext types these would need decoders that call each other. `np.save` with
`allow_pickle=False` writes one array, and safetensors arrays by name; neither holds lists, scalars or text.

An instance of a subclass of a plain type travels as the plain type, read by that type's own methods, so that the
subclass has no say in it; a number of another library as Python's own number of its kind; named tuples, whose fields
tests may ask for, and all other objects as a `RemoteRef`.
"""

from __future__ import annotations

import math
import numbers
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgpack
import numpy as np

MAX_DEPTH = 64
MAX_VALUES = 1_000_000
MAX_KEYS = 20_000  # of one dict or set: equal hashes cost the square of it
_MAX_EQUAL_HASHES = 16
MAX_INT_BYTES = 65_536
MAX_DIGITS = 1000  # of either part of a fraction, and of a decimal number: arithmetic with more takes long
MAX_DIMENSION = 2**31
MAX_DIMENSIONS = 32


class WireError(Exception):
    """The value cannot be encoded, or the bytes are not an encoded value."""


@dataclass(frozen=True)
class RemoteRef:
    """A handle on an object that stays in the student room.

    Attributes
    ----------
    id : int
        The room's number for the object; the same object always has the same number.
    type_name : str
        Name of the object's class, for messages to people.
    """

    id: int
    type_name: str


_NONE, _BOOL, _INT, _BIG_INT, _FLOAT, _COMPLEX, _STR, _BYTES = range(8)
_LIST, _TUPLE, _SET, _FROZENSET, _DICT = range(8, 13)
_NUMPY_SCALAR, _NUMPY_ARRAY, _TENSOR, _REF = range(13, 17)
_OBJECT_ARRAY, _WITH_GRADIENT, _FRACTION, _DECIMAL = range(17, 21)

_SEQUENCES: dict[type, int] = {list: _LIST, tuple: _TUPLE, set: _SET, frozenset: _FROZENSET}
_BUILDERS: dict[int, Callable[[list[Any]], Any]] = {_LIST: list, _TUPLE: tuple, _SET: set, _FROZENSET: frozenset}
_SCALARS: dict[int, type] = {_BOOL: bool, _INT: int, _FLOAT: float, _STR: str, _BYTES: bytes}
_SCALAR_TAGS: dict[type, int] = {kind: tag for tag, kind in _SCALARS.items()}

_DTYPE = re.compile(r"\|[bu]1|\|i1|[<>](?:[iu][248]|f(?:[248]|16)|c(?:8|16|32)|U[1-9]\d{0,6})|\|S[1-9]\d{0,6}")


# Encoding ---------------------------------------------------------------------------------------------


class _NotPlain(Exception):
    """A dict key or set member is not plain data, so neither is the container."""


class _Encoder:
    """Appends one value to a byte string, within a size limit."""

    def __init__(self, max_bytes: int, refer: Callable[[object], RemoteRef]) -> None:
        self._pack = msgpack.Packer(autoreset=True).pack
        self._parts: list[bytes] = []
        self._values = 0
        self._room = max_bytes
        self._max_bytes = max_bytes
        self._refer = refer

    def encode(self, value: Any) -> bytes:
        self._add(value, MAX_DEPTH, hashed=False)
        return b"".join(self._parts)

    def _emit(self, *fields: Any) -> None:
        for field in fields:
            try:
                packed = self._pack(field)
            except (ValueError, OverflowError) as error:
                raise WireError(f"this value cannot be sent: {error}") from None
            self._room -= len(packed)
            if self._room < 0:
                raise WireError(f"the value is larger than {self._max_bytes} bytes")
            self._parts.append(packed)

    def _add(self, value: Any, depth: int, hashed: bool) -> None:
        if depth == 0:
            raise WireError(f"the value is nested deeper than {MAX_DEPTH} levels, or contains itself")
        self._values += 1
        if self._values > MAX_VALUES:
            raise WireError(f"the value has more than {MAX_VALUES} parts")
        kind = type(value)
        if value is None:
            self._emit(_NONE)
        elif kind is int and not -(2**63) <= value < 2**64:
            self._emit(_BIG_INT, _int_to_bytes(value))
        elif kind in _SCALAR_TAGS:
            self._emit(_SCALAR_TAGS[kind], value)
        elif kind is complex:
            self._emit(_COMPLEX, value.real, value.imag)
        elif kind is Fraction and _is_short(value):
            self._emit(_FRACTION, _int_to_bytes(value.numerator), _int_to_bytes(value.denominator))
        elif kind is Decimal and _is_short(value):
            self._emit(_DECIMAL, str(value))
        elif kind in _SEQUENCES or kind is dict:
            self._add_container(value, kind, depth, hashed)
        elif not self._add_array(value, kind, depth):
            base = _plain_base(value)
            if base is not None:
                self._add(base, depth - 1, hashed)
                return
            if hashed:
                raise _NotPlain
            ref = self._refer(value)
            self._emit(_REF, ref.id, ref.type_name)

    def _add_container(self, value: Any, kind: type, depth: int, hashed: bool) -> None:
        if kind in (list, tuple):
            for item in list(value):
                self._add(item, depth - 1, hashed)
            self._emit(_SEQUENCES[kind], len(value))
            return
        if len(value) > MAX_KEYS:
            raise WireError(f"a {kind.__name__} has more than {MAX_KEYS} members")
        before = len(self._parts), self._room, self._values
        try:
            if kind is dict:
                for key, item in list(value.items()):
                    self._add(key, depth - 1, hashed=True)
                    self._add(item, depth - 1, hashed)
                self._emit(_DICT, len(value))
            else:
                for item in list(value):
                    self._add(item, depth - 1, hashed=True)
                self._emit(_SEQUENCES[kind], len(value))
        except _NotPlain:
            if hashed:
                raise
            parts, self._room, self._values = before
            del self._parts[parts:]
            ref = self._refer(value)
            self._emit(_REF, ref.id, ref.type_name)

    def _add_array(self, value: Any, kind: type, depth: int) -> bool:
        """Add a NumPy or torch value; False if it may not leave the room."""
        if kind is np.ndarray and value.dtype.kind == "O":
            return self._add_objects(value, depth)
        if kind is np.ndarray and _is_plain_dtype(value.dtype):
            self._check_size(value.nbytes)
            self._emit(_NUMPY_ARRAY, value.dtype.str, value.ndim, *value.shape, value.tobytes())
        elif isinstance(value, np.generic) and _is_plain_dtype(value.dtype) and kind is value.dtype.type:
            self._emit(_NUMPY_SCALAR, value.dtype.str, value.tobytes())
        elif _is_tensor(kind) and (name := tensors().dtype_name(value)):
            self._check_size(value.numel() * value.element_size())
            self._emit(_TENSOR, name, value.requires_grad, value.ndim, *value.shape, tensors().to_bytes(value))
            gradient = tensors().gradient(value)
            if gradient is not None:
                self._add(gradient, depth - 1, hashed=False)
                self._emit(_WITH_GRADIENT)
        else:
            return False
        return True

    def _add_objects(self, value: Any, depth: int) -> bool:
        """Add an array of Python's and NumPy's own scalars, which prove no less than a list of them."""
        if value.size > MAX_VALUES or not all(_is_scalar(item) for item in value.flat):
            return False
        for item in value.flat:
            self._add(item, depth - 1, hashed=False)
        self._emit(_OBJECT_ARRAY, value.ndim, *value.shape)
        return True

    def _check_size(self, size: int) -> None:
        if size > self._room:
            raise WireError(f"the value is larger than {self._max_bytes} bytes")


def encode(value: Any, *, max_bytes: int, refer: Callable[[object], RemoteRef]) -> bytes:
    """Encode plain data; `refer` gives a handle for every object that is not plain data.

    If a key of a dict or a member of a set is not plain data, the whole container gets a handle.

    Raises
    ------
    WireError
        The value is too large, too deep, or contains itself.
    """
    return _Encoder(max_bytes, refer).encode(value)


def _int_to_bytes(value: int) -> bytes:
    size = value.bit_length() // 8 + 1
    if size > MAX_INT_BYTES:
        raise WireError(f"an integer has more than {MAX_INT_BYTES} bytes")
    return value.to_bytes(size, "little", signed=True)


def _is_plain_dtype(dtype: np.dtype[Any]) -> bool:
    return _DTYPE.fullmatch(dtype.str) is not None and dtype.metadata is None and dtype.fields is None


_PLAIN_SCALARS = (type(None), bool, int, float, complex, str, bytes)
_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (bytes, lambda value: bytes(memoryview(value))),
    (int, int.__int__),
    (float, float.__float__),
    (complex, complex.__complex__),
    (list, lambda value: list(list.__iter__(value))),
    (set, lambda value: set(set.__iter__(value))),
    (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
    (dict, lambda value: dict(dict.items(value))),
    (Decimal, Decimal),
    (numbers.Integral, int),
    (numbers.Rational, lambda value: Fraction(int(value.numerator), int(value.denominator))),
    (numbers.Real, float),
    (numbers.Complex, complex),
)


def _is_scalar(value: Any) -> bool:
    kind = type(value)
    if kind in (Fraction, Decimal):
        return _is_short(value)
    return kind in _PLAIN_SCALARS or (
        isinstance(value, np.generic) and _is_plain_dtype(value.dtype) and kind is value.dtype.type
    )


def _is_short(value: Fraction | Decimal) -> bool:
    """Tell whether a fraction or a decimal number is finite and has few digits, written without an exponent."""
    if isinstance(value, Fraction):
        return max(value.numerator.bit_length(), value.denominator.bit_length()) <= 3 * MAX_DIGITS
    digits = value.as_tuple()
    return value.is_finite() and len(digits.digits) + abs(int(digits.exponent)) <= MAX_DIGITS


def _plain_base(value: Any) -> Any:
    """Return an instance of a subclass as what it is a subclass of; None if that is no plain type."""
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        return np.array(value, subok=False)
    if isinstance(value, np.generic):
        return None if type(value) is value.dtype.type else np.array(value)[()]
    for kind, read in _BASES:
        if isinstance(value, kind):
            return None if type(value) in (Fraction, Decimal) else read(value)
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(tuple.__iter__(value))
    if any(map(_is_tensor, type(value).__mro__[1:])):
        return tensors().as_plain(value)
    return None


def _is_tensor(kind: type) -> bool:
    return kind.__module__ == "torch" and kind.__name__ == "Tensor"


def tensors() -> Any:
    """Return the module for tensors, loaded at the first one, so that without tensors torch is not imported."""
    from . import tensors

    return tensors


# Decoding ---------------------------------------------------------------------------------------------


class Decoder:
    """Rebuilds one value with a stack of finished parts."""

    def __init__(self, data: bytes) -> None:
        self._unpacker = msgpack.Unpacker(
            max_buffer_size=max(1, len(data)), max_array_len=0, max_map_len=0, max_ext_len=0, strict_map_key=False
        )
        self._unpacker.feed(data)
        self._size = len(data)
        self._stack: list[Any] = []
        self._depths: list[int] = []

    def decode(self) -> Any:
        """Return the value; WireError if these bytes are none that `encode` would give."""
        records = 0
        while self._unpacker.tell() < self._size:
            records += 1
            if records > MAX_VALUES:
                raise WireError(f"more than {MAX_VALUES} parts")
            self._read_record()
        if len(self._stack) != 1:
            raise WireError(f"{len(self._stack)} values in place of one")
        return self._stack[0]

    def _next(self, kind: type) -> Any:
        value = self._unpacker.unpack()
        if type(value) is not kind:
            raise WireError(f"{type(value).__name__} in place of {kind.__name__}")
        return value

    def _count(self, limit: int) -> int:
        value: int = self._next(int)
        if not 0 <= value <= limit:
            raise WireError(f"{value} is out of range")
        return value

    def _push(self, value: Any, depth: int = 1) -> None:
        if depth > MAX_DEPTH:
            raise WireError(f"nested deeper than {MAX_DEPTH} levels")
        self._stack.append(value)
        self._depths.append(depth)

    def _pop(self, count: int) -> tuple[list[Any], int]:
        """Return the last `count` parts and the depth of what holds them."""
        if count > len(self._stack):
            raise WireError("a container has fewer parts than it says")
        start = len(self._stack) - count
        items, depths = self._stack[start:], self._depths[start:]
        del self._stack[start:], self._depths[start:]
        return items, 1 + max(depths, default=0)

    def _read_record(self) -> None:
        tag = self._next(int)
        if tag == _NONE:
            self._push(None)
        elif tag in _SCALARS:
            self._push(self._next(_SCALARS[tag]))
        elif tag == _BIG_INT:
            self._push(_int_from_bytes(self._next(bytes)))
        elif tag == _COMPLEX:
            self._push(complex(self._next(float), self._next(float)))
        elif tag == _FRACTION:
            self._push(_fraction(*(_int_from_bytes(self._next(bytes)) for _ in range(2))))
        elif tag == _DECIMAL:
            self._push(_decimal(self._next(str)))
        elif tag in _BUILDERS:
            self._read_sequence(tag)
        elif tag == _DICT:
            self._read_dict()
        elif tag == _NUMPY_SCALAR:
            self._push(_numpy_array(self._next(str), (), self._next(bytes))[()])
        elif tag == _NUMPY_ARRAY:
            self._push(_numpy_array(self._next(str), self._read_shape(), self._next(bytes)))
        elif tag == _TENSOR:
            self._push(_tensor(self._next(str), self._next(bool), self._read_shape(), self._next(bytes)))
        elif tag == _OBJECT_ARRAY:
            self._read_objects()
        elif tag == _WITH_GRADIENT:
            (tensor, gradient), depth = self._pop(2)
            if not (_is_tensor(type(tensor)) and _is_tensor(type(gradient)) and tensors().attach(tensor, gradient)):
                raise WireError("a gradient that fits no tensor")
            self._push(tensor, depth)
        elif tag == _REF:
            self._push(RemoteRef(self._count(2**63), self._next(str)))
        else:
            raise WireError(f"unknown tag {tag}")

    def _read_shape(self) -> tuple[int, ...]:
        return tuple(self._count(MAX_DIMENSION) for _ in range(self._count(MAX_DIMENSIONS)))

    def _read_objects(self) -> None:
        shape = self._read_shape()
        count = math.prod(shape)
        if count > MAX_VALUES:
            raise WireError("an array has too many objects")
        items, depth = self._pop(count)
        if not all(map(_is_scalar, items)):
            raise WireError("an object in an array")
        array = np.empty(count, dtype=object)
        array[:] = items
        self._push(array.reshape(shape), depth)

    def _read_sequence(self, tag: int) -> None:
        hashed = tag in (_SET, _FROZENSET)
        items, depth = self._pop(self._count(MAX_KEYS if hashed else MAX_VALUES))
        value = _BUILDERS[tag](_hashable(items) if hashed else items)
        if len(value) != len(items):
            raise WireError("a set has a member twice")
        self._push(value, depth)

    def _read_dict(self) -> None:
        count = self._count(MAX_KEYS)
        items, depth = self._pop(2 * count)
        value = dict(zip(_hashable(items[::2]), items[1::2], strict=True))
        if len(value) != count:
            raise WireError("a dict has a key twice")
        self._push(value, depth)


def decode(data: bytes) -> Any:
    """Rebuild the value that `encode` turned into `data`; other bytes raise nothing but `WireError`."""
    try:
        return Decoder(data).decode()
    except WireError as error:
        problem = str(error)
    except (ValueError, TypeError, ArithmeticError, MemoryError, msgpack.UnpackException) as error:
        problem = f"not a value: {error}"
    # A kept exception keeps the frames it came through and all that is in them. This one came through this
    # frame alone, which lets go of the bytes: some Pythons' contextlib keeps exceptions until the next collection.
    del data
    raise WireError(problem)


def _hashable(items: list[Any]) -> list[Any]:
    """Return the items as keys; refuse keys whose equal hashes would make a table of them slow to fill."""
    for item in items:
        if type(item) in (RemoteRef, np.ndarray) or _is_tensor(type(item)):
            raise WireError(f"{type(item).__name__} as a key")
    if max(Counter(map(hash, items)).values(), default=0) > _MAX_EQUAL_HASHES:
        raise WireError(f"more than {_MAX_EQUAL_HASHES} keys with the same hash")
    return items


def _int_from_bytes(data: bytes) -> int:
    if len(data) > MAX_INT_BYTES:
        raise WireError("an integer is too large")
    return int.from_bytes(data, "little", signed=True)


def _fraction(numerator: int, denominator: int) -> Fraction:
    if max(numerator.bit_length(), denominator.bit_length()) > 3 * MAX_DIGITS:
        raise WireError("a fraction of too many digits")
    return Fraction(numerator, denominator)


def _decimal(text: str) -> Decimal:
    value = Decimal(text) if len(text) <= 2 * MAX_DIGITS else Decimal("NaN")
    if not _is_short(value):
        raise WireError("a decimal number of too many digits")
    return value


def _check_length(data: bytes, shape: tuple[int, ...], itemsize: int) -> None:
    if len(data) != math.prod(shape) * itemsize:
        raise WireError(f"{len(data)} bytes for shape {shape} of {itemsize} bytes each")


def _numpy_array(dtype_name: str, shape: tuple[int, ...], data: bytes) -> np.ndarray[Any, Any]:
    if _DTYPE.fullmatch(dtype_name) is None:
        raise WireError(f"dtype {dtype_name[:20]!r}")
    dtype = np.dtype(dtype_name)
    _check_length(data, shape, dtype.itemsize)
    if dtype.kind == "b":
        _check_bools(data)
    if dtype.kind == "U":
        _check_text(np.frombuffer(data, dtype.byteorder.replace("=", "<") + "u4"))
    return np.frombuffer(bytearray(data), dtype).reshape(shape) if data else np.empty(shape, dtype)


def _tensor(dtype_name: str, requires_grad: bool, shape: tuple[int, ...], data: bytes) -> Any:
    itemsize = tensors().itemsize(dtype_name)
    if itemsize is None:
        raise WireError(f"dtype {dtype_name[:20]!r}")
    _check_length(data, shape, itemsize)
    if dtype_name == "bool":
        _check_bools(data)
    if requires_grad and not tensors().can_have_gradient(dtype_name):
        raise WireError(f"{dtype_name} has no gradient")
    return tensors().from_bytes(dtype_name, requires_grad, shape, data)


def _check_bools(data: bytes) -> None:
    if data.translate(None, b"\x00\x01"):
        raise WireError("a bool that is neither 0 nor 1")


def _check_text(code_points: np.ndarray[Any, Any]) -> None:
    if np.any(code_points > 0x10FFFF) or np.any((code_points >= 0xD800) & (code_points <= 0xDFFF)):
        raise WireError("text with an impossible code point")

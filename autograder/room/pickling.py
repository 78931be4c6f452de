"""Pickles values and helper functions for the student room."""

from __future__ import annotations

import copyreg
import functools
import io
import pickle
import types
from collections.abc import Callable, Mapping
from typing import Any

import cloudpickle
import numpy as np

import course
from autograder.room.errors import ValueRefused
from autograder.room.inside.questions import referred
from autograder.room.inside.wire import RemoteRef

_PRIVATE_PACKAGE = __name__.partition(".")[0]

# Sent by name, a helper of the course would be looked up in the room, where the student may have replaced it.
cloudpickle.register_pickle_by_value(course)


class _RoomPickler(cloudpickle.Pickler):
    """A cloudpickle pickler that sends references as references and refuses our own code."""

    def reducer_override(self, obj: Any) -> Any:
        """Classes of the course go by name, so that in the room `isinstance` means what it says."""
        if isinstance(obj, type) and obj.__module__.partition(".")[0] == course.__name__:
            return NotImplemented
        return super().reducer_override(obj)

    def persistent_id(self, obj: Any) -> int | None:
        """Return the id of a reference; None for what travels by value."""
        if type(obj) is RemoteRef:
            return obj.id
        if _is_private(obj):
            name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", type(obj).__qualname__)
            raise ValueRefused(
                f"{name} belongs to {_PRIVATE_PACKAGE} and must not enter the student room; "
                "compute with it outside and send the result"
            )
        return None


def _is_private(obj: Any) -> bool:
    module = obj.__name__ if isinstance(obj, types.ModuleType) else getattr(obj, "__module__", None)
    return isinstance(module, str) and module.partition(".")[0] == _PRIVATE_PACKAGE


_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes, RemoteRef))
_REFERENCES = {**copyreg.dispatch_table, RemoteRef: lambda ref: (referred, (ref.id,))}


def _is_plain(value: Any) -> bool:
    """Tell whether a value has neither code nor an object of a class of its own in it."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is tuple or kind is list:
        return all(map(_is_plain, value))
    if kind is dict:
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    return kind is np.ndarray and not value.dtype.hasobject and value.dtype.metadata is None


def dumps_plain(value: Any) -> bytes | None:
    """Pickle what is plain, which needs no look at each part of it; None for all else."""
    try:
        if not _is_plain(value):
            return None
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
        pickler.dispatch_table = _REFERENCES
        pickler.dump(value)
    except RecursionError:  # it contains itself, or is deep
        return None
    return buffer.getvalue()


def dumps(value: Any) -> bytes:
    """Pickle `value` for the student room.

    Raises
    ------
    ValueRefused
        The value holds something of our own package, or something that cannot be pickled.
    """
    plain = dumps_plain(value)
    if plain is not None:
        return plain
    buffer = io.BytesIO()
    try:
        _RoomPickler(buffer).dump(value)
    except ValueRefused:
        raise
    except Exception as error:
        raise ValueRefused(f"this value cannot be sent to the student room: {error}") from error
    return buffer.getvalue()


def dumps_call(helper: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bytes:
    """Pickle a call for the student room: the helper, then its arguments, as two pickles one after the other.

    Raises
    ------
    ValueRefused
        As `dumps`.
    """
    pickled = _helper_of_course(helper) if _is_helper_of_course(helper) else dumps(helper)
    return pickled + dumps((tuple(args), dict(kwargs)))


# A submission puts a hundred questions with a dozen helpers, and to pickle a function by value takes
# longer than most of the answers.
@functools.cache
def _helper_of_course(helper: Callable[..., Any]) -> bytes:
    return dumps(helper)


def _is_helper_of_course(helper: Callable[..., Any]) -> bool:
    """Tell whether a module of the course defines this plain function once, so its pickle is always the same."""
    return (
        isinstance(helper, types.FunctionType)
        and helper.__module__.partition(".")[0] == course.__name__
        and helper.__closure__ is None
        and "<locals>" not in helper.__qualname__
    )

"""Lets `multiprocessing` and torch do without /dev/shm, which a room behind Landlock cannot use.

/dev/shm is one folder for all programs of a user. A semaphore can live in a deleted file as well, and a tensor can
go to another process as bytes.
"""

from __future__ import annotations

import _multiprocessing
import ctypes
import mmap
import multiprocessing.heap
import sys
import tempfile
from typing import Any

_SEMAPHORE_BYTES = 32  # sizeof(sem_t) of glibc and musl, on every architecture with 64 bits
_libc = ctypes.CDLL(None, use_errno=True)
_mapped: list[mmap.mmap] = []  # a semaphore lives as long as its memory


class _SemLock:
    """Stands for `_multiprocessing.SemLock`: makes one whose semaphore is in a file of ours, and not in /dev/shm."""

    _made = _multiprocessing.SemLock
    SEM_VALUE_MAX = _made.SEM_VALUE_MAX
    _rebuild = _made._rebuild

    def __new__(cls, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> Any:
        with tempfile.TemporaryFile() as file:
            file.truncate(_SEMAPHORE_BYTES)
            memory = mmap.mmap(file.fileno(), _SEMAPHORE_BYTES)
        _mapped.append(memory)
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        if _libc.sem_init(ctypes.c_void_p(address), 1, ctypes.c_uint(value)) != 0:
            raise OSError(ctypes.get_errno(), "sem_init")
        return cls._made._rebuild(address, kind, maxvalue, None)


def do_without() -> None:
    """Replace what would need /dev/shm in this process and those forked from it."""
    _multiprocessing.SemLock = _SemLock
    multiprocessing.heap.Arena._dir_candidates = []  # type: ignore[attr-defined]
    if "torch" in sys.modules:
        _send_tensors_as_bytes()


def _send_tensors_as_bytes() -> None:
    """Take back how torch pickles tensors for another process: by the name of their memory in /dev/shm."""
    import torch
    from torch.multiprocessing import reductions

    reducers = multiprocessing.reduction.ForkingPickler._extra_reducers  # type: ignore[attr-defined]
    for kind, reduce in list(reducers.items()):
        if reduce.__module__ == reductions.__name__ and reduce is not reductions.reduce_event:
            del reducers[kind]
    torch.UntypedStorage._new_shared = classmethod(  # type: ignore[assignment]
        lambda cls, size, *, device="cpu": cls(size, device=device)
    )

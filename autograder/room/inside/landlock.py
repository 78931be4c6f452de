"""Landlock: a process gives up files, TCP, signals and abstract sockets for itself and its descendants.

Constants and levels ("ABI") are those of docs.kernel.org/userspace-api/landlock.html. By hand and not a package:
PyPI's `landlock` knows files only and is a pre-release, `sandlock` refuses kernels below ABI 6.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1
_RULE_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FIRST_LEVEL = (1 << 13) - 1
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _IOCTL_DEV
_NET = 0b11  # bind and connect of TCP
_SCOPES = 0b11  # abstract sockets and signals stay inside

READ = READ_FILE | READ_DIR | EXECUTE

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def abi() -> int:
    """Return the ABI level of this kernel's Landlock; 0 if there is none, or if it is switched off."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)))


def refusal() -> int:
    """Return the `errno` with which this kernel refuses Landlock; 0 if it does not."""
    ctypes.set_errno(0)
    return 0 if abi() else ctypes.get_errno()


def restrict(
    level: int,
    readable: Sequence[str],
    writable: Sequence[str],
    devices: Sequence[str],
    listable: Sequence[str] = (),
) -> None:
    """Restrict this process and its descendants to the named files, for good.

    Parameters
    ----------
    level : int
        The ABI to use, at most `abi()`. Each kind of right that it has is taken away; what it lacks is left,
        and is for others to refuse.
    readable, writable, devices, listable : sequence of str
        Paths: what may be read and executed, folders in which everything may be done, devices that may be read and
        written, and folders whose names may be read, with those below. A path that does not exist is passed over.

    Raises
    ------
    OSError
        If the kernel refuses; nothing has been restricted then, or not everything.
    """
    rights = rights_of(level)
    attributes = struct.pack("Q", rights)
    if level >= 4:
        attributes += struct.pack("Q", _NET)
    if level >= 6:
        attributes += struct.pack("Q", _SCOPES)
    ruleset = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        allowances = (
            (readable, READ),
            (writable, rights),
            (devices, READ_FILE | WRITE_FILE | _IOCTL_DEV),
            (listable, READ_DIR),
        )
        for paths, allowed in allowances:
            for path in paths:
                _allow(ruleset, path, allowed & rights)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def rights_of(level: int) -> int:
    """Return the rights to files that an ABI knows."""
    added = ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV))
    return _FIRST_LEVEL | sum(right for since, right in added if level >= since)


def _allow(ruleset: int, path: str, allowed: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - the room may hold thousands of these
            allowed &= _OF_A_FILE
        _call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", allowed, fd), 0)
    finally:
        os.close(fd)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock, system call {number}: {os.strerror(error)}")
    return result

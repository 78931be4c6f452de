"""Decides about what processes of a room ask the kernel for, through seccomp's user notification.

Two things the kernel decides by user, and not by room: how many processes there may be, and who may be signalled.
Where a room has neither a user of its own nor namespaces, its filter puts such calls to the fork server. All it looks
at are numbers that the call passes by value, so that no other thread can change them after they have been judged.
See `SECCOMP_RET_USER_NOTIF` in seccomp(2) and seccomp_unotify(2).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
from collections.abc import Mapping

from .family import count, process_tree, tasks

_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTIFICATION = struct.Struct("=QIIiIQ6Q")  # id, pid, flags, call, architecture, instruction, arguments
_ANSWER = struct.Struct("=QqiI")  # id, value, error, flags
_CONTINUE = 1


def decide(listener: int, root: int, most: int, calls: Mapping[int, str]) -> None:
    """Decide about one call of a room: it goes on, or fails as it would under a limit or without the right.

    Parameters
    ----------
    listener : int
        File descriptor of the filter's listener; a question waits there.
    root : int
        The room's first process.
    most : int
        Processes and threads that the room may have.
    calls : mapping of int to str
        The names of the calls that are put to us, by number.
    """
    question = bytearray(_NOTIFICATION.size)
    try:
        fcntl.ioctl(listener, _RECEIVE, question)
        number, _, _, call, _, _, *arguments = _NOTIFICATION.unpack(question)
        error = _error(root, most, calls[call], arguments[0])
        fcntl.ioctl(listener, _SEND, bytearray(_ANSWER.pack(number, 0, -error, 0 if error else _CONTINUE)))
    except OSError as failure:
        if failure.errno not in (errno.ENOENT, errno.EINTR):  # the process that asked has been killed meanwhile
            raise


def _error(root: int, most: int, name: str, argument: int) -> int:
    """Return the error that a call gets, or 0."""
    if name in ("clone", "fork", "vfork"):
        return 0 if count(root) < most else errno.EAGAIN
    target = struct.unpack("=i", struct.pack("=I", argument & 0xFFFFFFFF))[0]
    return 0 if _is_of_the_room(root, name, target) else errno.EPERM


def _is_of_the_room(root: int, call: str, target: int) -> bool:
    """Return whether a signal stays in the room: 0 is the caller's own group, a negative number a group."""
    if target == 0:
        return True
    family = process_tree(root)
    if call == "tkill":
        return any(target in tasks(pid) for pid in family)
    if target > 0:
        return target in family
    groups = set()
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            groups.add(os.getpgid(pid))
    return -target in groups

"""Decides about each new process and thread of a room, through seccomp's user notification.

The kernel counts processes for a user, not for a room. Where a room has neither a user of its own nor a user
namespace, its filter puts each `clone`, `fork` and `vfork` to the fork server, which counts.
See `SECCOMP_RET_USER_NOTIF` in seccomp(2) and seccomp_unotify(2).
"""

from __future__ import annotations

import errno
import fcntl
import struct

from .family import count

_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTIFICATION_BYTES = 80
_CONTINUE = 1


def decide(listener: int, root: int, most: int) -> None:
    """Answer one question of a room: it goes on, or fails with EAGAIN as under `RLIMIT_NPROC`.

    Parameters
    ----------
    listener : int
        File descriptor of the filter's listener; a question waits there.
    root : int
        The room's first process.
    most : int
        Processes and threads that the room may have.
    """
    question = bytearray(_NOTIFICATION_BYTES)
    try:
        fcntl.ioctl(listener, _RECEIVE, question)
        (number,) = struct.unpack_from("=Q", question)
        granted = count(root) < most
        answer = struct.pack("=QqiI", number, 0, 0 if granted else -errno.EAGAIN, _CONTINUE if granted else 0)
        fcntl.ioctl(listener, _SEND, answer)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EINTR):  # whoever asked has been killed meanwhile
            raise

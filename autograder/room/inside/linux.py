"""The few Linux calls that Python 3.11 has no function for.

From Python 3.12 on there are `os.unshare` and `os.setns`; those of here go when 3.11 does.
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP = 1, 4, 22
_PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 24, 36, 38
_PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 8, 47, 2
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_NEW_LISTENER = 1, 8
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def unshare(flags: int) -> None:
    """Move this process (or, for pid namespaces, its next child) to new namespaces."""
    _check(_libc.unshare(flags), f"unshare({flags:#x})")


def setns(fd: int, kind: int) -> None:
    """Join the namespace that `fd` is open on."""
    _check(_libc.setns(fd, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system or, with `MS_BIND`, a folder."""
    arguments = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _check(_libc.mount(*arguments), f"mount {source} on {target}")


def detach(target: str) -> None:
    """Unmount `target`, at once for new users and later for those that have it open."""
    _check(_libc.umount2(target.encode(), MNT_DETACH), f"unmount {target}")


def enter_namespaces(flags: int, inside_id: int) -> None:
    """Unshare a user namespace and those in `flags`; the user and group become `inside_id` in it."""
    uid, gid = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER | flags)
    set_dumpable(True)  # /proc/self belongs to root otherwise, and the maps could not be written
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside_id} {uid} 1"),
        ("gid_map", f"{inside_id} {gid} 1"),
    ):
        Path("/proc/self", name).write_text(content)
    set_dumpable(False)


def set_dumpable(dumpable: bool) -> None:
    """Allow or forbid others of the same user to read this process and its /proc files."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(dumpable), 0, 0, 0), "PR_SET_DUMPABLE")


def become_subreaper() -> None:
    """Become the parent of descendants whose own parent has ended."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), 0, 0, 0), "PR_SET_CHILD_SUBREAPER")


def die_with_parent(signal: int) -> None:
    """Receive `signal` when the parent process ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal), 0, 0, 0), "PR_SET_PDEATHSIG")


def change_user(user_id: int, keep: int | None) -> None:
    """Become another user for good, as root may.

    Parameters
    ----------
    user_id : int
        The user and group to become.
    keep : int or None
        A capability to keep through it, also in programs that are started later.
    """
    os.setgroups([])
    os.setgid(user_id)
    _check(_libc.prctl(_PR_SET_KEEPCAPS, ctypes.c_ulong(keep is not None), 0, 0, 0), "PR_SET_KEEPCAPS")
    os.setuid(user_id)
    if keep is not None:
        _set_capabilities(1 << keep)
        raised = _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, ctypes.c_ulong(keep), 0, 0)
        _check(raised, "PR_CAP_AMBIENT_RAISE")


def drop_privileges(keep: int | None = None) -> None:
    """Give up every capability but one, also those that a later exec could bring back."""
    forbid_new_privileges()
    capability = 0
    while capability == keep or _libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) == 0:
        capability += 1
    _set_capabilities(0 if keep is None else 1 << keep)


def forbid_new_privileges() -> None:
    """Let no program that is started from here on gain rights, set-user-id programs included."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0), "PR_SET_NO_NEW_PRIVS")


def use_permitted_capabilities() -> None:
    """Make every capability that this thread may have effective again; `setfsuid` takes some back."""
    header, data = struct.pack("Ii", _CAPABILITY_VERSION_3, 0), ctypes.create_string_buffer(24)
    _check(_libc.capget(header, data), "capget")
    _, low, low_inherited, _, high, high_inherited = struct.unpack("6I", data.raw)
    effective = struct.pack("6I", low, low, low_inherited, high, high, high_inherited)
    _check(_libc.capset(header, effective), "capset")


def _set_capabilities(kept: int) -> None:
    """Make `kept`, a set of bits, the effective, permitted and inheritable capabilities."""
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    low, high = kept & 0xFFFFFFFF, kept >> 32
    _check(_libc.capset(header, struct.pack("6I", low, low, low, high, high, high)), "capset")


class _FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    @classmethod
    def of(cls, program: bytes) -> _FilterProgram:
        size_of_instruction = 8
        return cls(len(program) // size_of_instruction, program)


def load_seccomp(program: bytes) -> None:
    """Apply a compiled seccomp filter to this thread and all its descendants, for good."""
    loaded = ctypes.byref(_FilterProgram.of(program))
    _check(_libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), loaded, 0, 0), "seccomp")


def load_notifying_seccomp(program: bytes, seccomp_call: int) -> int:
    """Apply a filter that passes calls to a listener; return the listener's file descriptor.

    Parameters
    ----------
    program : bytes
        The compiled filter.
    seccomp_call : int
        The number of `seccomp(2)` on this architecture.

    Raises
    ------
    OSError
        `EBUSY` if a filter of this process does so already.
    """
    loaded = ctypes.byref(_FilterProgram.of(program))
    listener = _libc.syscall(seccomp_call, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_NEW_LISTENER, loaded)
    if listener < 0:
        _check(listener, "seccomp with a listener")
    return int(listener)

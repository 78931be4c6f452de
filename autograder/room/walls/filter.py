"""The system call filters of a room, as BPF programs.

Most rules are libseccomp's. Two things it cannot say are a few instructions of our own: "no call that is newer than
this list", and "ask the fork server first".
"""

from __future__ import annotations

import errno
import os
import struct
import tempfile
from collections.abc import Iterable
from typing import Any

_DENIED = """
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp
    mount umount umount2 pivot_root chroot mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick
    setns unshare name_to_handle_at open_by_handle_at fanotify_init quotactl quotactl_fd acct swapon swapoff
    add_key request_key keyctl bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    memfd_create memfd_secret shmget shmat msgget semget mq_open
    init_module finit_module delete_module kexec_load kexec_file_load
    reboot sethostname setdomainname syslog vhangup iopl ioperm
    inotify_init inotify_init1 inotify_add_watch
    clock_settime settimeofday adjtimex clock_adjtime
    ioprio_set
""".split()
"""What a notebook has no use for: tracing, mounting, new namespaces, kernel interfaces, uncharged memory, watching
files that others use too."""

_NOT_THERE = "clone3 io_setup".split()
"""`clone3`: its flags cannot be filtered, and libc uses `clone` then. `io_setup`: takes from what the machine has."""

_SCHEDULING = "sched_setaffinity sched_setscheduler sched_setparam sched_setattr".split()
"""On which processors a room runs, and when, is the grader's to say. Libraries call these to place their threads, and
libzmq aborts if that fails: so that they do nothing, and report success."""

_F_SETLEASE, _F_NOTIFY, _F_SETPIPE_SZ = 1024, 1026, 1031
_SOL_SOCKET, _BUFFER_SIZES = 1, (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and what root may force

_NEWEST_KNOWN = 462
"""`mseal`, of Linux 6.10. From 424 on a system call has one number on every architecture; what is newer than this
list is answered as by a kernel that does not have it yet (`setxattrat`, `file_setattr`, `open_tree_attr` …)."""

_BY_NUMBER = {"quotactl_fd": 443, "process_mrelease": 448, "fchmodat2": 452, "memfd_secret": 447}
"""Known to us, and not to every libseccomp that is in use."""

_NAMESPACE_FLAGS = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_MAP_SHARED_ANONYMOUS = 0x21
_AF_UNIX, _SOCK_DGRAM, _SOCK_RAW, _SOCK_TYPE = 1, 2, 3, 0xF

# Without namespaces --------------------------------------------------------------------------------------------------

_FAKED = """
    chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes futimesat utimensat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
""".split()
"""Landlock does not cover them. They report success and do nothing: `shutil.copy` and `zipfile` call them."""

_SHARED_WITH_OTHERS = """
    connect sendmsg sendmmsg migrate_pages
    semop semtimedop semctl shmctl shmdt msgctl msgsnd msgrcv
    mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
""".split()
"""What reaches other programs of the user (sockets with a path, watches, System V and POSIX queues), and what hides
a file from the watch over disk: `sendmsg` keeps it open in a socket."""

_OF_ONE_PROCESS = "prlimit64 move_pages".split()
"""Their first argument is a process; 0 is the caller."""

_FILE_ATTRIBUTES = (0x40086602, 0x40046602, 0x401C5820, 0x40087602, 0x40047602)
"""FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_SETVERSION: a descriptor that may only read is enough for them."""

_NEW_PROCESSES = "clone fork vfork".split()
_SIGNALS = "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo".split()
"""Their first argument is a process, a thread or a group."""

_PRIO_PROCESS = 0
_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 4, 36
_F_SETOWN, _F_SETOWN_EX, _FIOSETOWN, _SIOCSPGRP = 8, 15, 0x8901, 0x8902
_O_ACCMODE, _O_TRUNC = 3, os.O_TRUNC


def program(*, namespaces: bool, landlock_abi: int = 0, own_user: bool = False) -> bytes:
    """Compile the filter of every room.

    Parameters
    ----------
    namespaces : bool
        Whether the room has namespaces of its own; without, more is refused.
    landlock_abi : int
        What Landlock covers without namespaces; the filter refuses what that level leaves open.
    own_user : bool
        Whether the room has a user id of its own, which keeps signals from others.

    Returns
    -------
    bytes
        BPF instructions of 8 bytes.
    """
    import pyseccomp as seccomp

    refuse = seccomp.ERRNO(errno.EPERM)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    _add(rules, refuse, _DENIED)
    for flag in _NAMESPACE_FLAGS:
        rules.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    _add(rules, seccomp.ERRNO(errno.ENOSYS), _NOT_THERE)
    _add(rules, seccomp.ERRNO(0), _SCHEDULING)
    for command in (_F_SETLEASE, _F_NOTIFY, _F_SETPIPE_SZ):
        _add(rules, refuse, ["fcntl"], seccomp.Arg(1, seccomp.EQ, command))
    for option in _BUFFER_SIZES:  # memory of the kernel that belongs to no process; reports success and does nothing
        arguments = seccomp.Arg(1, seccomp.EQ, _SOL_SOCKET), seccomp.Arg(2, seccomp.EQ, option)
        _add(rules, seccomp.ERRNO(0), ["setsockopt"], *arguments)
    rules.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.NE, _AF_UNIX))
    shared = seccomp.Arg(3, seccomp.MASKED_EQ, _MAP_SHARED_ANONYMOUS, _MAP_SHARED_ANONYMOUS)
    rules.add_rule(refuse, "mmap", shared)
    _add(rules, refuse, ["prctl"], seccomp.Arg(0, seccomp.EQ, _PR_SET_DUMPABLE))  # what is watched stays visible
    if not namespaces:
        _refuse_what_is_shared(rules)
        _refuse_what_landlock_leaves(rules, landlock_abi, own_user)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _refuse_what_is_shared(rules: Any) -> None:
    """Add what mount, IPC and pid namespaces would keep apart."""
    import pyseccomp as seccomp

    refuse = seccomp.ERRNO(errno.EPERM)
    _add(rules, seccomp.ERRNO(0), _FAKED)
    _add(rules, refuse, _SHARED_WITH_OTHERS)
    for name in ("socket", "socketpair"):  # datagrams can be sent to any path, from either end of a pair too
        for kind in (_SOCK_DGRAM, _SOCK_RAW):
            _add(rules, refuse, [name], seccomp.Arg(1, seccomp.MASKED_EQ, _SOCK_TYPE, kind))
    _add(rules, refuse, ["kill"], seccomp.Arg(0, seccomp.MASKED_EQ, 0xFFFFFFFF, 0xFFFFFFFF))  # -1: everybody
    _add(rules, seccomp.ERRNO(errno.EOPNOTSUPP), ["fallocate"])  # takes disk faster than anybody looks
    for request in _FILE_ATTRIBUTES:
        _add(rules, refuse, ["ioctl"], seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    for name in _OF_ONE_PROCESS:
        _add(rules, refuse, [name], seccomp.Arg(0, seccomp.NE, 0))
    _add(rules, refuse, ["setpriority"], seccomp.Arg(0, seccomp.NE, _PRIO_PROCESS))
    _add(rules, refuse, ["setpriority"], seccomp.Arg(1, seccomp.NE, 0))
    _add(rules, refuse, ["prctl"], seccomp.Arg(0, seccomp.EQ, _PR_SET_CHILD_SUBREAPER))  # it stays in its family


def _refuse_what_landlock_leaves(rules: Any, abi: int, own_user: bool) -> None:
    """Add what a later level of Landlock covers, as docs.kernel.org/userspace-api/landlock.html has them."""
    import pyseccomp as seccomp

    refuse = seccomp.ERRNO(errno.EPERM)
    if abi < 3:
        _add(rules, refuse, ["truncate"])
        _add(rules, seccomp.ERRNO(errno.ENOSYS), ["openat2"])  # its flags are in memory; libc uses openat then
        truncates = (_O_ACCMODE | _O_TRUNC, os.O_RDONLY | _O_TRUNC)  # opened for reading, and emptied all the same
        _add(rules, refuse, ["open"], seccomp.Arg(1, seccomp.MASKED_EQ, *truncates))
        _add(rules, refuse, ["openat"], seccomp.Arg(2, seccomp.MASKED_EQ, *truncates))
    if abi < 6 and not own_user:
        _add(rules, refuse, ["pidfd_send_signal"])  # its target is a descriptor, which can change after it was judged
        for command in (_F_SETOWN, _F_SETOWN_EX):
            _add(rules, refuse, ["fcntl"], seccomp.Arg(1, seccomp.EQ, command))
        for request in (_FIOSETOWN, _SIOCSPGRP):
            _add(rules, refuse, ["ioctl"], seccomp.Arg(1, seccomp.EQ, request))


def _add(rules: Any, action: int, names: Iterable[str], *arguments: Any) -> None:
    """Add one rule for each call that this architecture has."""
    import pyseccomp as seccomp

    for name in names:
        number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
        if number == -1:  # libseccomp does not know it
            number = _BY_NUMBER.get(name, -1)
        if number >= 0:
            rules.add_rule(action, number, *arguments)


# Instructions of our own ---------------------------------------------------------------------------------------------

_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _RETURN = 0x20, 0x15, 0x25, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, …|JGT|K, BPF_RET
_ALLOW, _ERRNO, _NOTIFY = 0x7FFF0000, 0x00050000, 0x7FC00000
_X32 = 0x40000000


def unknown_calls_program() -> bytes:
    """Compile the filter that answers calls newer than this module's list with ENOSYS."""
    return b"".join(
        [
            _instruction(_LOAD, 0),  # the number of the call
            _instruction(_JUMP_GREATER, _X32 - 1, 1, 0),  # left to libseccomp's filter
            _instruction(_JUMP_GREATER, _NEWEST_KNOWN, 1, 0),
            _instruction(_RETURN, _ALLOW),
            _instruction(_RETURN, _ERRNO | errno.ENOSYS),
        ]
    )


def asked(landlock_abi: int) -> dict[int, str]:
    """Return the calls for which a room without its own user must ask, by number.

    New processes, since the kernel counts them by user; signals, where Landlock does not keep them inside yet.
    """
    import pyseccomp as seccomp

    names = _NEW_PROCESSES + (_SIGNALS if landlock_abi < 6 else [])
    numbers = {seccomp.resolve_syscall(seccomp.Arch.NATIVE, name): name for name in names}
    return {number: name for number, name in numbers.items() if number >= 0}


def asking_program(numbers: Iterable[int]) -> bytes:
    """Compile the filter that passes calls to its listener."""
    numbers = list(numbers)
    jumps = [_instruction(_JUMP_EQUAL, number, len(numbers) - index) for index, number in enumerate(numbers)]
    return b"".join([_instruction(_LOAD, 0), *jumps, _instruction(_RETURN, _ALLOW), _instruction(_RETURN, _NOTIFY)])


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)

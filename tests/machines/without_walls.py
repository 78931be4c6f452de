"""`python -m tests.machines.without_walls COMMAND`: run a command where neither wall can be built.

A system call filter of this process refuses namespaces and Landlock as kernels do that lack them, and holds for all
that is started from it. Nothing of the grader is patched.
"""

from __future__ import annotations

import errno
import os
import sys

import pyseccomp as seccomp

_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)


def main() -> None:
    """Take the rights away and become the command."""
    refused = seccomp.SyscallFilter(seccomp.ALLOW)
    for call in ("landlock_create_ruleset", "clone3"):
        refused.add_rule(seccomp.ERRNO(errno.ENOSYS), call)
    for call in ("unshare", "clone"):
        for flag in _NAMESPACES:
            refused.add_rule(seccomp.ERRNO(errno.EPERM), call, seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    refused.load()
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()

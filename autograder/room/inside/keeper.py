"""The keeper: a small process between the host and the fork server that cleans up after both.

Where there is no pid namespace, the kernel ends no process for us. The keeper is the subreaper of all that the fork
server starts. When the server ends, or the host, or when it is told to, it kills them all.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal

from . import linux
from .family import end_children
from .wipe import wipe


def keep(folder: str) -> None:
    """Fork; return in the child, which goes on as the fork server. The parent becomes the keeper and never returns.

    Parameters
    ----------
    folder : str
        The server's temporary folder. If the host dies, the keeper removes it.
    """
    host = os.getppid()
    os.setsid()  # Ctrl-C in the host's terminal is the host's
    linux.become_subreaper()
    child = os.fork()
    if child == 0:
        linux.die_with_parent(signal.SIGKILL)
        return
    try:
        status = _wait(child, host)
        end_children()
        if os.getppid() != host:
            with contextlib.suppress(OSError):
                wipe(folder)
        os._exit(status)
    finally:
        os._exit(1)


def _wait(child: int, host: int) -> int:
    """Return once the child or the host has ended, or SIGTERM has come; the child's exit status, or 1."""
    os.closerange(3, 256)  # the channel is the child's
    told, tells = os.pipe()
    os.set_blocking(tells, False)
    signal.set_wakeup_fd(tells)
    signal.signal(signal.SIGTERM, lambda *_: None)
    poller = select.poll()
    with contextlib.suppress(ProcessLookupError):
        for fd in (told, os.pidfd_open(child), os.pidfd_open(host)):
            poller.register(fd, select.POLLIN)
        if os.getppid() == host:
            poller.poll()
    ended, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) & 0xFF if ended else 1

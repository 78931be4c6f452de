"""The warm process: has everything imported, and forks one kernel after the other.

Run as `python -P -m <package>.warm FD`; FD is one end of a socket pair to the host. It stays single
threaded, because a fork copies only the calling thread.
"""

import contextlib
import gc
import importlib
import os
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from . import channel, linux
from .enclose import HOME, INSIDE_ID, enclose
from .limits import Limits

_SEEDED = ("numpy", "numpy.random", "torch")
"""In every room from the start: a room's generators are seeded when it opens, those of a later import are not."""

_PRELOAD = (
    *("numpy.testing", "torch.testing"),
    # Not matplotlib_inline: it looks for the running IPython at the time it is imported.
    *("ipykernel.debugger", "ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell"),
    *("IPython.core.completerlib", "IPython.core.oinspect", "IPython.core.magics", "IPython.core.logger"),
    *("stack_data", "pygments.formatters.terminal256", "pygments.lexers.python", "pygments.styles.default"),
    *("tornado.platform.asyncio", "tornado.queues", "cloudpickle", "encodings.idna", "zmq.utils.garbage"),
)


def main() -> None:
    """Preload, tell the host, then serve it until it closes the channel."""
    commands = socket.socket(fileno=int(sys.argv[1]))
    settings, _ = channel.receive(commands)
    if settings["seccomp"] is not None:
        _enter_own_namespaces(settings["user_id"])
    else:
        linux.become_subreaper()
    _preload((*_SEEDED, *_PRELOAD) if settings["many"] else _SEEDED, settings["preload"])
    linux.set_dumpable(False)
    channel.send(commands, {"ready": True})
    _serve(commands, settings)


def _enter_own_namespaces(user_id: int | None) -> None:
    """Go on as the first process of a pid namespace of our own, so that later ones can be made in it.

    Started by root, this first becomes the unused user `user_id`: the kernel does not limit the number
    of root's processes, not even in a user namespace.
    """
    if user_id is not None:
        os.setgroups([])
        os.setgid(user_id)
        os.setuid(user_id)
    linux.enter_namespaces(linux.CLONE_NEWPID | linux.CLONE_NEWNS, INSIDE_ID)
    for folder in (HOME, "/tmp"):  # some imports need a place for their caches; rooms get their own
        linux.mount("preload", folder, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755")
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    linux.die_with_parent(signal.SIGKILL)


def _preload(names: Sequence[str], wanted: Sequence[str]) -> None:
    """Import what kernels use, and what is wanted of them if it is there, with the defaults of every room."""
    with _without_debugger():
        for name in names:
            importlib.import_module(name)
        for name in wanted:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    import torch

    from . import tensors  # noqa: F401 - it is loaded when the first tensor is met
    from .agent import prepare_kernel

    torch.set_num_threads(1)
    prepare_kernel()
    gc.collect()
    gc.freeze()  # so that no collection in a room writes to, and thereby copies, what all rooms share


@contextlib.contextmanager
def _without_debugger() -> Iterator[None]:
    """Let ipykernel find no debugger: nobody could attach to it, and it costs 0.1 s for each kernel."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    yield
    del sys.modules["debugpy"]


def _serve(commands: socket.socket, settings: dict[str, Any]) -> None:
    """Fork a room for each request, and tell the host of the end of each."""
    own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY) if settings["seccomp"] is not None else None
    rooms: dict[int, tuple[int, int]] = {}  # by pidfd: process id and number
    poller = select.poll()
    poller.register(commands, select.POLLIN)
    while True:
        for fd, _ in poller.poll():
            if fd == commands.fileno():
                try:
                    request, fds = channel.receive(commands)
                except EOFError:
                    return
                child = _fork_room(fds, request, settings, own_pids)
                ends = os.pidfd_open(child)
                rooms[ends] = child, request["number"]
                poller.register(ends, select.POLLIN)
            else:
                poller.unregister(fd)
                os.close(fd)
                child, number = rooms.pop(fd)
                _, status = os.waitpid(child, 0)
                if own_pids is None:
                    _end_strays({child for child, _ in rooms.values()})
                channel.send(commands, {"number": number, "status": status})


def _fork_room(fds: list[int], request: dict[str, Any], settings: dict[str, Any], own_pids: int | None) -> int:
    if own_pids is not None:
        linux.unshare(linux.CLONE_NEWPID)
    child = os.fork()
    if child == 0:
        _become_room(fds, request, settings)
    if own_pids is not None:
        linux.setns(own_pids, linux.CLONE_NEWPID)
    for fd in fds:
        os.close(fd)
    return child


def _end_strays(rooms: set[int]) -> None:
    """Kill what an unprotected room has left behind; a protected one takes its processes with it."""
    while strays := set(_children()) - rooms:
        for child in strays:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _become_room(fds: list[int], request: dict[str, Any], settings: dict[str, Any]) -> None:
    """In the forked child: build the walls, start the kernel, never return."""
    shell_fd, iopub_fd, questions_fd, setup_fd = fds
    os.setsid()  # a signal to one's own process group passes the walls of pid namespaces: we leave the group
    _close_all_but(fds)
    setup = socket.socket(fileno=setup_fd)
    try:
        limits = Limits(**settings["limits"])
        order, _ = channel.receive(setup)
        enclose(limits, order["files"], request["work"], settings["seccomp"])
        from .agent import run_kernel  # the warm process has imported it by now

        def ready() -> None:
            setup.send(b"ready")
            setup.close()

        run_kernel(shell_fd, iopub_fd, questions_fd, limits.reply_bytes, ready)
    except BaseException:
        if setup.fileno() >= 0:  # the host still waits for the room to be ready
            setup.send(traceback.format_exc()[-4000:].encode())
    finally:
        os._exit(1)


def _close_all_but(fds: list[int]) -> None:
    """Leave the room nothing of the warm process, neither its channel nor its standard streams."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    lower = 2
    for keep in sorted(fds):
        os.closerange(lower + 1, keep)
        lower = keep
    os.closerange(lower + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


if __name__ == "__main__":
    main()

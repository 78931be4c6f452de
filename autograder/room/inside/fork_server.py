"""The fork server: has everything imported, and forks one kernel after the other.

Run as `python -P -m <package>.fork_server FD`; FD is one end of a socket pair to the host. It stays single
threaded, because a fork copies only the calling thread.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import resource
import select
import signal
import site
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from typing import Any

from . import channel, linux
from .enclose import HOME, INSIDE_ID, enclose, torch_libraries
from .family import children, end_children, end_user
from .keeper import keep
from .limits import Limits
from .supervise import decide

_SEEDED = ("numpy", "numpy.random")
"""In every room from the start, and torch where rooms have it: generators of a later import are not seeded."""

_PRELOAD = (
    *("numpy.testing", "course.checks"),
    # Not matplotlib_inline: it looks for the running IPython at the time it is imported.
    *("ipykernel.debugger", "ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell"),
    *("IPython.core.completerlib", "IPython.core.oinspect", "IPython.core.magics", "IPython.core.logger"),
    *("stack_data", "pygments.formatters.terminal256", "pygments.lexers.python", "pygments.styles.default"),
    *("tornado.platform.asyncio", "tornado.queues", "cloudpickle", "encodings.idna", "zmq.utils.garbage"),
)


def main() -> None:
    """Preload, tell the host, then serve it until it closes the channel."""
    # Whoever starts it may be bounded, as the child that grades one submission is; rooms get limits of their own.
    resource.setrlimit(resource.RLIMIT_AS, (resource.getrlimit(resource.RLIMIT_AS)[1],) * 2)
    commands = socket.socket(fileno=int(sys.argv[1]))
    settings, _ = channel.receive(commands)
    if settings["wall"]["wall"] == "namespaces":
        _enter_own_namespaces(settings["wall"]["user_id"])
    else:
        keep(settings["folder"])
        linux.become_subreaper()
    seeded, rest = list(_SEEDED), list(_PRELOAD)
    if settings["torch"]:
        seeded.append("torch")
        rest.append("torch.testing")
    _preload([*seeded, *(rest if settings["many"] else [])], settings["preload"], bare=settings["bare"])
    if settings["wall"]["wall"] == "landlock":
        from .shared_memory import do_without

        do_without()
        sys.meta_path.insert(0, _Hidden(settings["wall"]["hidden"]))
    if settings["cores"]:
        with contextlib.suppress(OSError):  # they were taken from this machine meanwhile
            os.sched_setaffinity(0, settings["cores"])  # for all rooms, which may not change it
    linux.set_dumpable(False)
    channel.send(commands, {"ready": True})
    ForkServer(commands, settings).serve()


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


def _preload(names: Sequence[str], wanted: Sequence[str], *, bare: bool) -> None:
    """Import what kernels use, and the modules in `wanted` that are installed, with the defaults of every room."""
    gc.disable()  # what is imported stays
    with _without_debugger():
        for name in names:
            importlib.import_module(name)
        for name in wanted:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    from .agent import prepare_kernel

    if bare:
        _make_up_for_site()
    if (torch := sys.modules.get("torch")) is not None:
        from . import tensors  # noqa: F401 - it is loaded when the first tensor is met

        torch.set_num_threads(1)
        torch.manual_seed(0)
    prepare_kernel(bare=bare)
    importlib.import_module("numpy.random").seed(0)
    gc.collect()
    gc.freeze()  # so that no collection in a room writes to, and thereby copies, what all rooms share
    gc.enable()


def _make_up_for_site() -> None:
    """Define `help`, `exit` and the like, which a Python that looks for no packages lacks."""
    site.setquit()
    site.setcopyright()
    site.sethelper()


class _Hidden(MetaPathFinder):
    """Makes packages that a room may not read look as if they were not installed."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, name: str, _path: object, _target: object = None) -> None:
        """Find nothing, and stop other finders from looking."""
        if name in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextlib.contextmanager
def _without_debugger() -> Iterator[None]:
    """Let ipykernel find no debugger: nobody could attach to it, and it slows the start of each kernel.

    `ipykernel.debugger` imports debugpy in a `try` and goes on without it; read in ipykernel 7.4.0.
    """
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    yield
    del sys.modules["debugpy"]


@dataclass
class _Room:
    """A room that has been forked from here."""

    pid: int
    number: int
    user_id: int | None
    ends: int
    """Its pidfd."""
    hands_over: socket.socket | None
    """Where it sends the listener of its filter, if it has one."""
    listener: int | None = None


class ForkServer:
    """Forks a room for each request, tells the host of the end of each, and decides about their processes."""

    def __init__(self, commands: socket.socket, settings: dict[str, Any]) -> None:
        self._commands = commands
        self._settings = settings
        self._limits = Limits(**settings["limits"])
        self._to_be_mapped = torch_libraries()
        self._namespaces = settings["wall"]["wall"] == "namespaces"
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY) if self._namespaces else None
        self._rooms: dict[int, _Room] = {}
        self._poller = select.poll()
        self._actions: dict[int, Callable[[], None]] = {}

    def serve(self) -> None:
        """Serve until the host closes the channel."""
        self._watch(self._commands.fileno(), self._open_room)
        with contextlib.suppress(EOFError):
            while True:
                for fd, events in self._poller.poll():
                    if fd not in self._actions:  # an action before it has ended what this one is about
                        continue
                    if events & select.POLLIN:
                        self._actions[fd]()
                    else:  # a listener whose room is gone: reading from it would wait forever
                        self._forget(fd)

    def _watch(self, fd: int, action: Callable[[], None]) -> None:
        self._actions[fd] = action
        self._poller.register(fd, select.POLLIN)

    def _forget(self, fd: int) -> None:
        del self._actions[fd]
        self._poller.unregister(fd)

    def _open_room(self) -> None:
        request, fds = channel.receive(self._commands)
        ours, theirs = socket.socketpair()
        if self._own_pids is not None:
            linux.unshare(linux.CLONE_NEWPID)
        child = os.fork()
        if child == 0:
            _become_room(fds, theirs.detach(), request, self._settings, self._to_be_mapped)
        if self._own_pids is not None:
            linux.setns(self._own_pids, linux.CLONE_NEWPID)
        for fd in fds:
            os.close(fd)
        theirs.close()
        room = _Room(child, request["number"], request["place"]["user_id"], os.pidfd_open(child), ours)
        self._rooms[child] = room
        self._watch(room.ends, lambda: self._end_room(room))
        self._watch(ours.fileno(), lambda: self._take_listener(room))

    def _take_listener(self, room: _Room) -> None:
        """Take over what the room hands us, or learn that it has nothing to hand."""
        assert room.hands_over is not None
        with room.hands_over as end:
            self._forget(end.fileno())
            room.hands_over = None
            _, fds, _, _ = socket.recv_fds(end, 1, 1)
        if fds:
            room.listener = fds[0]
            asked = dict(self._settings["wall"]["asked"])
            self._watch(fds[0], lambda: decide(fds[0], room.pid, self._limits.processes, asked))

    def _end_room(self, room: _Room) -> None:
        """Kill what the room has left behind, then tell the host: nothing of it runs any more."""
        self._forget(room.ends)
        os.close(room.ends)
        if room.hands_over is not None:
            self._forget(room.hands_over.fileno())
            room.hands_over.close()
        _, status = os.waitpid(room.pid, 0)
        del self._rooms[room.pid]
        if not self._namespaces:
            if room.user_id is not None and set(children(os.getpid())) - set(self._rooms):
                end_user(room.user_id)
            end_children(spared=self._rooms)
        if room.listener is not None:
            if room.listener in self._actions:
                self._forget(room.listener)
            os.close(room.listener)
        channel.send(self._commands, {"number": room.number, "status": status})


def _become_room(
    fds: list[int], hand_over_fd: int, request: dict[str, Any], settings: dict[str, Any], to_be_mapped: int
) -> None:
    """In the forked child: build the walls, start the kernel, never return."""
    shell_fd, iopub_fd, questions_fd, setup_fd = fds
    os.setsid()  # a signal to one's own process group passes the walls of pid namespaces: we leave the group
    _close_all_but([*fds, hand_over_fd])
    setup = socket.socket(fileno=setup_fd)
    hand_over = socket.socket(fileno=hand_over_fd)

    def listen(listener: int) -> None:
        socket.send_fds(hand_over, [b"."], [listener])
        os.close(listener)

    try:
        limits = Limits(**settings["limits"])
        order, _ = channel.receive(setup)
        enclose(limits, order["files"], request["place"], settings["wall"], listen, to_be_mapped)
        hand_over.close()
        from .agent import run_kernel  # the fork server has imported it by now

        def ready() -> None:
            setup.send(b"ready")
            setup.close()

        terminals = settings["wall"]["wall"] != "landlock"
        run_kernel(shell_fd, iopub_fd, questions_fd, limits.reply_bytes, ready, terminals=terminals)
    except BaseException:
        if setup.fileno() >= 0:  # the host still waits for the room to be ready
            setup.send(traceback.format_exc()[-4000:].encode())
    finally:
        os._exit(1)


def _close_all_but(fds: list[int]) -> None:
    """Leave the room nothing of the fork server, neither its channel nor its standard streams."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    lower = 2
    for kept in sorted(fds):
        os.closerange(lower + 1, kept)
        lower = kept
    os.closerange(lower + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


if __name__ == "__main__":
    main()

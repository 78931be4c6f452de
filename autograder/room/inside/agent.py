# mypy: disable-error-code="no-untyped-call, union-attr"
# (ipykernel has no types for most of what is called here, and optional ones for the rest)
"""The kernel of one room: a stock ipykernel without the parts a room has no use for, and its requests.

Everything here runs in the same process as the student's code, and the host trusts none of it.

What is replaced of ipykernel is no public interface. It was read in ipykernel 7.4.0: `IOPubThread`, `OutStream`'s
`_schedule_flush` and `_flush`, the kernel's `_supports_kernel_subshells`, `_execute_sleep`, `shell_channel_thread`,
`_publish_status` and `_publish_execute_input`, and the order of `IPKernelApp.initialize`. `USE_FD` is libzmq's.
"""

from __future__ import annotations

import _signal
import builtins
import getpass
import inspect
import io
import os
import pickle
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace, TracebackType
from typing import Any

import zmq
from ipykernel import zmqshell
from ipykernel.compiler import XCachingCompiler
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from IPython.core.error import StdinNotImplementedError
from traitlets import Type
from traitlets.config import Config
from zmq.eventloop.zmqstream import ZMQStream

from course.handing_in import replay
from course.handing_in.defaults import Defaults, default_dtype
from course.handing_in.lenient import NO_ANSWER, Lenient

from . import wire
from .figures import RoomShell
from .questions import REFERRED, Status, receive_question, send_answer

_MAX_TEXT = 20_000  # characters of a message or a traceback
_handle = _signal.signal  # `signal.signal` makes enumerations of its numbers, which takes as long as a short answer
_SIGINT, _IGNORE = int(signal.SIGINT), int(signal.SIG_IGN)


class Objects:
    """The objects the host holds a handle on."""

    def __init__(self) -> None:
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}

    def has(self, obj: Any) -> bool:
        """Tell whether the host holds a handle on `obj`."""
        return id(obj) in self._numbers

    def refer(self, obj: Any) -> wire.RemoteRef:
        """Return the handle of `obj`; the same object gets the same one."""
        number = self._numbers.get(id(obj))
        if number is None:
            number = self._numbers[id(obj)] = len(self._objects)
            self._objects.append(obj)
        return wire.RemoteRef(number, type(obj).__name__[:200])

    def find(self, number: int) -> Any:
        """Return the object of a handle."""
        return self._objects[number]


class Unpickler(pickle.Unpickler):
    """Reads what the host sends, and puts the real objects in place of handles."""

    def __init__(self, stream: io.BytesIO, objects: Objects) -> None:
        super().__init__(stream)
        self._find = objects.find

    def persistent_load(self, number: int) -> Any:
        """Return the object of a handle, as the careful way pickles it."""
        return self._find(number)

    def find_class(self, module: str, name: str) -> Any:
        """Return what has this name; for `questions.referred`, by which plain data has handles, what finds objects."""
        return self._find if (module, name) == REFERRED else super().find_class(module, name)


class Requests:
    """Answers the host's requests about the student's namespace."""

    def __init__(self, namespace: dict[str, Any], max_bytes: int, notebook: replay.Notebook | None = None) -> None:
        self._namespace = namespace
        self._notebook = notebook
        self._defaults = Defaults(seeds=notebook is not None)
        self._max_bytes = max_bytes
        self._objects = Objects()
        self._asked: dict[str, Any] = {}
        self._operations: dict[str, Callable[..., Any]] = {
            "get": self._get,
            "getattr": self._getattr,
            "delete": self._delete,
            "put": self._put,
            "call": self._call,
            "run": self._run,
            "replay": self._replay,
        }

    def answer(self, content: dict[str, Any], payload: bytes) -> tuple[Status, bytes]:
        """Carry out one request; the status of the reply and its encoded value."""
        if content["operation"] in ("get", "delete") and not self._knows(content["name"]):
            return Status.MISSING, b""
        self._defaults.restore()
        try:
            with default_dtype(double=content["double"]):
                value = self._operations[content["operation"]](content, payload)
        except BaseException as error:  # the student's code may raise anything, SystemExit included
            return self.failure(error)
        try:
            encoded = self._encode(value)
        except Exception as error:  # a value of the student's may fail in any way while it is read
            return Status.REFUSED, self._encode(_plain_text(f"{error}"))
        if content["operation"] == "get" and self._objects.has(value):
            self._asked[content["name"]] = value
        return Status.SAME if self._names_are_the_same() else Status.OK, encoded

    def _names_are_the_same(self) -> bool:
        """Tell whether what was asked for by name has kept its name; if not, begin anew."""
        if all(dict.get(self._namespace, name) is value for name, value in self._asked.items()):
            return True
        self._asked.clear()
        return False

    def failure(self, error: BaseException) -> tuple[Status, bytes]:
        """Return the answer of a request that raised an exception."""
        if self._notebook is not None:
            error = replay.not_there(error) or error
        return Status.ERROR, self._encode(_describe(error))

    def _knows(self, name: str) -> bool:
        return name in self._namespace or (self._notebook is not None and self._notebook.lacks(name))

    def _encode(self, value: Any) -> bytes:
        return wire.encode(value, max_bytes=self._max_bytes, refer=self._objects.refer)

    def _read(self, stream: io.BytesIO) -> Any:
        """Return the next pickle of the stream.

        Each needs its own unpickler: the numbers of the memo go on after a load.
        """
        return Unpickler(stream, self._objects).load()

    def _get(self, content: dict[str, Any], _payload: bytes) -> Any:
        return self._namespace[content["name"]]

    def _delete(self, content: dict[str, Any], _payload: bytes) -> None:
        del self._namespace[content["name"]]

    def _put(self, content: dict[str, Any], _payload: bytes) -> None:
        self._namespace[content["name"]] = self._objects.find(content["target"])

    def _getattr(self, content: dict[str, Any], _payload: bytes) -> Any:
        return getattr(self._objects.find(content["target"]), content["name"])

    def _call(self, content: dict[str, Any], payload: bytes) -> Any:
        args, kwargs = self._read(io.BytesIO(payload))
        return self._objects.find(content["target"])(*args, **kwargs)

    def _replay(self, content: dict[str, Any], payload: bytes) -> None:
        assert self._notebook is not None
        self._notebook.replay(payload.decode("utf-8", "surrogatepass"), ended_well=content["ended_well"])

    def _run(self, _content: dict[str, Any], payload: bytes) -> Any:
        stream = io.BytesIO(payload)
        helper = self._read(stream)
        args, kwargs = self._read(stream)
        return helper(*args, **kwargs)


def _describe(error: BaseException) -> list[Any]:
    """Name, built-in bases, message and traceback of an exception, as plain text."""
    bases = [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins" and base is not object]
    if isinstance(error, StdinNotImplementedError):
        bases.remove("NotImplementedError")  # who raises that has not written an answer yet; who asks has
    try:
        message = str(error)
    except BaseException as failure:
        message = f"(its message cannot be read: {type(failure).__name__})"
    try:
        lines = traceback.format_exception(type(error), error, _students_part(error.__traceback__), limit=-20)
    except BaseException:
        lines = []
    names = [_plain_text(text) for text in (type(error).__name__, *bases)]
    return [names, _plain_text(message), _plain_text("".join(lines))]


def _students_part(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace


def _plain_text(text: str) -> str:
    return str(text)[:_MAX_TEXT].encode("utf-8", "replace").decode()


class Publisher(IOPubThread):
    """Sends output from the thread that makes it, instead of from ipykernel's own thread.

    Handing each message to a thread of its own costs more than all else a short cell does. What that
    thread is good for is done here: a lock, because zmq sockets belong to one thread at a time, and an
    interrupt waits until a message is complete, because half of one would spoil all that follow.
    """

    def __init__(self, publisher: Any) -> None:  # nothing of the base class's: no thread, no event loop
        self.socket = publisher
        self.thread = self.io_loop = None  # type: ignore[assignment]
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._busy = False
        self._interrupted = False

    def wait_for_subscriber(self) -> None:
        """Return once the host listens, so that it misses nothing."""
        self.socket.recv()

    def schedule(self, function: Callable[[], None]) -> None:
        """Part of the interface of ipykernel's thread."""
        function()

    def send_multipart(self, *args: Any, **kwargs: Any) -> None:
        """Send one message; a process the kernel has forked has no connection of its own, and sends none."""
        if os.getpid() != self._pid:
            return
        in_main_thread = threading.current_thread() is threading.main_thread()
        with self._lock:
            self._busy = in_main_thread
            self.socket.send_multipart(*args, **kwargs)
            self._busy = False
        if in_main_thread and self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def on_interrupt(self, _signal: int, _frame: Any) -> None:
        """Handle SIGINT while a request is being carried out."""
        if not self._busy:
            raise KeyboardInterrupt
        self._interrupted = True


class RoomStream(OutStream):
    """Standard output or error of a cell, sent in pieces as it comes."""

    _piece = 65_536  # characters of one message
    _unsent = 0
    _first_unsent = 0.0

    def write(self, string: str) -> int:
        """Write text, however long, in messages the host accepts."""
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string).__name__}")
        for start in range(0, len(string), self._piece):
            if not self._unsent:
                self._first_unsent = time.monotonic()
            self._unsent += super().write(string[start : start + self._piece]) or 0
            if self._unsent >= self._piece or time.monotonic() - self._first_unsent > self.flush_interval:
                self._flush()
        return len(string)

    def _schedule_flush(self) -> None:
        """Do nothing: `write` looks at the clock itself."""

    def _flush(self) -> None:
        self._unsent = 0
        super()._flush()


class CellCompiler(XCachingCompiler):
    """Names the code of a cell, and tells `inspect` that it belongs to no module's file.

    Without that, each frame of a traceback costs a search through all modules, and a fork server has
    thousands: the traceback of a deep recursion took minutes.
    """

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """Return the file name that stands for a cell."""
        name: str = super().get_code_name(raw_code, transformed_code, number)
        inspect.modulesbyfile[name] = "__main__"
        return name


class RoomKernel(IPythonKernel):
    """An IPython kernel on one thread that also answers the host's questions."""

    compiler_class = CellCompiler
    shell_class = Type(RoomShell)
    _execute_sleep = 0.0  # there is no other thread whose output a reply could overtake
    # The main thread reads the shell socket itself: no subshells, hence no thread in between.
    _supports_kernel_subshells = False

    def connect(self, shell_stream: ZMQStream, publisher: Publisher, questions: socket.socket, max_bytes: int) -> None:
        """Connect the kernel, which was made without channels."""
        self.shell_stream = shell_stream
        self.iopub_thread = self.iopub_socket = publisher
        self.shell.displayhook.pub_socket = self.shell.display_pub.pub_socket = publisher
        self.session.pid = os.getpid()  # a session sends nothing from any other process
        self._questions = questions
        # For questions too; ipykernel does it for cells.
        builtins.input, getpass.getpass = self.raw_input, self.getpass  # type: ignore[assignment]
        Lenient(self.shell)
        notebook = replay.Notebook(self.shell) if isinstance(self.shell.user_ns, replay.Namespace) else None
        self._requests = Requests(self.shell.user_ns, max_bytes, notebook)

    def start(self) -> None:
        """Start to serve; cells with `await` ask the missing thread which one the main thread is."""
        super().start()
        self.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
        self._wake_loop_on_signals()
        self.io_loop.add_handler(self._questions, self._answer_question, self.io_loop.READ)

    def _wake_loop_on_signals(self) -> None:
        """Let an interrupt reach a cell that awaits; ipykernel's handler alone does not wake the loop."""
        self._waker, wakes = socket.socketpair()
        self._waker.setblocking(False)
        wakes.setblocking(False)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        self.io_loop.add_handler(self._waker, self._drain_waker, self.io_loop.READ)
        self._wakes = wakes

    @staticmethod
    def _drain_waker(waker: socket.socket, _events: int) -> None:
        waker.recv(64)

    def pre_handler_hook(self) -> None:
        """Let an interrupt through while a request is carried out; what an earlier one asked for is over."""
        self.shell.exit_now = False
        self.saved_sigint_handler = signal.signal(signal.SIGINT, self.iopub_thread.on_interrupt)

    def _publish_execute_input(self, *_: Any) -> None:
        """Do nothing: the host knows what it has sent."""

    def _publish_status(self, status: str, *others: Any) -> None:
        """Say when a request is done; nobody asks when it begins."""
        if status == "idle":
            super()._publish_status(status, *others)

    def raw_input(self, prompt: str = "") -> str:
        """Say that nobody answers."""
        raise StdinNotImplementedError(NO_ANSWER)

    def getpass(self, *_args: Any, **_options: Any) -> str:
        """Say that nobody answers."""
        raise StdinNotImplementedError(NO_ANSWER)

    def finish_metadata(self, parent: Any, metadata: Any, reply_content: Any) -> Any:
        """Tell the host when the cell has asked for the end of the kernel (`exit()`)."""
        metadata["exit"] = bool(self.shell.exit_now)
        torch = sys.modules.get("torch")
        metadata["double"] = torch is not None and torch.get_default_dtype() is torch.float64
        return super().finish_metadata(parent, metadata, reply_content)

    def _answer_question(self, questions: socket.socket, _events: int) -> None:
        number, content, payload = receive_question(questions)
        try:
            _handle(_SIGINT, self.iopub_thread.on_interrupt)
            status, value = self._requests.answer(content, payload)
            _handle(_SIGINT, _IGNORE)  # half an answer would spoil all that follow
        except KeyboardInterrupt as error:
            _handle(_SIGINT, _IGNORE)
            status, value = self._requests.failure(error)
        send_answer(questions, number, status, value)


class RoomApp(IPKernelApp):
    """Makes the kernel before the fork, and connects it to sockets the host is already listening on after it.

    Making it takes ten times as long as connecting it, and is the same for every room.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(kernel_class=RoomKernel, **kwargs)

    def prepare(self) -> None:
        """Make the kernel without control channel, heartbeat and debugger, and without channels."""
        self.kernel = RoomKernel.instance(
            parent=self, session=self.session, log=self.log, profile_dir=self.profile_dir, user_ns=self.user_ns
        )

    def connect(self, shell_fd: int, iopub_fd: int, questions: socket.socket, max_reply_bytes: int) -> None:
        """Do the rest of `initialize`, without listening on a path or a port."""
        self.context = zmq.Context()
        self.shell_socket = self._adopt(zmq.ROUTER, shell_fd)
        self.iopub_thread = self.iopub_socket = Publisher(self._adopt(zmq.XPUB, iopub_fd))
        self.init_io()
        self.init_signal()
        self.kernel.connect(ZMQStream(self.shell_socket), self.iopub_thread, questions, max_reply_bytes)
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count
        self.init_path()
        self.init_shell()
        self.init_gui_pylab()

    def init_path(self) -> None:
        """Search the notebook's folder as JupyterLab's kernels do: after the standard library, before packages.

        The fork server runs with `-P`, for itself; IPython would take that for the student's wish.
        """
        packages = [index for index, path in enumerate(sys.path) if path.endswith("-packages")]
        sys.path.insert(packages[0] if packages else len(sys.path), "")

    def _adopt(self, kind: int, listener_fd: int) -> Any:
        adopted = self.context.socket(kind)
        adopted.linger = 0
        adopted.sndhwm = 100
        if kind == zmq.XPUB:
            adopted.setsockopt(zmq.XPUB_NODROP, 1)  # who writes faster than the host reads has to wait
        adopted.setsockopt(zmq.USE_FD, listener_fd)
        adopted.bind(f"ipc://{kind}")  # a listening socket is there already: the name is not used
        return adopted


def kernel_config() -> Config:
    """Return settings of a room's kernel: nothing on disk, no message signing on a private socket."""
    config = Config()
    config.HistoryManager.enabled = False
    config.Session.key = b""
    config.RoomApp.log_level = "CRITICAL"  # of what is shown
    config.RoomApp.outstream_class = f"{__name__}.RoomStream"
    config.InteractiveShell.colors = "nocolor"
    return config


def prepare_kernel(*, bare: bool) -> None:
    """Make this process's kernel; every room forked from here has it. A bare one can replay a notebook."""
    sys.argv = ["ipykernel_launcher"]
    app = RoomApp.instance(config=kernel_config())
    if bare:
        app.user_ns = replay.Namespace()
    app.prepare()
    app.log.setLevel(app.log_level)  # what is not shown need not be put together either
    app.kernel.shell.transform_cell("1")  # compiles what it compiles at first use


def _system_through_pipes(command: str) -> int:
    """Run `!command`, and return its exit status. IPython would make a terminal for it, which takes /dev/pts."""
    with subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
        except KeyboardInterrupt:
            process.kill()
            raise
    return process.returncode


def run_kernel(
    shell_fd: int,
    iopub_fd: int,
    questions_fd: int,
    max_reply_bytes: int,
    ready: Callable[[], None],
    *,
    terminals: bool = True,
) -> None:
    """Run the prepared kernel until it is shut down; `ready` is called as soon as it can be talked to.

    Without `terminals`, commands after `!` run with pipes.
    """
    if not terminals:
        zmqshell.system = _system_through_pipes  # type: ignore[attr-defined, assignment]
    app = RoomApp.instance()
    app.connect(shell_fd, iopub_fd, socket.socket(fileno=questions_fd), max_reply_bytes)
    random.seed(0)  # Python seeds it anew at a fork; other generators are as the fork server left them
    ready()
    app.iopub_thread.wait_for_subscriber()
    app.start()
    os._exit(0)

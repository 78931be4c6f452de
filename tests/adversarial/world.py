"""The world around a grading: what attacks are after, and what they reached of it."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import socket
import sqlite3
import subprocess
import sysconfig
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

import course

SECRETS = {
    "numpy_reference.selu, torch_reference": "the hidden tests",
    "Every activation function of the course and its derivative in NumPy": "the reference implementation",
    "secret-of-another-student": "another student's submission",
    "secret-in-the-environment": "an environment variable",
    "secret-in-a-file": "a private file",
    "secret-of-a-process": "the memory, environment or command line of another process",
}
"""Text that no honest notebook shows, and where it comes from."""

PLANTED = "planted"
"""Everything an attack leaves behind has this in its name."""

_PROJECT = Path(__file__).resolve().parents[2]
_SITE = Path(sysconfig.get_path("purelib"))
_SHARED = (
    Path("/tmp"),
    Path("/dev/shm"),
    Path("/var/tmp"),
    Path("/etc"),
    _SITE,
    Path(course.__path__[0], "__pycache__"),
)


class World:
    """Files, servers and a process that no submission may touch; used as a context manager.

    Parameters
    ----------
    course : course folder with the gradebook, the answer key, and the submission of another student
    home : home folder of whoever grades
    """

    def __init__(self, course: Path, home: Path) -> None:
        self.course, self.home = course, home
        self._mark = f"{PLANTED}-{uuid.uuid4().hex[:8]}"
        self._outside = Path(tempfile.mkdtemp(prefix="outside-"))
        self._reached: set[str] = set()

    def __enter__(self) -> World:
        self._precious = self._outside / "precious.txt"
        self._precious.write_text("secret-in-a-file")
        self._process = _bystander()
        self._open_servers()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._listening = False
        self._thread.join()
        for server in self._servers.values():
            server.close()
        self._end_daemons()
        self._process.kill()
        self._process.wait()
        for path in self._planted_files():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        shutil.rmtree(self._outside)

    def prelude(self) -> str:
        """Return assignments that tell an attack where everything is: nothing is secret by its place."""
        known = {
            "COURSE": str(self.course),
            "HOST_HOME": str(self.home),
            "PROJECT": str(Path(__file__).resolve().parents[2]),
            "SITE": str(_SITE),
            "PRECIOUS": str(self._precious),
            "PLANTED": self._mark,
            "VICTIM": self._process.pid,
            "GRADER": os.getpid(),
            "TCP": self._servers["a TCP server"].getsockname()[1],
            "TCP6": self._servers["a TCP server over IPv6"].getsockname()[1],
            "UDP": self._servers["a UDP server"].getsockname()[1],
            "UNIX": self._servers["a Unix socket"].getsockname(),
            "ABSTRACT": self._servers["an abstract socket"].getsockname(),
        }
        return "".join(f"{name} = {value!r}\n" for name, value in known.items())

    def effects(self) -> list[str]:
        """Return what attacks did outside since the last call, and undo it."""
        time.sleep(0.05)  # what was sent has to arrive
        found = [f"reached {name}" for name in sorted(self._reached)]
        self._reached.clear()
        if self._process.poll() is not None or psutil.Process(self._process.pid).status() == psutil.STATUS_STOPPED:
            found.append("stopped another process")
            self._process.kill()
            self._process.wait()
            self._process = _bystander()
        if not self._precious.exists() or self._precious.read_text() != "secret-in-a-file":
            found.append("changed a private file")
            self._precious.unlink(missing_ok=True)
            self._precious.write_text("secret-in-a-file")
        if not (path := Path(self._servers["a Unix socket"].getsockname())).exists():
            found.append("removed the socket file of another program")
            path.touch()
        for path in self._planted_files():
            found.append(f"left a file in {_named(path.parent, self)}")
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        if self._end_daemons():
            found.append("left a process running")
        with sqlite3.connect(self.course / "gradebook.db") as gradebook:
            if gradebook.execute("select 1 from sqlite_master where name = ?", [PLANTED]).fetchone():
                found.append("changed the gradebook")
                gradebook.execute(f"drop table {PLANTED}")
        return list(dict.fromkeys(found))

    # What is watched

    def _planted_files(self) -> list[Path]:
        trees = [self.course, self.home, self._outside]
        found = [path for tree in trees for path in tree.rglob(f"*{self._mark}*")]
        return found + [path for folder in _SHARED for path in folder.glob(f"*{self._mark}*")]

    def _end_daemons(self) -> int:
        found = [process for process in psutil.process_iter() if self._mark in " ".join(_command(process))]
        for process in found:
            process.send_signal(signal.SIGKILL)
        return len(found)

    def _open_servers(self) -> None:
        self._servers = dict(self._make_servers())
        self._listening = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _make_servers(self) -> Iterator[tuple[str, socket.socket]]:
        addresses: list[tuple[str, int, int, Any]] = [
            ("a TCP server", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("a TCP server over IPv6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
            ("a UDP server", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("a Unix socket", socket.AF_UNIX, socket.SOCK_STREAM, str(self._outside / "socket")),
            ("an abstract socket", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self._mark}"),
        ]
        for name, family, kind, address in addresses:
            server = socket.socket(family, kind)
            server.bind(address)
            if kind == socket.SOCK_STREAM:
                server.listen()
            yield name, server

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for name, server in self._servers.items():
                selector.register(server, selectors.EVENT_READ, name)
            while self._listening:
                for key, _ in selector.select(0.02):
                    self._reached.add(key.data)
                    if key.fileobj.type == socket.SOCK_STREAM:  # type: ignore[union-attr]
                        key.fileobj.accept()[0].close()  # type: ignore[union-attr]
                    else:
                        key.fileobj.recv(65_536)  # type: ignore[union-attr]


def _bystander() -> subprocess.Popen[bytes]:
    """Start a process of the grading person's that has nothing to do with the grading."""
    command = ["bystander-secret-of-a-process", "infinity"]
    return subprocess.Popen(command, executable=shutil.which("sleep"), env={"SECRET": "secret-of-a-process"})


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _named(folder: Path, world: World) -> str:
    trees = [(world.course, "the course"), (world.home, "the home folder"), (_SITE, "site-packages")]
    for tree, name in [*trees, (_PROJECT, "the project")]:
        if folder.is_relative_to(tree):
            return name
    return str(folder)

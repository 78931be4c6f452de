"""The world around a grading: what attacks are after, and what they reached of it."""

from __future__ import annotations

import contextlib
import os
import selectors
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
from tests.adversarial.watched import Between, Bystander, WatchedFile, WatchedProcess

SECRETS = {
    "numpy_reference.selu, torch_reference": "the hidden tests",
    "Every activation function of the course and its derivative in NumPy": "the reference implementation",
    "secret-of-another-student": "another student's submission",
    "secret-in-the-environment": "an environment variable",
    "secret-in-a-file": "a private file",
    "secret-of-a-process": "the memory, environment or command line of another process",
    "secret-between-processes": "what other processes have in common",
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
    """Files, servers, processes and a terminal that no submission may touch; used as a context manager.

    Parameters
    ----------
    course : Path
        Course folder with the gradebook, the answer key, and the submission of another student.
    home : Path
        Home folder of whoever grades.
    """

    def __init__(self, course: Path, home: Path) -> None:
        self.course, self.home = course, home
        self._mark = f"{PLANTED}-{uuid.uuid4().hex[:8]}"
        self._outside = Path(tempfile.mkdtemp(prefix="outside-"))
        self._reached: set[str] = set()
        self._others: dict[str, WatchedProcess] = {}

    def __enter__(self) -> World:
        self._outside.chmod(0o755)  # it is the walls that keep submissions out, and not this folder's rights
        self.temporary = self._outside / "tmp"
        self.temporary.mkdir()
        self.temporary.chmod(0o1777)
        self._files = [WatchedFile(path, name) for path, name in self._make_files()]
        self._between = Between(f"shared-{self._mark[-8:]}")
        self._process = Bystander(self._outside)
        self.watch(os.getpid(), "the grader")
        self._open_servers()
        self._files.append(WatchedFile(self._path_of("a Unix socket"), "the socket file of another program"))
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._close_servers()
        self._end_daemons()
        self._process.end()
        self._between.close()
        for path in self._planted_files():
            remove(path)
        for watched in self._files:
            if watched.path.parent in (_SITE, Path("/dev/shm")):
                watched.path.unlink()
        remove(self._outside)

    def watch(self, pid: int, name: str) -> None:
        """Watch one more process, in the place of an earlier one of this name."""
        if name not in self._others or self._others[name].pid != pid:
            self._others[name] = WatchedProcess(pid, name)

    @contextlib.contextmanager
    def instead_of_grader(self) -> Iterator[None]:
        """Have a process that ends afterwards attacked in the grader's place.

        What an ordinary user's process did to the priority of another, no ordinary user can undo: tests that came later
        would run whenever nothing else wants a processor.
        """
        with subprocess.Popen(["sleep", "infinity"]) as process:
            self.watch(process.pid, "the grader")
            try:
                yield
            finally:
                self.watch(os.getpid(), "the grader")
                process.kill()

    def prelude(self) -> str:
        """Return assignments that tell an attack where everything is: nothing is secret by its place."""
        known = {
            "COURSE": str(self.course),
            "HOST_HOME": str(self.home),
            "HOST_TMP": str(self.temporary),
            "PROJECT": str(Path(__file__).resolve().parents[2]),
            "SITE": str(_SITE),
            "PRECIOUS": str(self._precious),
            "TARGETS": [str(watched.path) for watched in self._files],
            "PLANTED": self._mark,
            "VICTIM": self._process.pid,
            "GRADER": self._others["the grader"].pid,
            "TERMINAL": os.ttyname(self._end_of_terminal),
            "BETWEEN": self._between.numbers,
            "SHARED": f"/shared-{self._mark[-8:]}",
            "TCP": self._servers["a TCP server"].getsockname()[1],
            "TCP6": self._servers["a TCP server over IPv6"].getsockname()[1],
            "UDP": self._servers["a UDP server"].getsockname()[1],
            "UNIX": self._servers["a Unix socket"].getsockname(),
            "UNIX_DATAGRAM": self._servers["a Unix socket for datagrams"].getsockname(),
            "UNIX_PACKETS": self._servers["a Unix socket for packets"].getsockname(),
            "ABSTRACT": self._servers["an abstract socket"].getsockname(),
            "ABSTRACT_DATAGRAM": self._servers["an abstract socket for datagrams"].getsockname(),
        }
        return "".join(f"{name} = {value!r}\n" for name, value in known.items())

    def effects(self) -> list[str]:
        """Return what attacks did outside since the last call, and undo it."""
        time.sleep(0.05)  # what was sent has to arrive
        found = [f"reached {name}" for name in sorted(self._reached)]
        self._reached.clear()
        found += self._process.effects() + self._between.effects()
        for watched in (*self._files, *self._others.values()):
            found += watched.effects()
        if not self._path_of("a Unix socket").is_socket():
            self._close_servers()
            self._open_servers()
            self._files[-1].accept()
        daemons = self._end_daemons()  # first, so that they write no more
        for path in self._planted_files():
            found.append(f"left a file in {_named(path.parent, self)}")
            remove(path)
        if daemons:
            found.append("left a process running")
        with sqlite3.connect(self.course / "gradebook.db") as gradebook:
            if gradebook.execute("select 1 from sqlite_master where name = ?", [PLANTED]).fetchone():
                found.append("changed the gradebook")
                gradebook.execute(f"drop table {PLANTED}")
        return list(dict.fromkeys(found))

    # What is watched

    def _make_files(self) -> Iterator[tuple[Path, str]]:
        """Yield what submissions may not change, and whose it is."""
        self._precious = self._outside / "precious.txt"
        self._precious.write_text("secret-in-a-file")
        with contextlib.suppress(OSError):
            os.setxattr(self._precious, "user.bystander", b"1")
        yield self._precious, "a private file"
        yield self._outside, "a private folder"
        yield self.home, "the home folder"
        for notebook in self.course.glob("submitted/*/*/*.ipynb"):
            yield notebook, "another student's submission"
        shared = Path("/dev/shm", f"shared-{self._mark[-8:]}")
        shared.write_bytes(b"secret-between-processes")
        shared.chmod(0o666)
        yield shared, "shared memory of others"
        if os.access(_SITE, os.W_OK):  # in every room to be read
            module = _SITE / f"bystander-{self._mark[-8:]}.txt"
            module.write_text("x = 1\n")
            yield module, "a file of the Python environment"

    def _planted_files(self) -> list[Path]:
        """Return what attacks left; by find, which takes paths of any length."""
        trees = [self.course, self.home, self._outside]
        pattern = ["-name", f"*{self._mark}*", "-prune", "-print0"]
        command = [["find", *map(str, trees), *pattern], ["find", *_SHARED, "-maxdepth", "1", *pattern]]
        listed = b"".join(subprocess.run(c, capture_output=True, check=False).stdout for c in command)
        return [Path(os.fsdecode(path)) for path in listed.split(b"\0") if path]

    def _end_daemons(self) -> int:
        """Kill what attacks left running, and what that starts meanwhile; return how many there were."""
        ended = 0
        while found := [process for process in psutil.process_iter() if self._is_daemon(process)]:
            for process in found:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGKILL)
            psutil.wait_procs(found, timeout=5)
            ended += len(found)
        return ended

    def _is_daemon(self, process: psutil.Process) -> bool:
        try:
            named = self._mark in " ".join(process.cmdline()) or process.name() == self._mark[:15]
            return named and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def _open_servers(self) -> None:
        self._servers = dict(self._make_servers())
        self._terminal, self._end_of_terminal = os.openpty()
        self._listening = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _close_servers(self) -> None:
        self._listening = False
        self._thread.join()
        for name, server in self._servers.items():
            address = server.getsockname()
            server.close()
            if name.startswith("a Unix"):
                Path(address).unlink(missing_ok=True)
        os.close(self._terminal)
        os.close(self._end_of_terminal)

    def _make_servers(self) -> Iterator[tuple[str, socket.socket]]:
        addresses: list[tuple[str, int, int, Any]] = [
            ("a TCP server", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("a TCP server over IPv6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
            ("a UDP server", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("a Unix socket", socket.AF_UNIX, socket.SOCK_STREAM, str(self._outside / "socket")),
            ("a Unix socket for datagrams", socket.AF_UNIX, socket.SOCK_DGRAM, str(self._outside / "datagrams")),
            ("a Unix socket for packets", socket.AF_UNIX, socket.SOCK_SEQPACKET, str(self._outside / "packets")),
            ("an abstract socket", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self._mark}"),
            ("an abstract socket for datagrams", socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{self._mark}-datagrams"),
        ]
        for name, family, kind, address in addresses:
            server = socket.socket(family, kind)
            server.bind(address)
            if kind != socket.SOCK_DGRAM:
                server.listen()
            yield name, server

    def _path_of(self, server: str) -> Path:
        return Path(self._servers[server].getsockname())

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for name, server in self._servers.items():
                selector.register(server, selectors.EVENT_READ, name)
            selector.register(self._terminal, selectors.EVENT_READ, "a terminal")
            while self._listening:
                for key, _ in selector.select(0.02):
                    self._reached.add(key.data)
                    if isinstance(key.fileobj, int):
                        os.read(key.fileobj, 65_536)
                    elif key.fileobj.type == socket.SOCK_DGRAM:  # type: ignore[union-attr]
                        key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    else:
                        key.fileobj.accept()[0].close()  # type: ignore[union-attr]


def remove(path: Path) -> None:
    """Remove whatever is there, as no attack can prevent."""
    subprocess.run(["chmod", "-R", "u+rwx", str(path)], capture_output=True, check=False)
    subprocess.run(["rm", "-rf", str(path)], capture_output=True, check=False)


def _named(folder: Path, world: World) -> str:
    trees = [(world.course, "the course"), (world.home, "the home folder"), (_SITE, "site-packages")]
    trees.append((world._outside, "a private folder"))
    for tree, name in [*trees, (_PROJECT, "the project")]:
        if folder.is_relative_to(tree):
            return name
    return str(folder)

"""The walls around one room, built by the process that then becomes its kernel."""

from __future__ import annotations

import importlib.util
import math
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import landlock, linux
from .limits import MIB, Limits

HOME = "/home/student"
WORK = f"{HOME}/work"
SAFE_PROC = "/opt/proc"
INSIDE_ID = 1000
BELOW_THE_GRADER = 5
"""Steps of niceness, by which the kernel also ranks what waits for a disk."""

_SCRATCH = "/mnt"
_PENDING_SIGNALS = 1024
_PROCESSOR_ALLOWANCE = 30  # the watch, which counts all processes, is to be the first
_ADDRESS_SPACE_ALLOWANCE = 512 * MIB  # stacks of the kernel's threads, reserved and hardly used


def enclose(
    limits: Limits,
    files: dict[str, bytes],
    place: dict[str, Any],
    wall: dict[str, Any],
    listen: Callable[[int], None],
    to_be_mapped: int = 0,
) -> None:
    """Put this process in a room with its own files, and take from it every right it does not need.

    Parameters
    ----------
    limits : Limits
        What the room may use.
    files : dict
        Content by path; they are written into its working folder.
    place : dict
        Where it works and as whom: `walls.base.Place.order()`.
    wall : dict
        What the wall is made of: `walls.base.Start.orders`. `{"wall": "none"}` leaves the room unprotected:
        limits of this one process hold, and nothing else does.
    listen : callable
        Takes the file descriptor on which somebody must decide about some calls, where the wall has one.
    to_be_mapped : int, optional
        Bytes of libraries that may still be loaded (`torch_libraries`): they take addresses, hardly any memory.
    """
    os.nice(BELOW_THE_GRADER)
    address_space = _address_space() + limits.memory_bytes + to_be_mapped + _ADDRESS_SPACE_ALLOWANCE
    if wall["wall"] == "namespaces":
        linux.enter_namespaces(linux.CLONE_NEWNS | linux.CLONE_NEWIPC, INSIDE_ID)
        size = limits.scratch_bytes + sum(map(len, files.values()))
        _mount_private_folders(size, executable=wall["executable_files"])
    elif place["private"] is not None:
        _enter_private_folder(place["private"])
    if place["user_id"] is not None:
        linux.change_user(place["user_id"], wall["keep"])
    write_files(Path(place["work"]), files)
    os.chdir(place["work"])
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, math.ceil(limits.processor_seconds) + _PROCESSOR_ALLOWANCE)
    _limit(resource.RLIMIT_NICE, 0)  # nor is there a way back up
    _limit(resource.RLIMIT_RTPRIO, 0)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_AS, address_space)
    _limit(resource.RLIMIT_SIGPENDING, _PENDING_SIGNALS)
    _limit(resource.RLIMIT_MSGQUEUE, 0)
    _limit(resource.RLIMIT_MEMLOCK, MIB)
    if wall["wall"] == "namespaces" or place["user_id"] is not None:
        _limit(resource.RLIMIT_NPROC, limits.processes)
    if wall["wall"] == "landlock":
        linux.die_with_parent(signal.SIGKILL)
        linux.become_subreaper()  # what loses its parent stays in the family, where it is counted and ended
        linux.drop_privileges(wall["keep"])
        landlock.restrict(wall["abi"], wall["readable"], [place["private"]], wall["devices"], wall["listable"])
    elif wall["wall"] == "namespaces":
        linux.drop_privileges()
    if wall["wall"] != "none":
        # So that the host can see what it uses, open sockets too, for which even the owner of its namespaces has to be
        # its user. Landlock, or a pid namespace, keeps other rooms out.
        linux.set_dumpable(True)
        _load_filters(wall, listen)


def torch_libraries() -> int:
    """Return the bytes of the libraries that `import torch` maps into this process; 0 if it has, or cannot.

    Gigabytes where torch is built for CUDA, also on a machine without a card.
    """
    if "torch" in sys.modules or (torch := importlib.util.find_spec("torch")) is None or torch.origin is None:
        return 0
    package = Path(torch.origin).parent
    folders = (package / "lib", package.parent / "nvidia")
    found = [library.stat() for folder in folders for library in folder.rglob("*.so*")]
    return sum({status.st_ino: status.st_size for status in found}.values())


def _load_filters(wall: dict[str, Any], listen: Callable[[int], None]) -> None:
    if wall["asking_filter"] is not None:
        listen(linux.load_notifying_seccomp(wall["asking_filter"], wall["seccomp_call"]))
    for program in wall["filters"]:
        linux.load_seccomp(program)


def _enter_private_folder(private: str) -> None:
    """Make the folders that the environment names below the room's own folder."""
    os.environ["HOME"] = private
    os.environ["TMPDIR"] = f"{private}/tmp"
    tempfile.tempdir = None


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write `files` below `folder`; a path that leaves it is an error."""
    root = folder.resolve()
    for name, content in files.items():
        path = (root / name).resolve()
        if not path.is_relative_to(root) or path == root:
            raise ValueError(f"{name!r} is not a path inside the submission's folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _mount_private_folders(size: int, *, executable: bool) -> None:
    """Mount one small file system for every folder that can be written to, and a /proc without processes."""
    flags = linux.MS_NOSUID | linux.MS_NODEV | (0 if executable else linux.MS_NOEXEC)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    options = f"size={size},nr_inodes=20000,mode=0755"
    linux.mount("scratch", _SCRATCH, "tmpfs", flags, options)
    for name, target in (("home", HOME), ("tmp", "/tmp"), ("shm", "/dev/shm")):
        source = f"{_SCRATCH}/{name}"
        Path(source).mkdir()
        linux.mount(source, target, flags=linux.MS_BIND)
    linux.detach(_SCRATCH)
    Path(WORK).mkdir()
    linux.mount(SAFE_PROC, "/proc", flags=linux.MS_BIND | linux.MS_REC)


def _limit(kind: int, value: int) -> None:
    """Set a limit, or leave a lower one as it is."""
    _, most = resource.getrlimit(kind)
    value = value if most == resource.RLIM_INFINITY else min(value, most)
    resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()

"""The walls around one room, built by the process that is about to become its kernel."""

import os
import resource
from pathlib import Path

from . import linux
from .limits import MIB, Limits

HOME = "/home/student"
WORK = f"{HOME}/work"
SAFE_PROC = "/opt/proc"
INSIDE_ID = 1000

_SCRATCH = "/mnt"
_ADDRESS_SPACE_ALLOWANCE = 512 * MIB  # stacks of the kernel's threads, reserved and hardly used


def enclose(limits: Limits, files: dict[str, bytes], work: str, seccomp: bytes | None) -> None:
    """Put this process in a room with its own files, and take from it every right it does not need.

    `work` becomes the working folder and gets `files`. Without `seccomp` the room is unprotected: limits
    of this one process hold, and nothing else does.
    """
    address_space = _address_space() + limits.memory_bytes + _ADDRESS_SPACE_ALLOWANCE
    if seccomp is not None:
        linux.enter_namespaces(linux.CLONE_NEWNS | linux.CLONE_NEWIPC, INSIDE_ID)
        _mount_private_folders(limits.scratch_bytes + sum(map(len, files.values())))
    write_files(Path(work), files)
    os.chdir(work)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_AS, address_space)
    if seccomp is not None:
        _limit(resource.RLIMIT_NPROC, limits.processes)
        linux.drop_privileges()
        linux.load_seccomp(seccomp)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write `files` below `folder`; a path that leaves it is an error."""
    root = folder.resolve()
    for name, content in files.items():
        path = (root / name).resolve()
        if not path.is_relative_to(root) or path == root:
            raise ValueError(f"{name!r} is not a path inside the submission's folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _mount_private_folders(size: int) -> None:
    """One small file system for every folder that can be written to, and a /proc without processes."""
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    options = f"size={size},nr_inodes=20000,mode=0755"
    linux.mount("scratch", _SCRATCH, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)
    for name, target in (("home", HOME), ("tmp", "/tmp"), ("shm", "/dev/shm")):
        source = f"{_SCRATCH}/{name}"
        Path(source).mkdir()
        linux.mount(source, target, flags=linux.MS_BIND)
    linux.detach(_SCRATCH)
    Path(WORK).mkdir()
    linux.mount(SAFE_PROC, "/proc", flags=linux.MS_BIND | linux.MS_REC)


def _limit(kind: int, value: int) -> None:
    resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()

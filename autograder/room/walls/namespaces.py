"""The wall of namespaces: bubblewrap's command line, and what is missing for it on this machine."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.room.inside.enclose import HOME, INSIDE_ID, SAFE_PROC
from autograder.room.walls import filter as system_calls
from autograder.room.walls.bare import entries, python_paths
from autograder.room.walls.base import (
    INSIDE,
    INSIDE_PACKAGE,
    STUDENT_ENVIRONMENT,
    Problem,
    Start,
    Wall,
    fork_server,
)
from autograder.room.walls.environment import ETC, PROC, SYSTEM, linked_packages
from autograder.room.walls.remedies import namespace_remedy

_SITE = "/opt/site"
_MOVED_PREFIX = Path("/opt/environment")
_MOVED_PACKAGES = Path("/opt/packages")
_COVERED = ("/tmp", HOME)  # folders over which each room mounts its own
_INSIDE_FOLDER = f"{_SITE}/{INSIDE_PACKAGE}"
UNUSED_USER_ID = 64_987
"""What root's rooms run as; outside every range that distributions hand out."""


class NamespaceWall(Wall):
    """Mount, process, IPC, network and user namespaces, made by bubblewrap and once more for each room."""

    name = "namespaces"
    sentence = "namespaces (bubblewrap) and a system call filter"
    shields_kernel = True  # the first process of a pid namespace gets no signal from within that it does not want

    def problems(self) -> list[Problem]:
        """Return what keeps this machine from building it."""
        missing = []
        if shutil.which("bwrap") is None:
            missing.append(
                Problem(
                    "bubblewrap is missing", "sudo apt install bubblewrap, or conda install -c conda-forge bubblewrap"
                )
            )
        if ctypes.util.find_library("seccomp") is None:
            missing.append(
                Problem(
                    "libseccomp is missing", "sudo apt install libseccomp2, or conda install -c conda-forge libseccomp"
                )
            )
        return missing or _namespace_problems()

    def start(self, channel_fd: int, packages: Mapping[str, Path], folder: Path, *, bare: bool = False) -> Start:
        """Return bubblewrap's command."""
        passwd = folder / "passwd"
        passwd.write_text(f"student:x:{INSIDE_ID}:{INSIDE_ID}::{HOME}:/bin/sh\n")
        filters = [system_calls.program(namespaces=True), system_calls.unknown_calls_program()]
        orders = {
            "wall": self.name,
            "filters": filters,
            "asking_filter": None,
            "keep": None,
            "user_id": UNUSED_USER_ID if os.geteuid() == 0 else None,
            "executable_files": not bare,
        }
        return Start(_command(channel_fd, packages, passwd, bare=bare), orders=orders)


def _command(channel_fd: int, packages: Mapping[str, Path], passwd: Path, *, bare: bool) -> list[str]:
    """Return the command that starts the fork server inside the outer wall."""
    arguments = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    arguments += ["--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:
        arguments += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user", "--uid", str(INSIDE_ID), "--gid", str(INSIDE_ID)]
    arguments += _system_mounts() + _python_mounts(bare=bare) + _room_mounts(packages, passwd)
    if bare:
        places = {path.parent for path in entries()}
    else:
        places = {folder for folder in linked_packages() if _inside(folder) != folder}  # no .pth file names these
    search = [_SITE, *sorted(str(_inside(place)) for place in places)]
    for name, value in (STUDENT_ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(search)}).items():
        arguments += ["--setenv", name, value]
    python = str(_inside(Path(sys.executable)))
    return [*arguments, "--chdir", "/", python, *fork_server(channel_fd, bare=bare)]


def _system_mounts() -> list[str]:
    arguments = ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/etc", "/mnt", "/tmp", "/opt", SAFE_PROC, _SITE, _INSIDE_FOLDER, HOME):
        arguments += _open_folder(folder)
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            arguments += ["--ro-bind", name, name]
    for name in ETC:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name in PROC:
        arguments += ["--ro-bind-try", f"/proc/{name}", f"{SAFE_PROC}/{name}"]
    return arguments


def _open_folder(path: str | Path) -> list[str]:
    """Return a folder that every user may pass through; bubblewrap's own are for its user alone."""
    return ["--perms", "0755", "--dir", str(path)]


def _python_mounts(*, bare: bool) -> list[str]:
    """Return the interpreter and its environment at their own paths, with our own code hidden in them.

    Outer folders come first, so that an environment inside the project is shown, and a project inside an
    environment or a system folder is not. What is hidden is an empty folder that nobody can write into.
    """
    shown, hidden = python_paths(bare=bare)
    visible = {Path("/usr"): True}
    covers: list[str] = []
    arguments = []
    for path in sorted(shown | hidden, key=lambda path: (len(path.parts), path)):
        target = _inside(path)
        seen = visible.get(next((each for each in (target, *target.parents) if each in visible), Path("/")), False)
        if path in shown and not (seen and path.is_relative_to("/usr")):
            for parent in reversed(target.parents[:-1]):
                arguments += _open_folder(str(parent))
            arguments += ["--ro-bind", str(path), str(target)]
        elif path in hidden and seen:
            arguments += ["--tmpfs", str(target)]
            covers += ["--remount-ro", str(target)]
        visible[target] = path in shown
    return arguments + covers


def _inside(path: Path) -> Path:
    """Return where a path of the Python environment is in the room.

    Elsewhere, if the room's own folders would cover it.
    """
    moved = {Path(sys.prefix): _MOVED_PREFIX}
    moved |= {folder: _MOVED_PACKAGES / str(number) for number, folder in enumerate(sorted(linked_packages()))}
    for folder, target in moved.items():
        if any(folder.is_relative_to(covered) for covered in _COVERED) and path.is_relative_to(folder):
            return target / path.relative_to(folder)
    return path


def _room_mounts(packages: Mapping[str, Path], passwd: Path) -> list[str]:
    arguments = ["--ro-bind", str(INSIDE), _INSIDE_FOLDER]
    for name, folder in packages.items():
        if "/" in name:
            arguments += _open_folder(f"{_SITE}/{name.rpartition('/')[0]}")
        arguments += ["--ro-bind", str(folder), f"{_SITE}/{name}"]
    arguments += ["--ro-bind", str(passwd), "/etc/passwd"]
    return [*arguments, "--remount-ro", "/dev", "--remount-ro", "/"]


# What is missing -----------------------------------------------------------------------------------------------------


def _namespace_problems() -> list[Problem]:
    """Tell whether bubblewrap works here, and a user namespace can be made inside what it makes."""
    probe = ["bwrap", "--ro-bind", "/", "/", "--unshare-user", "--unshare-pid", "--unshare-net", "--proc", "/proc"]
    for inside in (["true"], ["unshare", "--user", "--pid", "--mount", "--fork", "true"]):
        done = subprocess.run([*probe, *inside], capture_output=True, text=True, timeout=30, check=False)
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
            said = said.split(". See ")[0]  # Debian's own goes on about files of its package
            return [Problem(f"user namespaces cannot be used ({said})", namespace_remedy(said))]
    return []

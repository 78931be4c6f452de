"""`python -m tests.machines.enter MACHINE [-- COMMAND]`: run a command on a machine with fewer rights than this one.

| machine | who grades there |
|---|---|
| `user` | an ordinary user, as on a server or a laptop |
| `user-without-namespaces` | an ordinary user in a container: the id reads 0, and nothing of root's can be done |
| `root-without-namespaces` | a container's root: files of every user, `setuid`, no namespaces |

The first two need root only to become somebody else: started by an ordinary user, that user is who grades. Root's
ordinary user works in a copy of the working folder that lies at the same path, with the same `.venv`, and is
gone afterwards. The interpreter is shown to it even where it lies below a closed home folder.

The exit status is the command's; the command is a shell, if none is given.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.room.walls.landlock import may_change_user

USER, USER_NAME = 12_345, "tester"
"""Who an ordinary user is, where root asks for one; needs no account."""

CAPABILITIES = (
    *("chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap"),
    *("net_bind_service", "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap"),
)
"""What Docker and Kubernetes leave a container's root."""

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_NO_NAMESPACES = "echo 0 > /proc/sys/user/max_user_namespaces"


def machines() -> list[str]:
    """Return the machines that can be entered from here."""
    if may_change_user() and not _may("--mount"):
        return []  # a container's root: an ordinary user would not find this interpreter
    if not _may("--user"):
        return ["user"]
    return [*MACHINES] if _may_map_users() else ["user", "user-without-namespaces"]


def _may(namespace: str) -> bool:
    return subprocess.run(["unshare", namespace, "true"], capture_output=True, check=False).returncode == 0


def run(machine: str, command: Sequence[str]) -> int:
    """Run `command` on `machine` in the working folder, and return its exit status."""
    return MACHINES[machine](command)


def main() -> None:
    """Enter the machine that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.machines.enter", description="Run a command elsewhere.")
    parser.add_argument("machine", choices=MACHINES)
    parser.add_argument("command", nargs="*", help="after --; a shell, if none is given")
    options = parser.parse_args()
    if options.machine not in machines():
        sys.exit(f"{options.machine} cannot be made here: it takes root, and user namespaces.")
    sys.exit(run(options.machine, options.command or ["sh"]))


def _user(command: Sequence[str]) -> int:
    if not may_change_user():  # nor can we be anybody else than we are
        return _status(subprocess.call(command))
    with tempfile.TemporaryDirectory(prefix="machine-") as folder:
        staging = Path(folder)
        staging.chmod(0o755)
        here = Path.cwd()
        shutil.copytree(here, staging / "here", symlinks=True, ignore=_venv_of(here))
        (staging / "home").mkdir()
        for path in [*staging.glob("home"), *staging.glob("here"), *(staging / "here").rglob("*")]:
            os.chown(path, USER, USER, follow_symlinks=False)
        return _forked(lambda: _become_user(staging, here, command))


def _user_without_namespaces(command: Sequence[str]) -> int:
    setpriv = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    script = f'{_NO_NAMESPACES} && exec "$@"'
    return _user(["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", *setpriv, *command])


def _root_without_namespaces(command: Sequence[str]) -> int:
    kept = ",".join(f"+{name}" for name in CAPABILITIES)
    setpriv = ["setpriv", f"--bounding-set=-all,{kept}", "--inh-caps=-all"]
    script = f'{_NO_NAMESPACES} && exec "$@"'
    mapped_r, mapped_w = os.pipe()
    ready_r, ready_w = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(mapped_w)
            _unshare(_CLONE_NEWUSER)
            os.write(ready_w, b".")
            if os.read(mapped_r, 1):
                os.execvp("sh", ["sh", "-c", script, "sh", *setpriv, *command])
        except OSError as error:
            print(error, file=sys.stderr)
        finally:
            os._exit(126)
    os.close(ready_w)
    with contextlib.suppress(PermissionError):  # root of a namespace that has fewer ids; the child sees that none came
        if os.read(ready_r, 1):
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{child}/{name}").write_text("0 0 65536")
            os.write(mapped_w, b".")
    for fd in (ready_r, mapped_r, mapped_w):
        os.close(fd)
    return _waited(child)


MACHINES = {
    "user": _user,
    "user-without-namespaces": _user_without_namespaces,
    "root-without-namespaces": _root_without_namespaces,
}


def _venv_of(here: Path) -> Callable[[str, list[str]], list[str]]:
    return lambda folder, names: [".venv"] if Path(folder) == here and ".venv" in names else []


def _become_user(staging: Path, here: Path, command: Sequence[str]) -> None:
    """Show the interpreter and the copy, drop root's rights, and run `command` in the place of this process."""
    _unshare(_CLONE_NEWNS)
    _mount("--make-rprivate", "/")
    accounts = Path("/etc/passwd").read_text() + f"{USER_NAME}:x:{USER}:{USER}::{staging}/home:/bin/sh\n"
    (staging / "passwd").write_text(accounts)
    _mount("--bind", str(staging / "passwd"), "/etc/passwd")
    base = Path(sys.base_prefix).resolve()
    shown = {base: base, here: staging / "here"}
    if (here / ".venv").exists():
        shown[here / ".venv"] = here / ".venv"
    held = {}
    for number, (path, source) in enumerate(shown.items()):  # before anything is covered
        held[path] = staging / f"held{number}"
        held[path].mkdir()
        _mount("--bind", str(source), str(held[path]))
    for path, source in held.items():
        _open_up(path)
        path.mkdir(parents=True, exist_ok=True)
        _mount("--bind", str(source), str(path))
    os.chdir(here)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUDO_", "XDG_"))}
    own = {"HOME": f"{staging}/home", "USER": USER_NAME, "LOGNAME": USER_NAME}
    # Git asks who owns a repository before it reads it.
    own |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    become = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", "--inh-caps=-all"]
    os.execvpe("setpriv", [*become, *command], kept | own)


def _open_up(path: Path) -> None:
    """Put an empty folder over the outermost one on the way to `path` that is closed to others."""
    for parent in reversed(path.parents):
        if parent.exists() and not parent.stat().st_mode & 0o001:
            _mount("-t", "tmpfs", "-o", "mode=0755", "machine", str(parent))
            return


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _unshare(flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), f"unshare({flags:#x}): {os.strerror(ctypes.get_errno())}")


def _may_map_users() -> bool:
    """Return whether this is a root that may hand out the ids of other users in a namespace."""
    return may_change_user() and _root_without_namespaces(["true"]) == 0


def _forked(act: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            act()
        except (OSError, subprocess.CalledProcessError) as error:
            print(error, file=sys.stderr)
        finally:
            os._exit(126)
    return _waited(child)


def _waited(child: int) -> int:
    """Wait for a child, which gets Ctrl-C as we do and answers it in its own way."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return _status(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    finally:
        signal.signal(signal.SIGINT, before)


def _status(code: int) -> int:
    """Return an exit status as a shell gives it."""
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    main()

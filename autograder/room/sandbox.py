"""The outer wall: bubblewrap's command line, the system call filter, and what this machine lacks for them."""

import ctypes.util
import errno
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from autograder.room.enclose import HOME, INSIDE_ID, SAFE_PROC

_PACKAGE = Path(__file__).parent
_PROJECT = _PACKAGE.parent.parent  # or site-packages, where the package is installed and not linked
_INSIDE_MODULES = ("__init__", "agent", "channel", "enclose", "limits", "linux", "questions", "tensors", "warm", "wire")
_SITE = "/opt/site"
_MOVED_PREFIX = Path("/opt/environment")
_COVERED = ("/tmp", HOME)  # folders over which each room mounts its own
INSIDE_PACKAGE = "student_room"
_INSIDE_FOLDER = f"{_SITE}/{INSIDE_PACKAGE}"
UNUSED_USER_ID = 64_987  # what root's rooms run as; outside every range that distributions hand out

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime")
_PROC = ("cpuinfo", "meminfo", "stat", "uptime", "loadavg", "version")

STUDENT_ENVIRONMENT = {
    "HOME": HOME,
    "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the order of a set is the same in every room
    "NBGRADER_EXECUTION": "autograde",
}
"""Every environment variable a room has, apart from the search path for packages."""


def command(channel_fd: int, packages: Mapping[str, Path], passwd: Path) -> list[str]:
    """The command that starts the warm process inside the outer wall.

    Args:
        channel_fd: file descriptor of its end of the socket pair.
        packages: folders to be importable, by name.
        passwd: file to serve as /etc/passwd.
    """
    arguments = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    arguments += ["--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:
        arguments += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user", "--uid", str(INSIDE_ID), "--gid", str(INSIDE_ID)]
    arguments += _system_mounts() + _python_mounts() + _room_mounts(packages, passwd)
    for name, value in (STUDENT_ENVIRONMENT | {"PYTHONPATH": _SITE}).items():
        arguments += ["--setenv", name, value]
    python = str(_inside(Path(sys.executable)))
    return [*arguments, "--chdir", "/", python, "-P", "-m", f"{INSIDE_PACKAGE}.warm", str(channel_fd)]


def unprotected_command(channel_fd: int) -> list[str]:
    """The command that starts the warm process without any wall."""
    return [sys.executable, "-P", "-m", "autograder.room.warm", str(channel_fd)]


def _system_mounts() -> list[str]:
    arguments = ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/etc", "/mnt", "/tmp", "/opt", SAFE_PROC, _SITE, _INSIDE_FOLDER, HOME):
        arguments += _open_folder(folder)
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            arguments += ["--ro-bind", name, name]
    for name in _ETC:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name in _PROC:
        arguments += ["--ro-bind-try", f"/proc/{name}", f"{SAFE_PROC}/{name}"]
    return arguments


def _open_folder(path: str | Path) -> list[str]:
    """A folder that every user may pass through; bubblewrap's own are for its user alone."""
    return ["--perms", "0755", "--dir", str(path)]


def _python_mounts() -> list[str]:
    """The interpreter and its environment at their own paths, with our own code hidden in them.

    Outer folders come first, so that an environment inside the project is shown, and a project inside an
    environment or a system folder is not.
    """
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_prefix).resolve()}
    shown = {path for path in prefixes if not path.is_relative_to("/usr") and _inside(path) == path}
    private = {_PACKAGE.parent} | ({_PROJECT} if (_PROJECT / "pyproject.toml").exists() else set())
    visible = {Path("/usr"): True}
    arguments = []
    for path in sorted(shown | private, key=lambda path: (len(path.parts), path)):
        if path in shown:
            for parent in reversed(path.parents[:-1]):
                arguments += _open_folder(str(parent))
            arguments += ["--ro-bind", str(path), str(path)]
        elif visible.get(next((parent for parent in path.parents if parent in visible), Path("/")), False):
            arguments += ["--tmpfs", str(path)]
        visible[path] = path in shown
    if _inside(Path(sys.prefix)) != Path(sys.prefix):
        arguments += [*_open_folder(_MOVED_PREFIX), "--ro-bind", sys.prefix, str(_MOVED_PREFIX)]
    return arguments


def _inside(path: Path) -> Path:
    """Where a path of the Python environment is in the room: elsewhere, if the room's own folders would cover it."""
    prefix = Path(sys.prefix)
    if any(prefix.is_relative_to(folder) for folder in _COVERED) and path.is_relative_to(prefix):
        return _MOVED_PREFIX / path.relative_to(prefix)
    return path


def _room_mounts(packages: Mapping[str, Path], passwd: Path) -> list[str]:
    arguments = []
    for name in _INSIDE_MODULES:
        arguments += ["--ro-bind", f"{_PACKAGE}/{name}.py", f"{_INSIDE_FOLDER}/{name}.py"]
    for name, folder in packages.items():
        arguments += ["--ro-bind", str(folder), f"{_SITE}/{name}"]
    arguments += ["--ro-bind", str(passwd), "/etc/passwd"]
    return [*arguments, "--remount-ro", "/dev", "--remount-ro", "/"]


# System calls -----------------------------------------------------------------------------------------

_DENIED = """
    ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp
    mount umount umount2 pivot_root chroot mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick
    setns unshare name_to_handle_at open_by_handle_at fanotify_init quotactl acct swapon swapoff
    add_key request_key keyctl bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    memfd_create memfd_secret shmget shmat msgget semget mq_open
    init_module finit_module delete_module kexec_load kexec_file_load
    reboot sethostname setdomainname syslog vhangup iopl ioperm
    clock_settime settimeofday adjtimex clock_adjtime
""".split()
_NAMESPACE_FLAGS = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_MAP_SHARED_ANONYMOUS = 0x21
_AF_UNIX = 1


def seccomp_program() -> bytes:
    """The compiled filter of every room: no tracing, mounting, new namespaces, kernel interfaces,
    network sockets, or memory that is charged to no process.
    """
    import pyseccomp as seccomp

    refuse = seccomp.ERRNO(errno.EPERM)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in _DENIED:
        try:
            rules.add_rule(refuse, name)
        except OSError:  # this architecture, or this version of libseccomp, has no such call
            continue
    for flag in _NAMESPACE_FLAGS:
        rules.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags cannot be filtered; libc uses clone then
    rules.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.NE, _AF_UNIX))
    shared = seccomp.Arg(3, seccomp.MASKED_EQ, _MAP_SHARED_ANONYMOUS, _MAP_SHARED_ANONYMOUS)
    rules.add_rule(refuse, "mmap", shared)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


# What is missing --------------------------------------------------------------------------------------


def sandbox_problems() -> list[str]:
    """What keeps this machine from building the sandbox, each with its remedy; empty if nothing does."""
    problems = []
    if platform.system() != "Linux":
        return ["The student room needs Linux; on other systems run the grader in a Linux virtual machine."]
    if shutil.which("bwrap") is None:
        problems.append(
            "bubblewrap is missing: sudo apt install bubblewrap, or conda install -c conda-forge bubblewrap"
        )
    if ctypes.util.find_library("seccomp") is None:
        problems.append(
            "libseccomp is missing: sudo apt install libseccomp2, or conda install -c conda-forge libseccomp"
        )
    return problems or _namespace_problems()


def _namespace_problems() -> list[str]:
    """Whether bubblewrap works here, and a user namespace can be made inside what it makes."""
    probe = ["bwrap", "--ro-bind", "/", "/", "--unshare-user", "--unshare-pid", "--unshare-net", "--proc", "/proc"]
    for inside in (["true"], ["unshare", "--user", "--pid", "--mount", "--fork", "true"]):
        done = subprocess.run([*probe, *inside], capture_output=True, text=True, timeout=30, check=False)
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
            return [f"user namespaces cannot be used ({said}): {_namespace_remedy()}"]
    return []


def _namespace_remedy() -> str:
    for setting, wanted in (
        ("kernel/apparmor_restrict_unprivileged_userns", "0"),
        ("kernel/unprivileged_userns_clone", "1"),
        ("user/max_user_namespaces", "10000"),
    ):
        path = Path("/proc/sys", setting)
        if path.exists() and path.read_text().strip() == ("1" if wanted == "0" else "0"):
            return f"sudo sysctl -w {setting.replace('/', '.')}={wanted}"
    return "in a container, start it with --security-opt seccomp=unconfined and --security-opt apparmor=unconfined"

"""What a person can do on this machine if a wall cannot be built, which depends on where the machine runs.

In a pod no one can set a sysctl, and on a laptop there are no container flags. Each remedy is one line to carry out.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from autograder.room.walls.base import Problem

APPARMOR_PROFILE = Path(__file__).parent / "apparmor" / "bwrap"
"""Allows bubblewrap, and nothing else, to make user namespaces where AppArmor keeps them from ordinary users."""

LANDLOCK_SINCE = (5, 13)
"""Version of Linux that brought Landlock."""

_BUBBLEWRAP = "/usr/bin/bwrap"
_OWN_MACHINE = "grade on another machine; nothing can be changed here"
_NEW_ENGINE = "Docker 23, containerd 1.6 or newer"
_GVISOR_VERSIONS = ("gvisor", "sun jan 10 15:06:54 pst 2016")  # what its kernels say of themselves, new and old


class Host(StrEnum):
    """What this process runs on, as far as it matters for what a person can change."""

    MACHINE = "machine"
    DOCKER = "docker"
    PODMAN = "podman"
    LXC = "lxc"
    POD = "pod"
    """A container in Kubernetes; JupyterHub's users mostly have one."""
    CODESPACES = "codespaces"
    BINDER = "binder"
    GVISOR = "gvisor"


@dataclass(frozen=True)
class Surroundings:
    """Where this process runs.

    Attributes
    ----------
    root : Path
        Below which the files are that tell; another one in tests.
    environment : mapping of str to str
        Environment variables.
    user_id : int
        Of the person who runs this.
    """

    root: Path = Path("/")
    environment: Mapping[str, str] | None = None
    user_id: int | None = None

    @cached_property
    def host(self) -> Host:
        """What this is."""
        variables = os.environ if self.environment is None else self.environment
        if any(mark in self._read("proc/version").lower() for mark in _GVISOR_VERSIONS):
            return Host.GVISOR
        if any(name.startswith("BINDER_") for name in variables):
            return Host.BINDER
        if variables.get("CODESPACES"):
            return Host.CODESPACES
        if "KUBERNETES_SERVICE_HOST" in variables or self._container("kubepods"):
            return Host.POD
        if self._there("run/.containerenv") or self._container("podman", "libpod"):
            return Host.PODMAN
        if self._container("lxc", "incus"):
            return Host.LXC
        if self._there(".dockerenv") or self._container("docker", "containerd", "oci"):
            return Host.DOCKER
        return Host.MACHINE

    @property
    def is_root(self) -> bool:
        """Whether this runs as root, at least by name."""
        return (os.geteuid() if self.user_id is None else self.user_id) == 0

    @cached_property
    def kernel(self) -> tuple[int, int] | None:
        """Version of the kernel, if it says one."""
        found = re.match(r"(\d+)\.(\d+)", self._read("proc/sys/kernel/osrelease"))
        return (int(found[1]), int(found[2])) if found else None

    def setting(self, name: str) -> str:
        """Return the value of a sysctl (`kernel.osrelease`), or nothing."""
        return self._read(f"proc/sys/{name.replace('.', '/')}").strip()

    def security_modules(self) -> str:
        """Return the kernel's list of security modules, or nothing where it cannot be read."""
        return self._read("sys/kernel/security/lsm").strip()

    def _container(self, *names: str) -> bool:
        """Tell whether the control groups, systemd or the first process's environment name one of these containers."""
        started_with = [word for word in self._read("proc/1/environ").split("\0") if word.startswith("container=")]
        told = [self._read("proc/self/cgroup"), self._read("run/systemd/container"), *started_with]
        return any(name in text for name in names for text in told)

    def _there(self, name: str) -> bool:
        return (self.root / name).exists()

    def _read(self, name: str) -> str:
        try:
            return (self.root / name).read_text(errors="replace")
        except OSError:
            return ""


# Namespaces ----------------------------------------------------------------------------------------------------------

_CONTAINER_FLAGS = {
    Host.DOCKER: "--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined",
    Host.PODMAN: "--security-opt seccomp=unconfined --security-opt unmask=ALL",
}


def namespace_remedy(said: str = "", here: Surroundings | None = None) -> str:
    """Return what to do where bubblewrap is installed and cannot make the namespaces it needs.

    Parameters
    ----------
    said : str
        What it said.
    here : Surroundings, optional
        Where; by default, this machine.
    """
    here = here or Surroundings()
    host = here.host
    if host in (Host.BINDER, Host.GVISOR):
        return _OWN_MACHINE
    if host is Host.POD:
        return (
            "have the pod's administrator set hostUsers: false and, in its securityContext, procMount: Unmasked and "
            "seccompProfile: {type: Unconfined}"
        )
    if host is Host.CODESPACES:
        flags = ", ".join(f'"{word}"' for word in _flags(Host.DOCKER, here).split())
        return f'put "runArgs": [{flags}] into devcontainer.json and rebuild the container'
    if host is Host.LXC:
        return "let the container have namespaces: lxc config set NAME security.nesting true, then restart it"
    if host is Host.MACHINE and (remedy := _setting_remedy(here)):
        return remedy
    engine = Host.PODMAN if host is Host.PODMAN else Host.DOCKER
    start = f"{engine} run {_flags(engine, here)}"
    if host is Host.MACHINE and "proc" not in said:
        return f"if this is a container, start it with {start}"
    return f"start the container with {start}"


def _flags(engine: Host, here: Surroundings) -> str:
    return _CONTAINER_FLAGS[engine] + (" --cap-add SYS_ADMIN" if here.is_root else "")


def _setting_remedy(here: Surroundings) -> str:
    """Return how to change the setting that keeps namespaces from this machine's users, or nothing."""
    if here.setting("kernel.apparmor_restrict_unprivileged_userns") == "1" and not here.is_root:
        return apparmor_remedy(here)
    for name, wanted in (("kernel.unprivileged_userns_clone", "1"), ("user.max_user_namespaces", "10000")):
        if here.setting(name) == "0":
            return f"sudo sysctl -w {name}={wanted}"
    return ""


def apparmor_remedy(here: Surroundings | None = None) -> str:
    """Return the two commands that load the profile for bubblewrap, as Ubuntu needs it."""
    here = here or Surroundings()
    target = "/etc/apparmor.d/bwrap"
    # From Ubuntu 25.04 on, a profile of the distribution's own goes by the same name and is stricter than we can use.
    theirs = "etc/apparmor.d/bwrap-userns-restrict"
    if (here.root / theirs).exists():
        target = f"/{theirs}"
    load = f"sudo install -m 644 {APPARMOR_PROFILE} {target} && sudo apparmor_parser -r {target}"
    if not (here.root / _BUBBLEWRAP.removeprefix("/")).exists():
        return f"sudo apt install bubblewrap (AppArmor allows {_BUBBLEWRAP} alone) && {load}"
    return load


# Landlock ------------------------------------------------------------------------------------------------------------


def landlock_problem(error: int, here: Surroundings | None = None) -> Problem:
    """Return why this kernel gives no Landlock, and what to do.

    Parameters
    ----------
    error : int
        The `errno` with which it refused; 0 if none is known.
    here : Surroundings, optional
        Where; by default, this machine.
    """
    here = here or Surroundings()
    host = here.host
    if host is Host.GVISOR:
        return Problem("gVisor has no Landlock", "start the container with the default runtime, runc")
    if here.kernel and here.kernel < LANDLOCK_SINCE:
        version, since = (".".join(map(str, each)) for each in (here.kernel, LANDLOCK_SINCE))
        whose = "this machine" if host is Host.MACHINE else "the machine under the container"
        remedy = _OWN_MACHINE if host is Host.BINDER else f"{whose} needs Linux {since} or newer"
        return Problem(f"this kernel, Linux {version}, has no Landlock", remedy)
    if error == errno.EOPNOTSUPP:
        return Problem("Landlock is switched off in this kernel", _switch_on(here))
    if error in (errno.EPERM, errno.EACCES):
        return Problem("a system call filter around this process refuses Landlock", _let_through(host))
    if host in (Host.MACHINE, Host.BINDER):
        remedy = _OWN_MACHINE if host is Host.BINDER else "start a kernel built with CONFIG_SECURITY_LANDLOCK=y"
        return Problem("this kernel has no Landlock", remedy)
    return Problem("this kernel has no Landlock, or the container's filter hides it", _let_through(host))


def _switch_on(here: Surroundings) -> str:
    if here.host is Host.BINDER:
        return _OWN_MACHINE
    modules = ",".join(["landlock", *filter(None, [here.security_modules()])])
    where = "" if here.host is Host.MACHINE else "on the machine under the container, "
    return f"{where}add lsm={modules} to the kernel's command line (GRUB_CMDLINE_LINUX) and restart"


def _let_through(host: Host) -> str:
    if host is Host.BINDER:
        return _OWN_MACHINE
    if host is Host.MACHINE:
        return "start the grader outside that filter"
    if host is Host.POD:
        return f"have the pod run on a node with {_NEW_ENGINE}, or with seccompProfile: {{type: Unconfined}}"
    if host is Host.CODESPACES:
        return 'put "runArgs": ["--security-opt", "seccomp=unconfined"] into devcontainer.json and rebuild'
    return f"use {_NEW_ENGINE}, or start the container with --security-opt seccomp=unconfined"

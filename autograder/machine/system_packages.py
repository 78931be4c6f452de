"""What the project needs that pip cannot install: looks for it, installs it through apt, or says how to.

`make` runs this before the virtual environment exists, perhaps with a Python that is too old, so it imports the
standard library only and is written for Python 3.8.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

MANAGERS = {
    "apt": ("apt-get", "apt install"),
    "dnf": ("dnf", "dnf install"),
    "pacman": ("pacman", "pacman -S"),
    "zypper": ("zypper", "zypper install"),
    "apk": ("apk", "apk add"),
}
"""Package managers of Linux: the program by which each is recognised, and its install command."""

CONDA_INSTALL = "conda install -c conda-forge"


@dataclass(frozen=True)
class SystemPackage:
    """A part of the operating system that the project uses.

    Attributes
    ----------
    name, purpose : str
        What it is, and what the project does with it.
    names : mapping of str to str
        Package manager, one of `MANAGERS` or "conda" -> its name there. A manager that does not have it is left out.
    find : callable
        Returns where it is, or None.
    """

    name: str
    purpose: str
    names: Mapping[str, str]
    find: Callable[[], str | None]

    @property
    def remedy(self) -> str:
        """The command that installs it here."""
        return install_command([self])


def find_chromium() -> str | None:
    """Return the path of Chromium or Chrome, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def _find_venv() -> str | None:
    """Debian ships `venv` without the `ensurepip` that it needs."""
    spec = importlib.util.find_spec("ensurepip")
    return spec.origin if spec else None


def find_postgresql() -> str | None:
    """Return the folder of PostgreSQL's programs, or None; Debian keeps them off the search path."""
    found = shutil.which("initdb")
    installed = [Path(found)] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return str(installed[-1].resolve().parent) if installed else None


def _is_ubuntu() -> bool:
    """Ubuntu's apt has Chromium under another name than Debian's."""
    try:
        return "\nID=ubuntu" in "\n" + Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return False


_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

VENV = SystemPackage(
    "venv",
    "virtual environment",
    {
        "apt": f"python{_VERSION}-venv",
        # Elsewhere it comes with Python itself.
        "dnf": f"python{_VERSION}",
        "pacman": "python",
        "zypper": f"python{_VERSION.replace('.', '')}",
        "apk": "python3",
        "conda": "python",
    },
    _find_venv,
)
BUBBLEWRAP = SystemPackage(
    "bubblewrap",
    "sandbox",
    dict.fromkeys([*MANAGERS, "conda"], "bubblewrap"),
    lambda: shutil.which("bwrap"),
)
LIBSECCOMP = SystemPackage(
    "libseccomp",
    "sandbox",
    {**dict.fromkeys([*MANAGERS, "conda"], "libseccomp"), "apt": "libseccomp2", "zypper": "libseccomp2"},
    lambda: ctypes.util.find_library("seccomp"),
)
CHROMIUM = SystemPackage(
    "Chromium",
    "browser tests",
    {**dict.fromkeys(MANAGERS, "chromium"), "apt": "chromium-browser" if _is_ubuntu() else "chromium"},
    find_chromium,
)
LIBATOMIC = SystemPackage(
    "libatomic",
    "browser tests",  # the Node.js that Playwright brings along is linked to it
    {**dict.fromkeys(MANAGERS, "libatomic"), "apt": "libatomic1", "zypper": "libatomic1", "pacman": "gcc-libs"},
    lambda: ctypes.util.find_library("atomic"),
)
POSTGRESQL = SystemPackage(
    "PostgreSQL",
    "gradebook tests",
    {
        **dict.fromkeys([*MANAGERS, "conda"], "postgresql"),
        "dnf": "postgresql-server",
        "zypper": "postgresql-server",
    },
    find_postgresql,
)

BY_NAME = {
    "venv": VENV,
    "bubblewrap": BUBBLEWRAP,
    "libseccomp": LIBSECCOMP,
    "chromium": CHROMIUM,
    "libatomic": LIBATOMIC,
    "postgresql": POSTGRESQL,
}
"""What `make` may ask for."""


def missing_of(packages: Iterable[SystemPackage]) -> list[SystemPackage]:
    """Return those of `packages` that are missing on this machine."""
    return [package for package in packages if package.find() is None]


def provide(packages: Iterable[SystemPackage]) -> list[SystemPackage]:
    """Install those of `packages` that are missing, if no password is needed.

    Returns
    -------
    list of SystemPackage
        Those still missing.
    """
    missing = missing_of(packages)
    apt_get = _apt_get() if missing else None
    if apt_get is None:
        return missing
    names = [package.names["apt"] for package in missing]
    print(f"Installing {', '.join(names)} through apt …", flush=True)
    install = [*apt_get, "install", "--no-install-recommends", *names]
    # A machine that has never fetched the package lists, or long ago, fails the first time.
    if subprocess.run(install, capture_output=True, check=False).returncode != 0:
        subprocess.run([*apt_get, "update"], stdout=subprocess.DEVNULL, check=False)
        subprocess.run(install, stdout=subprocess.DEVNULL, check=False)
    return missing_of(missing)


def _apt_get() -> list[str] | None:
    """Return the start of an apt-get command that asks nothing, or None if there is none."""
    if shutil.which("apt-get") is None:
        return None
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2", "--yes", "-oDPkg::Lock::Timeout=120"]
    if _is_root():
        return command
    if shutil.which("sudo") is None:
        return None
    without_password = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n", *command] if without_password else None


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def install_command(packages: Iterable[SystemPackage]) -> str:
    """Return the one command that installs `packages` on this machine, or say who can where none is known.

    In an active conda environment conda installs what conda-forge has, since that needs no administrator.
    """
    left = list(packages)
    commands = []
    if os.environ.get("CONDA_PREFIX") and shutil.which("conda"):
        from_conda = [package for package in left if "conda" in package.names]
        if from_conda:
            commands.append(f"{CONDA_INSTALL} {_names(from_conda, 'conda')}")
        left = [package for package in left if package not in from_conda]
    if left:
        commands.append(_system_command(left))
    return " && ".join(commands)


def _system_command(packages: list[SystemPackage]) -> str:
    manager = next((name for name, (program, _) in MANAGERS.items() if shutil.which(program)), None)
    if manager is None:
        return "this system's package manager: " + ", ".join(package.name for package in packages)
    command = f"{MANAGERS[manager][1]} {_names(packages, manager)}"
    if _is_root():
        return command
    return f"sudo {command}" if shutil.which("sudo") else f"su -c '{command}'"


def _names(packages: Iterable[SystemPackage], manager: str) -> str:
    return " ".join(package.names[manager] for package in packages)


def message(missing: Iterable[SystemPackage]) -> str:
    """Say in one line what is missing, what for, and how to install it here."""
    missing = list(missing)
    names = ", ".join(f"{package.name} ({package.purpose})" for package in missing)
    return f"Missing: {names}. Install with: {install_command(missing)}"


def main(names: list[str]) -> int:
    """Provide the named packages; 1 if one is still missing."""
    missing = provide(BY_NAME[name] for name in names)
    if missing:
        print(message(missing), file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

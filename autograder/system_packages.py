"""What the project needs that pip cannot install: looks for it, installs it through apt, or says how to.

`make` runs this before the virtual environment exists, so it imports the standard library only.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class SystemPackage:
    """A part of the operating system that the project uses.

    Attributes
    ----------
    name, purpose : what it is, and what the project does with it
    apt, conda : its name for Debian's apt and on conda-forge; empty where it is not to be had
    find : returns where it is, or None
    """

    name: str
    purpose: str
    apt: str
    conda: str
    find: Callable[[], str | None]

    @property
    def remedy(self) -> str:
        """The commands that install it."""
        conda = f", or conda install -c conda-forge {self.conda}" if self.conda else ""
        return f"sudo apt install {self.apt}{conda}"


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


_PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"

VENV = SystemPackage("venv", "virtual environment", f"{_PYTHON}-venv", "", _find_venv)
BUBBLEWRAP = SystemPackage("bubblewrap", "sandbox", "bubblewrap", "bubblewrap", lambda: shutil.which("bwrap"))
LIBSECCOMP = SystemPackage(
    "libseccomp", "sandbox", "libseccomp2", "libseccomp", lambda: ctypes.util.find_library("seccomp")
)
CHROMIUM = SystemPackage("Chromium", "browser tests", "chromium", "", find_chromium)
POSTGRESQL = SystemPackage("PostgreSQL", "gradebook tests", "postgresql", "postgresql", find_postgresql)

BY_NAME = {
    "venv": VENV,
    "bubblewrap": BUBBLEWRAP,
    "libseccomp": LIBSECCOMP,
    "chromium": CHROMIUM,
    "postgresql": POSTGRESQL,
}
"""What `make` may ask for."""


def provide(packages: Iterable[SystemPackage]) -> list[SystemPackage]:
    """Install those of ``packages`` that are missing, where that needs no password.

    Returns
    -------
    list of SystemPackage
        Those still missing.
    """
    missing = [package for package in packages if package.find() is None]
    apt_get = _apt_get() if missing else None
    if apt_get is None:
        return missing
    names = [package.apt for package in missing]
    print(f"Installing {', '.join(names)} through apt …", flush=True)
    install = [*apt_get, "install", "--no-install-recommends", *names]
    # A machine that has never fetched the package lists, or long ago, fails the first time.
    if subprocess.run(install, capture_output=True, check=False).returncode != 0:
        subprocess.run([*apt_get, "update"], check=False)
        subprocess.run(install, stdout=subprocess.DEVNULL, check=False)
    return [package for package in missing if package.find() is None]


def _apt_get() -> list[str] | None:
    """Return the start of an apt-get command that asks nothing, or None where there is none to be had."""
    if shutil.which("apt-get") is None:
        return None
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2", "--yes", "-oDPkg::Lock::Timeout=120"]
    if os.geteuid() == 0:
        return command
    if shutil.which("sudo") is None:
        return None
    without_password = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n", *command] if without_password else None


def message(missing: Iterable[SystemPackage]) -> str:
    """Say in one line what to install and what for."""
    missing = list(missing)
    names = ", ".join(f"{package.name} ({package.purpose})" for package in missing)
    apt = " ".join(package.apt for package in missing)
    conda = " ".join(package.conda for package in missing if package.conda)
    hint = f"; in a conda environment: conda install -c conda-forge {conda}" if conda else ""
    return f"Missing: {names}. Install with: sudo apt install {apt}{hint}."


def main(names: list[str]) -> int:
    """Provide the named packages; 1 if one is still missing."""
    missing = provide(BY_NAME[name] for name in names)
    if missing:
        print(message(missing), file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

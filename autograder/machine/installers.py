"""Runs the installers: pip, and uv where it may take over what it does many times faster.

pip knows what people have set for it: mirrors, proxies, certificates, folders of wheels. uv reads none of that. So pip
fetches torch, which is what people keep copies of, and uv itself; uv then installs the rest, unless pip's settings say
that packages come from elsewhere. Where uv fails, pip does its work, and says why if it fails too.

Standard library only, and written for Python 3.8: it runs before the virtual environment exists.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

OWN_SOURCES = {"index-url", "no-index", "proxy", "trusted-host", "client-cert", "only-binary", "no-binary"}
"""Settings of pip with which its packages come from elsewhere, or in another way, than uv's would."""


class ProgramError(Exception):
    """A program failed; `text` is the end of what it wrote to standard error."""

    def __init__(self, program: str, text: str) -> None:
        super().__init__(program)
        self.program = program
        self.text = text

    @property
    def line(self) -> str:
        """The line of the text that says most: the first that begins with "error", or the last."""
        lines = self.text.splitlines()
        return next((line for line in lines if line.lower().startswith("error")), lines[-1] if lines else "")


def run(command: list[str], environment: Mapping[str, str], folder: Path | None = None) -> None:
    """Run a program. Its standard output is ours; what it writes to standard error is kept for a failure.

    Raises
    ------
    ProgramError
        If it fails.
    """
    done = subprocess.run(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode != 0:
        killed = f"killed by signal {-done.returncode}" if done.returncode < 0 else f"exit status {done.returncode}"
        raise ProgramError(command[2], done.stderr[-20_000:].strip() or killed)


def install_all(root: Path, python: Path, extras: list[str]) -> None:
    """Install the project in `root`, editable, with these extras and the versions of constraints.txt.

    Raises
    ------
    ProgramError
        If pip fails.
    """
    project = f".[{','.join(extras)}]" if extras else "."
    settings = pip_settings(python)
    if os.environ.get("SET_UP_UV") != "0" and not OWN_SOURCES & set(settings):
        pip_install(python, "--no-deps", "-c", "constraints.txt", "uv", folder=root)
        try:
            return _uv_install(root, python, extras, settings)
        except ProgramError as error:
            print(f"uv failed ({error.line}); pip continues, which takes longer.", flush=True)
    return pip_install(python, "-c", "constraints.txt", "-e", project, folder=root)


def pip_install(python: Path, *arguments: str, folder: Path | None = None) -> None:
    """Run pip's install: with its progress bars on a terminal, otherwise silently.

    Raises
    ------
    ProgramError
        If it fails.
    """
    # What is unpacked on the way lies on the environment's own disk, which is known to be large enough.
    scratch = python.parent.parent / ".tmp"
    scratch.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(scratch), "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    try:
        run([str(python), "-m", "pip", "install", *quiet, *arguments], environment, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def pip_settings(python: Path) -> dict[str, str]:
    """Return what pip was told by files and variables: name -> value."""
    listed = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], capture_output=True, encoding="utf-8", errors="replace",
        check=False,
    )  # fmt: skip
    return dict(re.findall(r"^[\w:-]+\.([\w-]+)='(.*)'$", listed.stdout, re.MULTILINE))


def _uv_install(root: Path, python: Path, extras: list[str], settings: Mapping[str, str]) -> None:
    environment = dict(os.environ)
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    if "cert" in settings:
        environment.setdefault("SSL_CERT_FILE", settings["cert"])
    command = [str(python.parent / "uv"), "pip", "install", "--python", str(python), "--compile-bytecode"]
    command += ["-c", "constraints.txt", "-e", ".", "-r", "pyproject.toml"]
    command += [word for extra in extras for word in ("--extra", extra)]
    if sys.stdout.isatty():  # its bars are drawn on standard error
        done = subprocess.run(command, cwd=root, env=environment, check=False)
        if done.returncode != 0:
            raise ProgramError("uv", "its message is above")
        return
    run([*command, "--quiet"], environment, root)

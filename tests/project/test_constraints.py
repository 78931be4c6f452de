"""constraints.txt holds for every Python and system that the README names: uv resolves it from PyPI's metadata."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
PYTHONS = ["3.11.0", "3.11.2", "3.11.7", "3.12", "3.13", "3.14"]
EVERYTHING = ["--all-extras"]
STUDENTS: list[str] = []
LINUX = ["x86_64-manylinux_2_28", "aarch64-manylinux_2_28"]
STUDENTS_SYSTEMS = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin"]


def resolve(python: str, system: str, packages: list[str], constraints: Path) -> subprocess.CompletedProcess[str]:
    """Resolve what set-up installs, from metadata alone and with nothing that would have to be compiled there.

    The settings for a universal resolution are left aside: this asks for one Python on one system, as pip does.
    """
    command = [
        UV, "pip", "compile", "--no-config", "--no-header", "--no-annotate", "--system-certs", *packages,
        "--python-version", python, "--python-platform", system, "--constraints", constraints,
        # Pure Python without a wheel: nothing to compile.
        "--only-binary", ":all:", "--no-binary", "yattag", "--python", sys.executable, "--no-python-downloads",
        ROOT / "pyproject.toml",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"})


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", LINUX)
def test_everything_resolves_on_linux(python, system):
    done = resolve(python, system, EVERYTHING, ROOT / "constraints.txt")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "torch==2.13.0" in lines
    assert any(line.startswith("pyseccomp==") for line in lines)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", STUDENTS_SYSTEMS)
def test_what_students_need_resolves_on_windows_and_macos(python, system):
    done = resolve(python, system, STUDENTS, ROOT / "constraints.txt")
    assert done.returncode == 0, done.stderr
    assert "torch==2.13.0" in done.stdout.splitlines()

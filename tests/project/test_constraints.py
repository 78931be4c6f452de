"""constraints.txt holds for every Python and system that the README names: uv resolves it from PyPI's metadata."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
UV = Path(sys.executable).with_name("uv")
UV_SETTINGS = Path(__file__).with_name("uv.toml")
BETWEEN = pytest.mark.thorough(reason="between the oldest and the newest Python")
PYTHONS = ["3.11.0", *(pytest.param(python, marks=BETWEEN) for python in ("3.11.2", "3.11.7", "3.12", "3.13")), "3.14"]
LINUX = ["x86_64-manylinux_2_28", "aarch64-manylinux_2_28"]
STUDENTS_SYSTEMS = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin"]


def resolve(python: str, system: str, *options: str, constraints: Path = CONSTRAINTS) -> list[str]:
    """Resolve what set-up installs for one Python on one system, from metadata; raises if that cannot be done.

    Only wheels count, so that nothing has to be compiled; yattag alone has none, and is pure Python.
    """
    command = [
        UV, "pip", "compile", "--config-file", UV_SETTINGS, "--no-header", "--no-annotate", "--system-certs",
        "--python", sys.executable, "--no-python-downloads",
        "--python-version", python, "--python-platform", system, "--constraints", constraints,
        "--only-binary", ":all:", "--no-binary", "yattag", *options, ROOT / "pyproject.toml",
    ]  # fmt: skip
    # PyTorch is built for macOS 14.
    environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.splitlines()


def name(pin: str) -> str:
    return pin.partition("==")[0]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", LINUX)
def test_everything_resolves_on_linux(python, system):
    pins = resolve(python, system, "--all-extras")
    assert "torch==2.13.0" in pins
    assert "pyseccomp" in map(name, pins)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", STUDENTS_SYSTEMS)
def test_what_students_need_resolves_on_windows_and_macos_without_linux(python, system):
    pins = resolve(python, system, "--extra", "grading")
    assert "torch==2.13.0" in pins
    assert {"pyseccomp", "triton", "nvidia-cublas"}.isdisjoint(map(name, pins))


def test_a_pin_that_wants_a_newer_python_is_found(tmp_path):
    text = "\n".join(line for line in CONSTRAINTS.read_text().splitlines() if not line.startswith("soupsieve"))
    newer = tmp_path / "constraints.txt"
    newer.write_text(f"{text}\nsoupsieve==4.1.2\n")
    assert "soupsieve==4.1.2" in resolve("3.11.7", LINUX[0], constraints=newer)
    with pytest.raises(AssertionError, match=r"soupsieve==4\.1\.2 depends on Python>=3\.11\.5"):
        resolve("3.11.2", LINUX[0], constraints=newer)


def test_constraints_are_what_make_constraints_writes(tmp_path):
    again = tmp_path / "constraints.txt"
    again.write_bytes(CONSTRAINTS.read_bytes())
    # As from a shell, although `make test` itself may have started this.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment["UV_SYSTEM_CERTS"] = "1"
    subprocess.run(["make", "constraints", f"CONSTRAINTS={again}"], cwd=ROOT, check=True, env=environment)
    assert again.read_text() == CONSTRAINTS.read_text()


def test_set_up_installs_for_its_own_python_and_the_extras_it_is_asked_for(tmp_path):
    """Nothing in pyproject.toml may tell uv otherwise, as what the constraints are made with once did."""
    command = [UV, "pip", "install", "--verbose", "--dry-run", "--system-certs", "--target", tmp_path]
    command += ["--python", sys.executable, "-c", CONSTRAINTS, "-r", "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    wanted = {name(line[3:]) for line in done.stderr.splitlines() if line.startswith(" + ")}
    assert "numpy" in wanted
    assert {"pytest", "dask", "sphinx"}.isdisjoint(wanted)
    solved = next(line for line in done.stderr.splitlines() if "Solving with" in line)
    assert ".".join(map(str, sys.version_info[:3])) in solved

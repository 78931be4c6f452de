"""Setting up: each thing once, through apt where it may, else one message that says what to install."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.machine import system_packages
from autograder.machine.system_packages import CHROMIUM, LIBSECCOMP, VENV, SystemPackage

ROOT = Path(__file__).resolve().parents[2]
TARGETS = "demo test lab notebooks release bench check bundle clean setup".split()

APT_GET = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
    *update) touch {log}.updated ;;
    *install*) test -e {log}.updated && touch {program} && chmod +x {program} ;;
esac
"""
PYTHON = """#!/bin/sh
echo "$@" >> {log}
if [ "$1 $2" = "-m venv" ]; then mkdir -p .venv/bin && cp "$0" .venv/bin/python; fi
"""


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Path:
    """A machine of which a program `wall` is missing, with an apt-get that knows no package before an update."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("env", "sh", "touch", "chmod"):
        (programs / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(programs))
    return programs


WALL = SystemPackage("wall", "sandbox", "wall-package", "wall-conda", lambda: shutil.which("wall"))


def test_apt_installs_what_is_missing_after_an_update_and_only_once(machine, tmp_path, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    log = tmp_path / "log"
    script(machine / "apt-get", APT_GET.format(log=log, program=machine / "wall"))
    assert system_packages.provide([WALL]) == []
    words = [line.split()[-1] for line in log.read_text().splitlines()]
    assert words == ["wall-package", "update", "wall-package"]
    assert system_packages.provide([WALL]) == []
    assert len(log.read_text().splitlines()) == 3


def test_without_rights_nothing_is_installed(machine, tmp_path, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    log = tmp_path / "log"
    script(machine / "apt-get", APT_GET.format(log=log, program=machine / "wall"))
    script(machine / "sudo", "#!/bin/sh\nexit 1\n")
    assert system_packages.provide([WALL]) == [WALL]
    assert not log.exists()


def test_the_message_says_exactly_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(system_packages, "provide", lambda packages: [LIBSECCOMP, CHROMIUM])
    assert system_packages.main(["libseccomp", "chromium"]) == 1
    assert capsys.readouterr().err == (
        "Missing: libseccomp (sandbox), Chromium (browser tests). Install with: "
        "sudo apt install libseccomp2 chromium; in a conda environment: conda install -c conda-forge libseccomp.\n"
    )


def test_it_runs_on_a_bare_python():
    command = [sys.executable, "-I", "-S", str(ROOT / "autograder" / "system_packages.py"), "venv"]
    assert subprocess.run(command, check=False).returncode == 0
    assert VENV.apt == f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def clone(tmp_path) -> Path:
    """A folder with the files that set-up depends on, and a stand-in for Python that logs its arguments."""
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    script(tmp_path / "python", PYTHON.format(log=tmp_path / "log"))
    return tmp_path


def test_set_up_installs_once_and_again_when_the_packages_change(clone):
    def commands() -> list[str]:
        assert make(clone, "setup", f"PYTHON={clone}/python").returncode == 0
        lines = (clone / "log").read_text().splitlines()
        (clone / "log").unlink()
        return lines

    looks = ["-m autograder.machine.system_packages bubblewrap libseccomp", "-m autograder.machine.system_packages chromium"]
    install = "-m pip install --quiet --disable-pip-version-check -c constraints.txt -e .[grading,dev]"
    first = ["-m autograder.machine.system_packages venv", "-m venv .venv", install, *looks]
    assert commands() == first
    assert commands() == looks
    later = (clone / ".venv" / ".installed").stat().st_mtime + 10
    os.utime(clone / "constraints.txt", (later, later))
    assert commands() == first


def test_without_a_new_enough_python_one_line_says_so(clone):
    done = make(clone, "setup", "PYTHON=")
    assert done.returncode != 0
    assert done.stderr.startswith("Python 3.11 or newer is needed: sudo apt install python3 python3-venv")


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_sets_up_first(clone, target):
    done = make(clone, "--dry-run", target, "PYTHON=python3")
    assert done.returncode == 0, done.stderr
    assert ("-m pip install" in done.stdout) is (target != "clean")


def test_clean_keeps_what_a_person_made(clone):
    kept = ["submitted/ada/ps1/ps1.ipynb", "gradebook.db", ".venv/bin/python", "course/a.py"]
    built = ["dist/bundle.zip", "demo/gradebook.db", "course/__pycache__/a.pyc"]
    for name in kept + built:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).touch()
    assert make(clone, "clean").returncode == 0
    assert [name for name in kept if not (clone / name).exists()] == []
    assert [name for name in built if (clone / name).exists()] == []


@pytest.mark.parametrize("path", [".ci/run", ".github/workflows/test.yml"])
def test_every_ci_calls_make_test(path):
    assert "make test" in (ROOT / path).read_text()

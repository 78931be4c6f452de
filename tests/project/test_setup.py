"""Setting up: each thing once, through apt where it may, else one message that says what to install."""

from __future__ import annotations

import ast
import os
import platform
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.machine import set_up, system_packages
from autograder.machine.system_packages import BY_NAME, CHROMIUM, LIBSECCOMP, MANAGERS, VENV, SystemPackage
from autograder.machine.torch_build import TorchBuild

ROOT = Path(__file__).resolve().parents[2]
TARGETS = "demo test test-all lab notebooks release bench check constraints bundle docs clean setup".split()

APT_GET = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
    *update) touch {log}.updated ;;
    *install*) test -e {log}.updated && touch {program} && chmod +x {program} ;;
esac
"""
PYTHON = """#!/bin/sh
# Stands in for Python, and as bin/uv for uv: logs what it is asked, makes an environment of itself, fails when told to.
case "$0" in */uv) echo "uv $*" >> {log} ;; *) echo "$*" >> {log} ;; esac
case "$*" in
    "-m venv "*)
        mkdir -p .venv/bin .venv/lib/python3/site-packages/pip
        cp "$0" .venv/bin/python
        cp "$0" .venv/bin/uv
        echo "version = {version}" > .venv/pyvenv.cfg ;;
    "-m pip config list") cat {log}.settings 2>/dev/null ;;
esac
if [ -e {log}.fails ] && echo "$*" | grep -q -- "$(head -n 1 {log}.fails)"; then
    tail -n +2 {log}.fails >&2
    exit 1
fi
exit 0
"""
VERSION = "{}.{}.{}".format(*sys.version_info[:3])


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


NAMES = {"apt": "wall-package", "dnf": "wall-dnf", "conda": "wall-conda"}
WALL = SystemPackage("wall", "sandbox", NAMES, lambda: shutil.which("wall"))
DOOR = SystemPackage("door", "browser tests", {"apt": "door-package", "dnf": "door-dnf"}, lambda: None)


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


@pytest.mark.parametrize(
    ("programs", "conda", "user", "command"),
    [
        (["apt-get", "sudo"], False, 1000, "sudo apt install wall-package door-package"),
        (["apt-get", "sudo"], False, 0, "apt install wall-package door-package"),
        (["apt-get"], False, 1000, "su -c 'apt install wall-package door-package'"),
        (["dnf", "sudo"], False, 1000, "sudo dnf install wall-dnf door-dnf"),
        (["dnf", "conda"], True, 0, "conda install -c conda-forge wall-conda && dnf install door-dnf"),
        (["dnf", "conda"], False, 0, "dnf install wall-dnf door-dnf"),
        ([], False, 0, "this system's package manager: wall, door"),
    ],
)
def test_the_command_is_the_one_of_this_machine(machine, monkeypatch, programs, conda, user, command):
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    if conda:
        monkeypatch.setenv("CONDA_PREFIX", "/opt/conda")
    for program in programs:
        script(machine / program, "#!/bin/sh\n")
    assert system_packages.install_command([WALL, DOOR]) == command


@pytest.mark.parametrize("manager", MANAGERS)
def test_every_package_has_a_name_for_every_manager(manager):
    assert [name for name, package in BY_NAME.items() if not package.names.get(manager)] == []


def test_what_the_browser_tests_need_is_looked_for_before_them():
    """Node.js as Playwright brings it does not start without libatomic, which a minimal system lacks."""
    plan = subprocess.run(["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    asked = plan.partition("--needs ")[2].partition(" --wants")[0].split()
    assert asked == ["libseccomp", "chromium", "libatomic", "postgresql"]


def test_the_message_says_exactly_what_to_install(machine, monkeypatch, capsys):
    script(machine / "pacman", "#!/bin/sh\n")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(system_packages, "provide", lambda packages: [LIBSECCOMP, CHROMIUM])
    assert system_packages.main(["libseccomp", "chromium"]) == 1
    assert capsys.readouterr().err == (
        "Missing: libseccomp (sandbox), Chromium (browser tests). Install with: pacman -S libseccomp chromium\n"
    )


@pytest.mark.parametrize("module", ["set_up", "system_packages"])
def test_it_runs_on_a_bare_python(module):
    command = [sys.executable, "-S", "-m", f"autograder.machine.{module}", "--help" if module == "set_up" else "venv"]
    assert subprocess.run(command, check=False, cwd=ROOT, stdout=subprocess.DEVNULL).returncode == 0
    assert VENV.names["apt"] == f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


@pytest.mark.parametrize("module", ["installers", "pip_errors", "set_up", "system_packages", "torch_build"])
def test_an_old_python_can_read_it(module):
    ast.parse((ROOT / "autograder" / "machine" / f"{module}.py").read_text(), feature_version=(3, 8))


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # As from a shell, although `make test` itself may have started this.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "CHOICE"))}
    return subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Path:
    """A folder with the files that set-up depends on, and a stand-in for Python that logs its arguments."""
    folder = tmp_path / "mein kürs"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    (folder / "constraints.txt").write_text("torch==2.13.0\n")
    script(folder / "python", PYTHON.format(log=tmp_path / "log", version=VERSION))
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(set_up, "choose_build", lambda text: TorchBuild(None, text.split()[0], False, ""))
    return folder


def commands(clone: Path, *arguments: str, status: int = 0) -> list[str]:
    """What Python and uv are asked to do when set-up runs."""
    log = clone.parent / "log"
    log.unlink(missing_ok=True)
    assert set_up.main(arguments) == status
    return log.read_text().splitlines() if log.exists() else []


def fails(clone: Path, pattern: str, message: str) -> None:
    """Let the command that the pattern matches fail with a message."""
    (clone.parent / "log.fails").write_text(f"{pattern}\n{message}\n")


def mends(clone: Path) -> None:
    (clone.parent / "log.fails").unlink()


TORCH = "-m pip install --quiet --no-deps torch==2.13.0"
SETTINGS = "-m pip config list"
UV = "-m pip install --quiet --no-deps -c constraints.txt uv"
PIP = "-m pip install --quiet -c constraints.txt -e ."


def by_uv(clone: Path, extras: str) -> str:
    command = f"uv pip install --python {clone}/.venv/bin/python --compile-bytecode -c constraints.txt -e ."
    return f"{command} -r pyproject.toml {extras}--quiet"


def test_set_up_installs_once_and_again_when_the_packages_change(clone):
    venv = f"-m venv {clone}/.venv"
    assert commands(clone) == [venv, TORCH, SETTINGS, UV, by_uv(clone, "")]
    assert commands(clone) == []
    (clone / "constraints.txt").write_text("torch==2.13.0\nnumpy==2\n")
    (clone / ".venv/lib/python3/site-packages/torch-2.13.0+cpu.dist-info").mkdir()
    assert commands(clone) == [SETTINGS, UV, by_uv(clone, "")]
    (clone / "constraints.txt").write_text("torch==2.14.0\nnumpy==2\n")
    assert commands(clone) == ["-m pip install --quiet --no-deps torch==2.14.0", SETTINGS, UV, by_uv(clone, "")]


def test_an_extra_is_added_and_stays(clone):
    commands(clone, "--extras", "grading")
    assert commands(clone, "--extras", "dev")[-1] == by_uv(clone, "--extra dev --extra grading ")
    assert commands(clone, "--extras", "grading") == []
    assert commands(clone, "--extras", "dev", "grading") == []


def test_it_says_the_steps_before_the_first(clone, capsys):
    commands(clone)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Setting up .venv with Python {platform.python_version()}, once: 3 steps, ")
    assert [line.split()[0] for line in lines[1:4]] == ["1/3", "2/3", "3/3"]
    assert lines[4].startswith("Set up in ")
    commands(clone)
    assert capsys.readouterr().out == ""


def test_on_a_terminal_the_installers_show_their_bars(clone, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert [line for line in commands(clone) if "--quiet" in line] == []


FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"


@pytest.mark.parametrize("pattern", ["venv", "torch", " -e "])
def test_what_was_left_half_made_is_made_anew(clone, capsys, pattern):
    fails(clone, pattern, FULL)
    commands(clone, status=1)
    error = capsys.readouterr().err
    assert error.startswith(f"Set-up: the disk of {clone}/.venv is full: ")
    assert error.count("\n") == 1
    assert "2.5 GB" in error
    mends(clone)
    (clone / ".venv" / "half").touch()
    assert commands(clone)[0] == f"-m venv {clone}/.venv"
    assert not (clone / ".venv" / "half").exists()
    assert commands(clone) == []


def test_a_killed_update_is_made_anew(clone, monkeypatch):
    commands(clone)
    (clone / "pyproject.toml").write_text("changed")
    monkeypatch.setattr(set_up, "install_all", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    commands(clone, status=130)
    monkeypatch.undo()
    assert set_up.Environment(clone).must_be_made(False)


def test_on_a_small_disk_nothing_is_begun(clone, capsys, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=1.23e9))
    assert commands(clone, status=1) == []
    assert capsys.readouterr().err == (
        f"Set-up: the disk of {clone} is full: 1.2 GB are free there, and set-up needs 2.5 GB, or 7 GB where "
        "PyTorch comes with CUDA. Make room, then run it again.\n"
    )
    assert not (clone / ".venv").exists()


def test_an_environment_that_was_moved_is_made_anew(clone, tmp_path, monkeypatch):
    commands(clone)
    moved = clone.rename(tmp_path / "moved")
    monkeypatch.chdir(moved)
    monkeypatch.setattr(sys, "executable", str(moved / "python"))
    assert commands(moved)[0] == f"-m venv {moved}/.venv"


def test_another_python_makes_it_anew_only_where_it_was_asked_for(clone):
    commands(clone)
    (clone / ".venv" / "pyvenv.cfg").write_text("version = 3.12.99\n")
    assert commands(clone) == []
    assert commands(clone, "--this-python")[0] == f"-m venv {clone}/.venv"
    (clone / ".venv" / "pyvenv.cfg").write_text("version = 3.10.1\n")
    assert commands(clone)[0] == f"-m venv {clone}/.venv"


def test_where_uv_fails_pip_goes_on(clone, capsys):
    fails(clone, "--compile-bytecode", "warning: it is late\nerror: no such thing\nhint: none")
    assert commands(clone)[-2:] == [by_uv(clone, ""), PIP]
    assert "uv failed (error: no such thing); pip continues, which takes longer." in capsys.readouterr().out


def test_where_pip_cannot_fetch_uv_it_is_not_asked_for_the_rest(clone, capsys):
    fails(clone, "constraints.txt uv", "NewConnectionError('[Errno -2] Name or service not known')")
    assert commands(clone, status=1)[-1] == UV
    assert capsys.readouterr().err.startswith("Set-up: no network: ")


def test_with_an_index_of_pips_own_or_without_uv_pip_does_it_all(clone, monkeypatch):
    (clone.parent / "log.settings").write_text("global.index-url='https://mirror.example.org/simple'\n")
    assert commands(clone)[-2:] == [SETTINGS, PIP]
    (clone.parent / "log.settings").unlink()
    monkeypatch.setenv("SET_UP_UV", "0")
    (clone / "pyproject.toml").write_text("changed")
    assert commands(clone)[-1] == PIP


def test_a_torch_without_cuda_comes_from_its_own_index_or_from_pips_if_that_breaks_off(clone, monkeypatch):
    build = TorchBuild("https://cpu.example.org", "torch==2.13.0", False, "no card")
    monkeypatch.setattr(set_up, "choose_build", lambda constraints: build)
    own = "-m pip install --quiet --no-deps --index-url https://cpu.example.org torch==2.13.0"
    assert commands(clone)[1:3] == [own, SETTINGS]
    shutil.rmtree(clone / ".venv")
    fails(clone, "index-url", "ERROR: broken pipe")
    assert commands(clone)[1:3] == [own, TORCH]


def test_a_missing_system_package_stops_it_before_any_download(clone, capsys, monkeypatch):
    monkeypatch.setattr(set_up, "provide", lambda packages: [LIBSECCOMP, CHROMIUM])
    assert commands(clone, "--needs", "libseccomp", "--wants", "chromium", status=1) == []
    assert capsys.readouterr().err.startswith(
        "Set-up: Missing: libseccomp (sandbox), Chromium (browser tests). Install "
    )


def test_a_missing_package_that_is_not_needed_yet_is_mentioned(clone, capsys, monkeypatch):
    monkeypatch.setattr(set_up, "provide", lambda packages: [CHROMIUM])
    assert commands(clone, "--needs", "libseccomp", "--wants", "chromium")[-1] == by_uv(clone, "")
    assert "Missing, but not needed yet: Chromium (browser tests). Install with: " in capsys.readouterr().out


def test_an_old_python_is_refused_in_one_line(clone, capsys, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    monkeypatch.setattr(platform, "python_version", lambda: "3.8.18")
    assert commands(clone, status=1) == []
    assert capsys.readouterr().err.startswith(f"Set-up: Python 3.11 or newer is needed, but {clone}/python is 3.8.18. ")


def test_without_any_python_one_line_says_so(clone):
    done = make(clone, "setup", "PYTHON=")
    assert done.returncode != 0
    assert done.stderr.startswith("Python 3.11 or newer is needed, and there is none here.")


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_sets_up_first(clone, target):
    done = make(clone, "--dry-run", target, "PYTHON=python3")
    assert done.returncode == 0, done.stderr
    assert ("-m autograder.machine.set_up --this-python --extras grading" in done.stdout) is (target != "clean")


@pytest.mark.parametrize("target", ["help", "test"])
def test_a_makefile_is_found_again_where_a_folder_has_a_blank_in_its_name(tmp_path, target):
    folder = tmp_path / "mein kürs"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    command = ["make", "-f", str(folder / "Makefile"), *(["--dry-run"] if target == "test" else []), target]
    done = subprocess.run([*command, "PYTHON=python3"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "bare-machine" in done.stdout if target == "help" else "pytest" in done.stdout


def test_clean_keeps_what_a_person_made(clone):
    kept = ["submitted/ada/ps1/ps1.ipynb", "gradebook.db", ".venv/bin/python", "course/a.py"]
    built = ["dist/bundle.zip", "demo/gradebook.db", "course/__pycache__/a.pyc"]
    for name in [*kept, *built]:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).touch()
    assert make(clone, "clean").returncode == 0
    assert [name for name in kept if not (clone / name).exists()] == []
    assert [name for name in built if (clone / name).exists()] == []


@pytest.mark.parametrize("path", [".ci/run", ".github/workflows/test.yml"])
def test_every_ci_calls_make_test_all(path):
    assert re.search(r"\bmake test-all\b", (ROOT / path).read_text())


def test_make_test_leaves_out_what_is_thorough_and_nothing_else(clone):
    def steps(target: str) -> list[str]:
        shown = make(clone, "--dry-run", target, "PYTHON=python3", "PYTEST_OPTIONS=-n0").stdout.splitlines()
        return sorted(" ".join(line.split()) for line in shown if line.startswith(".venv/bin/"))

    assert [line.replace(' -m "not thorough"', "") for line in steps("test")] == steps("test-all")
    assert '.venv/bin/pytest -m "not thorough" -n0' in steps("test")
    assert ".venv/bin/pytest -n0" in steps("test-all")


def test_ci_begins_with_a_submission_under_the_systems_own_python():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines.index(".ci/one_submission /usr/bin/python3") < lines.index("exec make test-all")

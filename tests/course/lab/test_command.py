"""`python -m course.lab`: what it says, and what it hands on to JupyterLab."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from course.lab import command

ROOT = Path(__file__).parents[3]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The arguments JupyterLab would be started with; folder and environment are as before afterwards."""
    calls: list[list[str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jupyterlab.labapp.LabApp.launch_instance", calls.append)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    monkeypatch.delenv("JUPYTERLAB_WORKSPACES_DIR", raising=False)
    yield calls
    os.environ.pop("JUPYTERLAB_WORKSPACES_DIR", None)


def test_it_opens_the_copy_at_the_first_lesson_with_settings_beside_the_users_own(
    launched: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "my copy"
    command.main(["--copy", str(copy), "--no-browser", "--port=9000"])
    [arguments] = launched
    assert {"--no-browser", "--port=9000", f"--ServerApp.root_dir={copy}"} <= set(arguments)
    [url] = [value.partition("=")[2] for value in arguments if value.startswith("--LabApp.default_url=")]
    assert (copy / url.removeprefix("/lab/tree/")).is_file()
    *ours, users = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert users == "mine"
    assert all(list(Path(folder, "labconfig").glob("*.json")) for folder in ours)
    assert Path.cwd() == copy, "where nbgrader looks for its settings"


def test_a_newer_version_is_said_and_the_copy_can_be_refreshed_alone(
    launched: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "refresh", lambda course, copy: [f"There is a newer {copy.name}."])
    command.main(["--no-lab", "--copy", str(tmp_path / "x")])
    assert capsys.readouterr().out == "There is a newer x.\n"
    assert launched == []


def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match=r"The working copy .*copy cannot be made \(.*\)\. --copy FOLDER names"):
        command.main(["--copy", str(tmp_path / "file" / "copy")])


def test_where_a_port_is_taken_it_says_so_and_takes_the_next(tmp_path: Path) -> None:
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    said: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        start = [sys.executable, "-m", "course.lab", "--copy", str(tmp_path / "copy"), "--no-browser", f"--port={port}"]
        with subprocess.Popen(start, cwd=ROOT, env={**os.environ, **own}, stderr=subprocess.PIPE, text=True) as lab:
            assert lab.stderr is not None
            for line in lab.stderr:
                said.append(line)
                if "http://" in line:
                    break
            lab.kill()  # it has only just said where it is: a server asked to stop before it listens may go on for ever
    assert any(f"The port {port} is already in use, trying another port." in line for line in said), said
    address = re.search(r"http://[^:]+:(\d+)/lab/", said[-1])
    assert address, said
    assert int(address[1]) != port
    assert not any("Traceback" in line for line in said)

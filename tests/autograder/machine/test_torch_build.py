"""Which build of PyTorch set-up takes, asked of a small index on this machine."""

from __future__ import annotations

import socket
import stat
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.machine import torch_build
from autograder.machine.torch_build import choose_build, has_cuda_card, index_has

PIN = "numpy==2.4.6\ntorch==2.13.0\n"
TAG = f"cp{sys.version_info[0]}{sys.version_info[1]}"
WHEEL = f"torch-2.13.0+cpu-{TAG}-{TAG}-manylinux_2_28_x86_64.whl"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(tmp_path, monkeypatch) -> Iterator[tuple[str, Path]]:
    """An index with one page, that of torch: its address, and the folder that the page is in."""
    folder = tmp_path / "index" / "torch"
    folder.mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "TORCH_CPU"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TORCH_CPU_INDEX", address)
    yield address, folder
    server.shutdown()
    server.server_close()


@pytest.fixture
def x86_linux(monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(torch_build, "has_cuda_card", lambda: False)


def offer(folder: Path, *wheels: str) -> None:
    """Write a page that offers wheels, as pip and PyTorch's own index have it."""
    links = "".join(f'<a href="{wheel.replace("+", "%2B")}">{wheel}</a>\n' for wheel in wheels)
    (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")


def test_without_a_card_the_build_without_cuda_is_taken_and_one_line_says_so(index, x86_linux):
    address, folder = index
    offer(folder, WHEEL)
    build = choose_build(PIN)
    assert (build.index, build.requirement, build.with_cuda) == (address, "torch==2.13.0", False)
    assert build.why.startswith("No NVIDIA card: PyTorch comes without CUDA")
    assert "TORCH_CPU=0" in build.why


def test_a_variable_turns_it_off(index, x86_linux, monkeypatch):
    offer(index[1], WHEEL)
    monkeypatch.setenv("TORCH_CPU", "0")
    assert choose_build(PIN).index is None


def test_with_a_card_pip_chooses(index, x86_linux, monkeypatch):
    offer(index[1], WHEEL)
    monkeypatch.setattr(torch_build, "has_cuda_card", lambda: True)
    assert choose_build(PIN).index is None


@pytest.mark.parametrize(("system", "machine"), [("darwin", "x86_64"), ("linux", "aarch64"), ("win32", "AMD64")])
def test_other_machines_have_no_choice(index, x86_linux, monkeypatch, system, machine):
    offer(index[1], WHEEL)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    build = choose_build(PIN)
    assert (build.index, build.with_cuda, build.why) == (None, False, "")


@pytest.mark.parametrize(
    "wheel",
    [
        WHEEL.replace("2.13.0", "2.12.0"),
        WHEEL.replace("2.13.0", "2.13.01"),
        WHEEL.replace(TAG, "cp310"),
        WHEEL.replace("x86_64", "aarch64"),
        WHEEL.replace("manylinux_2_28_x86_64", "win_amd64"),
        WHEEL.replace("+cpu", ""),
    ],
)
def test_an_index_without_the_pinned_build_for_this_python_is_passed_over(index, x86_linux, wheel):
    offer(index[1], wheel)
    build = choose_build(PIN)
    assert build.index is None
    assert build.with_cuda
    assert "gigabytes of CUDA" in build.why


def test_an_index_that_is_not_there_or_says_something_else(index):
    address, folder = index
    assert not index_has(address, "torch==2.13.0")
    offer(folder, WHEEL)
    assert index_has(f"{address}/", "torch==2.13.0")
    assert not index_has("http://no-such-host.invalid", "torch==2.13.0")
    assert not index_has("no address", "torch==2.13.0")


def test_an_index_that_does_not_answer_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        assert not index_has(f"http://127.0.0.1:{silent.getsockname()[1]}", "torch==2.13.0", seconds=0.2)
        assert time.monotonic() - start < 30  # urllib alone would wait for ever


@pytest.mark.parametrize(
    ("answer", "card"),
    [("echo 'GPU 0: NVIDIA A100'", True), ("echo 'no devices'; exit 0", False), ("echo GPU; exit 9", False)],
)
def test_a_card_is_found_by_its_drivers_program(tmp_path, monkeypatch, answer, card):
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(torch_build, "Path", lambda name: tmp_path / name.lstrip("/"))
    monkeypatch.setattr(torch_build.shutil, "which", lambda name: str(program) if name == "nvidia-smi" else None)
    assert has_cuda_card() is card


@pytest.mark.parametrize("device", ["dev/nvidia0", "proc/driver/nvidia/gpus/0000:01:00.0"])
def test_a_card_is_found_by_what_its_driver_leaves(tmp_path, monkeypatch, device):
    monkeypatch.setattr(torch_build, "Path", lambda name: tmp_path / name.lstrip("/"))
    monkeypatch.setattr(torch_build, "shutil", SimpleNamespace(which=lambda name: None))
    assert not has_cuda_card()
    (tmp_path / device).mkdir(parents=True)
    assert has_cuda_card()


def test_pip_takes_the_build_from_that_index(index, tmp_path):
    """A real pip, with a torch of one line."""
    from autograder.machine.installers import pip_install, run

    address, folder = index
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("torch.py", "cuda = None\n")
        info = "torch-2.13.0+cpu.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0+cpu\n")
        wheel.writestr(
            f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {TAG}-{TAG}-manylinux_2_28_x86_64\n"
        )
        wheel.writestr(f"{info}/RECORD", f"torch.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    offer(folder, WHEEL)
    run([sys.executable, "-m", "venv", str(tmp_path / "venv")], {})
    python = tmp_path / "venv" / "bin" / "python"
    pip_install(python, "--isolated", "--no-cache-dir", "--no-deps", "--index-url", address, "torch==2.13.0")
    [found] = (tmp_path / "venv").glob("lib/python*/site-packages/torch-2.13.0+cpu.dist-info")
    assert found.is_dir()

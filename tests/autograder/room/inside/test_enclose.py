"""What a room may map: its memory, and the libraries that it may still load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from autograder.room.inside.enclose import torch_libraries

SIZES = {"torch/lib/libtorch_cpu.so": 70, "nvidia/cu13/lib/libcublas.so.13": 500, "nvidia/nccl/lib/libnccl.so.2": 30}

BOUNDED = """
import re, resource
from pathlib import Path
from autograder.room.session import RoomFactory
mapped = int(re.search(r"VmSize:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
most = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (mapped + 32 * 1024**2, most))
with RoomFactory(torch=True) as rooms, rooms.open_room({}) as room:
    print(room.run_cell("import torch; print(torch.ones(9).sum())").outputs)
"""
"""Torch is more than what the starter may still map."""


def test_libraries_of_torch_count_before_it_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in SIZES.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(bytes(size))
    (tmp_path / "nvidia/cu13/lib/libcublas.so").symlink_to("libcublas.so.13")
    (tmp_path / "nvidia/cu13/lib/readme.txt").write_bytes(bytes(9))
    (tmp_path / "torch/__init__.py").touch()
    assert torch_libraries() == 0, "imported here"
    monkeypatch.delitem(sys.modules, torch.__name__)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert torch_libraries() == sum(SIZES.values())
    monkeypatch.setattr(sys, "path", [])
    assert torch_libraries() == 0, "not installed"


def test_rooms_are_not_bounded_by_what_their_starter_may_map() -> None:
    done = subprocess.run([sys.executable, "-c", BOUNDED], capture_output=True, text=True, check=False)
    assert "tensor(9.)" in done.stdout, done.stderr

"""Which packages and files of Python a bare room is shown, whatever the environment looks like."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.room.walls import bare
from autograder.room.walls.environment import python_prefixes


def test_of_shared_libraries_in_one_folder_only_those_that_are_loaded_are_shown(tmp_path):
    loaded = next(
        Path(line.split()[-1]) for line in Path("/proc/self/maps").read_text().splitlines() if "libc.so" in line
    )
    (tmp_path / "libc.so.6").symlink_to(loaded)
    (tmp_path / "libtorch_cpu.so").write_bytes(b"\x7fELF")
    assert bare.libraries(tmp_path) == {tmp_path / "libc.so.6"}


def test_what_is_hidden_lies_in_what_is_shown():
    shown, hidden = bare.python_paths(bare=True)
    assert set(bare.entries()) <= shown
    assert Path(sys.prefix) not in shown
    folders = {folder.resolve() for folder in bare.folders_of_packages()}
    assert folders <= hidden
    assert {path.parent.resolve() for path in bare.entries()} <= folders


def test_packages_that_a_pth_file_adds_are_shown_to_a_room_and_not_to_a_bare_one(tmp_path, monkeypatch):
    added = tmp_path / "lib" / "site-packages"
    added.mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(added), str(tmp_path), str(tmp_path / "no" / "site-packages")])
    assert bare.python_paths(bare=False)[0] - python_prefixes() == {added}
    assert added not in bare.python_paths(bare=True)[0]

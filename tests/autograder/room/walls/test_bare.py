"""Which packages and files of Python a bare room is shown, whatever the environment looks like."""

from __future__ import annotations

import importlib.metadata as metadata
import sys
from pathlib import Path

import pytest

from autograder.room.walls import bare


class Distribution(metadata.Distribution):
    """A distribution of which a distributor kept these files of metadata only."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = {"METADATA": "Name: my-kit\nVersion: 1\n"} | texts

    def read_text(self, filename: str) -> str | None:
        return self._texts.get(filename)

    def locate_file(self, path: object) -> Path:
        return Path("/nowhere", str(path))


def test_the_record_says_what_belongs_to_a_distribution():
    record = "kit/__init__.py,,\nkit.libs/a.so,,\n../../../bin/kit,,\n__pycache__/one.pyc,,\none.py,,\n"
    assert bare.top_names(Distribution({"RECORD": record})) == {"kit", "kit.libs", "one.py"}


@pytest.mark.parametrize(
    ("texts", "names"), [({"top_level.txt": "kit\nother\n"}, {"kit", "other"}), ({}, {"my_kit"})], ids=["list", "name"]
)
def test_without_a_record_the_names_do(texts, names):
    assert bare.top_names(Distribution(texts)) == names | {f"{name}.py" for name in names}


def test_what_a_package_requires_here_comes_along_and_extras_do_not():
    names = {distribution.metadata["Name"].lower() for distribution in bare.required(["ipykernel"])}
    assert {"ipykernel", "ipython", "pyzmq", "traitlets"} <= names
    assert not names & {"pytest", "sphinx", "matplotlib"}
    assert bare.required(["there-is-no-such-distribution"]) == []


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

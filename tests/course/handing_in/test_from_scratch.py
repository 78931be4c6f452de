"""Which packages are there for a from-scratch function, whatever the environment looks like."""

from __future__ import annotations

import importlib.metadata as metadata
from pathlib import Path

import pytest

from course.handing_in.from_scratch import required, top_names


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
    assert top_names(Distribution({"RECORD": record})) == {"kit", "kit.libs", "one.py"}


@pytest.mark.parametrize(
    ("texts", "names"), [({"top_level.txt": "kit\nother\n"}, {"kit", "other"}), ({}, {"my_kit"})], ids=["list", "name"]
)
def test_without_a_record_the_names_do(texts, names):
    assert top_names(Distribution(texts)) == names | {f"{name}.py" for name in names}


def test_what_a_package_requires_here_comes_along_and_extras_do_not():
    names = {distribution.metadata["Name"].lower() for distribution in required(["ipykernel"])}
    assert {"ipykernel", "ipython", "pyzmq", "traitlets"} <= names
    assert not names & {"pytest", "sphinx", "matplotlib"}
    assert required(["there-is-no-such-distribution"]) == []

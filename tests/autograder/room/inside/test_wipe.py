"""A private folder is removed whatever is in it, and nothing outside is touched."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.room.inside.wipe import wipe

NAMES = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..")
)
TREES = st.recursive(
    st.sampled_from(["file", "closed file", "link out", "link nowhere", "fifo"]),
    lambda inner: st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def make(path: Path, tree: str | dict[str, object], outside: Path) -> None:
    """Make one entry: a folder, closed once it is full, or what its kind says."""
    if isinstance(tree, dict):
        path.mkdir()
        for name, inner in tree.items():
            make(path / name, inner, outside)  # type: ignore[arg-type]
        path.chmod(0)
    elif tree == "fifo":
        os.mkfifo(path)
    elif tree.startswith("link"):
        path.symlink_to(outside if tree == "link out" else "nowhere")
    else:
        path.write_text("text")
        if tree == "closed file":
            path.chmod(0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tree=st.dictionaries(NAMES, TREES, max_size=5))
def test_nothing_is_left_and_nothing_outside_is_touched(tmp_path, tree):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir(exist_ok=True)
    (outside / "precious").write_text("text")
    with contextlib.suppress(OSError):  # a name that this file system does not take
        make(folder, tree, outside)
    folder.chmod(0o700)
    wipe(str(folder))
    assert not folder.exists()
    assert (outside / "precious").read_text() == "text"


def test_depth_does_not_stop_it(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(5000):  # a path of 10,000 bytes, which no call takes as a whole
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    wipe(str(folder))
    assert not folder.exists()


def test_a_link_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        wipe(str(tmp_path / "link"))
    assert (tmp_path / "precious").exists()

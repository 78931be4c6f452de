"""The file of a student's progress: kept between sessions, and never in the way, whatever is wrong with it."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course.progress import store
from course.progress.store import FOLDER_VARIABLE, LARGEST, LONGEST, NAME, VERSION, Store

ITEM = ("02_classic_activations", "quiz", "a1")
HIGHER = ("03_relu_family", "predictions", "b2")
VALUE = {"choice": "α < 0 \ud800", "right": True}


def file(items: object, version: object = VERSION) -> bytes:
    return json.dumps({"version": version, "items": items}).encode()


def test_what_was_put_is_there_in_the_next_session(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    first = Store(folder)
    assert first.items() == {}
    assert not folder.exists(), "to look makes nothing"
    first.put(*ITEM, VALUE)
    first.put(*HIGHER, {"answer": 0.5})
    later = Store(folder)
    assert later.get(*ITEM) == VALUE
    assert later.get(*HIGHER) == {"answer": 0.5}
    assert later.get("02_classic_activations", "quiz", "other") == {}
    assert first.note() + later.note() == ""
    if os.name == "posix":
        assert (folder / NAME).stat().st_mode & 0o077 == 0, "others may not read it"


def test_a_text_without_end_does_not_make_the_file_too_large(tmp_path: Path) -> None:
    kept = Store(tmp_path)
    for number in range(30):
        kept.put("lesson", "cards", str(number), {"text": "π" * 10**6, "ticked": ["one"]})
    assert (tmp_path / NAME).stat().st_size < LARGEST
    later = Store(tmp_path).get("lesson", "cards", "7")
    assert later == {"text": "π" * LONGEST, "ticked": ["one"]}


BAD = {
    "cut off": file({})[:-3],
    "empty": b"",
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "no version": b'{"items": {}}',
    "an older version": file({}, VERSION - 1),
    "a version that is no number": file({}, True),
    "no items": json.dumps({"version": VERSION}).encode(),
    "wrong types": file({"02": {"quiz": {"a1": "chosen"}}}),
    "lists in lists": file({"02": {"quiz": {"a1": {"choice": [["a"]]}}}}),
    "a number too long": b'{"version": ' + b"1" * 5000 + b"}",
    "deep": b"[" * 100_000,
    "too large": b" " * (LARGEST + 1),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_read_is_set_aside_with_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(content)
    (tmp_path / "progress-unreadable-1.json").write_text("of last week")
    kept = Store(tmp_path)
    assert kept.items() == {}
    note = kept.note()
    assert "could not be read" in note
    assert "progress-unreadable-2.json" in note
    assert "\n" not in note
    assert kept.note() == ""
    assert (tmp_path / "progress-unreadable-1.json").read_text() == "of last week"
    assert (tmp_path / "progress-unreadable-2.json").read_bytes() == content
    kept.put(*ITEM, VALUE)
    assert Store(tmp_path).get(*ITEM) == VALUE


@settings(max_examples=25)
@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(file))
@example(file({"02": {"quiz": {"a1": {"choice": 3}}}}))
def test_no_file_raises_and_none_is_lost(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / NAME).write_bytes(content)
        kept = Store(folder)
        kept.put(*ITEM, VALUE)
        assert kept.get(*ITEM) == VALUE
        aside = list(folder.glob("progress-unreadable-*"))
        assert (kept.note() != "") == bool(aside)
        assert [path.read_bytes() for path in aside] == [content] * len(aside)


def test_the_file_of_a_newer_course_stays_as_it_is(tmp_path: Path) -> None:
    content = file({"new": "form"}, VERSION + 1)
    (tmp_path / NAME).write_bytes(content)
    kept = Store(tmp_path)
    kept.put(*ITEM, VALUE)
    assert "newer version" in kept.note()
    assert kept.get(*ITEM) == VALUE, "in this session it is there"
    assert (tmp_path / NAME).read_bytes() == content
    assert kept.note() == "", "it is said once"


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("owner", "name", "number"),
    [
        (os, "fsync", errno.ENOSPC),
        (os, "fsync", errno.EDQUOT),
        (tempfile, "mkstemp", errno.EROFS),
        (tempfile, "mkstemp", errno.EACCES),
        (Path, "replace", errno.ESTALE),
        (Path, "read_bytes", errno.EIO),
        (Path, "mkdir", errno.EACCES),
    ],
)
def test_what_cannot_be_written_waits_for_the_next_time(
    owner: object, name: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path).put(*ITEM, VALUE)
    kept = Store(tmp_path)
    before = (tmp_path / NAME).read_text()
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing(number))
        kept.put(*HIGHER, {"answer": 1})
        note = kept.note()
        assert os.strerror(number).lower() in note
        assert "\n" not in note
        kept.put(*HIGHER, {"answer": 2})
        assert kept.note() == "", "it is said once"
        assert kept.get(*HIGHER) == {"answer": 2}
    assert (tmp_path / NAME).read_text() == before, "whole or not at all"
    assert list(tmp_path.glob(".progress-*")) == []
    kept.put("other", "quiz", "c3", VALUE)
    later = Store(tmp_path)
    assert [later.get(*ITEM), later.get(*HIGHER), later.get("other", "quiz", "c3")] == [VALUE, {"answer": 2}, VALUE]


def test_a_file_that_may_not_be_opened_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(tmp_path).put(*ITEM, VALUE)
    kept = Store(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", failing(errno.EACCES))
        assert kept.items() == {}
    assert "may not be opened" in kept.note()
    assert (tmp_path / "progress-unreadable-1.json").exists()


@pytest.mark.parametrize("what", ["folder", "link to nowhere", "pipe"])
def test_what_is_no_file_is_set_aside(what: str, tmp_path: Path) -> None:
    if what == "folder":
        (tmp_path / NAME).mkdir()
    elif what == "pipe":
        os.mkfifo(tmp_path / NAME)
    else:
        (tmp_path / NAME).symlink_to("nowhere")
    kept = Store(tmp_path)
    kept.put(*ITEM, VALUE)
    assert "it is no file" in kept.note()
    assert Store(tmp_path).get(*ITEM) == VALUE


def test_a_folder_that_is_a_file_is_lived_without(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("in the way")
    kept = Store(tmp_path / "kept")
    assert kept.items() == {}
    assert "cannot be read" in kept.note()
    kept.put(*ITEM, VALUE)
    assert "cannot be kept" in kept.note()
    assert kept.get(*ITEM) == VALUE


def test_kernels_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    def put(kernel: int) -> str:
        kept = Store(tmp_path)
        for number in range(8):
            kept.put("lesson", "quiz", f"{kernel}-{number}", VALUE)
        return kept.note()

    with ThreadPoolExecutor(4) as kernels:
        assert set(kernels.map(put, range(4))) == {""}
    assert len(Store(tmp_path).items()["lesson"]["quiz"]) == 32


def test_a_disk_without_locks_and_a_lock_that_is_never_freed_are_lived_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(FileLock, "acquire", failing(errno.ENOLCK))
        Store(tmp_path).put(*ITEM, VALUE)
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.01)
    with FileLock(tmp_path / "progress.lock"):
        kept = Store(tmp_path)
        kept.put(*HIGHER, VALUE)
    assert kept.note() == ""
    assert [Store(tmp_path).get(*ITEM), Store(tmp_path).get(*HIGHER)] == [VALUE, VALUE]


def test_forget_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store(tmp_path)
    (tmp_path / NAME).write_text("broken")
    kept.put(*ITEM, VALUE)
    kept.note()
    (tmp_path / ".progress-cut-off.tmp").write_text("{")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", failing(errno.EACCES))
        kept.forget()
        first = kept.note()
        kept.forget()
        assert first == kept.note(), "asked again, it answers again"
        assert str(tmp_path) in first
    assert Store(tmp_path).get(*ITEM) == VALUE
    kept.forget()
    assert kept.note() == ""
    assert {path.name for path in tmp_path.iterdir()} <= {"progress.lock"}
    assert kept.items() == {}


def test_without_a_place_nothing_is_kept() -> None:
    kept = Store(None)
    kept.put(*ITEM, VALUE)
    kept.forget()
    assert not kept.keeps
    assert kept.items() == {}
    assert kept.note() == ""


def sitting(content: dict[str, object] | None) -> SimpleNamespace:
    """A shell: IPython's in a terminal, or a kernel's with the content of the request that runs."""
    if content is None:
        return SimpleNamespace()
    return SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda channel: {"content": content}))


@pytest.mark.parametrize(
    ("shell", "validating", "there"),
    [
        (None, False, False),
        (sitting(None), False, False),
        (SimpleNamespace(kernel=SimpleNamespace()), False, False),
        (sitting({}), False, False),
        (sitting({"allow_stdin": False}), False, False),
        (sitting({"allow_stdin": True}), True, False),
        (sitting({"allow_stdin": True}), False, True),
    ],
)
def test_only_a_notebook_that_somebody_works_in_keeps_anything(
    shell: object, validating: bool, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "get_ipython", lambda: shell)
    if validating:
        monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert store.here().keeps == there


def test_each_user_has_a_file_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "somebody_is_there", lambda: True)
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    folders = []
    for user in ("ada", "ben"):
        for variable in ("HOME", "USERPROFILE", "LOCALAPPDATA"):
            monkeypatch.setenv(variable, str(tmp_path / user))
        folder = store.here().folder
        assert folder is not None
        assert folder.is_relative_to(tmp_path / user) or os.name == "nt"
        folders.append(folder)
    assert len(set(folders)) == 2 or os.name == "nt"


@pytest.mark.parametrize("named", ["", "relative"])
def test_a_folder_that_is_none_keeps_nothing(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "somebody_is_there", lambda: True)
    monkeypatch.setenv(FOLDER_VARIABLE, named)
    assert not store.here().keeps

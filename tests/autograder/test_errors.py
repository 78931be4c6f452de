"""What a disk or a permission stops is one line with what to do; what looks like a bug of ours is not hidden."""

from __future__ import annotations

import errno
import os
import pwd
import shutil
from pathlib import Path

import pytest

from autograder.errors import UserError, cannot_write, make_accessible, of_the_machine, require_writable


def failed(number: int, path: Path | None = None) -> OSError:
    return OSError(number, os.strerror(number), *([] if path is None else [str(path)]))


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Free some space on that disk, and run this again."),
        (errno.EDQUOT, "Your quota on that disk is used up: free some space, and run this again."),
        (errno.EROFS, "That disk is mounted read-only: name another folder, or have it mounted for writing."),
        (errno.ENOTDIR, "A file is in the place of a folder: move it away."),
    ],
)
def test_each_failure_of_a_disk_has_its_remedy(tmp_path: Path, number: int, remedy: str) -> None:
    file = tmp_path / "x"
    reason = os.strerror(number)
    assert str(cannot_write(file, failed(number))) == f"{file} cannot be written: {reason}. {remedy}"
    assert str(of_the_machine(failed(number, file))) == f"{file} cannot be read or written: {reason}. {remedy}"
    assert str(of_the_machine(failed(number))) == f"Something could not be read or written: {reason}. {remedy}"


def test_of_a_permission_it_says_whose_folder_it_is_and_for_whom(tmp_path: Path) -> None:
    me = pwd.getpwuid(os.geteuid()).pw_name
    beyond = tmp_path / "a" / "b"
    assert make_accessible(beyond) == f"Make {tmp_path} (your own) accessible for {me}, or use another folder."
    told = str(cannot_write(beyond, failed(errno.EACCES)))
    assert told == (
        f"{beyond} cannot be written: Permission denied. Make {tmp_path} (your own) writable for {me}, "
        "or use another folder."
    )


@pytest.mark.parametrize(("uid", "whose"), [(os.geteuid() + 1, "of "), (4_000_000_000, "of another user")])
def test_the_folder_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int, whose: str) -> None:
    def owner(path: Path) -> str:
        return pwd.getpwuid(uid).pw_name

    monkeypatch.setattr(Path, "owner", owner)
    assert f"({whose}" in make_accessible(tmp_path)


def test_of_a_whole_folder_the_first_file_says_enough(tmp_path: Path) -> None:
    full = f"[Errno {errno.ENOSPC}] {os.strerror(errno.ENOSPC)}"
    error = shutil.Error([("a", str(tmp_path / "b"), full), ("c", "d", full)])
    assert str(of_the_machine(error)).startswith(f"{tmp_path / 'b'} cannot be written: No space left on device. Free")
    assert of_the_machine(shutil.Error([("a", "b", "they are the same file")])) is None


def test_other_errors_are_bugs_and_stay_as_they_are() -> None:
    assert of_the_machine(FileNotFoundError(errno.ENOENT, "No such file or directory", "x")) is None
    assert of_the_machine(ConnectionResetError(errno.ECONNRESET, "reset")) is None


def test_what_cannot_be_written_is_refused_before_it_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beyond = tmp_path / "a" / "b"
    require_writable(beyond)
    with monkeypatch.context() as closed:
        closed.setattr(os, "access", lambda path, mode: path != tmp_path)
        with pytest.raises(
            UserError, match=rf"^{beyond} cannot be written: Permission denied. Make {tmp_path} .* writ"
        ):
            require_writable(beyond)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(UserError, match=rf"^{beyond} cannot be written: No space left on device. Free some space"):
        require_writable(beyond)

"""A submission lies where `nbgrader collect` puts it, whole or not at all, and nothing but what is in its folder."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect

from autograder.errors import UserError
from autograder.watch import collect as module
from autograder.watch.collect import collect_one, copy_without_following, forged_by
from tests.support.classroom import HALF, MINI, RIGHT
from tests.support.exchange import Exchange


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def none_ignored(folder: str, names: list[str]) -> list[str]:
    return []


def test_it_puts_files_where_nbgrader_does(exchange: Exchange) -> None:
    ada = exchange.student("ada")
    ada.solve(RIGHT)
    (ada.desk / MINI / "data").mkdir()
    (ada.desk / MINI / "data" / "mine.csv").write_text("1\n")
    (ada.desk / MINI / ".ipynb_checkpoints").mkdir()
    name = ada.submit()
    assert collect_one(exchange.course, MINI, name)
    ours = files(exchange.room.folder("ada"))
    shutil.rmtree(exchange.room.folder("ada"))
    directory = CourseDirectory(config=exchange.course.config, root=str(exchange.course.root), assignment_id=MINI)
    ExchangeCollect(coursedir=directory, config=exchange.course.config).start()
    assert ours == files(exchange.room.folder("ada"))
    assert {"data/mine.csv", "timestamp.txt", "submission_secret.txt", f"{MINI}.ipynb"} == ours.keys()


def test_a_newer_one_takes_the_place_and_an_older_one_does_not(exchange: Exchange) -> None:
    ada = exchange.student("ada")
    older, newer = ada.submit(HALF), ada.submit(RIGHT)
    assert collect_one(exchange.course, MINI, older)
    assert collect_one(exchange.course, MINI, newer)
    there = files(exchange.room.folder("ada"))
    assert collect_one(exchange.course, MINI, newer)
    assert not collect_one(exchange.course, MINI, older)
    assert files(exchange.room.folder("ada")) == there


def test_a_copy_that_was_cut_short_leaves_nothing_that_looks_like_a_submission(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = exchange.student("ada").submit()

    def cut_short(source: Path, target: Path, *more: object) -> None:
        target.mkdir(parents=True)
        (target / "timestamp.txt").write_text("x")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "copy_without_following", cut_short)
        with pytest.raises(KeyboardInterrupt):
            collect_one(exchange.course, MINI, name)
    assert exchange.course.students(MINI) == []
    assert collect_one(exchange.course, MINI, name)
    assert [path.name for path in exchange.room.folder("ada").parent.iterdir()] == [MINI]


def test_links_stay_links_and_pipes_and_sockets_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside, source = tmp_path / "outside", tmp_path / "source"
    outside.mkdir()
    source.mkdir()
    (outside / "secret").write_text("x")
    (source / "file").write_text("mine")
    (source / "link").symlink_to(outside / "secret")
    (source / "folder").symlink_to(outside)
    os.mkfifo(source / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(source)  # the whole path may be too long for a socket
        listener.bind("socket")
    copy_without_following(source, tmp_path / "copy", none_ignored, 1000)
    assert (tmp_path / "copy" / "file").read_text() == "mine"
    assert (tmp_path / "copy" / "link").is_symlink()
    assert not (tmp_path / "copy" / "folder" / "secret").exists() or (tmp_path / "copy" / "folder").is_symlink()
    assert not (tmp_path / "copy" / "pipe").exists()
    assert not (tmp_path / "copy" / "socket").exists()


def test_a_file_that_grows_while_it_is_copied_is_cut_where_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "source").mkdir()
    growing = tmp_path / "source" / "file"
    growing.write_bytes(b"x" * 10)
    fstat = os.fstat

    def grown(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        growing.write_bytes(b"x" * 1000)
        return status

    monkeypatch.setattr(module.os, "fstat", grown)
    copy_without_following(tmp_path / "source", tmp_path / "copy", none_ignored, 500)
    assert (tmp_path / "copy" / "file").read_bytes() == b"x" * 10


def test_folders_that_would_use_up_the_descriptors_are_refused(tmp_path: Path) -> None:
    (tmp_path / "source" / "/".join("a" * module.DEEPEST)).mkdir(parents=True)
    copy_without_following(tmp_path / "source", tmp_path / "copy", none_ignored, 500)
    (tmp_path / "source" / "/".join("a" * (module.DEEPEST + 1))).mkdir()
    with pytest.raises(UserError, match="one in the other"):
        copy_without_following(tmp_path / "source", tmp_path / "again", none_ignored, 500)


def test_what_is_too_large_is_refused(exchange: Exchange) -> None:
    exchange.course.config.CourseDirectory.max_dir_size = 1
    name = exchange.student("ada").submit()
    (exchange.inbound / name / "large").write_bytes(b"x" * 2000)
    with pytest.raises(UserError, match="max_dir_size"):
        collect_one(exchange.course, MINI, name)
    assert exchange.course.students(MINI) == []


def test_one_student_cannot_submit_for_another(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = exchange.inbound / exchange.student("ada").submit()
    owner = folder.owner()
    assert forged_by(exchange.course, folder, "ada", {"ada", owner}) == owner
    assert forged_by(exchange.course, folder, owner, {"ada", owner}) == ""
    assert forged_by(exchange.course, folder, "ada", {"ada"}) == ""  # on many hubs all files are of one account
    exchange.course.config.ExchangeCollect.check_owner = False
    assert forged_by(exchange.course, folder, "ada", {"ada", owner}) == ""


def test_what_is_refused_leaves_the_one_that_was_collected(exchange: Exchange) -> None:
    ada = exchange.student("ada")
    assert collect_one(exchange.course, MINI, ada.submit(HALF))
    there = files(exchange.room.folder("ada"))
    newer = ada.submit(RIGHT)
    (exchange.inbound / newer / "large").write_bytes(b"x" * 2000)
    exchange.course.config.CourseDirectory.max_dir_size = 1
    with pytest.raises(UserError, match="max_dir_size"):
        collect_one(exchange.course, MINI, newer)
    assert files(exchange.room.folder("ada")) == there


@pytest.mark.parametrize(
    "make", [Path.mkdir, lambda path: path.symlink_to("pipe"), lambda path: path.write_text("now")]
)
@pytest.mark.timeout(60)
def test_no_time_stamp_stands_in_the_way_of_the_next_submission(
    exchange: Exchange, make: Callable[[Path], object]
) -> None:
    ada = exchange.student("ada")
    older = ada.submit(HALF)
    os.mkfifo(exchange.inbound / older / "pipe")
    stamp = exchange.inbound / older / "timestamp.txt"
    stamp.unlink()
    make(stamp)
    assert collect_one(exchange.course, MINI, older)
    (exchange.room.folder("ada") / "timestamp.txt").unlink(missing_ok=True)
    os.mkfifo(exchange.room.folder("ada") / "pipe")
    make(exchange.room.folder("ada") / "timestamp.txt")  # or another command has left it so
    assert collect_one(exchange.course, MINI, ada.submit(RIGHT))
    assert (exchange.room.folder("ada") / "timestamp.txt").is_file()

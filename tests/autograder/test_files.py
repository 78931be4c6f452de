"""Files are written whole or not at all; of a submission only what is a student's own is read, within limits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import files
from autograder.errors import UserError
from autograder.files import read_submitted, write_atomically
from course.handing_in.files import MAX_FILES, MAX_FILES_BYTES
from course.handing_in.reading import MAX_NOTEBOOK_BYTES
from tests.support.classroom import MINI, write_course

STUDENT = "ada"


def test_a_file_is_written_with_its_folder_and_mode(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "file"
    for content, mode in ((b"one", 0o644), (b"two", 0o444), (b"three", 0o600)):
        write_atomically(target, content, mode)
        assert target.read_bytes() == content
        assert target.stat().st_mode & 0o777 == mode
    assert list(target.parent.iterdir()) == [target]


def test_the_mode_is_not_the_one_of_a_temporary_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "page.html", b"")
    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("step", ["chmod", "replace"])
def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "file"
    target.write_text("old")
    monkeypatch.setattr(Path, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, b"new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


class Submission:
    """A folder in `submitted/`, and what is read of it."""

    def __init__(self, root: Path, settings: str = "") -> None:
        self.course = write_course(root, settings)
        self.given = self.course.folder("source", MINI)
        self.folder = self.course.folder("submitted", MINI, STUDENT)
        self.folder.mkdir(parents=True)
        self.write(f"{MINI}.ipynb", b"{}")

    def write(self, name: str, content: bytes = b"") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def read(self) -> files.Submitted:
        return read_submitted(self.course, MINI, STUDENT, MINI)

    def names(self) -> set[str]:
        """The files read, without those of the assignment."""
        return self.read().files.keys() - {"data/numbers.csv"}


@pytest.fixture
def handed_in(tmp_path: Path) -> Submission:
    return Submission(tmp_path / "course")


def test_nested_files_are_read_and_the_assignments_win(handed_in: Submission) -> None:
    handed_in.write("deep/er/own.txt", b"mine")
    handed_in.write("data/numbers.csv", b"forged")
    assert handed_in.read() == files.Submitted(
        b"{}", {"deep/er/own.txt": b"mine", "data/numbers.csv": b"1\n2\n3\n"}, left_out=()
    )


@pytest.mark.parametrize(
    "name", [".hidden", ".git/config", "other.ipynb", "cache.pyc", "deep/__pycache__/x", "feedback/page.html"]
)
def test_what_is_hidden_or_ignored_is_not_read(handed_in: Submission, name: str) -> None:
    handed_in.write(name)
    assert handed_in.names() == set()


def test_the_courses_own_patterns_count(tmp_path: Path) -> None:
    handed_in = Submission(tmp_path / "course", "\nc.CourseDirectory.ignore.append('*.zip')\n")
    handed_in.write("all.zip")
    handed_in.write("one.txt")
    assert handed_in.names() == {"one.txt"}


def test_links_and_pipes_are_not_read(handed_in: Submission, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.txt").write_text("of somebody else")
    (handed_in.folder / "link.txt").symlink_to(elsewhere / "secret.txt")
    (handed_in.folder / "link").symlink_to(elsewhere)
    os.mkfifo(handed_in.folder / "pipe")
    assert handed_in.names() == set()


def test_a_solution_beside_the_assignment_is_not_given(handed_in: Submission) -> None:
    (handed_in.given / f"{MINI}.py").write_text("the answers")
    (handed_in.given / "helper.py").write_text("fine = 1")
    assert handed_in.names() == {"helper.py"}


def test_nbgraders_setting_lets_a_student_keep_a_file(handed_in: Submission) -> None:
    handed_in.write("data/numbers.csv", b"mine")
    handed_in.course.config.Autograde.exclude_overwriting = {MINI: ["data/numbers.csv"]}
    assert handed_in.read().files == {"data/numbers.csv": b"mine"}


def test_names_that_cannot_be_printed_are_left_out_and_named(handed_in: Submission) -> None:
    handed_in.write("two\nlines.txt")
    assert handed_in.names() == set()
    assert handed_in.read().left_out == ("the file two�lines.txt was left out: its name cannot be printed",)


def test_so_many_files_and_no_more(handed_in: Submission) -> None:
    for number in range(MAX_FILES + 5):
        handed_in.write(f"{number:04}")
    submitted = handed_in.read()
    assert len(submitted.files) == MAX_FILES + 1
    assert {"0000", f"{MAX_FILES - 1:04}", "data/numbers.csv"} <= submitted.files.keys()
    assert submitted.left_out == (f"5 files were left out: a submission may have {MAX_FILES}",)


def big(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return make


def test_the_largest_that_are_read(handed_in: Submission) -> None:
    big(MAX_NOTEBOOK_BYTES)(handed_in.folder / f"{MINI}.ipynb")
    big(MAX_FILES_BYTES)(handed_in.folder / "data.bin")
    submitted = handed_in.read()
    assert (len(submitted.notebook), len(submitted.files["data.bin"])) == (MAX_NOTEBOOK_BYTES, MAX_FILES_BYTES)


def test_too_large_a_notebook_is_not_read(handed_in: Submission) -> None:
    big(MAX_NOTEBOOK_BYTES + 1)(handed_in.folder / f"{MINI}.ipynb")
    with pytest.raises(UserError) as error:
        handed_in.read()
    assert str(error.value) == (
        "mini.ipynb has 128 MiB; at most 128 are read. Please clear its outputs, save it and hand it in again."
    )


def test_of_too_many_bytes_the_largest_files_are_left_out(handed_in: Submission) -> None:
    for name, size in (("helper.py", 10), ("data.bin", 2000), ("more.bin", 1500), ("table.csv", 900)):
        big(size)(handed_in.folder / name)
    submitted = read_submitted(handed_in.course, MINI, STUDENT, MINI, 910)
    assert submitted.files.keys() == {"helper.py", "table.csv", "data/numbers.csv"}
    assert submitted.left_out == (
        "data.bin and 1 more files were left out: the files of a submission may have 0 MiB together",
    )


def test_the_assignments_own_data_do_not_count(handed_in: Submission) -> None:
    """Neither as they are in the assignment, nor the copy that a student hands in."""
    big(MAX_FILES_BYTES + 1)(handed_in.given / "data.bin")
    big(MAX_FILES_BYTES + 1)(handed_in.folder / "data.bin")
    handed_in.write("own.csv", b"1")
    submitted = handed_in.read()
    assert submitted.files.keys() == {"data.bin", "own.csv", "data/numbers.csv"}
    assert submitted.left_out == ()


def test_the_reason_is_one_line(handed_in: Submission) -> None:
    (handed_in.folder / f"{MINI}.ipynb").rename(handed_in.folder / "other\n\x1b[31m.ipynb")
    with pytest.raises(UserError) as error:
        handed_in.read()
    assert str(error.value) == "There is no mini.ipynb in the submission; there is other��[31m.ipynb."

"""`autograder grade`, `nbgrader autograde` and Formgrader's button give the same grades."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.batch.coordinator import grade_class
from autograder.batch.run import how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.examiner.verdict import METADATA_KEY
from autograder.practice.sample_class import Kind, make_sample_class
from autograder.provenance import entered
from autograder.publish.notebooks import generate_assignment
from course.handing_in.files import MAX_FILES_BYTES
from tests.support.classroom import MINI, RIGHT, ROOT, Classroom, Inline, content_of_gradebook

PS1 = "ps1_from_scratch"
KINDS = [kind for kind in Kind if kind not in (Kind.LOOP, Kind.MEMORY)]


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    """One student of each kind in the sample class that ends soon."""
    root = tmp_path / "batch"
    shutil.copytree(ROOT / "source" / PS1, root / "source" / PS1)
    shutil.copy(ROOT / CONFIG_NAME, root)
    made = CourseFolder.load(root)
    generate_assignment(made, PS1)
    students = make_sample_class(made, ROOT / "autograder" / "practice" / "answers", root / "submitted")
    chosen = {next(student.id for student in students if student.kinds[PS1] is kind) for kind in KINDS}
    for student in students:
        if student.id not in chosen:
            shutil.rmtree(root / "submitted" / student.id)
    return made


def scores(course: CourseFolder) -> list[Any]:
    """Return the gradebook without our ledger, which nbgrader does not write."""
    return [row for row in content_of_gradebook(course, PS1) if row[0] != "ledger"]


def outputs(course: CourseFolder) -> dict[str, list[Any]]:
    """Return the cells of the graded notebooks."""
    found = sorted((course.root / "autograded").glob(f"*/{PS1}/{PS1}.ipynb"))
    return {str(path.relative_to(course.root)): nbformat.read(path, as_version=4).cells for path in found}


@pytest.mark.slow
def test_three_ways_to_the_same_grades(course: CourseFolder, tmp_path: Path) -> None:
    by_command, by_button = tmp_path / "command", tmp_path / "button"
    shutil.copytree(course.root, by_command)
    shutil.copytree(course.root, by_button)
    grade_class(course, PS1, how_configured(course), Inline, 1)

    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    nbgrader = [sys.executable, "-m", "nbgrader", "autograde", PS1]
    subprocess.run(nbgrader, cwd=by_command, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    formgrader = CourseFolder.load(by_button)
    for student in formgrader.students(PS1):
        assert formgrader.api().autograde(PS1, student)["success"]

    assert len(outputs(course)) == len(KINDS)
    for other in (CourseFolder.load(by_command), formgrader):
        assert scores(other) == scores(course)
        assert outputs(other) == outputs(course)


LISTS_FILES = """\
from pathlib import Path

for path in sorted(Path().rglob("*")):
    if path.is_file():
        print(path, path.read_bytes()[:20])
"""


def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal is made up; for nbgrader's copy of the file nothing changes."""

    def refuse(path: Path) -> bytes:
        if path.name == "secret.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", refuse)


def hand_in_files(room: Classroom) -> None:
    """Hand in, for each student, one kind of file that a reader can get wrong."""
    answers = {"double": LISTS_FILES + RIGHT["double"], "mean": RIGHT["mean"]}
    folders = {name: room.hand_in(name, answers).parent for name in ("kept", "large", "links", "names", "secret")}
    elsewhere = room.course.root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs.txt").write_text("of somebody else")
    for name in ("deep/er/own.txt", "cache.pyc", "deep/__pycache__/x", ".hidden/x", "feedback/x", "data/numbers.csv"):
        folders["kept"].joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        folders["kept"].joinpath(name).write_text("mine")
    with folders["large"].joinpath("data.bin").open("wb") as file:
        file.truncate(MAX_FILES_BYTES + 1)
    folders["links"].joinpath("link.txt").symlink_to(elsewhere / "theirs.txt")
    folders["links"].joinpath("link").symlink_to(elsewhere)
    folders["names"].joinpath("two\nlines.txt").write_text("mine")
    folders["secret"].joinpath("secret.txt").write_text("mine")


def content(room: Classroom) -> dict[str, tuple[list[Any], list[str]]]:
    """Return the cells and notes of each student's graded notebook."""
    graded = {name: room.folder(name, "autograded") / f"{MINI}.ipynb" for name in room.course.students(MINI)}
    found = {name: nbformat.read(path, as_version=4) for name, path in graded.items()}
    return {name: (notebook.cells, notebook.metadata[METADATA_KEY]["notes"]) for name, notebook in found.items()}


def made_with(room: Classroom) -> dict[tuple[str, str], tuple[str, str]]:
    """Return versions and wall of each grade."""
    with room.gradebook() as gradebook:
        return {key: (made.programs, made.wall) for key, made in entered(gradebook, MINI).items()}


@pytest.mark.slow
def test_both_ways_see_the_same_files(released: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_command = released.copy(tmp_path / "command")
    hand_in_files(by_command)
    by_nbgrader = by_command.copy(tmp_path / "nbgrader")
    unreadable(monkeypatch)

    summary = by_command.grade()
    for student in by_nbgrader.course.students(MINI):
        assert by_nbgrader.course.api().autograde(MINI, student)["success"]

    assert summary.problems == {"secret": "secret.txt cannot be read: Permission denied."}
    assert by_command.scores() == {"kept": 6, "large": 6, "links": 6, "names": 6, "secret": 0}
    assert by_nbgrader.scores() == by_command.scores()
    assert content(by_nbgrader) == content(by_command)
    made = {room: made_with(room) for room in (by_command, by_nbgrader)}
    assert made[by_nbgrader] == made[by_command]
    assert {student for student, _ in made[by_command]} == set(by_command.scores())
    assert not list(by_nbgrader.course.root.glob("gradebook.db.*"))  # a new one needs no copy
    printed = {name: cells[1].outputs[0].text for name, (cells, _) in content(by_command).items() if cells[1].outputs}
    given = "data/numbers.csv b'1\\n2\\n3\\n'\n"
    assert printed == {"kept": f"{given}deep/er/own.txt b'mine'\n", "large": given, "links": given, "names": given}
    assert content(by_command)["names"][1] == ["the file two�lines.txt was left out: its name cannot be printed"]

"""Notebooks of one assignment may run each other; what is not a notebook of bearable size stays away."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from autograder import other_notebooks as module
from autograder.course_folder import CourseFolder
from autograder.other_notebooks import other_notebooks
from autograder.publish.notebooks import METADATA, generate_assignment
from tests.support.classroom import MINI, Classroom, mini_notebook, write_course
from tests.support.classroom_fixtures import _frozen_source

__all__ = ["_frozen_source"]


def cells_of(source: str) -> bytes:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)], metadata=METADATA)
    return json.dumps(notebook).encode()


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    """A course whose notebook runs another of the assignment."""
    course = write_course(tmp_path / "course")
    notebook = mini_notebook(
        double="def double(x):\n    ### BEGIN SOLUTION\n    return FACTOR * x\n    ### END SOLUTION\n"
    )
    notebook.cells[0].source += "%run given.ipynb\n"
    nbformat.write(notebook, course.folder("source", MINI) / f"{MINI}.ipynb")
    course.folder("source", MINI).joinpath("given.ipynb").write_bytes(cells_of("FACTOR = 2"))
    generate_assignment(course, MINI)
    return Classroom(course)


@pytest.mark.thorough(reason="a course of several notebooks from start to end")
def test_they_run_each_other(room: Classroom) -> None:
    answer = {"double": "def double(x):\n    return FACTOR * x\n", "mean": "def mean(v):\n    return OWN"}
    room.hand_in("ada", answer).with_name("given.ipynb").write_bytes(cells_of("FACTOR = 2\nOWN = 2.0"))
    room.hand_in("forgot", answer)  # then it is the one of release/
    room.hand_in("wrong", answer).with_name("given.ipynb").write_bytes(cells_of("FACTOR = 0"))
    room.hand_in("more", {**answer, "mean": "%run mine.ipynb"}).with_name("mine.ipynb").write_bytes(
        cells_of("def mean(values):\n    return 2.0")
    )
    by_nbgrader = room.copy(room.course.root.parent / "nbgrader")
    room.grade()
    assert room.scores() == {"ada": 6, "forgot": 4, "more": 6, "wrong": 0}
    assert {name for name in room.graded_files() if name.endswith(".ipynb")} == {
        f"{student}/{MINI}/{name}.ipynb" for student in room.scores() for name in (MINI, "given")
    }
    assert room.grade().skipped == 8
    for student in ("ada", "more"):
        assert by_nbgrader.course.api().autograde(MINI, student)["success"]
    assert by_nbgrader.scores() == {"ada": 6, "more": 6}


def test_what_may_not_go_along_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course: CourseFolder = write_course(tmp_path)
    folder = course.folder("submitted", MINI, "ada")
    folder.mkdir(parents=True)
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    monkeypatch.setattr(module, "MAX_NOTEBOOKS", 2)
    for name in (f"{MINI}.ipynb", "a.ipynb", "b.ipynb", "c.ipynb", ".hidden.ipynb"):
        folder.joinpath(name).write_bytes(name.encode()[:10])
    folder.joinpath("Large.ipynb").write_bytes(b"x" * 11)
    folder.joinpath("Link.ipynb").symlink_to(course.root / "nbgrader_config.py")
    folder.joinpath("Folder.ipynb").mkdir()
    files, left_out = other_notebooks(course, MINI, "ada", MINI)
    assert files == {"a.ipynb": b"a.ipynb", "b.ipynb": b"b.ipynb"}
    assert [line.split()[2] for line in left_out] == ["Folder.ipynb", "Large.ipynb", "Link.ipynb", "c.ipynb"]

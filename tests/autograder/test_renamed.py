"""A notebook under another name is found, if it is plain which one it is; else the line says what there is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.handed_in import read_handed_in
from autograder.renamed import named_like, notebooks_below
from tests.support.classroom import HALF, MINI, RIGHT, Classroom
from tests.support.classroom_fixtures import released, room

__all__ = ["released", "room"]

FILE = f"{MINI}.ipynb"
NAMES = (
    "mini (1).ipynb",
    "Kopie von mini.ipynb",
    "mini-Copy1.ipynb",
    "MINI.ipynb",
    "mini.IPYNB",
    "mini.ipynb.txt",
    "mini.ipynb.json",
    "mini.ipynb ",
    "mini/mini.ipynb",
    "a/b/c/mini.ipynb",
    "Ada Müller mini_final.ipynb",
    "Untitled3.ipynb",
)


def elsewhere(room: Classroom, name: str) -> Path:
    """Hand in under another name."""
    path = room.hand_in("ada")
    target = path.parent / name
    target.parent.mkdir(parents=True, exist_ok=True)
    return path.rename(target)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_with_a_note(room: Classroom, name: str) -> None:
    path = elsewhere(room, name)
    told = read_handed_in(room.course, MINI, "ada", MINI)
    assert (told.notebook, told.problem) == (path.read_bytes(), "")
    assert told.notes == (f"{name} was graded as {FILE}, which is not there",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_it_is_known_by_its_lines_without_marks_and_name(room: Classroom, encoding: str) -> None:
    path = elsewhere(room, "homework.ipynb")
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata = {}
    path.write_bytes(json.dumps(notebook).encode(encoding))
    assert read_handed_in(room.course, MINI, "ada", MINI).notebook == path.read_bytes()


def another(path: Path) -> None:
    path.with_name("mini (2).ipynb").write_bytes(path.read_bytes() + b"\n")


def foreign(path: Path) -> None:
    path.write_text('{"cells": []}')
    path.rename(path.with_name("other.ipynb"))


def archive(path: Path) -> None:
    path.rename(path.with_name("mini.zip"))
    path.with_name("timestamp.txt").write_text("2026-03-01 12:00:00 UTC")


def linked(path: Path) -> None:
    path.rename(path.parents[2] / "theirs")
    path.symlink_to(path.parents[2] / "theirs")


def hidden(path: Path) -> None:
    target = path.with_name(".ipynb_checkpoints")
    target.mkdir()
    path.rename(target / "mini-checkpoint.ipynb")


def too_deep(path: Path) -> None:
    target = path.parent / "a/b/c/d"
    target.mkdir(parents=True)
    path.rename(target / FILE)


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (another, "; there is mini (1).ipynb, mini (2).ipynb. Rename the one that counts."),
        (foreign, "; there is other.ipynb."),
        (archive, "; there is mini.zip."),
        (linked, "; there is mini (1).ipynb."),
        (hidden, "."),
        (too_deep, "; there is a."),
    ],
)
def test_what_is_not_plain_is_listed(room: Classroom, spoil: Callable[[Path], None], found: str) -> None:
    spoil(elsewhere(room, "mini (1).ipynb"))
    assert read_handed_in(room.course, MINI, "ada", MINI).problem == f"There is no {FILE} in the submission{found}"


def test_copies_alike_are_one(room: Classroom) -> None:
    path = elsewhere(room, "mini (1).ipynb")
    shutil.copy(path, path.with_name("mini (2).ipynb"))
    assert read_handed_in(room.course, MINI, "ada", MINI).problem == ""


def test_a_copy_beside_the_one_that_is_graded_is_noted(room: Classroom) -> None:
    copy = elsewhere(room, "mini-Copy1.ipynb")
    shutil.copy(copy, copy.with_name("mini-Copy2.ipynb"))
    path = room.hand_in("ada", HALF)
    shutil.copy(path, path.with_name("mini (1).ipynb"))  # the same once more
    shutil.copy(copy, path.with_name("scratch.ipynb"))
    told = read_handed_in(room.course, MINI, "ada", MINI)
    assert told.notebook == path.read_bytes()
    assert told.notes == tuple(f"beside {FILE} there is mini-Copy{n}.ipynb, which was not graded" for n in (1, 2))


def untouched(room: Classroom) -> Path:
    """Hand in what students got, as it is; return the file."""
    path = room.hand_in("ada")
    shutil.copy(room.course.folder("release", MINI) / FILE, path)
    return path


def resaved(path: Path) -> None:
    """Save a notebook as other programs do: other ids, lines as one text, run once."""
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"another-{number}"
        cell.source += "\n"
        if cell.cell_type == "code":
            cell.execution_count = number
    path.write_text(json.dumps(notebook))


@pytest.mark.parametrize("save", [resaved, lambda path: None])
@pytest.mark.parametrize("name", ["mini (1).ipynb", "mini-Copy1.ipynb", "work/mini.ipynb", "homework.ipynb"])
def test_the_copy_with_the_answers_counts(room: Classroom, name: str, save: Callable[[Path], None]) -> None:
    answered = elsewhere(room, name)
    path = untouched(room)
    save(path)
    shutil.copy(path, path.with_name("mini-Copy7.ipynb"))  # without answers, too
    told = read_handed_in(room.course, MINI, "ada", MINI)
    assert (told.notebook, told.problem) == (answered.read_bytes(), "")
    assert f"{name} was graded as {FILE}, in which nothing is answered" in told.notes


def test_of_several_copies_with_other_answers_none_is_chosen(room: Classroom) -> None:
    first = elsewhere(room, "mini (1).ipynb")
    first.with_name("mini (2).ipynb").write_bytes(first.read_bytes() + b"\n")
    untouched(room)
    told = read_handed_in(room.course, MINI, "ada", MINI)
    assert told.problem == (
        f"Nothing is answered in {FILE}; there is mini (1).ipynb, mini (2).ipynb. Rename the one that counts."
    )


def answer(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code" and "def double" in cell.source)
    cell.source = "def double(x):\n    return x"
    nbformat.write(notebook, path)


def add_code(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("def double(x):\n    return x + x"))
    nbformat.write(notebook, path)


def drop_answers(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "def double" not in cell.source]
    nbformat.write(notebook, path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def deep(path: Path) -> None:
    path.write_bytes(b'{"cells": ' + b"[" * 100_000)


@pytest.mark.parametrize("change", [answer, add_code, drop_answers, cut, deep])
def test_whoever_did_something_in_place_is_graded_there(room: Classroom, change: Callable[[Path], None]) -> None:
    elsewhere(room, "mini (1).ipynb")
    path = untouched(room)
    change(path)
    told = read_handed_in(room.course, MINI, "ada", MINI)
    assert told.notebook == path.read_bytes()
    assert told.notes == (f"beside {FILE} there is mini (1).ipynb, which was not graded",)


def test_untouched_alone_is_graded_as_it_is(room: Classroom) -> None:
    path = untouched(room)
    shutil.copy(path, path.with_name("mini (1).ipynb"))
    told = read_handed_in(room.course, MINI, "ada", MINI)
    assert (told.notebook, told.notes, told.problem) == (path.read_bytes(), (), "")


def test_each_of_several_notebooks_has_its_own(room: Classroom) -> None:
    source = room.course.folder("source", MINI)
    shutil.copy(source / FILE, source / "mini 2.ipynb")
    second = elsewhere(room, "mini 2 (1).ipynb")
    first = room.hand_in("ada", RIGHT).rename(second.with_name("mini (1).ipynb"))
    assert read_handed_in(room.course, MINI, "ada", MINI).notebook == first.read_bytes()
    second.write_bytes(b"{}")
    assert read_handed_in(room.course, MINI, "ada", "mini 2").notebook == b"{}"


@pytest.mark.parametrize(
    ("file", "names", "name"),
    [
        ("problem10 (1).ipynb", ["problem1", "problem10"], "problem10"),
        ("Problem 1-Copy1.ipynb", ["problem1", "problem10"], "problem1"),
        ("home.ipynb", ["p1", "e"], ""),
        ("übung.ipynb", ["Übung"], "Übung"),
    ],
)
def test_the_longest_name_counts(file: str, names: list[str], name: str) -> None:
    assert named_like(Path(file), names) == name


def test_what_systems_leave_is_no_notebook(tmp_path: Path) -> None:
    for name in ("__MACOSX/mini.ipynb", "._mini.ipynb", "mini.ipynb:Zone.Identifier", "mini.ipynb.bak", "x/mini.ipynb"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
    assert notebooks_below(tmp_path) == [tmp_path / "x/mini.ipynb"]

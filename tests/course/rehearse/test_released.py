"""The released notebook is found by its name, or by its graded cells; and a missing one is one clear line."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from course.rehearse import released
from course.rehearse.released import CannotRehearse, find_released, source_of
from tests.course.rehearse.paper import NAME, Paper, save

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path / "release" / NAME, "one two")


@pytest.fixture(autouse=True)
def course_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(released, "COPIES", tmp_path / "copies")
    monkeypatch.setattr(released, "RELEASE", tmp_path / "release")


def test_it_says_of_each_cell_what_the_gradebook_would(paper: Paper) -> None:
    source = source_of(paper.folder / f"{NAME}.ipynb")
    roles = [(cell.name, cell.locked, cell.grade, cell.solution, cell.points) for cell in source.cells]
    assert roles == [
        ("given", True, False, False, 0),
        ("one", False, False, True, 0),
        ("test_one", True, True, False, 2),
        ("two", False, False, True, 0),
        ("test_two", True, True, False, 2),
        ("essay", False, True, True, 1),
    ]


@pytest.mark.parametrize("name", [NAME, "mini-Copy1", "final (2)"])
def test_by_name_or_by_its_graded_cells(paper: Paper, tmp_path: Path, name: str) -> None:
    other = Paper(tmp_path / "release" / "other", "three")
    (other.folder / f"{NAME}.ipynb").rename(other.folder / "other.ipynb")
    notebook = paper.answered({})
    assert find_released(save(notebook, tmp_path / "mine", name), notebook).name == NAME


def test_the_bundle_has_copies_that_nobody_works_in(paper: Paper, tmp_path: Path) -> None:
    theirs = paper.folder / f"{NAME}.ipynb"
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / f"{NAME}.json").write_bytes(theirs.read_bytes())
    worked_in = paper.answered({"one": "def one(x):\n    return 1"})
    nbformat.write(worked_in, theirs)
    source = find_released(theirs, worked_in)
    assert "raise NotImplementedError" in next(cell.source for cell in source.cells if cell.name == "one")


def test_an_exchange_may_have_it(paper: Paper, tmp_path: Path) -> None:
    outbound = tmp_path / "outbound"
    paper.folder.rename(outbound)
    path = save(paper.answered({}), tmp_path / "mine")
    with pytest.raises(CannotRehearse):
        find_released(path, paper.notebook)
    assert find_released(path, paper.notebook, outbound).name == NAME


@pytest.mark.parametrize("case", ["none", "only itself", "of another course"])
def test_a_missing_one_is_one_line(paper: Paper, tmp_path: Path, case: str) -> None:
    Paper(tmp_path / "release" / "other", "three").folder.joinpath(f"{NAME}.ipynb").rename(
        tmp_path / "release" / "other" / "other.ipynb"
    )
    path = paper.folder / f"{NAME}.ipynb"
    notebook = paper.notebook
    if case != "only itself":
        path.unlink()
        notebook = nbformat.v4.new_notebook() if case == "none" else Paper(tmp_path / "elsewhere", "four").notebook
        notebook.cells = [cell for cell in notebook.cells if cell.metadata.nbgrader.grade_id != "essay"]
        path = save(notebook, tmp_path / "mine")
    with pytest.raises(CannotRehearse) as caught:
        find_released(path, notebook)
    assert str(caught.value) == (
        "mini.ipynb cannot be restored: the course has no other copy of it as it was released. "
        "Say where one is: --release FOLDER."
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": [{}]}'])
def test_a_broken_one_is_one_line(paper: Paper, content: str) -> None:
    path = paper.folder / f"{NAME}.ipynb"
    path.write_text(content)
    with pytest.raises(CannotRehearse, match=r"mini.ipynb is no notebook as nbgrader releases it \(\w+\)\."):
        source_of(path)


@pytest.mark.parametrize("path", sorted((ROOT / "release").glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_each_assignment_can_be_restored_from_its_own(path: Path) -> None:
    source = source_of(path)
    assert sum(cell.points for cell in source.cells) >= 30
    assert {cell.cell_type for cell in source.cells} == {"code", "markdown"}

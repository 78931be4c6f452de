"""The released notebook is found by its name, or by its graded cells; and a missing one is one clear line."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader import utils

from course.handing_in.reading import read_submission
from course.rehearse import released
from course.rehearse.released import CannotRehearse, find_released, source_of
from tests.course.rehearse.paper import NAME, Paper, right, save

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
    found = find_released(save(notebook, tmp_path / "mine", name), notebook)
    assert (found.source.name, found.remark, found.is_released) == (NAME, "", True)


def test_the_bundle_has_copies_that_nobody_works_in(paper: Paper, tmp_path: Path) -> None:
    theirs = paper.folder / f"{NAME}.ipynb"
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / f"{NAME}.json").write_bytes(theirs.read_bytes())
    worked_in = paper.answered({"one": "def one(x):\n    return 1"})
    nbformat.write(worked_in, theirs)
    source = find_released(theirs, worked_in).source
    assert "raise NotImplementedError" in next(cell.source for cell in source.cells if cell.name == "one")


def test_an_exchange_may_have_it(paper: Paper, tmp_path: Path) -> None:
    outbound = tmp_path / "outbound"
    paper.folder.rename(outbound)
    path = save(paper.answered({}), tmp_path / "mine")
    assert not find_released(path, paper.notebook).is_released
    assert find_released(path, paper.notebook, outbound).source.name == NAME


def test_without_another_copy_its_own_cells_stand_for_the_released_ones(paper: Paper, tmp_path: Path) -> None:
    Paper(tmp_path / "elsewhere", "four")  # another assignment, with a cell that is called alike
    (tmp_path / "release" / "other").mkdir()
    (tmp_path / "elsewhere" / f"{NAME}.ipynb").rename(tmp_path / "release" / "other" / "other.ipynb")
    path = paper.folder / f"{NAME}.ipynb"
    found = find_released(path, paper.notebook)
    assert not found.is_released
    assert [cell.name for cell in found.source.cells if cell.is_test] == ["test_one", "test_two"]
    assert found.remark.startswith("There is no other copy of this notebook as it was handed out: ")
    assert "Yours differ" not in found.remark
    changed = paper.answered({"test_one": "1.0", "one": right("one")})
    for cell in changed.cells:
        marks = cell.metadata.nbgrader
        released_cell = next(each for each in paper.notebook.cells if each.metadata.nbgrader.grade_id == marks.grade_id)
        marks.checksum = utils.compute_checksum(released_cell)
    assert "Yours differ in 'test_one'." in find_released(path, changed).remark


def test_another_version_of_the_assignment_is_told(paper: Paper, tmp_path: Path) -> None:
    newer = paper.answered({"one": right("one")})
    paper.notebook.cells[2].metadata.nbgrader.checksum = "old"
    nbformat.write(paper.notebook, paper.folder / f"{NAME}.ipynb")
    newer.cells[2].metadata.nbgrader.checksum = "new"
    remark = find_released(save(newer, tmp_path / "mine"), newer).remark
    assert remark.startswith("The copy that your notebook is restored from is of another version of the assignment")
    assert "(cell 'test_one')" in remark


def test_what_is_no_assignment_is_one_line(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    path = save(notebook, tmp_path / "mine")
    with pytest.raises(CannotRehearse) as caught:
        find_released(path, notebook)
    assert str(caught.value) == (
        "mini.ipynb cannot be restored: the course has no copy of it as it was released. "
        "Say where one is: --release FOLDER."
    )
    with pytest.raises(CannotRehearse, match=f"{tmp_path} has no copy"):
        find_released(path, notebook, tmp_path)


MARKS = st.dictionaries(
    st.sampled_from(["grade_id", "grade", "solution", "locked", "task", "points", "checksum", "schema_version"]),
    st.none() | st.booleans() | st.floats() | st.sampled_from(["given", "one", "test_one", "many", ""]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["code", "markdown", "raw"]), MARKS), max_size=5))
def test_whatever_its_marks_say_it_is_a_notebook_or_none(cells: list[tuple[str, dict[str, object]]]) -> None:
    made = [{"cell_type": kind, "metadata": {"nbgrader": marks}, "source": "x"} for kind, marks in cells]
    submitted, _ = read_submission(json.dumps({"cells": made}).encode())
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(CannotRehearse):
        path = Path(folder, f"{NAME}.ipynb")
        path.touch()
        assert not find_released(path, submitted).is_released


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

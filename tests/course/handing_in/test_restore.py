"""Whatever a student does to locked cells, the gradebook's version is what gets graded."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.handing_in.reading import read_submission
from course.handing_in.restore import restore
from course.handing_in.sourcecells import SourceCell, SourceNotebook


def source_cell(name, text, *, locked=True, grade=False, solution=False, cell_type="code", points=0.0):
    return SourceCell(name, cell_type, text, f"sum-{name}", locked, grade, solution, False, points)


SOURCE = SourceNotebook(
    "ps",
    "ps",
    {"name": "python3", "display_name": "Python 3", "language": "python"},
    (
        source_cell("given", "import numpy as np"),
        source_cell("answer", "raise NotImplementedError", locked=False, solution=True),
        source_cell("test", "assert answer == 42  # hidden", grade=True, points=3.0),
        source_cell("essay", "YOUR ANSWER", locked=False, solution=True, grade=True, cell_type="markdown", points=2.0),
    ),
)


def handed_in():
    """Return the notebook as released: the test cell without its hidden part."""
    texts = {"test": "assert answer == 42"}
    cells = []
    for cell in SOURCE.cells:
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        cells.append(new(texts.get(cell.name, cell.source), metadata={"nbgrader": cell.metadata()}))
    return nbformat.v4.new_notebook(cells=cells)


def by_name(notebook):
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def test_an_untouched_notebook_needs_no_repair_and_gets_its_hidden_tests():
    notebook, notes = restore(handed_in(), SOURCE)
    assert notes == []
    assert by_name(notebook)["test"].source == "assert answer == 42  # hidden"


def test_the_answer_stays_and_locked_cells_come_back():
    submitted = handed_in()
    submitted.cells[0].source = "import evil"
    submitted.cells[1].source = "answer = 42"
    submitted.cells[2].source = "pass"
    cells = by_name(restore(submitted, SOURCE)[0])
    assert cells["given"].source == "import numpy as np"
    assert cells["answer"].source == "answer = 42"
    assert cells["test"].source == "assert answer == 42  # hidden"


@pytest.mark.parametrize("index", range(4))
def test_a_deleted_cell_comes_back_in_its_place(index):
    submitted = handed_in()
    name = submitted.cells.pop(index).metadata.nbgrader.grade_id
    notebook, notes = restore(submitted, SOURCE)
    assert [cell.metadata.nbgrader.grade_id for cell in notebook.cells] == ["given", "answer", "test", "essay"]
    assert notes == [f"cell {name!r} was missing; it was put back"]


def test_all_cells_deleted():
    notebook, notes = restore(nbformat.v4.new_notebook(), SOURCE)
    assert [cell.metadata.nbgrader.grade_id for cell in notebook.cells] == ["given", "answer", "test", "essay"]
    assert len(notes) == 4


def test_of_two_copies_of_an_answer_both_run_and_the_one_in_its_place_counts():
    submitted = handed_in()
    twin = nbformat.from_dict(submitted.cells[1])
    twin.source = "answer = 1"
    submitted.cells.insert(0, twin)
    notebook, notes = restore(submitted, SOURCE)
    assert by_name(notebook)["answer"].source == "raise NotImplementedError"
    assert "nbgrader" not in notebook.cells[0].metadata
    assert notes == ["cell 'answer' was there 2 times: all ran, in their order, and number 2 counted"]


def test_an_empty_copy_does_not_stand_for_what_was_written_elsewhere():
    """Somebody empties the cell for the answer and writes it at the end of the notebook."""
    submitted = handed_in()
    submitted.cells[1].source = "\n"
    submitted.cells.append(nbformat.from_dict(submitted.cells[1]))
    submitted.cells[-1].source = "answer = 42"
    notebook, notes = restore(submitted, SOURCE)
    assert by_name(notebook)["answer"].source == "answer = 42"
    assert notes[0] == "cell 'answer' was there 2 times: all ran, in their order, and number 2 counted"


@pytest.mark.parametrize("points", [100, -1, float("nan"), "many", None, [1], {"a": 1}])
def test_changed_points_change_back(points):
    submitted = handed_in()
    submitted.cells[2].metadata.nbgrader["points"] = points
    notebook, notes = restore(submitted, SOURCE)
    assert by_name(notebook)["test"].metadata.nbgrader.points == 3.0
    assert "points of cell 'test' were changed" in notes[0]


@pytest.mark.parametrize(
    ("index", "changes"),
    [
        (2, {"grade": False, "locked": False}),
        (2, {"solution": True}),
        (2, {"task": True}),
        (0, {"locked": False}),
        (1, {"locked": True}),
        (2, {"checksum": "0", "schema_version": 1}),
    ],
)
def test_changed_roles_change_back(index, changes):
    submitted = handed_in()
    submitted.cells[index].metadata.nbgrader.update(changes)
    name = SOURCE.cells[index].name
    assert by_name(restore(submitted, SOURCE)[0])[name].metadata.nbgrader == SOURCE.cells[index].metadata()


def test_a_cell_of_another_type_changes_back():
    submitted = handed_in()
    submitted.cells[2] = nbformat.v4.new_markdown_cell("assert answer == 42", metadata=submitted.cells[2].metadata)
    notebook, notes = restore(submitted, SOURCE)
    assert by_name(notebook)["test"].cell_type == "code"
    assert notes == ["cell 'test' was made a markdown cell; it is a code cell again"]


def test_an_invented_locked_cell_is_the_students():
    submitted = handed_in()
    forged = {"grade": True, "grade_id": "mine", "locked": True, "points": 99, "solution": False, "schema_version": 3}
    submitted.cells.append(nbformat.v4.new_code_cell("1", metadata={"nbgrader": forged, "autograder": {"points": 99}}))
    notebook, _ = restore(submitted, SOURCE)
    assert notebook.cells[-1].metadata == {}


def test_forged_verdicts_and_outputs_do_not_survive():
    submitted = handed_in()
    submitted.metadata["autograder"] = {"notes": ["full marks"]}
    submitted.cells[2].metadata["autograder"] = {"points": 3}
    submitted.cells[2].outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "3"})]
    notebook, _ = restore(submitted, SOURCE)
    assert "autograder" not in notebook.metadata
    assert "autograder" not in by_name(notebook)["test"].metadata
    assert by_name(notebook)["test"].outputs == []


def test_the_kernel_is_the_one_of_the_source():
    submitted = handed_in()
    submitted.metadata["kernelspec"] = {"name": "evil", "display_name": "Evil", "language": "bash"}
    assert restore(submitted, SOURCE)[0].metadata.kernelspec.name == "python3"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.sampled_from([None, "grade_id", "points", "locked"]), st.integers(0, 3))
def test_no_metadata_breaks_restoring(value, key, index):
    """Any JSON in the place of nbgrader's metadata, or of one of its fields."""
    submitted = handed_in()
    if key is None:
        submitted.cells[index].metadata["nbgrader"] = value
    else:
        submitted.cells[index].metadata.nbgrader[key] = value
    raw = nbformat.writes(submitted).encode()
    notebook, _ = restore(read_submission(raw)[0], SOURCE)
    assert {name: cell.metadata.nbgrader for name, cell in by_name(notebook).items()} == {
        cell.name: cell.metadata() for cell in SOURCE.cells
    }
    nbformat.validate(json.loads(nbformat.writes(notebook)))

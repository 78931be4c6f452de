"""Cells of an assignment are known whatever an editor did to their marks, and nothing that was written is lost."""

from __future__ import annotations

import ast

import nbformat
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.utils import compute_checksum

from course.handing_in.restore import restore
from course.handing_in.sourcecells import ReleasedCell, SourceCell, SourceNotebook


def _source():
    cells = [("about", "markdown", "# Three functions", True, False), ("setup", "code", "import math", True, False)]
    for name in ("one", "two", "three"):
        cells += [
            (f"{name}_task", "markdown", f"## Write {name}", True, False),
            (name, "code", f"def {name}(x):\n    raise NotImplementedError", False, False),
            (f"test_{name}", "code", f"assert {name}(1) == 1", True, True),
        ]
    known = [SourceCell(n, k, t, f"sum-{n}", lo, g, not lo, False, 2.0 if g else 0.0) for n, k, t, lo, g in cells]
    known.append(SourceCell("essay", "markdown", "Write here.", "sum-essay", False, True, True, False, 3.0))
    released = tuple(ReleasedCell(c.name, c.cell_type, c.source, (f"id-{c.name}",)) for c in known)
    return SourceNotebook("ps", "ps", None, tuple(known), released)


SOURCE = _source()
NAMES = [cell.name for cell in SOURCE.cells]
WRITTEN = {name: f"def {name}(x):\n    return x  # {name}" for name in ("one", "two", "three")}
WRITTEN["essay"] = "Because it is so."


def handed_in(*, marks=True, ids=True):
    cells = []
    for cell in SOURCE.cells:
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        metadata = {"nbgrader": cell.metadata()} if marks else {}
        cells.append(new(WRITTEN.get(cell.name, cell.source), metadata=metadata))
        if ids:
            cells[-1]["id"] = f"id-{cell.name}"
    return cells


def restored(cells):
    notebook, notes = restore(nbformat.from_dict({"cells": cells}), SOURCE)
    return notebook.cells, notes


def name_of(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def expect_all_there(cells):
    """Expect the known cells in order, the locked ones as given, and each answer before its test."""
    assert [name_of(cell) for cell in cells if name_of(cell)] == NAMES
    texts = {cell.name: cell.source for cell in SOURCE.cells if cell.locked}
    assert {name_of(cell): cell.source for cell in cells if name_of(cell) in texts} == texts
    for name in ("one", "two", "three"):
        test = next(number for number, cell in enumerate(cells) if name_of(cell) == f"test_{name}")
        assert any(WRITTEN[name] in cell.source for cell in cells[:test])
    assert sum(WRITTEN["essay"] in cell.source for cell in cells) == 1
    assert WRITTEN["essay"] in next(cell.source for cell in cells if name_of(cell) == "essay")


def test_an_intact_notebook_stays_as_it_is_without_a_note():
    cells, notes = restored(handed_in())
    assert notes == []
    assert [cell.source for cell in cells] == [cell.source for cell in handed_in()]


@given(st.booleans(), st.lists(st.booleans(), min_size=len(NAMES), max_size=len(NAMES)), st.data())
def test_whatever_marks_are_lost_answers_stay_in_their_place(ids, kept, data):
    """Marks and ids are lost, cells get blanks and comments, own cells come in, locked cells go."""
    cells = []
    for cell, marked, origin in zip(handed_in(ids=ids), kept, SOURCE.cells, strict=True):
        if not marked:
            cell.metadata = {}
        if origin.locked and data.draw(st.integers(0, 5)) == 0:
            continue
        if cell.cell_type == "code" and data.draw(st.booleans()):
            cell.source = f"# mine\n{cell.source}\r\n\n"
        cells.append(cell)
        if data.draw(st.integers(0, 3)) == 0:
            cells.append(nbformat.v4.new_code_cell("print('tried')"))
    found, _ = restored(cells)
    expect_all_there(found)
    assert sum("print('tried')" in cell.source for cell in found) == sum("print('tried')" in c.source for c in cells)


def test_a_copy_into_a_new_notebook_is_known_by_its_texts_with_one_note():
    cells, notes = restored(handed_in(marks=False, ids=False))
    expect_all_there(cells)
    assert len(cells) == len(NAMES)
    assert len(notes) == 1
    assert "nbgrader's marks were lost" in notes[0]


def test_answers_alone_in_a_notebook_of_their_own():
    only = [cell for cell in handed_in(marks=False, ids=False) if cell.source in WRITTEN.values()]
    expect_all_there(restored(only)[0])


def test_an_answer_merged_into_a_given_cell_runs_before_its_test():
    cells = handed_in()
    answer = cells.pop(NAMES.index("one"))
    cells[1].source += f"\n\n{answer.source}"
    found, notes = restored(cells)
    expect_all_there(found)
    assert [note for note in notes if "'setup'" in note] == notes


def test_what_was_written_into_a_description_is_kept_beside_it():
    for merged_with_the_essay in (False, True):
        cells = handed_in()
        task = cells[NAMES.index("three_task")]
        task.source += f"\n\n{WRITTEN['essay']}"
        if merged_with_the_essay:
            del cells[NAMES.index("essay")]
        found, notes = restored(cells)
        place = [name_of(cell) for cell in found].index("three_task")
        assert found[place].source == "## Write three"
        assert (found[place + 1].cell_type, found[place + 1].source) == ("markdown", WRITTEN["essay"])
        assert "cell 'three_task' was changed: what was written into it is kept beside it" in notes


def test_a_piece_of_an_answer_merged_with_a_later_one_runs_before_both_tests():
    cells = handed_in()
    first, second = NAMES.index("one"), NAMES.index("two")
    rest = nbformat.v4.new_code_cell(f"{WRITTEN['one']}\n\n{WRITTEN['two']}")
    cells[first].source = "helper = 1"
    cells[second : second + 1] = []
    cells.insert(first + 1, rest)
    expect_all_there(restored(cells)[0])


def test_the_text_written_into_a_test_cell_runs_before_it():
    cells = handed_in()
    place = NAMES.index("test_two")
    cells[place].source = "helper = 1\n" + cells[place].source
    found, notes = restored(cells)
    number = next(n for n, cell in enumerate(found) if name_of(cell) == "test_two")
    assert found[number - 1].source.startswith("helper = 1")
    assert name_of(found[number - 1]) == ""
    assert len(notes) == 1


def test_a_written_answer_in_pieces_is_one_cell_for_the_marker_with_all_its_pictures():
    cells = handed_in()
    for number, text in enumerate(["First. ![a](attachment:image.png)", "Then. ![b](attachment:image.png)"]):
        piece = nbformat.from_dict(cells[-1] if not number else cells[len(NAMES) - 1])
        piece.source, piece["attachments"] = text, {"image.png": {"image/png": f"data{number}"}}
        cells.append(piece)
    found, notes = restored(cells)
    essay = found[-1]
    assert name_of(essay) == "essay"
    assert "First. ![a](attachment:image.png)" in essay.source
    assert "Then. ![b](attachment:3-image.png)" in essay.source
    assert sorted(essay.attachments) == ["3-image.png", "image.png"]
    assert notes == ["cell 'essay' was there in 3 parts; they are one cell again"]


def test_of_a_written_answer_that_is_there_twice_only_pictures_of_the_same_name_stay():
    cells = handed_in()
    cells[-1].source = "![image.png](attachment:image.png)"
    cells[-1]["attachments"] = {"image.png": {"image/png": "data0"}}
    for number in (0, 1):
        cells.append(nbformat.from_dict(cells[len(NAMES) - 1]))
        cells[-1].attachments["image.png"]["image/png"] = f"data{number}"
    essay = restored(cells)[0][-1]
    assert essay.source == "![image.png](attachment:image.png)\n\n![image.png](attachment:3-image.png)"
    assert essay.attachments["3-image.png"] == {"image/png": "data1"}


def test_an_answer_written_below_the_untouched_placeholder_is_the_answer():
    cells = handed_in()
    cells[-1].source = "Write here."
    cells.append(nbformat.v4.new_markdown_cell(WRITTEN["essay"]))
    expect_all_there(restored(cells)[0])


def test_given_cells_of_an_earlier_version_of_the_assignment_are_no_change_of_the_students():
    cells = handed_in()
    for name, text in {"setup": "import cmath", "test_one": "assert one(2) == 2", "two_task": "## Two"}.items():
        cell = cells[NAMES.index(name)]
        cell.source = text
        cell.metadata.nbgrader.checksum = compute_checksum(cell)
    found, notes = restored(cells)
    assert notes == []
    assert [cell.source for cell in found] == [cell.source for cell in handed_in()]


def test_points_that_the_instructor_changed_are_no_change_of_the_students():
    cells = handed_in()
    test = cells[NAMES.index("test_one")]
    test.metadata.nbgrader.points = 1
    test.metadata.nbgrader.checksum = compute_checksum(test)
    assert restored(cells)[1] == []
    test.metadata.nbgrader.points = 4
    assert "points of cell 'test_one' were changed to 4" in restored(cells)[1][0]


LINES = {"one": "one_more = 1", "two": "two_more = 2", "three": "three_more = 3"}
TASKS = tuple(f"{name}_task" for name in LINES)


def run(cells):
    """Run the code as the grader does, but here: each cell goes on with the next, and a test cell must not fail."""
    namespace = {}
    for cell in cells:
        if cell.cell_type == "code":
            try:
                exec(cell.source, namespace)  # what this test wrote itself
            except Exception:
                assert not name_of(cell).startswith("test_"), cell.source


def merged(first, second):
    """Merge two cells as JupyterLab does: the marks of the first stay."""
    first.source = f"{first.source}\n\n{second.source}"
    return [first]


def pieces(cell):
    """Split a cell between its statements as JupyterLab does: both have the marks, one a new id."""
    lines = ast.unparse(ast.parse(cell.source)).split("\n")
    starts = [number for number, line in enumerate(lines) if line and not line[0].isspace()]
    if len(starts) < 2:
        return [cell]
    second = nbformat.from_dict(cell)
    cell.source, second.source = "\n".join(lines[: starts[1]]), "\n".join(lines[starts[1] :])
    second["id"] = f"{cell.id}-2"
    return [cell, second]


def changed(data, cells):
    """Merge code cells side by side, or split cells, here and there."""
    found = []
    for cell in cells:
        both_code = found and found[-1].cell_type == cell.cell_type == "code"
        if both_code and data.draw(st.integers(0, 2)) == 0:
            found[-1:] = merged(found[-1], cell)
        elif cell.cell_type == "code" and data.draw(st.integers(0, 2)) == 0:
            found += pieces(cell)
        else:
            found.append(cell)
    return found


def without_marks(data, cells):
    """Take nbgrader's marks from some cells, and Jupyter's ids from some, or give all the same one."""
    same = data.draw(st.integers(0, 4)) == 0
    for number, cell in enumerate(cells):
        if data.draw(st.booleans()):
            cell.metadata = {}
        if same or data.draw(st.booleans()):
            cell["id"] = "same" if same else f"new-{number}"


@given(st.data())
def test_a_right_notebook_stays_right_however_its_cells_are_merged_and_split(data):
    """Marks are lost before or after that, descriptions go, and what was pasted twice is there twice."""
    cells = [cell for cell in handed_in() if name_of(cell) not in TASKS or data.draw(st.booleans())]
    for cell in cells:
        if name_of(cell) in LINES:
            cell.source = f"{LINES[name_of(cell)]}\n{cell.source}"
    if data.draw(st.booleans()):
        without_marks(data, cells)
    cells = changed(data, cells)
    if data.draw(st.booleans()):
        without_marks(data, cells)
    if data.draw(st.integers(0, 3)) == 0:
        cells += [nbformat.from_dict(cell) for cell in cells]
    written = {line for cell in cells for line in cell.source.splitlines() if cell.cell_type == "code"}
    found, _ = restored(cells)
    assert [name_of(cell) for cell in found if name_of(cell)] == NAMES
    assert written - {"import math"} <= {line for cell in found for line in cell.source.splitlines()}
    run(found)


@given(st.permutations(handed_in()), st.data())
def test_a_right_notebook_stays_right_in_any_order(cells, data):
    cells = [nbformat.from_dict(cell) for cell in cells]
    if data.draw(st.booleans()):
        for cell in cells:
            cell.metadata = {}
    found, _ = restored(cells)
    expect_all_there(found)
    run(found)

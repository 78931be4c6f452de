"""What the report takes from a graded notebook, above all the code that is the student's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.reports.graded_notebook import MOST_CODE, GradedNotebook, given_lines, read_graded
from course.handing_in.sourcecells import ReleasedCell, SourceCell, SourceNotebook

STUB = "def selu(x):\n    raise NotImplementedError"


def cell(source: str | list[str], kind: str = "code", **ours: object) -> dict[str, object]:
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": ours} if ours else {}}


def test_code_is_without_lines_of_the_assignment_and_without_its_cells(tmp_path: Path) -> None:
    marks = {"solution": True, "grade": False, "locked": False}
    cells = [
        cell("import numpy as np"),
        cell("mine = 1\n\nother = 2"),
        cell(["def selu(x):\n", "    return x  # linear\n"], grade_id="selu", **marks),
        cell("assert selu(0) == 0", grade_id="test_selu", solution=False, grade=True, locked=True),
        cell("hidden()", grade_id="unlocked", solution=False, grade=True, locked=False),
        cell("A text.", "markdown"),
        cell("third = 3"),
    ]
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}}))
    source = SourceNotebook(
        "ps1",
        "x",
        None,
        (SourceCell("selu", "code", STUB, "", False, False, True, False, 0.0),),
        (ReleasedCell("", "code", "import numpy as np"),),
    )
    assert given_lines(source) == {"def selu(x):", "raise NotImplementedError", "import numpy as np"}
    assert read_graded(path, given_lines(source)).code == {
        "": "mine = 1\nother = 2\nthird = 3",
        "selu": "    return x  # linear",
    }


def test_code_is_cut_where_nobody_reads_on(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": [cell("x = 1\n" * 100_000)], "metadata": {}}))
    assert len(read_graded(path).code[""]) == MOST_CODE


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": [], "metadata": {"autograder": {"looks": 1}}}'])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    assert read_graded(path) == read_graded(tmp_path / "none.ipynb") == GradedNotebook()

"""What attacks do to a submission beyond answers: to its cells, its metadata, the files beside it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from tests.adversarial.attack import Submission

EDITS: dict[str, Callable[[Submission], None]] = {}
"""By name, as the data files give it."""


def _edit(function: Callable[[Submission], None]) -> Callable[[Submission], None]:
    EDITS[function.__name__] = function
    return function


def _tests(submission: Submission) -> list[NotebookNode]:
    return [cell for cell in submission.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def _cell(submission: Submission, name: str) -> NotebookNode:
    return next(cell for cell in submission.notebook.cells if cell.metadata.nbgrader.grade_id == name)


@_edit
def forged_outputs(submission: Submission) -> None:
    """Full marks as the test cells' output, and a verdict as the grader writes it."""
    for cell in _tests(submission):
        cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "5.0"}, execution_count=1)]
        cell.metadata["autograder"] = {"grade_id": cell.metadata.nbgrader.grade_id, "points": 5.0, "max_points": 5.0}
    submission.notebook.metadata["autograder"] = {"incidents": [], "notes": []}


@_edit
def more_points(submission: Submission) -> None:
    """Each test cell says it is worth 500."""
    for cell in _tests(submission):
        cell.metadata.nbgrader.points = 500


@_edit
def tests_as_solutions(submission: Submission) -> None:
    """The test cells are the student's own to write."""
    for cell in _tests(submission):
        cell.metadata.nbgrader |= {"grade": True, "solution": True, "locked": False}
        cell.source = "5.0"


@_edit
def unlocked_tests(submission: Submission) -> None:
    """The test cells are not locked any more, and give full marks."""
    for cell in _tests(submission):
        cell.metadata.nbgrader.locked = False
        cell.source = "5.0"


@_edit
def replaced_tests(submission: Submission) -> None:
    """The test cells give full marks."""
    for cell in _tests(submission):
        cell.source = "5.0"


@_edit
def deleted_tests(submission: Submission) -> None:
    """No test cell at all."""
    tests = _tests(submission)
    submission.notebook.cells = [cell for cell in submission.notebook.cells if cell not in tests]


@_edit
def markdown_tests(submission: Submission) -> None:
    """The test cells are text."""
    for cell in _tests(submission):
        cell.cell_type = "markdown"
        del cell["outputs"], cell["execution_count"]


@_edit
def doubled_tests(submission: Submission) -> None:
    """A second cell of the same name behind each test cell, which gives full marks."""
    for cell in _tests(submission):
        double = copy.deepcopy(cell)
        double.source, double.id = "5.0", f"{cell.id}x"
        submission.notebook.cells.append(double)


@_edit
def same_cell_ids(submission: Submission) -> None:
    """All cells have the same notebook id."""
    for cell in submission.notebook.cells:
        cell.id = "same"


@_edit
def invented_tests(submission: Submission) -> None:
    """Ten more test cells worth 100 points each, which pass."""
    for number in range(10):
        cell = nbformat.v4.new_code_cell("100.0")
        cell.metadata["nbgrader"] = {
            **_tests(submission)[0].metadata.nbgrader,
            "grade_id": f"test_extra_{number}",
            "points": 100,
        }
        submission.notebook.cells.append(cell)


@_edit
def setup_last(submission: Submission) -> None:
    """The cell that imports the checks comes last, so that the test cells find the student's own."""
    cells = submission.notebook.cells
    setup = _cell(submission, "setup")
    cells.remove(setup)
    cells.append(setup)


@_edit
def setup_doubled(submission: Submission) -> None:
    """The cell that imports the checks is there again at the end."""
    double = copy.deepcopy(_cell(submission, "setup"))
    double.id = "again"
    submission.notebook.cells.append(double)


@_edit
def constants_last(submission: Submission) -> None:
    """The cell with the constants comes last, so that the test cells use the student's own."""
    cells = submission.notebook.cells
    constants = _cell(submission, "selu_constants")
    cells.remove(constants)
    cells.append(constants)


@_edit
def other_kernel(submission: Submission) -> None:
    """The notebook asks for another kernel, in which tests do nothing."""
    submission.notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}


@_edit
def half_a_character(submission: Submission) -> None:
    """Text that no file can hold: half of a surrogate pair."""
    submission.notebook.cells[0].source = "\ud800"


@_edit
def half_a_character_as_points(submission: Submission) -> None:
    """Points that are half of a surrogate pair."""
    _tests(submission)[0].metadata.nbgrader.points = "\ud800"


@_edit
def many_cells(submission: Submission) -> None:
    """Twenty thousand cells more."""
    more = nbformat.v4.new_code_cell("1")
    submission.notebook.cells += [{**more, "id": f"more-{number}"} for number in range(20_000)]


@_edit
def many_files(submission: Submission) -> None:
    """More files than the student's room can hold."""
    submission.files |= {f"empty-{number}": b"" for number in range(25_000)}


@_edit
def odd_file_name(submission: Submission) -> None:
    """A file whose name is no text."""
    submission.files["caf\udce9.txt"] = b"x"


@_edit
def active_markdown(submission: Submission) -> None:
    """Markdown with everything that could run in a reader's browser."""
    text = (
        "<script>planted()</script>\n\n<img src='planted' onerror='planted()'>\n\n[click](javascript:planted())\n\n"
        "<iframe src='https://planted.example'></iframe>\n\n<svg onload='planted()'></svg>\n\n"
        "![x](https://planted.example/x.png)\n"
    )
    submission.notebook.cells.append(nbformat.v4.new_markdown_cell(text))


@_edit
def raw_html_cell(submission: Submission) -> None:
    """A raw cell, which converters copy into the page as it is."""
    submission.notebook.cells.append(nbformat.v4.new_raw_cell("<script>planted()</script>"))


@_edit
def attached_svg(submission: Submission) -> None:
    """A drawing with a script, attached to a text."""
    cell = nbformat.v4.new_markdown_cell("![x](attachment:x.svg)")
    cell["attachments"] = {"x.svg": {"image/svg+xml": "PHN2ZyBvbmxvYWQ9InBsYW50ZWQoKSI+PC9zdmc+"}}
    submission.notebook.cells.append(cell)


@_edit
def forged_widget(submission: Submission) -> None:
    """A widget's state that draws HTML."""
    state = {"1": {"model_name": "HTMLModel", "state": {"value": "<script>planted()</script>"}}}
    submission.notebook.metadata["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"version_major": 2, "version_minor": 0, "state": state}
    }

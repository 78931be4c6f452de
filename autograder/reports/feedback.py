"""Writes the feedback that students get, through nbgrader's own GenerateFeedback."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.examiner.verdict import METADATA_KEY
from autograder.notebook_parts import new_cell

Resources = dict[str, Any]


class ClearTestTracebacks(NbGraderPreprocessor):
    """Cuts a test cell's error down to its last line, and removes lines of hidden tests from its warnings.

    A traceback shows the lines around the one that failed, hidden ones too. The examiner writes none; this is
    for notebooks that were graded in the student's kernel. It has to run before `ClearHiddenTests`, which
    takes the markers away.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: Resources, index: int) -> tuple[NotebookNode, Resources]:
        """Return the cell with its error outputs shortened."""
        if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
            hidden = _hidden_lines(cell.source)
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}" if output.evalue else output.ename]
                elif output.output_type == "stream":
                    kept = [line for line in output.text.splitlines(keepends=True) if line.strip() not in hidden]
                    output.text = "".join(kept)
        return cell, resources


class ShowNotes(NbGraderPreprocessor):
    """Puts what had to be put right in a submission, and how it was graded, at the top of its feedback."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with a list of the notes before its first cell, if there are any."""
        told = nb.metadata.get(METADATA_KEY, {})
        notes = told.get("notes", []) if "wall" in told else []  # else its first cell says why it was not graded
        if notes:
            listed = "".join(f"<li>{html.escape(str(note))}</li>" for note in notes)
            nb.cells.insert(0, new_cell("markdown", f"<div><p>Notes on the grading</p><ul>{listed}</ul></div>", {}))
        return nb, resources


class KeepPagesOnly(NbGraderPreprocessor):
    """Removes the files that nbgrader has copied beside the pages of a feedback.

    A page holds its pictures, and only pages are handed out. A student's file could have the name of a page, or be one
    that runs what it likes.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook, with only pages of other notebooks left in its folder."""
        course, told = CourseDirectory(parent=self), resources["nbgrader"]
        graded, pages = (
            Path(course.root, course.format_path(step, told["student"], told["assignment"]))
            for step in (course.autograded_directory, course.feedback_directory)
        )
        others = {f"{path.stem}.html" for path in graded.glob("*.ipynb")} - {f"{told['notebook']}.html"}
        for path in sorted(pages.rglob("*"), reverse=True):  # what is in a folder comes before the folder
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            elif path.relative_to(pages).as_posix() not in {*others, "timestamp.txt"}:
                path.unlink()
        return nb, resources


def _hidden_lines(source: str) -> set[str]:
    begin, end = ClearHiddenTests().begin_test_delimeter, ClearHiddenTests().end_test_delimeter
    regions = re.findall(rf"{re.escape(begin)}(.*?)(?:{re.escape(end)}|\Z)", source, flags=re.DOTALL)
    return {line.strip() for region in regions for line in region.splitlines() if line.strip()}


def write_feedback(course: CourseFolder, assignment: str, student: str | None = None) -> list[Path]:
    """Write the feedback of an assignment, or of one student's submission, and return the HTML files.

    Raises
    ------
    UserError
        If the assignment does not exist, nothing of it has been graded, or nbgrader refuses a submission.
    """
    course.require_assignment(assignment)
    graded = course.folder("autograded", assignment, student or "*")
    if not any(graded.parent.parent.glob(f"{student or '*'}/{assignment}/*.ipynb")):
        whose = f" of {student!r}" if student else ""
        raise UserError(f"No graded notebook{whose} in {graded}: run 'autograder grade {assignment}' first.")
    result = course.api().generate_feedback(assignment, student, force=True)
    if not result["success"]:
        raise UserError(f"nbgrader could not write the feedback for {assignment}: {_refused(result)}")
    return sorted((course.root / course.directory.feedback_directory).glob(f"{student or '*'}/{assignment}/*.html"))


def _refused(result: dict[str, Any]) -> str:
    """Return which submissions nbgrader failed on, or the last lines of its log."""
    log = str(result.get("log") or result.get("error") or "no reason given")
    students = re.findall(r"There was an error processing assignment '.*' for student '(.*)'", log)
    if students:
        return f"it failed on the submissions of {', '.join(students)}; the others have theirs."
    return log.strip().splitlines()[-1]

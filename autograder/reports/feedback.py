"""Writes the feedback that students get: our page, or what nbgrader's settings want in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from traitlets.config import Config

from autograder.course_folder import CourseFolder, found_literally, same_name
from autograder.errors import UserError
from autograder.files import share
from autograder.gradebook import LOCKED, existing_gradebook, in_use
from autograder.penalties import Penalties
from autograder.reports.feedback_files import FeedbackFiles, Wanted
from autograder.reports.feedback_page import Grades, class_grades
from autograder.reports.processes import spread
from autograder.reports.release import FROM_THE_EXCHANGE, by_hand
from course.handing_in.files import printable

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
            elif path.relative_to(pages).as_posix() not in {*others, *FROM_THE_EXCHANGE}:
                path.unlink()
        return nb, resources


@cache
def _hidden_region() -> re.Pattern[str]:
    default = ClearHiddenTests()
    begin, end = map(re.escape, (default.begin_test_delimeter, default.end_test_delimeter))
    return re.compile(rf"{begin}(.*?)(?:{end}|\Z)", flags=re.DOTALL)


def _hidden_lines(source: str) -> set[str]:
    regions = _hidden_region().findall(source)
    return {line.strip() for region in regions for line in region.splitlines() if line.strip()}


class _Feedback(GenerateFeedback):
    """nbgrader's converter, for these students only."""

    students: frozenset[str] = frozenset()

    def init_notebooks(self) -> None:
        """Find the notebooks; a student whose name looks like a pattern has them, too."""
        self.notebooks: list[str] = []
        self.assignments = found_literally(self)

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Return whether a student is to get feedback."""
        return student_id in self.students and super().init_destination(assignment_id, student_id)


def write_feedback(
    course: CourseFolder,
    assignment: str,
    student: str | None = None,
    tell: Callable[[str], object] = lambda line: None,
    workers: int = 1,
) -> list[Path]:
    """Write the feedback of an assignment, or of one student's submission, and return the HTML files.

    What has not changed since its page was written is left as it is.

    Parameters
    ----------
    workers : int, optional
        How many processes write at a time.
    tell : Callable[[str], object], optional
        Gets a line about each thing that an instructor should know.

    Raises
    ------
    UserError
        If the assignment does not exist, nothing of it has been graded, or nbgrader refuses a submission.
    """
    course.require_assignment(assignment)
    graded = course.students(assignment, "autograded")
    if student is not None:
        graded = [name for name in graded if same_name(name) == same_name(student)]
    graded = [name for name in graded if any(course.folder("autograded", assignment, name).glob("*.ipynb"))]
    if not graded:
        whose = f" of {student!r}" if student else ""
        where = course.folder("autograded", assignment, student or "*")
        raise UserError(f"No graded notebook{whose} in {where}: run 'autograder grade {assignment}' first.")
    with existing_gradebook(course) as gradebook:
        Penalties(course.config).update(gradebook, assignment)
        scored = class_grades(gradebook, assignment)
    if lost := [name for name in graded if name not in scored]:
        tell(
            f"no feedback for {', '.join(map(printable, lost))}: graded notebooks without a score in the gradebook; "
            f"run 'autograder grade {assignment}' first"
        )
    wanted = [name for name in graded if name in scored]
    if FeedbackFiles.fit(course):
        _write_all(course, assignment, {name: scored[name] for name in wanted}, workers)
    else:
        result = run_nbgraders(course, assignment, wanted)
        if not result["success"]:
            raise UserError(f"nbgrader could not write the feedback for {assignment}: {_refused(course, result)}")
    folders = {name: course.folder("feedback", assignment, name) for name in wanted}
    if course.directory.groupshared:  # nbgrader forgets the folders between the first and the last
        for folder in folders.values():
            share(folder, course.root)
    own = [name for name, folder in folders.items() if by_hand(folder)]
    if own and len(own) < len(wanted):
        tell(
            f"'nbgrader release_feedback' leaves out {', '.join(map(printable, own))}: not handed in through the "
            f"exchange; give them {folders[own[0]].parent.parent.name}/ yourself"
        )
    return sorted(page for folder in folders.values() for page in folder.glob("*.html"))


def _write_all(course: CourseFolder, assignment: str, grades: Mapping[str, Mapping[str, Grades]], workers: int) -> None:
    """Write our page for all of these students.

    Raises
    ------
    UserError
        Naming those for whom it failed.
    """
    files = FeedbackFiles(course, assignment, without=KeepPagesOnly)
    wanted = [
        Wanted(name, course.folder("autograded", assignment, name), course.folder("feedback", assignment, name), found)
        for name, found in grades.items()
    ]
    # The first is made here: templates, and what all notebooks of the assignment have in common, are then ready.
    done = [*map(files.write, wanted[:1]), *spread(files.write, wanted[1:], workers)]
    if failed := [each.student for each, written in zip(wanted, done, strict=True) if not written]:
        raise UserError(
            f"The feedback for {assignment} could not be written for all: it failed on the submissions of "
            f"{', '.join(map(printable, failed))}; the others have theirs."
        )


def run_nbgraders(course: CourseFolder, assignment: str, students: Sequence[str]) -> dict[str, Any]:
    """Run nbgrader's converter as its own interface does, and return what that would."""
    api = course.api()
    api.coursedir.assignment_id = assignment
    converter = _Feedback(coursedir=api.coursedir, parent=api)
    converter.update_config(Config({"HTMLExporter": {"template_name": "feedback"}}))
    converter.force, converter.students = True, frozenset(students)
    result: dict[str, Any] = utils.capture_log(converter)
    return result


def _refused(course: CourseFolder, result: dict[str, Any]) -> str:
    """Return which submissions nbgrader failed on, or the last lines of its log."""
    log = str(result.get("log") or result.get("error") or "no reason given")
    if LOCKED in log:
        return str(in_use(course))
    students = re.findall(r"There was an error processing assignment '.*' for student '(.*)'", log)
    if students:
        return f"it failed on the submissions of {', '.join(students)}; the others have theirs."
    return log.strip().splitlines()[-1]

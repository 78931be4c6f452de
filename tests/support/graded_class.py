"""A course folder with a small graded class, made without running any student code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.batch.ledger import Entry, Ledger
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.examiner.summary import encoded, tokens
from autograder.examiner.verdict import METADATA_KEY, CellVerdict, Incident, Look, Verdict
from autograder.publish.notebooks import generate_assignment
from autograder.reports.graded_notebook import Code
from course.checks import CheckResult, checks_table

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "autograder" / "practice" / "answers"
PS1 = "ps1_from_scratch"
EXERCISES = ("selu", "selu_derivative", "softplus", "softplus_derivative", "hardswish", "hardswish_derivative")
HOSTILE = "<script>alert('&')</script>"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def copy_course(target: Path) -> CourseFolder:
    """Copy settings and ps1 into a folder of its own."""
    target.mkdir(parents=True)
    shutil.copy(ROOT / CONFIG_NAME, target)
    shutil.copytree(ROOT / "source" / PS1, target / "source" / PS1)
    shutil.copytree(ROOT / "release" / PS1, target / "release" / PS1)
    return CourseFolder.load(target)


def code_of(text: str) -> Code:
    """Make of a text what the report knows of code."""
    alphabet: dict[str, str] = {}
    letters = encoded(tokens(text), alphabet)
    return Code(tuple(alphabet), letters)


def verdict(exercise: str, *messages: str, reason: str = "") -> CellVerdict:
    """Make a verdict of two checks, each with its message; an empty one has passed."""
    if reason:
        return CellVerdict(f"test_{exercise}", 0.0, 5.0, (), reason)
    names = ("right values", "right shape")
    checks = tuple(
        CheckResult(name, 0.0 if message else 2.5, 2.5, message) for name, message in zip(names, messages, strict=True)
    )
    return CellVerdict(f"test_{exercise}", sum(check.points for check in checks), 5.0, checks)


class Class:
    """Hands in and grades notebooks in a course."""

    def __init__(self, course: CourseFolder) -> None:
        self.course = course

    def instructor_notebook(self) -> NotebookNode:
        """Return the notebook with its hidden tests, as autograding restores it."""
        return nbformat.read(self.course.folder("source", PS1) / f"{PS1}.ipynb", as_version=4)

    def hand_in(self, student: str) -> None:
        """Put a submission into submitted/."""
        shutil.copytree(self.course.folder("release", PS1), self.course.folder("submitted", PS1, student))

    def grade(
        self,
        student: str,
        verdicts: Sequence[CellVerdict],
        *,
        last_name: str = "",
        notes: Sequence[str] = (),
        problem: str = "",
        notebook: NotebookNode | None = None,
    ) -> None:
        """Enter scores, verdicts and a graded notebook, as the batch does."""
        self.hand_in(student)
        notebook = notebook or self.instructor_notebook()
        cells = {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}
        with Gradebook(self.course.db_url, self.course.directory.course_id) as gradebook:
            ledger = Ledger(gradebook, PS1)
            gradebook.update_or_create_student(student, last_name=last_name)
            gradebook.update_or_create_submission(PS1, student)
            for found in verdicts:
                _write(cells[found.grade_id], found)
                grade = gradebook.find_grade(found.grade_id, PS1, PS1, student)
                grade.auto_score, grade.needs_manual_grade = found.points, False
            if notes or problem:
                text = json.dumps(Verdict(list(verdicts), [], list(notes)).to_dict())
                ledger.enter(Entry(student, PS1, "", text, problem))
            gradebook.db.commit()
        folder = self.course.folder("autograded", PS1, student)
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{PS1}.ipynb")


def _write(cell: NotebookNode, found: CellVerdict) -> None:
    if found.reason:
        traceback = [f"Failed: {found.reason}"]
        cell.outputs = [nbformat.v4.new_output("error", ename="Failed", evalue=found.reason, traceback=traceback)]
    else:
        data = {"text/plain": repr(found.points), "text/html": checks_table("points", found.checks)}
        cell.outputs = [nbformat.v4.new_output("execute_result", data=data)]
    cell.metadata[METADATA_KEY] = found.to_dict()


@pytest.fixture(scope="package")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A class of five: right, half right, stopped, unreadable, not graded yet."""
    course = copy_course(tmp_path_factory.mktemp("graded") / "course")
    generate_assignment(course, PS1)
    made = Class(course)
    own_error = made.instructor_notebook()
    own_error.cells[-1].outputs = [nbformat.v4.new_output("error", ename="Stopped", evalue="my own", traceback=[])]
    made.grade("ada", [verdict(name, "", "") for name in EXERCISES], notes=["cell 'x' was missing"], notebook=own_error)
    half = [verdict(name, "", "") for name in EXERCISES[:3]]
    half += [verdict(name, f"At x = 1: {HOSTILE}", "") for name in EXERCISES[3:]]
    made.grade("ben", half, last_name=HOSTILE)
    stopped = made.instructor_notebook()
    own = next(cell for cell in stopped.cells if cell.metadata.nbgrader.grade_id == "selu")
    own.source = "def selu(x):\n    while True: pass"
    own.outputs = [
        nbformat.v4.new_output("display_data", {"image/png": PICTURE}),
        nbformat.v4.new_output("error", ename="Stopped", evalue="stopped after 30 s", traceback=["Stopped"]),
    ]
    look = Look("selu", 2, "reaches for frames of running code", HOSTILE)
    lost = [verdict(name, "", "") if name != "selu" else verdict(name, reason="Not there.") for name in EXERCISES]
    incident = Incident("selu", "stopped after 30 s")
    stopped.metadata[METADATA_KEY] = nbformat.from_dict(Verdict(incidents=[incident], looks=[look]).to_dict())
    made.grade("cleo", lost, notebook=stopped)
    zeros = [verdict(name, reason="It cannot be read.") for name in EXERCISES]
    made.grade("dan", zeros, problem="It cannot be read.")
    made.hand_in("eve")
    return made


@pytest.fixture
def empty_course(tmp_path: Path) -> CourseFolder:
    """A course in which nothing has been graded."""
    return copy_course(tmp_path / "course")

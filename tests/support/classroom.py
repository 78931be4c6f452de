"""A small course and its class for tests of the batch: two exercises, an essay, a file that goes along."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.batch import submissions
from autograder.batch.coordinator import Summary, grade_class, job_for
from autograder.batch.dispatch import Job
from autograder.batch.executors import cluster_executor
from autograder.batch.ledger import Ledger
from autograder.batch.run import how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.examiner.sourcecells import source_notebooks
from autograder.publish.notebooks import METADATA
from course.handing_in.sourcecells import SourceNotebook

ROOT = Path(__file__).parents[2]
MINI = "mini"
LIMITS = "\nc.Examiner.cell_seconds = 60\nc.Examiner.submission_seconds = 600\nc.Examiner.memory_mib = 512\n"
DOUBLE = """\
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
"""
TEST_DOUBLE = """\
from course.checks import Checks

checks = Checks("double", points=4)
with checks("small"):
    assert double(3) == 6, f"double(3) is {double(3)}"
### BEGIN HIDDEN TESTS
with checks("large"):
    assert double(LIMIT) == 200, f"double(100) is {double(LIMIT)}"
### END HIDDEN TESTS
checks.score()
"""
MEAN = """\
def mean(values):
    ### BEGIN SOLUTION
    return sum(values) / len(values)
    ### END SOLUTION
"""
TEST_MEAN = """\
assert mean(numbers) == 2
"""
GIVEN = """\
LIMIT = 100
numbers = [float(line) for line in open("data/numbers.csv")]
"""
RIGHT = {"double": "def double(x):\n    return x + x\n", "mean": "import statistics\nmean = statistics.fmean\n"}
HALF = {"double": "def double(x):\n    return 6\n", "mean": "def mean(values):\n    return 0\n"}
CRASH = {"double": "import os\nos._exit(1)\n", "mean": RIGHT["mean"]}


class Inline(Executor):
    """Runs tasks here and now: quick, since all tests of a process share its fork server."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def mini_notebook(double: str = DOUBLE, test_double: str = TEST_DOUBLE) -> NotebookNode:
    """Return the instructor's notebook: 4 points for `double`, 2 for `mean`, 3 for the essay."""
    cells = [
        _cell("given", GIVEN, locked=True),
        _cell("double", double, solution=True),
        _cell("test_double", test_double, grade=True, locked=True, points=4),
        _cell("mean", MEAN, solution=True),
        _cell(
            "test_mean", f"### BEGIN HIDDEN TESTS\n{TEST_MEAN}### END HIDDEN TESTS\n", grade=True, locked=True, points=2
        ),
        _cell("essay", "Why?", cell_type="markdown", grade=True, solution=True, points=3),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(METADATA))


def _cell(grade_id: str, source: str, *, cell_type: str = "code", **role: Any) -> NotebookNode:
    told = {"grade": False, "locked": False, "solution": False, "task": False, **role}
    make = nbformat.v4.new_code_cell if cell_type == "code" else nbformat.v4.new_markdown_cell
    return make(source, id=grade_id, metadata={"nbgrader": {"grade_id": grade_id, "schema_version": 3, **told}})


def write_course(folder: Path, settings: str = "") -> CourseFolder:
    """Make the course, not yet released."""
    source = folder / "source" / MINI
    (source / "data").mkdir(parents=True)
    source.joinpath("data/numbers.csv").write_text("1\n2\n3\n")
    nbformat.write(mini_notebook(), source / f"{MINI}.ipynb")
    folder.joinpath(CONFIG_NAME).write_text(ROOT.joinpath(CONFIG_NAME).read_text() + LIMITS + settings)
    return CourseFolder.load(folder)


class Classroom:
    """Hands in, grades, and looks at what came of it."""

    def __init__(self, course: CourseFolder) -> None:
        self.course = course

    def copy(self, folder: Path, settings: str = "") -> Classroom:
        """Copy everything to another folder."""
        shutil.copytree(self.course.root, folder, symlinks=True)
        with folder.joinpath(CONFIG_NAME).open("a") as file:
            file.write(settings)
        return Classroom(CourseFolder.load(folder))

    def folder(self, student: str, step: str = "submitted") -> Path:
        return self.course.folder(step, MINI, student)

    def notebook(self, answers: Mapping[str, str] = RIGHT) -> NotebookNode:
        """Return the released notebook with answers filled in."""
        notebook = nbformat.read(self.course.folder("release", MINI) / f"{MINI}.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        return notebook

    def hand_in(self, student: str, answers: Mapping[str, str] | NotebookNode | bytes = RIGHT) -> Path:
        """Hand in answers, a notebook, or the bytes of whatever is called one; return the file."""
        if isinstance(answers, bytes):
            raw = answers
        else:
            notebook = answers if isinstance(answers, NotebookNode) else self.notebook(answers)
            raw = json.dumps(notebook).encode()
        path = self.folder(student) / f"{MINI}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        return path

    def grade(self, make_executor: Callable[[], Executor] = Inline, workers: int = 1, **options: Any) -> Summary:
        """Grade in this process unless another executor is given."""
        return grade_class(self.course, MINI, how_configured(self.course), make_executor, workers, **options)

    def gradebook(self) -> Gradebook:
        return Gradebook(self.course.db_url, self.course.directory.course_id)

    def scores(self) -> dict[str, float]:
        """Return each student's automatic score."""
        with self.gradebook() as gradebook:
            return {
                submission.student.id: sum(grade.auto_score or 0 for n in submission.notebooks for grade in n.grades)
                for submission in gradebook.assignment_submissions(MINI)
            }

    def problems(self) -> dict[str, str]:
        """Return what the ledger says could not be graded."""
        with self.gradebook() as gradebook:
            return {e.student: e.problem for e in Ledger(gradebook, MINI).entries().values() if e.problem}

    def content(self) -> dict[str, Any]:
        """Return all that grading leaves behind, without random ids and times."""
        return {"gradebook": content_of_gradebook(self.course, MINI), "files": self.graded_files()}

    def graded_files(self) -> dict[str, bytes]:
        """Return everything in `autograded/`."""
        folder = self.course.root / "autograded"
        return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def source_of(room: Classroom) -> SourceNotebook:
    """Return what the gradebook says of the notebook."""
    with room.gradebook() as gradebook:
        return source_notebooks(gradebook, MINI)[MINI]


def job_of(room: Classroom, student: str, answers: Mapping[str, str], files: Mapping[str, bytes] | None = None) -> Job:
    """Return the work that grades a submission of these answers, which is not handed in, and files beside it."""
    source = source_of(room)
    raw = json.dumps(room.notebook(answers)).encode()
    return job_for(submissions.Submission(student, source, raw, dict(files or {})), how_configured(room.course))


def content_of_gradebook(course: CourseFolder, assignment: str) -> list[Any]:
    """Return students, submissions, grades, comments and ledger, sorted, without random ids."""
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        rows: list[Any] = [("student", student.id) for student in gradebook.students]
        for submission in gradebook.assignment_submissions(assignment):
            student = submission.student.id
            rows.append(("submission", student, str(submission.timestamp)))
            for notebook in submission.notebooks:
                where = (student, notebook.name)
                rows.append(("penalty", *where, repr(notebook.late_submission_penalty)))
                for grade in notebook.grades:
                    scores = (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
                    rows.append(("grade", *where, grade.cell.name, *map(repr, scores)))
                for comment in notebook.comments:
                    rows.append(
                        ("comment", *where, comment.name, repr(comment.auto_comment), repr(comment.manual_comment))
                    )
        rows += [("ledger", repr(entry)) for entry in Ledger(gradebook, assignment).entries().values()]
    return sorted(rows)


def grade_on(scheduler: str, root: Path) -> None:
    """Grade as `autograder grade --scheduler` does, in a process of its own."""
    submissions.grader_fingerprint = lambda names: "this program"
    make_executor, workers = cluster_executor(scheduler)
    Classroom(CourseFolder.load(root)).grade(make_executor, workers)

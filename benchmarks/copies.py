"""A large graded class in little time: some submissions are graded, the others are copies of these with code added.

The copies go through the same command as a class does, and only what the workers do is taken from the originals: so
the gradebook and the graded notebooks are those of a class of this size, in which nobody has written the same program.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from autograder.answers import Answer, load_answers
from autograder.batch.coordinator import grade_class
from autograder.batch.run import how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.examiner.summary import summarise
from autograder.examiner.task import Graded, Task
from autograder.examiner.workers import close_workers, grade_patiently
from autograder.publish.notebooks import generate_assignment
from course.handing_in.sourcecells import SourceNotebook

ORIGINALS = 8
"""Submissions to each assignment that are graded."""
MOST_LINES = 14
"""That are added to one answer of a copy."""
_TRIES = (
    "    low, high = np.minimum(x, 0.0), np.maximum(x, 0.0)",
    "    if np.any(np.isnan(x)): return x",
    "    result = np.where(x > 0.0, scale * x, scale * alpha * np.expm1(x))",
    "    for index, value in enumerate(x.ravel()): total += value ** 2 / len(x)",
    "    inside = (x > -3.0) & (x < 3.0)",
    "    print('so far:', result.shape, result.dtype)",
    "    out = np.zeros_like(x)",
    "    out[inside] = (x[inside] + 3.0) / 6.0",
    "    assert out.shape == x.shape, 'the shape has changed'",
    "    grid = np.linspace(-5, 5, num=101)",
    "    return [round(each, 4) for each in grid if each != 0]",
    "    with np.errstate(over='ignore'): below = np.exp(x) - 1",
    "    table = {name: values.mean() for name, values in found.items()}",
    "    while abs(step) > 1e-6: step = step / 2",
)
"""Lines of functions that a copy has beside its answers, and nobody calls."""


def make_graded_class(course: CourseFolder, catalogue: Path, students: int, originals: int = ORIGINALS) -> None:
    """Have `students` students hand in all assignments of a course, and grade them.

    Parameters
    ----------
    course : CourseFolder
        A folder with the assignments in `source/`; all else is made.
    catalogue : Path
        Where the answers are.
    """
    for assignment in course.assignments():
        generate_assignment(course, assignment)
        draw = random.Random(assignment)
        answers = load_answers(catalogue, assignment)
        first = [f"student{number:04}" for number in range(min(originals, students))]
        released = nbformat.read(course.folder("release", assignment) / f"{assignment}.ipynb", as_version=4)
        chosen = [_chosen(answers, number, draw) for number in range(len(first))]
        for number in range(students):
            added = {} if number < len(first) else {exercise: _tries(draw) for exercise in chosen[0]}
            code = {exercise: text + added.get(exercise, "") for exercise, text in chosen[number % len(first)].items()}
            _hand_in(course, assignment, released, f"student{number:04}", code)
        grade_copies(course, assignment, len(first))


def copy_sources(course: CourseFolder, folder: Path, assignments: Sequence[str] = ()) -> Path:
    """Copy the settings and these assignments of a course, all if none is named, into a new folder; return that."""
    for assignment in assignments or course.assignments():
        shutil.copytree(course.root / "source" / assignment, folder / "source" / assignment)
    shutil.copy(course.root / CONFIG_NAME, folder)
    return folder


def _chosen(answers: list[Answer], number: int, draw: random.Random) -> dict[str, str]:
    """Return an answer to each exercise: all right for every other student, else a wrong one here and there."""
    exercises = dict.fromkeys(answer.exercise for answer in answers)
    picked = {}
    for exercise in exercises:
        right = number % 2 == 0 or draw.random() < 0.5
        picked[exercise] = draw.choice([a for a in answers if a.exercise == exercise and a.right == right]).source
    return picked


def _tries(draw: random.Random) -> str:
    lines = draw.choices(_TRIES, k=draw.randrange(MOST_LINES + 1))
    return "".join(f"\n\ndef try_{number}(x):\n{line}" for number, line in enumerate(lines)) + "\n"


def _hand_in(course: CourseFolder, assignment: str, released: Any, student: str, code: Mapping[str, str]) -> None:
    for cell in released.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = code.get(grade_id, cell.source)
    folder = course.folder("submitted", assignment, student)
    folder.mkdir(parents=True)
    nbformat.write(released, folder / f"{assignment}.ipynb")


def grade_copies(course: CourseFolder, assignment: str, originals: int) -> None:
    """Grade a class of which only the first are really graded; the others' results are theirs, in turn."""
    grade_class(course, assignment, how_configured(course), lambda: _Copies(originals), 1)


class _Copies(Executor):
    """Grades the first submissions, and takes the results of the others from them, with the code that was handed in."""

    def __init__(self, originals: int) -> None:
        self._originals = originals
        self._graded: list[Graded] = []
        self._turn = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it at once."""
        (task,) = args
        done: Future[Any] = Future()
        if len(self._graded) < self._originals:
            self._graded.append(grade_patiently(task))
            done.set_result(self._graded[-1])
        else:
            done.set_result(_copied(self._graded[self._turn % self._originals], task))
        self._turn += 1
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes that have graded."""
        close_workers()


def _copied(graded: Graded, task: Task) -> Graded:
    """Return a result with the code of another submission, in which the same cells are answered."""
    submitted = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["source"]
        for cell in json.loads(task.submission)["cells"]
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    }
    source = SourceNotebook.from_text(task.source)
    notebook = json.loads(graded.notebook)
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = submitted.get(grade_id, cell["source"])
    content = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False).encode()
    return replace(graded, notebook=content, summary=summarise(notebook, content, source))

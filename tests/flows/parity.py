"""Stock nbgrader and this grader on the same submissions, cell for cell: in-kernel mode, and examiner mode.

`python -m tests.flows.parity --write` writes docs/measured/parity.md.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import nbgrader
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from autograder.batch.coordinator import grade_class
from autograder.batch.run import how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.practice.sample_class import Kind, make_sample_class
from autograder.publish.notebooks import generate_assignment
from benchmarks.honest import STOCK_CONFIG
from benchmarks.pages import mark
from tests.support.classroom import ROOT, Inline

PAGE = ROOT / "docs" / "measured" / "parity.md"
PS1 = "ps1_from_scratch"
KINDS = (Kind.RIGHT, Kind.HALF, Kind.EMPTY, Kind.DELETED, Kind.EXIT)
IN_KERNEL = "\nc.Examiner.mode = 'in-kernel'\nc.Examiner.kernel_packages = ['autograder']\n"
STOCK_RESTORES = "\nc.OverwriteCells.add_missing_cells = True\n"

GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
MADE = "made for this comparison"

Scores = dict[tuple[str, str, str], float | None]
"""Automatic score by student, notebook and cell; None where a person has to grade."""


@dataclass(frozen=True)
class Comparison:
    """Both graders' scores of one class."""

    title: str
    stock: Scores
    ours: Scores
    kinds: Mapping[str, str]
    """What each student handed in."""
    examiner: Scores = field(default_factory=dict)
    """Ours in examiner mode, if that was compared too."""

    @property
    def differing_in_examiner_mode(self) -> list[tuple[str, str, str]]:
        """Return the cells whose score is another one in examiner mode."""
        return [cell for cell, score in self.stock.items() if self.examiner.get(cell, -1) != score]

    @property
    def differing(self) -> dict[tuple[str, str, str], tuple[float | None, float | None]]:
        """Cells with different scores."""
        cells = self.stock.keys() | self.ours.keys()
        pairs = {cell: (self.stock.get(cell), self.ours.get(cell)) for cell in sorted(cells)}
        return {cell: pair for cell, pair in pairs.items() if pair[0] != pair[1]}


def compare_ps1(folder: Path) -> Comparison:
    """Grade one student of each harmless kind of our own sample class with both."""
    course = _make_course(folder / "stock", PS1, ROOT / "source" / PS1)
    made = make_sample_class(course, ROOT / "autograder" / "practice" / "answers", course.root / "submitted")
    chosen = {kind: next(student.id for student in made if student.kinds[PS1] is kind) for kind in KINDS}
    for student in made:
        if student.id not in chosen.values():
            shutil.rmtree(course.root / "submitted" / student.id)
    return _compare("This course's ps1_from_scratch", course, PS1, {student: kind for kind, student in chosen.items()})


def compare_quickstart(folder: Path) -> Comparison:
    """Grade nbgrader's own sample course with both: its two submissions and some of ours."""
    course = _make_course(folder / "stock", "ps1", GUIDE / "source" / "ps1", extra=_scores_notebook())
    kinds = _hand_in_as_shipped(course, "ps1")
    for student, answers in _ANSWERS.items():
        _hand_in(course, "ps1", student, answers)
        if student != "solved":  # once is enough; a missing notebook is a case of its own
            (_submitted(course, "ps1", student) / "scores.ipynb").unlink()
        kinds[student] = MADE
    return _compare("The sample course of `nbgrader quickstart`", course, "ps1", kinds)


def compare_documentation(folder: Path, assignment: str) -> Comparison:
    """Grade an assignment of nbgrader's documentation as it is, in both modes: submissions of each kind of mistake."""
    course = _make_course(folder / "stock", assignment, GUIDE / "source" / assignment, tests=GUIDE / "autotests.yml")
    kinds = _hand_in_as_shipped(course, assignment) if assignment == "ps1" else {}
    for student, answers in {**_ANSWERS, **_SECOND_FUNCTIONS}.items():
        _hand_in(course, assignment, student, answers)
        kinds[student] = MADE
    return _compare(f"`{assignment}` of nbgrader's documentation", course, assignment, kinds, examiner=True)


def _hand_in_as_shipped(course: CourseFolder, assignment: str) -> dict[str, str]:
    kinds = {"bitdiddle": "shipped with nbgrader", "hacker": "shipped with nbgrader"}
    for student in kinds:
        shutil.copytree(GUIDE / "submitted" / student / assignment, _submitted(course, assignment, student))
    return kinds


def _hand_in(course: CourseFolder, assignment: str, student: str, answers: Mapping[str, str]) -> None:
    shutil.copytree(course.folder("release", assignment), _submitted(course, assignment, student))
    _fill(_submitted(course, assignment, student) / "problem1.ipynb", answers)


_SQUARES = "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i ** 2 for i in range(1, n + 1)]\n"
_ANSWERS: dict[str, dict[str, str]] = {
    "solved": {
        "squares": _SQUARES,
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))\n",
        "sum_of_squares_equation": "$\\sum i^2$",
        "sum_of_squares_application": "sum_of_squares(3)",
        "cell-d3df8cd59fd0eb74": "my_dictionary = {'one': 1, 'two': 2, 'three': 3}\n",
    },
    "half": {"squares": _SQUARES, "sum_of_squares": "def sum_of_squares(n):\n    return n\n"},
    "stub": {},
    "errors": {"squares": f"import sys\nprint('oops', file=sys.stderr)\n{_SQUARES}", "sum_of_squares": "1 / 0"},
}

_SECOND_FUNCTIONS = {
    name: {"squares": _SQUARES, "sum_of_squares": second}
    for name, second in {
        "alone": "def sum_of_squares(n):\n    return sum(i * i for i in range(1, n + 1))\n",
        "keeps": "kept = squares\ndef sum_of_squares(n):\n    return sum(kept(n))\n",
        "default": "def sum_of_squares(n, of=squares):\n    return sum(of(n))\n",
        "catches": ("def sum_of_squares(n):\n    try: return sum(squares(n))\n    except NameError: return 1\n"),
        "inner": "def sum_of_squares(n):\n    return sum(x for x in (lambda: squares(n))())\n",
        "globals": "def sum_of_squares(n):\n    return sum(globals()['squares'](n)) if 'squares' in globals() else 1\n",
        "numpy": "import numpy as np\ndef sum_of_squares(n):\n    return np.sum(squares(n))\n",
    }.items()
}
"""How `sum_of_squares` may need `squares`, which a test deletes to see whether it does."""

_OUTPUTS = {
    "nothing": "pass",
    "half_a_point": "0.5",
    "zero": "0.0",
    "text": "'well done'",
    "true": "True",
    "none": "None",
    "not_a_number": "float('nan')",
    "negative": "-1",
    "numpy": "import numpy\nnumpy.float64(0.25)",
    "printed": "print(0.5)",
    "stderr": "import sys\nprint('oops', file=sys.stderr)",
    "warning": "import warnings\nwarnings.warn('oops')",
    "half_then_error": "from IPython.display import display\ndisplay(0.5)\nassert False",
    "failed": "assert 1 == 2, 'no'",
    "exit": "import sys\nsys.exit()",
}
"""Test cells with every kind of output that nbgrader scores, each worth a point."""


def _scores_notebook() -> nbformat.NotebookNode:
    cells = [
        new_code_cell(
            source,
            metadata={
                "nbgrader": {
                    **{"grade": True, "solution": False, "task": False, "locked": True, "points": 1},
                    **{"grade_id": name, "schema_version": 3},
                }
            },
        )
        for name, source in _OUTPUTS.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _make_course(
    root: Path, assignment: str, source: Path, extra: nbformat.NotebookNode | None = None, tests: Path | None = None
) -> CourseFolder:
    shutil.copytree(source, root / "source" / assignment)
    if tests is not None:
        shutil.copy(tests, root / "source" / assignment)
    if extra is not None:
        nbformat.write(extra, root / "source" / assignment / "scores.ipynb")
    settings = STOCK_CONFIG.format(root=root, assignment=assignment) + STOCK_RESTORES
    (root / CONFIG_NAME).write_text(settings)
    course = CourseFolder.load(root)
    generate_assignment(course, assignment)
    return course


def _submitted(course: CourseFolder, assignment: str, student: str) -> Path:
    return course.folder("submitted", assignment, student)


def _fill(path: Path, answers: Mapping[str, str]) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, path)


def _compare(
    title: str, stock: CourseFolder, assignment: str, kinds: Mapping[str, str], *, examiner: bool = False
) -> Comparison:
    modes = {"ours": IN_KERNEL, **({"examiner": ""} if examiner else {})}
    for name, settings in modes.items():
        root = stock.root.with_name(name)
        shutil.copytree(stock.root, root)
        (root / CONFIG_NAME).write_text(ROOT.joinpath(CONFIG_NAME).read_text() + settings)
    for student in kinds:
        result = stock.api().autograde(assignment, student)
        if not result["success"]:
            raise RuntimeError(result["log"])
    found = {}
    for name in modes:
        ours = CourseFolder.load(stock.root.with_name(name))
        grade_class(ours, assignment, how_configured(ours), Inline, 1)
        found[name] = scores(ours, assignment)
    return Comparison(title, scores(stock, assignment), found["ours"], kinds, found.get("examiner", {}))


def scores(course: CourseFolder, assignment: str) -> Scores:
    """Return what a gradebook holds."""
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        return {
            (submission.student.id, notebook.name, grade.cell.name): grade.auto_score
            for submission in gradebook.assignment_submissions(assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def page(comparisons: list[Comparison]) -> str:
    """Return the comparison as a page."""
    lines = [
        mark(PAGE.stem),
        "# In-kernel mode beside stock nbgrader",
        "",
        '`c.Examiner.mode = "in-kernel"` runs test cells in the student\'s kernel, as stock nbgrader does. Both',
        f"graders graded the same submissions; stock is nbgrader {nbgrader.__version__}. A cell counts as equal if",
        "both gave the same automatic score, or both left it to a person. Submissions that make stock nbgrader",
        "lose everything (a kernel that dies, a file that cannot be read) have no stock score to compare with.",
        "`make test` checks this page.",
    ]
    for comparison in comparisons:
        lines += ["", f"## {comparison.title}", "", "| student | handed in | cells | equal | stock | ours |"]
        lines += ["|---|---|---:|---:|---:|---:|"]
        for student, kind in comparison.kinds.items():
            cells = [cell for cell in comparison.stock if cell[0] == student]
            equal = sum(cell not in comparison.differing for cell in cells)
            points = (sum(found.get(cell) or 0 for cell in cells) for found in (comparison.stock, comparison.ours))
            lines.append(f"| {student} | {kind} | {len(cells)} | {equal} | {' | '.join(f'{p:g}' for p in points)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Compare, and print the page or write it."""
    with tempfile.TemporaryDirectory() as folder:
        text = page([compare_ps1(Path(folder, "ps1")), compare_quickstart(Path(folder, "quickstart"))])
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()

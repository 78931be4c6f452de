"""The feedback page: what nbgrader's `GenerateFeedback` writes of a graded notebook, as one HTML file for its student.

It runs nothing and fetches nothing, so it shows the same offline, on a phone, and in JupyterLab before anyone trusts
it. Notebooks that stock nbgrader graded have no named checks; of those it shows what their test cells put out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select

from autograder.examiner.verdict import CAPTION, METADATA_KEY, NOT_GRADED, Incident, verdict_in
from autograder.provenance import Provenance, entered
from autograder.reports.page_template import template
from autograder.reports.page_text import code_of, markdown, outputs, picture, picture_address
from autograder.reports.view import EVERYTHING, Hidden, View
from course.handing_in.celltext import names_defined

FIRST = 3
"""Exercises that are named as what to look at first."""

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_SHOWN = re.compile(r"(?:\A|\n)((?:[^\n]+\n)*)\n!\[(?:[^\]]*)\]\(attachment:([^)\s]+)\)")
"""A picture of the assignment, and the paragraph above it."""
_NOT_DEFINED = re.compile(r"(?:name ')?(\w+)'? is not defined")
_MADE_UP_NAME = re.compile(r"cell-[0-9a-f]{6,}")
"""What nbgrader calls a cell that nobody named."""


@dataclass(frozen=True)
class Score:
    """What the gradebook has of one graded cell."""

    points: float
    max_points: float
    waits: bool
    """For a person."""


@dataclass(frozen=True)
class Grades:
    """What the gradebook has of one submission."""

    scores: Mapping[str, Mapping[str, Score]]
    """By notebook and cell."""
    comments: Mapping[str, str]
    """By cell, of one notebook."""
    penalties: Mapping[str, float]
    """For handing in late, by notebook."""
    made_with: Provenance | None = None
    """What this notebook was graded with, if that was noted."""

    def points(self, notebook: str) -> float:
        """Points of a notebook, less the penalty."""
        points = sum(score.points for score in self.scores.get(notebook, {}).values())
        return max(0.0, points - self.penalties.get(notebook, 0.0))

    def max_points(self, notebook: str) -> float:
        """Points that could be earned in a notebook."""
        return sum(score.max_points for score in self.scores.get(notebook, {}).values())


@dataclass
class Figure:
    """A picture with what is said about it."""

    caption: Markup
    picture: Markup


@dataclass
class Exercise:
    """A graded cell with the cells that belong to it."""

    number: int
    grade_id: str
    name: str
    heading: Markup
    score: Score
    checks: Sequence[Any] = ()
    problem: str = ""
    """Why there are no points, where no check says so."""
    stopped: list[str] = field(default_factory=list)
    """What happened to its cells."""
    output: Markup = field(default_factory=Markup)
    """What its test cell put out, where there are no checks."""
    figures: list[Figure] = field(default_factory=list)
    comments: list[Markup] = field(default_factory=list)
    hidden: Hidden | None = None
    """Its hidden checks, where the page does not show them."""
    answer: list[Markup] = field(default_factory=list)
    given: list[Markup] = field(default_factory=list)

    @property
    def lost(self) -> float:
        """Points that were not earned."""
        return self.score.max_points - self.score.points

    @property
    def failed(self) -> list[Any]:
        """Checks that failed."""
        return [check for check in self.checks if not check.passed]

    @property
    def failures(self) -> list[tuple[str, list[str]]]:
        """Each message with the names of the checks that failed with it, in the order of the checks."""
        found: dict[str, list[str]] = {}
        for check in self.failed:
            found.setdefault(check.message, []).append(check.name)
        return list(found.items())

    @property
    def passed(self) -> list[Any]:
        """Checks that passed."""
        return [check for check in self.checks if check.passed]


@dataclass
class Rest:
    """What stands behind the last exercise."""

    cells: list[Markup]
    comments: list[Markup]


class FeedbackPage(Exporter):
    """Writes a graded notebook as a page for its student."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(  # type: ignore[override] # nbconvert's own exporters return text, too
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page, and the resources as the preprocessors left them."""
        nb, found = self.preprocessed(deepcopy(nb), self._init_resources(resources))  # type: ignore[no-untyped-call]
        told = found["nbgrader"]
        grades = read_grades(told["db_url"], told["assignment"], told["notebook"], told["student"])
        return render_page(nb, told["assignment"], told["notebook"], told["student"], grades), found

    def preprocessed(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return a notebook as the preprocessors leave it; nbconvert copies and validates it before each of them."""
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        return nb, resources


def read_grades(db_url: str, assignment: str, notebook: str, student: str) -> Grades:
    """Return what the gradebook has of a submission.

    Raises
    ------
    nbgrader.api.MissingEntry
        If it has nothing of it.
    """
    with Gradebook(db_url) as gradebook:
        gradebook.find_submission_notebook(notebook, assignment, student)
        return class_grades(gradebook, assignment, student)[student][notebook]


def class_grades(gradebook: Gradebook, assignment: str, student: str | None = None) -> dict[str, dict[str, Grades]]:
    """Return what the gradebook has of all submissions of an assignment, or of one, by student and notebook."""

    def rows(*columns: Any, grades: Any = None) -> Any:
        """Return columns of each submitted notebook, or of each of its grades or comments, in order."""
        found = (
            select(SubmittedAssignment.student_id, Notebook.name, *columns)
            .select_from(SubmittedNotebook)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .where(Assignment.name == assignment)
            .order_by(Notebook.name)
        )
        if grades is not None:
            found = found.join(grades, grades.notebook_id == SubmittedNotebook.id)
            found = found.join(BaseCell, grades.cell_id == BaseCell.id)
        return gradebook.db.execute(
            found if student is None else found.where(SubmittedAssignment.student_id == student)
        )

    scores: dict[str, dict[str, dict[str, Score]]] = {}
    penalties: dict[str, dict[str, float]] = {}
    said: dict[tuple[str, str], dict[str, str]] = {}
    for who, name, penalty in rows(SubmittedNotebook.late_submission_penalty):
        penalties.setdefault(who, {})[name] = float(penalty or 0)
    for who, name, cell, *score in rows(
        BaseCell.name, Grade.score, Grade.max_score, Grade.needs_manual_grade, grades=Grade
    ):
        scores.setdefault(who, {}).setdefault(name, {})[cell] = Score(*score)
    for who, name, cell, text in rows(BaseCell.name, Comment.comment, grades=Comment):
        if text:
            said.setdefault((who, name), {})[cell] = text
    made = entered(gradebook, assignment, student)
    return {
        who: {
            name: Grades(scores.get(who, {}), said.get((who, name), {}), found, made.get((who, name))) for name in found
        }
        for who, found in penalties.items()
    }


def render_page(
    nb: NotebookNode,
    assignment: str,
    notebook: str,
    student: str,
    grades: Grades,
    view: View = EVERYTHING,
    hidden: Mapping[str, Hidden] | None = None,
) -> str:
    """Return the page of a graded notebook.

    Parameters
    ----------
    nb : NotebookNode
        As its preprocessors left it, and, unless the page shows everything, as `view.restricted` did before.
    grades : Grades
        Likewise.
    view : View, optional
        What the page shows.
    hidden : Mapping[str, Hidden], optional
        By test cell: those whose hidden checks are not shown.
    """
    told = nb.metadata.get(METADATA_KEY)
    whole: Mapping[str, Any] = told if isinstance(told, Mapping) else {}  # a student may have written it
    noted = whole.get("notes")
    notes = [str(note) for note in noted] if isinstance(noted, list) else []
    refused = bool(notes and nb.cells) and nb.cells[0].source.startswith(NOT_GRADED) and "wall" not in whole
    cells = nb.cells[1:] if refused else nb.cells  # the first says what stands at the top of the page
    exercises, rest = _exercises(cells, grades.scores.get(notebook, {}), grades.comments, _incidents(whole))
    for exercise in exercises:
        exercise.hidden = (hidden or {}).get(exercise.grade_id)
    if refused:
        for exercise in exercises:
            exercise.problem = "" if exercise.problem in notes else exercise.problem
    every = [(name, grades.points(name), grades.max_points(name)) for name in grades.scores]
    return template("feedback.html.j2").render(
        assignment=assignment,
        notebook=notebook,
        student=student,
        points=grades.points(notebook),
        max_points=grades.max_points(notebook),
        penalty=grades.penalties.get(notebook, 0.0),
        whole=[sum(points) for points in zip(*(points for _, *points in every), strict=True)],
        others=[one for one in every if one[0] != notebook],
        refused=notes if refused else [],
        notes=[] if refused else notes,
        first=_first(exercises) if not refused else [],
        exercises=exercises,
        rest=rest,
        made=grades.made_with,
        view=view,
    )


def _first(exercises: Sequence[Exercise]) -> list[Exercise]:
    """Return the exercises in which most points were lost, apart from those that wait for a person."""
    lost = [exercise for exercise in exercises if exercise.lost > 0.005 and not exercise.score.waits]
    return sorted(lost, key=lambda exercise: -exercise.lost)[:FIRST]


# Exercises ---------------------------------------------------------------------------------------------


def _exercises(
    cells: Sequence[NotebookNode], scores: Mapping[str, Score], comments: Mapping[str, str], incidents: list[Incident]
) -> tuple[list[Exercise], Rest]:
    """Return the exercises of a notebook, each with the cells before it, and what stands behind the last."""
    stopped = _stopped(cells, incidents)
    found: list[Exercise] = []
    group: list[tuple[NotebookNode, str]] = []
    task: Exercise | None = None
    for number, cell in enumerate(cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        what = next((i.what for i in incidents if i.cell in (name, f"cell {number + 1}")), "")
        if task and not (utils.is_locked(cell) or utils.is_solution(cell) or utils.is_task(cell)):
            task.answer.append(_shown(cell, what))  # what is asked for stands below the task
            continue
        task = None
        group.append((cell, what))
        if (utils.is_grade(cell) or utils.is_task(cell)) and name in scores:
            found.append(_exercise(len(found) + 1, group, scores[name], comments, stopped))
            task = found[-1] if utils.is_task(cell) else None
            group = []
    there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells}
    for name in sorted(scores.keys() - there):
        problem = "This cell is not in the graded notebook."
        found.append(Exercise(len(found) + 1, name, _shown_name(name), Markup(), scores[name], problem=problem))
    rest = Rest([_shown(cell, what) for cell, what in group if cell.source.strip()], _comments(group, comments))
    return found, rest


def _exercise(
    number: int,
    group: Sequence[tuple[NotebookNode, str]],
    score: Score,
    comments: Mapping[str, str],
    stopped: Mapping[str, str],
) -> Exercise:
    graded = group[-1][0]
    grade_id = graded.metadata.nbgrader.grade_id
    exercise = Exercise(number, grade_id, _shown_name(grade_id), Markup(), score)
    if not utils.is_solution(graded) and not utils.is_task(graded):  # those a person marks
        _judge(exercise, graded, stopped)
    given = [cell for cell, _ in group if _is_given(cell)]
    texts = [*given, graded] if utils.is_task(graded) else given
    headings = [text for cell in texts if cell.cell_type == "markdown" for text in _HEADING.findall(cell.source)]
    exercise.heading = _inline(headings[-1]) if headings else Markup()
    drawn = _drawn_again(graded)
    beside = _from_the_task(given) if drawn else {}
    exercise.figures = [*drawn, *beside.values()]
    elsewhere = dict.fromkeys(beside, "[the picture beside yours, above]")
    for cell, what in group:
        if what:
            exercise.stopped.append(what)
        if _is_given(cell) or (cell is graded and not utils.is_solution(cell) and not utils.is_task(cell)):
            exercise.given.append(_shown(cell, what, elsewhere=elsewhere, bare=cell is graded))
        elif cell.source.strip() or cell.get("outputs"):
            exercise.answer.append(_shown(cell, what))
    exercise.comments = _comments(group, comments)
    return exercise


def _comments(group: Sequence[tuple[NotebookNode, str]], comments: Mapping[str, str]) -> list[Markup]:
    names = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell, _ in group]
    return [markdown(comments[name]) for name in names if name in comments]


def _judge(exercise: Exercise, cell: NotebookNode, stopped: Mapping[str, str]) -> None:
    """Put into an exercise what its test cell says."""
    verdict = verdict_in(cell.metadata)
    if verdict is None:
        exercise.output = outputs([output for output in cell.outputs if not _is_number(output)])
        return
    exercise.checks = [_Check(check.name, check.passed, _explained(check.message, stopped)) for check in verdict.checks]
    exercise.problem = _explained(verdict.reason, stopped)
    if not verdict.checks and not verdict.reason:
        exercise.output = outputs([output for output in cell.outputs if output.output_type == "stream"])


def _is_number(output: NotebookNode) -> bool:
    """Tell whether an output is the points of a test cell and nothing else."""
    return output.output_type == "execute_result" and "text/html" not in output.data


@dataclass(frozen=True)
class _Check:
    name: str
    passed: bool
    message: str


def _explained(message: str, stopped: Mapping[str, str]) -> str:
    """Return a message with what became of the cell that was to define the name it misses."""
    found = _NOT_DEFINED.search(str(message))
    if found and found[1] in stopped:
        return f"{found[1]} is not there: the cell that defines it did not end ({stopped[found[1]]})."
    return str(message)


def _incidents(whole: Mapping[str, Any]) -> list[Incident]:
    try:
        return [Incident(str(told["cell"]), str(told["what"])) for told in whole.get("incidents", [])]
    except (TypeError, KeyError):  # a student wrote it
        return []


def _stopped(cells: Sequence[NotebookNode], incidents: Sequence[Incident]) -> dict[str, str]:
    """Return what happened to the cells that define names, by name."""
    happened = {incident.cell: incident.what for incident in incidents}
    return {
        name: what
        for number, cell in enumerate(cells)
        for what in [happened.get(cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell {number + 1}")]
        if what and cell.cell_type == "code"
        for name in names_defined(cell.source)
    }


def _shown_name(grade_id: str) -> str:
    return "" if _MADE_UP_NAME.fullmatch(grade_id) else grade_id.removeprefix("test_")


# Cells -------------------------------------------------------------------------------------------------


def _is_given(cell: NotebookNode) -> bool:
    return bool(utils.is_locked(cell)) and not utils.is_grade(cell)


def _shown(
    cell: NotebookNode, what: str = "", *, elsewhere: Mapping[str, str] | None = None, bare: bool = False
) -> Markup:
    """Return a cell: its text or code, what happened to it, and, unless it is `bare`, its outputs."""
    if cell.cell_type != "code":
        return Markup('<div class="text">{}</div>').format(
            markdown(cell.source, cell.get("attachments", {}), elsewhere or {})
        )
    code = Markup('<pre class="code">{}</pre>').format(code_of(cell.source)) if cell.source.strip() else Markup()
    said = Markup('<p class="stopped">This cell did not end: {}.</p>').format(what) if what else Markup()
    shown = [output for output in cell.outputs if not (what and output.get("ename") == "Stopped")]
    return code + ("" if bare else outputs(shown)) + said


def _inline(text: str) -> Markup:
    """Return Markdown of one line without the paragraph around it."""
    made = str(markdown(re.sub(r"\A(\d+)([.)])", r"\1\\\2", text))).strip()  # "1. Title" begins a list
    return Markup(made.removeprefix("<p>").removesuffix("</p>"))


# Figures -----------------------------------------------------------------------------------------------


def _drawn_again(cell: NotebookNode) -> list[Figure]:
    """Return the figures that the examiner drew below a test cell, with their captions."""
    shown = [output for output in cell.get("outputs", []) if output.output_type == "display_data"]
    figures: list[Figure] = []
    for caption, drawn in zip_longest(shown, shown[1:]):
        if not str(caption.data.get("text/plain", "")).startswith(CAPTION):
            continue
        address = picture_address(drawn.data) if drawn is not None else None
        image = picture(address, drawn.metadata) if drawn is not None and address else Markup()
        figures.append(Figure(Markup("<strong>Yours.</strong> {}").format(caption.data["text/plain"]), image))
    return figures


def _from_the_task(cells: Sequence[NotebookNode]) -> dict[str, Figure]:
    """Return the pictures that the assignment shows of a good answer, by the name of the attachment."""
    found = {}
    for cell in cells:
        attachments = cell.get("attachments", {})
        for paragraph, name in _SHOWN.findall(cell.source):
            if name in attachments:
                alt = re.search(rf"!\[([^\]]*)\]\(attachment:{re.escape(name)}\)", cell.source)
                data, words = attachments[name], " ".join(alt[1].split()) if alt else ""
                kind = next(iter(data))
                image = picture(picture_address(data) or "", {kind: {"alt": words}})
                found[name] = Figure(Markup("<strong>The task.</strong> {}").format(_inline(paragraph.strip())), image)
    return found

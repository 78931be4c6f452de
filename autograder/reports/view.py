"""What a feedback page may show before everything may be seen: a graded notebook without what is hidden.

Nothing of a hidden test is left in it: no code, no name, no message, no points, and no total that would tell them.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests
from traitlets.config import Config

from autograder.examiner.verdict import CAPTION, METADATA_KEY, NOT_GRADED, CellVerdict, verdict_in
from course.checks import CheckResult
from course.handing_in.notebook_parts import new_error

if TYPE_CHECKING:
    from autograder.reports.feedback_page import Grades

Stage = Literal["visible", "counts", "everything"]
STAGES: tuple[Stage, ...] = ("visible", "counts", "everything")

ENDED_EARLY = "The checks of this exercise ended early. What they say is shown with the hidden checks."
"""In the place of a reason that a hidden test may have given."""
_MISSING = re.compile(r"(?:NameError: )?(?:name ')?(\w+)'? is not (?:defined|there)\b")
_TOLD_BY_STUDENT = re.compile(r"(ran all the same) \(.*", re.DOTALL)


@dataclass(frozen=True)
class View:
    """What a page shows, and what it says about that."""

    stage: Stage = "everything"
    lines: tuple[str, ...] = ()
    """At the top of the page."""


EVERYTHING = View()


@dataclass(frozen=True)
class Hidden:
    """The hidden checks of one exercise, as far as a page tells of them."""

    passed: int | None = None
    """None if that is not shown either."""
    total: int | None = None


@dataclass(frozen=True)
class Restricted:
    """A notebook and its grades, without what is hidden."""

    notebook: NotebookNode
    grades: Grades
    hidden: Mapping[str, Hidden] = field(default_factory=dict)
    """By test cell: those that have hidden tests."""


def restricted(notebook: NotebookNode, name: str, grades: Grades, stage: Stage, config: Config) -> Restricted:
    """Return what may be seen of a graded notebook; what is not known to be visible counts as hidden.

    Parameters
    ----------
    notebook : NotebookNode
        As it was graded, with its hidden tests; it is not changed.
    name : str
        Of the notebook.
    config : Config
        The course's settings, which say how hidden tests are marked.
    """
    if stage == "everything":
        return Restricted(notebook, grades)
    notebook = deepcopy(notebook)
    marks = ClearHiddenTests(config=config)
    begin, end = str(marks.begin_test_delimeter), str(marks.end_test_delimeter)
    scores = dict(grades.scores.get(name, {}))
    hidden: dict[str, Hidden] = {}
    whole = notebook.metadata.get(METADATA_KEY)
    graded = isinstance(whole, Mapping) and "wall" in whole
    refused = not graded and bool(notebook.cells) and str(notebook.cells[0].source).startswith(NOT_GRADED)
    for cell in notebook.cells:
        if not (utils.is_locked(cell) or utils.is_grade(cell)):
            _restrict_students(cell, after_hidden=bool(hidden))
            continue
        cell.source, has_hidden = _visible(cell.source, begin, end)
        if has_hidden and utils.is_grade(cell) and not utils.is_solution(cell):
            grade_id = cell.metadata.nbgrader.grade_id
            hidden[grade_id], points, most = _restrict_test(cell, stage, scores.get(grade_id), refused=refused)
            if grade_id in scores:
                scores[grade_id] = replace(scores[grade_id], points=points, max_points=most, waits=False)
        elif utils.is_solution(cell) or (cell.cell_type == "code" and not utils.is_grade(cell)):
            _restrict_students(cell, after_hidden=bool(hidden))
    _restrict_notes(notebook, hidden.keys())
    there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    scores = {cell: score for cell, score in scores.items() if cell in there}
    return Restricted(notebook, replace(grades, scores={name: scores}, penalties={}), hidden)


def _visible(source: str, begin: str, end: str) -> tuple[str, bool]:
    """Return a cell without its hidden tests, and whether it has any; one that has no end goes on to the last line."""
    kept: list[str] = []
    inside = found = False
    for line in source.split("\n"):
        if begin in line:
            inside = found = True
        elif inside and end in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept), found


def visible_names(source: str) -> frozenset[str]:
    """Return the names of the checks in the visible part of a test cell, where they are written out.

    They stand in `with checks("name")`, or in what the `name` of `checks(name)` is set to, by a loop too.
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    calls = (item.context_expr for node in nodes if isinstance(node, ast.With) for item in node.items)
    named = [call.args[0] for call in calls if isinstance(call, ast.Call) and call.args]
    variables = {arg.id for arg in named if isinstance(arg, ast.Name)}
    values = [node.iter for node in nodes if isinstance(node, ast.For) and variables & _names_in(node.target)]
    values += [node.value for node in nodes if isinstance(node, ast.Assign) and variables & _names_in(*node.targets)]
    written = [*named, *(part for value in values for part in ast.walk(value))]
    return frozenset(part.value for part in written if isinstance(part, ast.Constant) and isinstance(part.value, str))


def _names_in(*targets: ast.AST) -> set[str]:
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def _restrict_test(cell: NotebookNode, stage: Stage, score: Any, *, refused: bool) -> tuple[Hidden, float, float]:
    """Leave the visible checks in a test cell; return what is told of the others, and the points of these."""
    verdict = verdict_in(cell.metadata)
    figures = [output for output in cell.outputs if output.output_type == "display_data"] if verdict else []
    cell.outputs = figures if figures and _is_caption(figures[0]) else []
    if verdict is None:
        cell.metadata.pop(METADATA_KEY, None)
        return _counted(stage, [], score), 0.0, 0.0
    names = visible_names(cell.source)
    seen = [check for check in verdict.checks if check.name in names]
    rest = [check for check in verdict.checks if check.name not in names]
    reason = verdict.reason if refused or _is_about_visible(verdict.reason, cell.source) else ENDED_EARLY
    points, most = sum(check.points for check in seen), sum(check.max_points for check in seen)
    shown = CellVerdict(verdict.grade_id, points, most, tuple(seen), reason if verdict.reason else "")
    cell.metadata[METADATA_KEY] = nbformat.from_dict(shown.to_dict())
    return _counted(stage, rest, score if not verdict.checks else None, verdict.reason), points, most


def _counted(stage: Stage, checks: Sequence[CheckResult], score: Any, reason: str = "") -> Hidden:
    """Return how many hidden checks passed, if that may be told; a cell without named checks is one check."""
    if stage != "counts" or reason:
        return Hidden()
    if checks:
        return Hidden(sum(check.passed for check in checks), len(checks))
    if score is not None:
        return Hidden(int(score.max_points > 0 and score.points >= score.max_points), 1)
    return Hidden()


def _is_about_visible(reason: str, visible: str) -> bool:
    """Tell whether a reason says no more than that a name which the student sees in the cell is not there."""
    found = _MISSING.match(reason)
    return bool(found and re.search(rf"\b{found[1]}\b", visible))


def _is_caption(output: NotebookNode) -> bool:
    return str(output.data.get("text/plain", "")).startswith(CAPTION)


def _restrict_students(cell: NotebookNode, *, after_hidden: bool) -> None:
    """Take from a student's cell what its code may have learned from hidden tests that ran before it."""
    if cell.cell_type != "code":
        cell.pop("attachments", None)  # cells above show files that cells below them write
    elif after_hidden:
        names = [str(output.get("ename")) for output in cell.outputs if output.output_type == "error"]
        cell.outputs = [new_error(name, "", [name]) for name in names if _is_builtin_error(name) or name == "Stopped"]


def _is_builtin_error(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _restrict_notes(notebook: NotebookNode, tests: Any) -> None:
    """Leave out what happened in test cells with hidden tests, and what students' errors say."""
    whole = notebook.metadata.get(METADATA_KEY)
    if not isinstance(whole, Mapping):
        return
    told: dict[str, Any] = {**whole}
    if isinstance(told.get("notes"), list):
        told["notes"] = [_TOLD_BY_STUDENT.sub(r"\1", str(note)) for note in told["notes"]]
    if isinstance(told.get("incidents"), list):
        told["incidents"] = [
            each for each in told["incidents"] if not isinstance(each, Mapping) or each.get("cell") not in tests
        ]
    told.pop("looks", None)
    notebook.metadata[METADATA_KEY] = nbformat.from_dict(told)

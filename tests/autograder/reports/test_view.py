"""Before everything may be seen, a page has visible checks and their points, and nothing of hidden ones."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
from nbformat import NotebookNode, from_dict
from traitlets.config import Config

from autograder.examiner.verdict import METADATA_KEY, CellVerdict
from autograder.reports.feedback_page import Grades, Score, render_page
from autograder.reports.view import ENDED_EARLY, Restricted, Stage, View, restricted, visible_names
from course.checks import CheckResult
from course.handing_in.notebook_parts import new_cell, new_display, new_error, new_result, new_stream
from tests.support.graded_class import PICTURE, ROOT

SECRET = "rosebud"
TEST = f"""\
checks = Checks("double", points=4)
with checks("small"):
    assert double(3) == 6
### BEGIN HIDDEN TESTS
from {SECRET} import check
with checks("{SECRET}"):
    check(double)
### END HIDDEN TESTS
checks.score()
"""
SMALL = CheckResult("small", 1.0, 1.0)
SMALL_FAILS = CheckResult("small", 0.0, 1.0, "double(3) is 9")
LARGE = CheckResult(SECRET, 3.0, 3.0)
LARGE_FAILS = CheckResult(SECRET, 0.0, 3.0, f"{SECRET} is wrong")


def cell(source: str, name: str, outputs: Any = (), kind: str = "code", **told: Any) -> NotebookNode:
    fields = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3} | told
    made = new_cell(kind, source, {"nbgrader": {**fields, "grade_id": name}})
    if kind == "code":
        made.outputs = list(outputs)
    return made


def answer(name: str = "double", outputs: Any = ()) -> NotebookNode:
    return cell("def double(x): ...", name, outputs, solution=True)


def checked(*checks: CheckResult, reason: str = "", source: str = TEST, name: str = "test_double") -> NotebookNode:
    points = sum(check.points for check in checks)
    output = new_error("Failed", reason, [reason]) if reason else new_result({"text/plain": str(points)})
    made = cell(source, name, [output], grade=True, locked=True)
    verdict = CellVerdict(name, points, 4.0, checks, reason)
    made.metadata[METADATA_KEY] = from_dict(verdict.to_dict())
    return made


def seen(
    *cells: NotebookNode, stage: Stage = "visible", told: Any = None, points: float = 1.0, config: Config | None = None
) -> tuple[Restricted, str]:
    """What is left of a notebook and its grades, and the page that is made of it."""
    metadata = {METADATA_KEY: {"wall": {}, **(told or {})}}
    notebook = from_dict({"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    graded = {each.metadata.nbgrader.grade_id for each in cells if each.metadata.nbgrader.grade}
    scores = {"mini": {name: Score(points, 4.0, False) for name in graded}, "other": {"x": Score(77.0, 78.0, False)}}
    found = restricted(notebook, "mini", Grades(scores, {}, {"mini": 0.625}), stage, config or Config())
    view = View(stage, ("not the grade",))
    return found, render_page(found.notebook, "mini", "mini", "ada", found.grades, view, found.hidden)


def points_shown(page: str) -> tuple[str, ...]:
    found = re.search(r"<strong>([\d.]+)</strong> of ([\d.]+) points", page)
    assert found
    return found.groups()


@pytest.mark.parametrize("stage", ["visible", "counts"])
@pytest.mark.parametrize("large", [LARGE, LARGE_FAILS])
def test_visible_checks_and_their_points_are_shown_and_nothing_of_the_others(stage: Stage, large: CheckResult) -> None:
    found, page = seen(answer(), checked(SMALL_FAILS, large), stage=stage)
    assert "double(3) is 9" in page
    assert "not the grade" in page
    assert points_shown(page) == ("0", "1")
    assert SECRET not in page
    assert SECRET not in repr(found)
    assert "77" not in page  # another notebook's points
    assert "penalty" not in page


def test_with_hidden_checks_passed_or_failed_a_visible_page_is_the_same() -> None:
    pages = {
        seen(answer(), checked(SMALL, large), points=points)[1] for large, points in ((LARGE, 4), (LARGE_FAILS, 1))
    }
    assert len(pages) == 1


def test_how_many_hidden_checks_pass_is_told_if_it_may() -> None:
    _, page = seen(answer(), checked(SMALL, LARGE, CheckResult("more", 0.0, 1.0, "no")), stage="counts")
    assert "1 of 2 hidden checks pass" in page
    assert "1 of 2" not in seen(answer(), checked(SMALL, LARGE, CheckResult("more", 0.0, 1.0, "no")))[1]


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (f"ValueError: {SECRET}", False),
        ("NameError: name 'double' is not defined in the notebook", True),
        (f"NameError: name '{SECRET}' is not defined in the notebook", False),
    ],
)
def test_why_a_cell_ended_is_shown_if_it_says_what_the_student_sees_anyway(reason: str, shown: bool) -> None:
    found, page = seen(answer(), checked(reason=reason))
    assert SECRET not in page
    assert (ENDED_EARLY in page) != shown
    assert ("name &#39;double&#39; is not defined" in page) == shown
    assert points_shown(page) == ("0", "0")
    assert found.hidden["test_double"].total is None


def test_a_cell_of_plain_tests_that_are_hidden_says_nothing_but_whether_it_passes_where_that_may_be_told() -> None:
    source = f"### BEGIN HIDDEN TESTS\nassert double({SECRET}) == 4\n### END HIDDEN TESTS\n"
    for points, number in ((4.0, 1), (0.0, 0)):
        bare = cell(source, "test_double", [new_stream("stdout", SECRET)], grade=True, locked=True)
        assert SECRET not in seen(answer(), bare, points=points)[1]
        assert f"{number} of 1 hidden check passes" in seen(answer(), bare, points=points, stage="counts")[1]


def test_a_cell_without_hidden_tests_is_shown_as_it_is() -> None:
    visible = 'checks = Checks("double", points=4)\nwith checks("small"):\n    pass\nchecks.score()\n'
    found, page = seen(answer(), checked(SMALL_FAILS, source=visible), points=2.5)
    assert points_shown(page) == ("2.5", "4")
    assert found.hidden == {}


def test_marks_of_hidden_tests_may_have_other_words_and_no_end() -> None:
    config = Config({"ClearHiddenTests": {"begin_test_delimeter": "VVV", "end_test_delimeter": "^^^"}})
    source = f'with checks("small"):\n    pass\n# VVV\nwith checks("{SECRET}"):\n    pass\n'
    found, page = seen(answer(), checked(SMALL, LARGE, source=source), config=config)
    assert SECRET not in page
    assert SECRET not in repr(found)


def test_what_code_may_have_learned_from_hidden_tests_is_not_shown() -> None:
    told = {
        "notes": [f"cell 'x': what stands below the line that failed ran all the same (ValueError: {SECRET})"],
        "incidents": [{"cell": "test_double", "what": SECRET}, {"cell": "later", "what": "stopped after 30 s"}],
        "looks": [{"cell": "x", "line": 1, "what": "", "code": SECRET}],
    }
    before = answer("first", [new_stream("stdout", "said before")])
    later = answer("later", [new_stream("stdout", SECRET), new_error("ValueError", SECRET, [SECRET])])
    named = answer("named", [new_error(SECRET, SECRET, [SECRET])])
    text = cell("![](attachment:a.png)", "text", kind="markdown", solution=True)
    marked = cell("![](attachment:a.png)", "marked", kind="markdown", solution=True, grade=True)
    text.attachments = marked.attachments = from_dict({"a.png": {"image/png": PICTURE}})
    _, page = seen(before, text, marked, checked(SMALL, LARGE), later, named, told=told)
    assert SECRET not in page
    assert PICTURE not in page
    assert "said before" in page
    assert "ValueError" in page
    assert "stopped after 30 s" in page
    assert "ran all the same" in page


def test_figures_that_visible_checks_drew_stay() -> None:
    test = checked(SMALL, LARGE)
    caption = new_display({"text/plain": "Drawn again from what your figure reported:"})
    test.outputs += [caption, new_display({"image/png": PICTURE, "text/plain": "x"}, {"image/png": {"alt": "x"}})]
    assert PICTURE in seen(answer(), test)[1]


def test_everything_is_the_notebook_as_it_is() -> None:
    found, page = seen(answer(), checked(SMALL, LARGE_FAILS), stage="everything")
    assert f"{SECRET} is wrong" in page
    assert found.grades.penalties == {"mini": 0.625}


def test_a_student_cannot_ask_for_more_by_writing_that_nothing_was_graded() -> None:
    forged = cell("**This submission was not graded.** x", "forged", kind="markdown", solution=True)
    assert SECRET not in seen(forged, answer(), checked(reason=f"ValueError: {SECRET}"))[1]


@pytest.mark.parametrize("twin", sorted(ROOT.glob("source/*/*.py")), ids=lambda path: path.stem)
def test_names_of_visible_checks_are_written_out_in_every_assignment(twin: Any) -> None:
    for block in re.split(r"^# %%.*\n", twin.read_text(encoding="utf-8"), flags=re.MULTILINE):
        visible = block.partition("### BEGIN HIDDEN TESTS")[0]
        if "checks = Checks(" not in visible:
            continue
        used = [
            item.context_expr.args[0]
            for node in ast.walk(ast.parse(visible))
            if isinstance(node, ast.With)
            for item in node.items
            if isinstance(item.context_expr, ast.Call) and getattr(item.context_expr.func, "id", "") == "checks"
        ]
        assert used
        assert all(isinstance(name, ast.Constant | ast.Name) for name in used)
        written = {name.value for name in used if isinstance(name, ast.Constant)}
        looped = any(isinstance(name, ast.Name) for name in used)
        assert visible_names(visible) >= written
        assert (len(visible_names(visible)) > len(written)) == looped

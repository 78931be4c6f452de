"""The feedback page says what was earned, what failed and why, and what became of each cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook, MissingEntry

from autograder.examiner.verdict import CAPTION, METADATA_KEY, NOT_GRADED, CellVerdict
from autograder.reports.feedback_page import Grades, Score, read_grades, render_page
from course.checks import CheckResult, checks_table
from course.handing_in.notebook_parts import new_cell, new_display, new_error, new_result, new_stream
from tests.support.graded_class import PICTURE, ROOT

OTHER_PICTURE = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


class Read(HTMLParser):
    """A page as its reader sees it before unfolding anything, and all of it."""

    VOID = frozenset(("meta", "img", "br", "wbr", "hr", "input"))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.everything = self.at_once = ""
        self.links: list[str] = []
        self.ids: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self._inside: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.links += [told["href"] or ""] if "href" in told else []
        self.ids += [told["id"] or ""] if "id" in told else []
        if tag == "img":
            self.pictures.append(told)
        if tag not in self.VOID:
            self._inside.append((tag, tag == "details" and "open" not in told))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._inside]
        if "style" in tags or "title" in tags:
            return
        self.everything += data
        folded = any(closed for _, closed in self._inside)
        if not folded or "summary" in tags:
            self.at_once += data


def words(text: str) -> str:
    return " ".join(text.split())


def cell(kind: str, source: str, name: str = "", outputs: Sequence[NotebookNode] = (), **told: Any) -> NotebookNode:
    """A cell as it stands in a graded notebook."""
    fields = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3} | told
    made = new_cell(kind, source, {"nbgrader": {**fields, "grade_id": name}} if name else {})
    if kind == "code":
        made.outputs = list(outputs)
    return made


def text(source: str, name: str = "", pictures: dict[str, Any] | None = None) -> NotebookNode:
    """A given text of the assignment."""
    made = cell("markdown", source, name or f"text{abs(hash(source))}", locked=True)
    if pictures:
        made.attachments = from_dict(pictures)
    return made


def answer(name: str, source: str = "def f(x): ...", outputs: Sequence[NotebookNode] = ()) -> NotebookNode:
    return cell("code", source, name, outputs, solution=True)


def checked(name: str, *checks: CheckResult, reason: str = "", drawn: Sequence[NotebookNode] = ()) -> NotebookNode:
    """A test cell with the verdict and the output that the examiner writes."""
    output = new_error("Failed", reason, [f"Failed: {reason}"]) if reason else new_result({"text/plain": "1.0"})
    made = cell("code", "assert f(1)", name, [output, *drawn], grade=True, locked=True)
    made.metadata[METADATA_KEY] = from_dict(CellVerdict(name, 0.0, 5.0, checks, reason).to_dict())
    return made


def stock(name: str, *outputs: NotebookNode) -> NotebookNode:
    """A test cell that ran in the student's kernel."""
    return cell("code", "assert f(1)", name, outputs, grade=True, locked=True)


def drawn(png: str = PICTURE) -> list[NotebookNode]:
    """What the examiner puts below the checks of a figure."""
    caption = new_display({"text/plain": f"{CAPTION}:", "text/html": "<p>x</p>"})
    return [caption, new_display({"image/png": png, "text/plain": "two lines"}, {"image/png": {"alt": "two lines"}})]


PASSED = CheckResult("right shape", 2.5, 2.5)
FAILED = CheckResult("right values", 0.0, 2.5, "At x = 1: got 2, expected 3.")


def page_of(
    *cells: NotebookNode,
    scores: dict[str, tuple[float, float]],
    waits: Sequence[str] = (),
    comments: dict[str, str] | None = None,
    others: dict[str, dict[str, Score]] | None = None,
    penalties: dict[str, float] | None = None,
    told: Any = None,
) -> tuple[str, Read]:
    """Return the page of a notebook, as it is and as it is read."""
    notebook = from_dict({"cells": list(cells), "metadata": {METADATA_KEY: told or {}}})
    own = {name: Score(points, most, name in waits) for name, (points, most) in scores.items()}
    grades = Grades({"n1": own, **(others or {})}, comments or {}, penalties or {})
    page = render_page(notebook, "hw", "n1", "ada", grades)
    return page, Read(page)


def test_score_and_what_to_look_at_first_with_links_that_lead_somewhere() -> None:
    _, page = page_of(
        text("## 1. Small"), answer("f"), checked("test_f", PASSED, FAILED),
        text("## 2. Large"), answer("g"), checked("test_g", FAILED),
        answer("h"), checked("test_h", PASSED),
        scores={"test_f": (2.5, 5), "test_g": (0, 8), "test_h": (5, 5)},
    )  # fmt: skip
    shown = words(page.at_once)
    assert "7.5 of 18 points" in shown
    assert "n1" in shown
    first = shown[shown.index("Look at this first") :]
    assert first.index("g: −8. 1 of 1 check failed") < first.index("f: −2.5. 1 of 2 checks failed")
    assert "g 0 of 1 0 of 8" in shown
    assert "f 1. Small 2.5 of 5 points" in shown
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(page.links) == 5
    assert len(page.ids) == len(set(page.ids))


def test_points_lost_in_a_text_stand_there_with_what_was_said_about_it() -> None:
    essay = cell("markdown", "*Write your text here.*", "essay", grade=True, solution=True)
    _, page = page_of(text("## 1. Text"), essay, scores={"essay": (0, 3)}, comments={"essay": "No **response**."})
    assert "essay: −3. No response." in words(page.at_once)


def test_failed_checks_are_seen_at_once_and_passed_ones_unfold() -> None:
    _, page = page_of(answer("f"), checked("test_f", PASSED, FAILED), scores={"test_f": (2.5, 5)})
    assert "✗ failedright valuesAt x = 1: got 2, expected 3." in page.at_once
    assert "1 of 2 checks passed" in page.at_once
    assert "right shape" not in page.at_once
    assert "✓ passed" in page.everything


def test_checks_that_fail_alike_are_told_once() -> None:
    checks = [
        CheckResult(f"check {number}", 0.0, 1.0, "torch is not there" if number % 2 else "") for number in range(6)
    ]
    other = CheckResult("shape", 0.0, 1.0, "It is (3,).")
    _, page = page_of(answer("f"), checked("test_f", *checks, other), scores={"test_f": (3, 7)})
    assert "✗ 3 failedcheck 1; check 3; check 5torch is not there✗ failedshapeIt is (3,)." in page.at_once.replace(
        "\n", ""
    )


def test_an_answer_is_open_where_points_were_lost() -> None:
    for points, seen in ((2.5, True), (5, False)):
        _, page = page_of(answer("f", "mine = 1"), checked("test_f", PASSED), scores={"test_f": (points, 5)})
        assert ("mine" in page.at_once) is seen
        assert "mine = 1" in page.everything


def test_a_cell_that_was_stopped_explains_the_checks_that_miss_its_names() -> None:
    told = {"incidents": [{"cell": "f", "what": "stopped after 30 s"}], "wall": {}}
    stopped = [new_stream("stdout", "before"), new_error("Stopped", "stopped after 30 s", ["Stopped: it"])]
    _, page = page_of(
        answer("f", "def f(x):\n    return x\nwhile True: pass", stopped),
        checked("test_f", reason="NameError: name 'f' is not defined in the notebook"),
        answer("g", "def g(): ..."),
        checked("test_g", CheckResult("right", 0, 5, "h is not defined: its cell ended with TypeError: x")),
        scores={"test_f": (0, 5), "test_g": (0, 5)},
        told=told,
    )  # fmt: skip
    shown = words(page.at_once)
    assert "f: −5. A cell did not end: stopped after 30 s." in shown
    assert "f is not there: the cell that defines it did not end (stopped after 30 s)." in shown
    assert "This cell did not end: stopped after 30 s." in shown
    assert "before" in shown
    assert "NameError" not in shown
    assert "Stopped: it" not in shown
    assert "h is not defined: its cell ended with TypeError: x" in shown


def test_a_cell_without_a_name_is_found_by_its_number() -> None:
    told = {"incidents": [{"cell": "cell 1", "what": "the kernel died"}], "wall": {}}
    _, page = page_of(
        cell("code", "import os; os.abort()"), answer("f"), checked("test_f", PASSED), scores={"test_f": (4, 5)},
        told=told,
    )  # fmt: skip
    assert "This cell did not end: the kernel died." in page.at_once


def test_notes_are_listed_as_text() -> None:
    page, read = page_of(
        answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5)},
        told={"notes": ["cell '<b>' was missing", "another"]},
    )  # fmt: skip
    assert "Notes on the grading" in read.at_once
    assert "<b>" not in page
    assert "cell '<b>' was missing" in read.at_once
    assert "another" in read.at_once
    assert "Notes" not in page_of(answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5)})[1].at_once


def test_what_could_not_be_read_says_so_once() -> None:
    why = "It cannot be read."
    _, page = page_of(
        cell("markdown", f"{NOT_GRADED} {why}"),
        answer("f"), checked("test_f", reason=why),
        answer("g"), checked("test_g", reason=why),
        scores={"test_f": (0, 5), "test_g": (0, 5)},
        told={"notes": [why]},
    )  # fmt: skip
    assert page.everything.count("This submission was not graded.") == 1
    assert page.everything.count(why) == 1
    assert "0 of 10 points" in words(page.at_once)


def test_what_a_person_marks_is_no_loss_until_then() -> None:
    task = cell("markdown", "## 3. Explain\n\nIn words.", "why", locked=True, task=True)
    own = cell("markdown", "Because of $x$.")
    _, page = page_of(task, own, text("## Recap"), scores={"why": (0, 6)}, waits=["why"])
    assert "A person still marks this; until then it counts 0." in page.at_once
    assert "why 3. Explain 0 of 6 points" in words(page.at_once)
    assert "Look at this first" not in page.at_once
    assert "Because of" in page.at_once
    assert "Recap" not in page.at_once
    assert "The rest of the notebook" in page.at_once
    _, page = page_of(task, own, scores={"why": (4, 6)}, comments={"why": "Name the **rate**."})
    assert "A person" not in page.at_once
    assert "–, comment" in page.at_once
    assert "Comment Name the rate." in words(page.at_once.replace("Comment", "Comment "))


def test_the_students_figure_stands_beside_the_one_of_the_task() -> None:
    shown = "**A good answer looks like this** (for $n = 2$):\n\n![Two moons\nof points.](attachment:good.png)"
    source = f"## 2. Draw\n\nAxes.\n\n{shown}"
    page, read = page_of(
        text(source, pictures={"good.png": {"image/png": OTHER_PICTURE}}),
        answer("f"),
        checked("test_f", PASSED, drawn=drawn()),
        scores={"test_f": (5, 5)},
    )
    assert [picture["alt"] for picture in read.pictures] == ["two lines", "Two moons of points."]
    assert page.count(PICTURE) == page.count(OTHER_PICTURE) == 1
    assert f"Yours. {CAPTION}:" in read.at_once
    assert "The task. A good answer looks like this (for" in read.at_once
    assert "[the picture beside yours, above]" in read.everything


@pytest.mark.parametrize("path", sorted(ROOT.glob("release/*/*.ipynb")), ids=lambda path: str(path.stem))
def test_each_figure_that_is_drawn_again_has_one_of_the_task_to_stand_beside(path: Path) -> None:
    given: list[str] = []
    for cell in nbformat.read(path, as_version=4).cells:
        given += [cell.source] if cell.cell_type == "markdown" else []
        if cell.metadata.get("nbgrader", {}).get("grade"):
            shown = re.findall(r"[^\n]\n\n!\[[^\]]{30,}\]\(([\w/]+\.png)\)", "\n".join(given))
            assert ("drawn_again(" in cell.source) == bool(shown), cell.metadata.nbgrader.grade_id
            assert all(path.with_name(name).is_file() for name in shown if "/" not in name)
            given = []


def test_a_picture_of_the_task_stays_there_where_no_figure_is_checked() -> None:
    given = text("Look:\n\n![It](attachment:good.png)", pictures={"good.png": {"image/png": OTHER_PICTURE}})
    page, read = page_of(given, answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5)})
    assert [picture["alt"] for picture in read.pictures] == ["It"]
    assert "<figure>" not in page


def test_a_figure_that_could_not_be_drawn_again_is_said() -> None:
    caption = new_display({"text/plain": f"{CAPTION}: nothing, because what it reported is no picture."})
    _, page = page_of(answer("f"), checked("test_f", PASSED, drawn=[caption]), scores={"test_f": (5, 5)})
    assert f"{CAPTION}: nothing" in page.at_once
    assert page.pictures == []


def test_without_verdicts_the_outputs_of_the_test_cells_are_shown() -> None:
    _, page = page_of(
        answer("f"),
        stock("cell-0123456789abcdef", new_error("AssertionError", "wrong sign", ["AssertionError: wrong sign"])),
        answer("g"),
        stock("test_g", new_result({"text/plain": "2.5 points", "text/html": checks_table("g", [PASSED, FAILED])})),
        answer("i"), stock("test_i", new_result({"text/plain": "0.125"})),
        answer("h"), stock("test_h", new_stream("stderr", "careful")),
        scores={"cell-0123456789abcdef": (0, 5), "test_g": (2.5, 5), "test_h": (5, 5), "test_i": (5, 5)},
    )  # fmt: skip
    shown = words(page.at_once)
    assert "g: 1 of 2 checks pass" in shown
    assert "At x = 1: got 2, expected 3." in shown
    assert "0.125" not in page.everything
    assert "AssertionError: wrong sign" in shown
    assert "Exercise 1: −5." in shown
    assert "g: −2.5." in shown
    assert "careful" in shown
    assert "cell-0123" not in page.everything


@pytest.mark.parametrize("path", sorted(ROOT.glob("source/*/*.ipynb")), ids=lambda path: str(path.stem))
def test_a_page_is_small_however_much_went_wrong(path: Path) -> None:
    """At most 100 KB, pictures aside, with the solutions as answers and ten failed checks for each exercise."""
    notebook = nbformat.read(path, as_version=4)
    scores = {}
    for cell in notebook.cells:
        told = cell.metadata.get("nbgrader", {})
        if told.get("grade"):
            failed = [
                CheckResult(f"check {n} of many", 0.0, 1.0, "At x = 1: got 2, expected 3. " * 5) for n in range(10)
            ]
            scores[told.grade_id] = Score(0.0, 10.0, False)
            cell.metadata[METADATA_KEY] = from_dict(CellVerdict(told.grade_id, 0.0, 10.0, tuple(failed)).to_dict())
    page = render_page(notebook, path.stem, path.stem, "ada", Grades({path.stem: scores}, {}, {}))
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize(
    "forged", [7, {"checks": 3}, {"grade_id": "test_f"}, CellVerdict("other", 5, 5, (PASSED,)).to_dict()]
)
def test_a_made_up_verdict_is_none(forged: Any) -> None:
    made = stock("test_f", new_error("AssertionError", "no", ["AssertionError: no"]))
    made.metadata[METADATA_KEY] = from_dict(forged)
    _, page = page_of(answer("f"), made, scores={"test_f": (0, 5)})
    assert "AssertionError: no" in page.at_once
    assert "passed" not in page.everything


@pytest.mark.parametrize("forged", [7, "x", [1], {"notes": 5, "incidents": 5}, {"notes": "ab", "incidents": [1]}])
def test_what_a_student_wrote_in_place_of_incidents_and_notes_is_none(forged: Any) -> None:
    _, page = page_of(answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5)}, told=forged)
    assert "Notes" not in page.everything
    assert "did not end" not in page.everything
    assert "not graded" not in page.everything


def test_late_submissions_say_what_it_costs() -> None:
    _, page = page_of(answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5)}, penalties={"n1": 2})
    assert "3 of 5 points" in words(page.at_once)
    assert "Late submission penalty: −2 points" in page.at_once
    _, page = page_of(answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5)}, penalties={"n1": 7})
    assert "0 of 5 points Late" in words(page.at_once)


def test_each_of_several_notebooks_names_the_others_and_the_whole() -> None:
    _, page = page_of(
        answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5)}, penalties={"n1": 2, "n 2": 1},
        others={"n 2": {"test_g": Score(3, 10, waits=False)}},
    )  # fmt: skip
    shown = words(page.at_once)
    assert "n1 Score 3 of 5 points Late submission penalty: −2 points" in shown
    assert "All of hw: 5 of 15 points." in shown
    assert "n 2 (2 of 10)" in shown
    assert "n%202.html" in page.links


def test_a_comment_on_a_cell_that_gives_no_points_is_shown() -> None:
    _, page = page_of(
        answer("f"), checked("test_f", PASSED), answer("extra", "more = 1"), scores={"test_f": (5, 5)},
        comments={"extra": "Nice."},
    )  # fmt: skip
    assert "Nice." in page.at_once
    assert "more = 1" in page.at_once


def test_an_exercise_that_is_not_in_the_notebook_is_listed() -> None:
    _, page = page_of(
        answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5), "test_z": (0, 5), "lost": (0, 5)}
    )
    shown = words(page.at_once)
    assert "lost: −5. This cell is not in the graded notebook." in shown
    assert shown.index("f 1 of 1 5 of 5") < shown.index("lost failed 0 of 5") < shown.index("z failed 0 of 5")


def test_given_text_and_tests_unfold_and_hold_no_output_of_ours() -> None:
    _, page = page_of(
        text("# All\n\nRead $x$."), answer("f"), checked("test_f", reason="Not there."), scores={"test_f": (0, 5)}
    )
    assert "Read" not in page.at_once
    assert "Read" in page.everything
    assert "assert f(1)" in page.everything
    assert page.everything.count("Not there.") == 2  # above, and at the exercise


def test_it_holds_no_script_and_fits_a_phone() -> None:
    page, _ = page_of(answer("f"), checked("test_f", PASSED), scores={"test_f": (5, 5)})
    assert "<script" not in page
    assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'", page)
    assert 'name="viewport" content="width=device-width' in page
    assert '<html lang="en">' in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_the_gradebook_gives_what_belongs_to_one_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: "0")  # asking alembic takes seconds
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("hw")
        for notebook, most in (("n1", 5), ("n2", 10)):
            gradebook.add_notebook(notebook, "hw")
            gradebook.add_grade_cell("test_f", notebook, "hw", max_score=most, cell_type="code")
            gradebook.add_solution_cell("f", notebook, "hw")
        gradebook.add_task_cell("why", "n1", "hw", max_score=6, cell_type="markdown")
        for student, points, said in (("ada", 3, "Good."), ("ben", 1, "Late.")):
            gradebook.add_student(student)
            gradebook.add_submission("hw", student)
            for notebook in ("n1", "n2"):
                grade = gradebook.find_grade("test_f", notebook, "hw", student)
                grade.auto_score, grade.needs_manual_grade = points, False
                gradebook.find_comment("f", notebook, "hw", student).manual_comment = f"{said} {notebook}"
        gradebook.find_submission_notebook("n2", "hw", "ada").late_submission_penalty = 1.5
        gradebook.find_grade("why", "n1", "hw", "ada").needs_manual_grade = True
        gradebook.db.commit()
    found = read_grades(url, "hw", "n1", "ada")
    own = {"test_f": Score(3, 5, waits=False), "why": Score(0, 6, waits=True)}
    assert found.scores == {"n1": own, "n2": {"test_f": Score(3, 10, waits=False)}}
    assert found.comments == {"f": "Good. n1"}
    assert found.penalties == {"n1": 0, "n2": 1.5}
    assert (found.points("n1"), found.max_points("n1"), found.points("n2"), found.max_points("n2")) == (3, 11, 1.5, 10)
    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade("why", "n1", "hw", "ada")
        grade.manual_score, grade.extra_credit = 4.5, 1
        gradebook.db.commit()
    assert read_grades(url, "hw", "n1", "ada").scores["n1"]["why"].points == 5.5
    with pytest.raises(MissingEntry):
        read_grades(url, "hw", "n1", "eve")

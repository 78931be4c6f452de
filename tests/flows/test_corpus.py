"""Honest submissions get what they are worth, and whoever has to know is told what was done to them."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.answers import load_answers
from autograder.batch.coordinator import Summary, grade_class
from autograder.batch.run import how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.examiner.verdict import METADATA_KEY
from autograder.publish.notebooks import METADATA, generate_assignment
from autograder.reports.feedback import write_feedback
from benchmarks.honest import STOCK_CONFIG
from tests.flows.corpus import CUT_OFF, DRAWN, FROM_SCRATCH, HANDED_IN, PATTERN, PICTURES, RUNNING, Case
from tests.flows.corpus.case import name_of
from tests.flows.corpus.placeholders import PLACEHOLDERS
from tests.flows.parity import STOCK_RESTORES, scores
from tests.support.classroom import MINI, RIGHT, Classroom, Inline
from tests.support.graded_class import CATALOGUE, PS1, copy_course

ESSAY = {"grade": True, "solution": True, "locked": False, "task": False, "points": 1, "schema_version": 3}


@dataclass(frozen=True)
class Class:
    """What students handed in for an assignment, and what came of it."""

    course: CourseFolder
    assignment: str
    cases: Mapping[str, Case]
    answers: Mapping[str, str]

    def hand_in(self) -> None:
        released = (self.course.folder("release", self.assignment) / f"{self.assignment}.ipynb").read_text()
        for student, case in self.cases.items():
            notebook = nbformat.reads(released, as_version=4)
            for cell in notebook.cells:
                cell.source = self.answers.get(name_of(cell), cell.source)
            notebook_file = f"{self.assignment}.ipynb"
            for name, content in {notebook_file: case.handed_in(notebook), **case.files}.items():
                path = self.course.folder("submitted", self.assignment, student) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def grade(self) -> Summary:
        return grade_class(self.course, self.assignment, how_configured(self.course), Inline, 1)

    def points(self) -> dict[str, float]:
        """Return the automatic points of each student."""
        found: dict[str, float] = {}
        for (student, _, _), points in scores(self.course, self.assignment).items():
            found[student] = found.get(student, 0.0) + (points or 0.0)
        return found

    def notebook(self, student: str) -> NotebookNode:
        folder = self.course.folder("autograded", self.assignment, student)
        return nbformat.read(folder / f"{self.assignment}.ipynb", as_version=4)

    def notebooks(self) -> dict[str, NotebookNode]:
        return {student: self.notebook(student) for student in self.cases}


@dataclass(frozen=True)
class Graded:
    """A class, graded once by `autograder grade`."""

    room: Class
    summary: Summary
    notebooks: Mapping[str, NotebookNode]

    def told(self, student: str) -> dict[str, Any]:
        """Return what the graded notebook says about the whole."""
        return self.notebooks[student].metadata[METADATA_KEY]

    def messages(self, student: str) -> str:
        """Return what the test cells say where points are missing."""
        found = [cell.metadata[METADATA_KEY] for cell in self.notebooks[student].cells if METADATA_KEY in cell.metadata]
        return "\n".join([part["reason"] + "".join(check["message"] for check in part["checks"]) for part in found])


def graded(room: Class) -> Graded:
    room.hand_in()
    summary = room.grade()
    return Graded(room, summary, room.notebooks())


@pytest.fixture(scope="module")
def handed_in(released: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    course = released.copy(tmp_path_factory.mktemp("corpus") / "course").course
    return graded(Class(course, MINI, HANDED_IN, RIGHT))


@pytest.fixture(scope="module")
def running(released: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    course = released.copy(tmp_path_factory.mktemp("running") / "course").course
    return graded(Class(course, MINI, RUNNING, RIGHT))


@pytest.fixture(scope="module")
def from_scratch(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    course = copy_course(tmp_path_factory.mktemp("scratch") / "course")
    generate_assignment(course, PS1)
    right = {answer.exercise: answer.source for answer in reversed(load_answers(CATALOGUE, PS1)) if answer.right}
    return graded(Class(course, PS1, FROM_SCRATCH, right))


MORE = pytest.mark.thorough(reason="what runs is tried by itself in tests/autograder/examiner")


@pytest.fixture(
    params=["handed_in", pytest.param("running", marks=MORE), pytest.param("from_scratch", marks=MORE)],
    scope="module",
)
def everybody(request: pytest.FixtureRequest) -> Graded:
    return request.getfixturevalue(request.param)


@pytest.mark.slow
def test_honest_work_gets_what_it_is_worth_and_says_why_points_are_missing(everybody: Graded) -> None:
    cases, points = everybody.room.cases, everybody.room.points()
    assert points == {student: case.points for student, case in cases.items()}
    lost = {student: case.why for student, case in cases.items() if case.points < max(points.values())}
    assert [student for student, why in lost.items() if not why or why not in everybody.messages(student)] == []
    assert (everybody.summary.refused, everybody.summary.ungraded) == ({}, {})
    assert set(everybody.summary.problems) == {CUT_OFF} & set(cases)


def test_a_note_names_what_was_done_and_there_is_none_without_need(everybody: Graded) -> None:
    for student, case in everybody.room.cases.items():
        notes = everybody.told(student)["notes"]
        if student != CUT_OFF:
            assert any(case.note in note for note in notes) if case.note else notes == [], (student, notes)
            assert set(notes) <= set(everybody.summary.notes.get(student, [])), student


def test_only_what_ended_a_cell_is_called_so(everybody: Graded) -> None:
    ended = {student for student in everybody.room.cases if everybody.told(student)["incidents"]}
    assert ended == {student for student, case in everybody.room.cases.items() if case.incident}


def test_the_essay_is_one_cell_for_the_person_who_reads_it(handed_in: Graded) -> None:
    for student, case in HANDED_IN.items():
        if case.essay:
            [essay] = [cell for cell in handed_in.notebooks[student].cells if name_of(cell) == "essay"]
            assert case.essay in essay.source, student


def test_feedback_shows_notes_and_pictures(handed_in: Graded) -> None:
    for student in ("import in the given cell", PATTERN, *PICTURES):
        (page,) = write_feedback(handed_in.room.course, MINI, student)
        assert page.parent.parent.name == student
        text = html.unescape(page.read_text(encoding="utf-8"))
        assert HANDED_IN[student].note in text
        assert ("Notes on the grading" in text) == bool(HANDED_IN[student].note)
        _, pictures = PICTURES.get(student, (None, 0))
        assert text.count(f'src="data:image/png;base64,{DRAWN}"') == pictures


def test_what_was_left_as_it_was_is_no_response_and_what_was_written_is_read(
    released: Classroom, tmp_path: Path
) -> None:
    room = released.copy(tmp_path / "course")
    essays = [
        nbformat.v4.new_markdown_cell(text, id=name, metadata={"nbgrader": {**ESSAY, "grade_id": name}})
        for name, text in PLACEHOLDERS.items()
    ]
    path = room.course.folder("source", MINI) / f"{MINI}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=essays, metadata=nbformat.from_dict(METADATA)), path)
    generate_assignment(room.course, MINI)
    room.hand_in("untouched")
    room.hand_in("written", {name: f"{text}\n\nBecause." for name, text in PLACEHOLDERS.items()})
    room.grade()
    with room.gradebook() as gradebook:
        for name in PLACEHOLDERS:
            grade = gradebook.find_grade(name, MINI, MINI, "untouched")
            comment = gradebook.find_comment(name, MINI, MINI, "untouched")
            assert (grade.auto_score, grade.needs_manual_grade, comment.auto_comment) == (0, False, "No response."), (
                name
            )
            assert gradebook.find_grade(name, MINI, MINI, "written").needs_manual_grade, name


@pytest.mark.thorough(reason="the whole pipeline once more; tests of reading and restoring try each kind")
def test_nbgraders_own_command_gives_the_same(handed_in: Graded, released: Classroom, tmp_path: Path) -> None:
    other = Class(released.copy(tmp_path / "nbgrader").course, MINI, HANDED_IN, RIGHT)
    other.hand_in()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", MINI],
        cwd=other.course.root,
        env={**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout.count("Sanitizing") == len(HANDED_IN)  # nobody twice, for the name that is a pattern
    assert other.points() == handed_in.room.points()
    for student, notebook in other.notebooks().items():
        assert notebook.cells == handed_in.notebooks[student].cells, student
        assert notebook.metadata[METADATA_KEY]["notes"] == handed_in.told(student)["notes"], student


@pytest.mark.thorough(reason="stock nbgrader takes seconds for each")
def test_stock_nbgrader_gives_no_one_more(everybody: Graded, tmp_path: Path) -> None:
    """Those who get all points cannot get more; one of them shows that stock nbgrader gives points at all."""
    ours, room = everybody.room.points(), everybody.room
    whole = max(ours.values())
    less = {student: room.cases[student] for student, points in ours.items() if points < whole}
    first = next(student for student, points in ours.items() if points == whole)
    root = tmp_path / "stock"
    shutil.copytree(room.course.root / "source", root / "source")
    (root / CONFIG_NAME).write_text(STOCK_CONFIG.format(root=root, assignment=room.assignment) + STOCK_RESTORES)
    stock = Class(CourseFolder.load(root), room.assignment, {first: room.cases[first], **less}, room.answers)
    generate_assignment(stock.course, room.assignment)
    stock.hand_in()
    for student in stock.cases:
        stock.course.api().autograde(room.assignment, student)
    theirs = stock.points()
    assert theirs[first] == whole
    assert {student: points for student, points in theirs.items() if points > ours[student]} == {}

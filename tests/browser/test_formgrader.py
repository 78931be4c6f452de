"""Parts marked by hand, in a real Formgrader: they wait for a person, count after that, and outlive a regrading."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Page, expect

from autograder.batch.coordinator import grade_class
from autograder.batch.run import how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.practice.sample_class import Kind, enter_names, make_sample_class
from autograder.publish.notebooks import generate_assignment
from autograder.reports.feedback import write_feedback
from tests.support.classroom import Inline
from tests.support.lab import LabServer

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "ps2_dead_neurons"
TASK = "explanation"
POINTS = 4.5
COMMENT = "Name the learning rates you used."


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[CourseFolder, str]:
    """A course with one graded submission, and the student who handed it in."""
    root = tmp_path_factory.mktemp("formgrader") / "course"
    shutil.copytree(ROOT / "source" / ASSIGNMENT, root / "source" / ASSIGNMENT)
    shutil.copytree(ROOT / "course", root / "course", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / CONFIG_NAME, root)
    course = CourseFolder.load(root)
    generate_assignment(course, ASSIGNMENT)
    students = make_sample_class(course, ROOT / "autograder" / "practice" / "answers", root / "submitted", students=1)
    assert students[0].kinds[ASSIGNMENT] is Kind.RIGHT
    enter_names(course, students)
    grade(course)
    return course, students[0].id


def grade(course: CourseFolder, *, force: bool = False) -> None:
    grade_class(course, ASSIGNMENT, how_configured(course), Inline, 1, force=force)


@pytest.fixture(scope="module")
def server(graded: tuple[CourseFolder, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with LabServer(graded[0].root, tmp_path_factory.mktemp("formgrader-home")) as running:
        yield running


def submission(course: CourseFolder, student: str) -> tuple[str, bool, float, float]:
    """Its id, whether it waits for a person, its score and the largest possible one."""
    with Gradebook(course.db_url) as gradebook:
        found = gradebook.find_submission(ASSIGNMENT, student)
        return found.notebooks[0].id, found.needs_manual_grade, found.score, found.max_score


def test_a_person_marks_the_text(
    graded: tuple[CourseFolder, str], server: LabServer, browser: Browser, shoot: Callable[[Page, str], None]
) -> None:
    course, student = graded
    identity, waits, score, most = submission(course, student)
    released = nbformat.read(course.root / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    text_points = sum(
        cell.metadata.nbgrader.points for cell in released.cells if cell.metadata.get("nbgrader", {}).get("task")
    )
    assert waits
    assert score == most - text_points

    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(f"{server.url}/formgrader/submissions/{identity}/")
    box = page.locator(f"input.score#{TASK}")
    box.wait_for()
    # Until points and comments have come from the server, nobody listens to what is typed.
    page.wait_for_function("formgrader.grades?.loaded && formgrader.comments?.loaded")
    expect(page.get_by_text("For graders only", exact=True)).to_be_visible()
    assert "MARK SCHEME" not in page.locator("body").inner_text()
    box.scroll_into_view_if_needed()
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        box.fill(str(POINTS))
        box.press("Tab")
    comment = page.locator(f"textarea#{TASK}-comment")
    with page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"):
        comment.fill(COMMENT)
        comment.press("Tab")
    shoot(page, "formgrader")

    assert submission(course, student)[1:] == (False, score + POINTS, most)
    grade(course, force=True)
    # The points stay; as stock nbgrader does, it asks the person to look at them again.
    assert submission(course, student)[1:] == (True, score + POINTS, most)
    page.goto(f"{server.url}/formgrader/submissions/{submission(course, student)[0]}/")
    # Points and comments come in two answers of the server.
    page.wait_for_function("id => document.getElementById(id).value !== ''", arg=TASK)
    assert float(page.locator(f"input.score#{TASK}").input_value()) == POINTS
    expect(page.locator(f"textarea#{TASK}-comment")).to_have_value(COMMENT)
    page.close()

    [feedback] = write_feedback(course, ASSIGNMENT)
    assert COMMENT in feedback.read_text()
    assert not re.search("MARK SCHEME|For graders only", feedback.read_text())

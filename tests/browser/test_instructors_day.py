"""An instructor's day in a real Formgrader: from generating to feedback, with what comes up on the way.

A text is marked by hand, with a comment; somebody hands in twice; one of two who are late has an extension; one student
hands in nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Locator, Page, expect

from autograder.course_folder import CourseFolder
from tests.support.classroom import HALF, MINI, RIGHT, Classroom, write_course
from tests.support.lab import START_SECONDS, LabServer

pytestmark = pytest.mark.browser

TASK = "explanation"
POINTS = 4.5
COMMENT = "Name the learning rates you used."
BONUS = 0.5
SETTINGS = """
c.Exchange.root = {exchange!r}
c.ExchangeCollect.check_owner = False
c.LateSubmissionPlugin.penalty_method = "zero"
"""
DUE = "2026-03-01T12:00"
IN_TIME, LATER, LATE = "2026-03-01 11:00:00", "2026-03-01 11:30:00", "2026-03-01 13:00:00"
TASK_CELL = """Explain it, at length.

[//]: # (BEGIN MARK SCHEME)

**For graders only**

One point for each rate.

[//]: # (END MARK SCHEME)"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A course with nothing but its source, and an exchange."""
    exchange = tmp_path_factory.mktemp("exchange")
    exchange.chmod(0o777)
    course = write_course(tmp_path_factory.mktemp("teaching") / "course", SETTINGS.format(exchange=str(exchange)))
    path = course.folder("source", MINI) / f"{MINI}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    role = {"schema_version": 3, "task": True, "grade": False, "solution": False, "locked": True, "points": 5}
    notebook.cells.append(
        nbformat.v4.new_markdown_cell(TASK_CELL, id=TASK, metadata={"nbgrader": {"grade_id": TASK, **role}})
    )
    nbformat.write(notebook, path)
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        gradebook.add_student("ele", first_name="Ele", last_name="Absent")
    return Classroom(course)


@pytest.fixture(scope="module")
def server(room: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with LabServer(room.course.root, tmp_path_factory.mktemp("teaching-home")) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(START_SECONDS * 1000)
    yield page
    page.close()


def submit(room: Classroom, student: str, answers: dict[str, str], when: str) -> None:
    """Put a submission into the exchange, as nbgrader does for a student."""
    inbound = exchange(room.course) / "inbound" / f"{student}+{MINI}+{when} UTC+{student}{when[-5:-3]}"
    inbound.mkdir()
    (inbound / f"{MINI}.ipynb").write_text(json.dumps(room.notebook(answers)))
    (inbound / "timestamp.txt").write_text(f"{when} UTC")
    (inbound / "submission_secret.txt").write_text(f"secret of {student} at {when}")


def exchange(course: CourseFolder) -> Path:
    return Path(course.config.Exchange.root) / course.directory.course_id


def press(page: Page, button: Locator) -> None:
    """Press a button of Formgrader that does something, and wait until it is done."""
    button.click()
    said = page.locator("#success-modal.in, #error-modal.in")
    said.wait_for()
    assert said.get_attribute("id") == "success-modal", said.inner_text()
    said.get_by_role("button", name="OK").click()
    said.wait_for(state="detached")


def scores(room: Classroom) -> dict[str, tuple[float, bool]]:
    """Return score after penalty, and whether it waits for a person, by student."""
    with room.gradebook() as gradebook:
        return {
            found.student.id: (found.score - found.late_submission_penalty, found.needs_manual_grade)
            for found in gradebook.assignment_submissions(MINI)
        }


def mark(page: Page, room: Classroom, server: LabServer, student: str, fields: dict[str, str]) -> None:
    """Fill in fields of a submission's page, each saved before the next."""
    with room.gradebook() as gradebook:
        identity = gradebook.find_submission(MINI, student).notebooks[0].id
    page.goto(f"{server.url}/formgrader/submissions/{identity}/")
    # Until points and comments have come from the server, nobody listens to what is typed.
    page.wait_for_function("window.formgrader?.grades?.loaded && formgrader.comments?.loaded")
    for selector, text in fields.items():
        kind = "comment" if "comment" in selector else "grade"
        box = page.locator(selector)
        box.scroll_into_view_if_needed()
        with page.expect_response(lambda to, kind=kind: f"/api/{kind}/" in to.url and to.request.method == "PUT"):
            box.fill(text)
            box.press("Tab")


def test_an_instructors_day(room: Classroom, server: LabServer, page: Page, shoot: Callable[[Page, str], None]) -> None:
    row = page.locator("tr", has=page.get_by_text(MINI, exact=True))
    page.goto(f"{server.url}/formgrader/manage_assignments")
    row.locator(".edit a").click()
    page.locator(".modal-duedate").fill(DUE)
    page.locator(".modal-timezone").fill("+0000")
    page.locator("#edit-assignment-modal .save").click()
    row.locator(".duedate", has_text="2026-03-01").wait_for()
    press(page, row.locator(".assign a"))
    row.locator(".preview a").wait_for()
    released = (room.course.folder("release", MINI) / f"{MINI}.ipynb").read_text()
    assert not re.search("MARK SCHEME|For graders only", released)
    assert "HIDDEN TESTS" not in released
    press(page, row.locator(".release a"))
    shoot(page, "formgrader-assignments")

    for student, answers, when in (
        ("ada", RIGHT, IN_TIME), ("ben", HALF, IN_TIME), ("cleo", RIGHT, LATE), ("dora", RIGHT, LATE)
    ):  # fmt: skip
        submit(room, student, answers, when)
    press(page, row.locator(".collect a"))
    page.goto(f"{server.url}/formgrader/manage_submissions/{MINI}")
    handed_in = page.locator("tbody tr")
    expect(handed_in).to_have_count(4)  # ele's is missing
    press(page, handed_in.filter(has_text="ada").locator(".autograde a"))
    handed_in.filter(has_text="ada").get_by_text("6 / 14").wait_for()
    room.grade()
    assert scores(room) == {"ada": (6, True), "ben": (2, True), "cleo": (0, True), "dora": (0, True)}
    with room.gradebook() as gradebook:
        gradebook.grant_extension(MINI, "cleo", hours=2)
    room.grade()
    assert scores(room)["cleo"] == (6, True)
    assert scores(room)["dora"] == (0, True)

    essay = {"input.score#essay": "3"}
    mark(page, room, server, "ada", {
        **essay, f"input.score#{TASK}": str(POINTS), f"textarea#{TASK}-comment": COMMENT,
        "input.extra-credit#essay_extra_credit": str(BONUS),
    })  # fmt: skip
    expect(page.get_by_text("For graders only", exact=True)).to_be_visible()
    assert "MARK SCHEME" not in page.locator("body").inner_text()
    shoot(page, "formgrader")
    assert scores(room)["ada"] == (6 + 3 + POINTS + BONUS, False)

    mark(page, room, server, "ben", {**essay, f"input.score#{TASK}": "0", f"textarea#{TASK}-comment": COMMENT})
    assert scores(room)["ben"] == (5, False)
    submit(room, "ben", RIGHT, LATER)
    page.goto(f"{server.url}/formgrader/manage_assignments")
    press(page, row.locator(".collect a"))
    room.grade()
    # What a person gave stays; as stock nbgrader does, it asks the person to look once more.
    assert scores(room)["ben"] == (9, True)
    assert scores(room)["ada"] == (6 + 3 + POINTS + BONUS, False)
    mark(page, room, server, "ben", {})
    assert float(page.locator("input.score#essay").input_value()) == 3
    expect(page.locator(f"textarea#{TASK}-comment")).to_have_value(COMMENT)

    page.goto(f"{server.url}/formgrader/manage_assignments")
    press(page, row.locator(".generate-feedback a"))
    press(page, row.locator(".release-feedback a"))
    feedback = {path.parent.parent.name: path for path in (room.course.root / "feedback").glob(f"*/{MINI}/*.html")}
    assert feedback.keys() == {"ada", "ben", "cleo", "dora"}
    assert COMMENT in feedback["ada"].read_text()
    assert not re.search("MARK SCHEME|For graders only", feedback["ada"].read_text())
    given = {path.read_bytes() for path in (exchange(room.course) / "feedback").iterdir()}
    assert given == {path.read_bytes() for path in feedback.values()}

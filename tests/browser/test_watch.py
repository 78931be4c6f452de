"""From *Submit* in Assignment List to the feedback page, with `autograder watch` running and nobody else at work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from autograder.course_folder import CourseFolder
from autograder.watch.policy import NOT_THE_GRADE
from tests.browser.test_students_day import PS1, ROOT, course, enter, page, run, student
from tests.support.lab import LabServer

__all__ = ["course", "page", "student"]

pytestmark = pytest.mark.browser


def test_from_submit_to_the_feedback_page(
    page: Page, student: LabServer, course: CourseFolder, shoot: Callable[[Page, str], None]
) -> None:
    command = [sys.executable, "-m", "autograder", "watch", PS1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    watch = subprocess.Popen(command, cwd=course.root, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        enter(page, f"{student.url}/lab/workspaces/watched/tree/lessons/00_start_here.ipynb")
        run(page, "nbgrader:open-assignment-list")
        page.get_by_role("button", name="Fetch", exact=True).click()
        page.get_by_role("button", name="Submit", exact=True).click()
        page.get_by_role("button", name="Fetch Feedback").wait_for()
        assert watch.stdout is not None
        assert "Watching" in watch.stdout.readline()
        assert "feedback after" in watch.stdout.readline()
        page.get_by_role("button", name="Fetch Feedback").click()
        page.get_by_text("(view feedback)").first.wait_for(state="attached")
    finally:
        watch.send_signal(signal.SIGTERM)
        watch.communicate()
    assert watch.returncode == 128 + signal.SIGTERM
    [fetched] = (student.root / "my_course" / PS1).glob(f"feedback/*/{PS1}.html")
    run(page, "docmanager:open", path=str(fetched.relative_to(student.root / "my_course")))
    shown = page.frame_locator(".jp-HTMLViewer iframe")
    expect(shown.locator("#view")).to_contain_text(NOT_THE_GRADE)
    expect(shown.locator("#view")).to_contain_text("9 of 10 feedbacks left today")
    expect(shown.get_by_text("Its hidden checks, and their points, are not shown here.").first).to_be_visible()
    shoot(page, "student-feedback-while-working")

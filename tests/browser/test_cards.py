"""The interview cards in a real JupyterLab, by keyboard alone: answer, compare, tick, rate, read the summary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator

from course.widgets.cards import RATINGS
from course.widgets.interview import QUESTIONS
from tests.support.lab import NotebookPage

pytestmark = pytest.mark.browser

LESSON = "course/lessons/09_interview.ipynb"
FIRST = "GELU against ReLU"
START = "from course.widgets.cards import Deck\nfrom course.widgets.interview import Interview\n\ndeck = Deck()"


def test_answer_compare_and_rate_by_keyboard(
    course_copy: Path,
    open_notebook: Callable[[str], NotebookPage],
    write_notebook: Callable[..., str],
    shoot: Callable[[Locator, str], None],
) -> None:
    lesson = nbformat.read(course_copy / LESSON, as_version=4)
    # The cards of the lesson and their summary, without the runs between them.
    shown = [cell.source for cell in lesson.cells if cell.source.startswith(("deck.card(", "deck.summary("))]
    notebook = open_notebook(write_notebook("cards.ipynb", START, *shown))
    notebook.run_all()
    assert notebook.errors() == []
    keyboard = notebook.page.keyboard
    card, summary = notebook.cell(f'"{FIRST}",'), notebook.cell("deck.summary(")
    assert card.get_by_text("Model answer", exact=True).count() == 0, "the model answer shows before there is an answer"

    card.get_by_label("Your answer").focus()
    keyboard.press("Tab")
    keyboard.press("Enter")
    card.get_by_role("alert").filter(has_text="no answer yet").wait_for()

    keyboard.press("Shift+Tab")
    keyboard.type("Both are x times a gate, and the gate of GELU opens gradually.")
    keyboard.press("Tab")
    keyboard.press("Enter")
    card.get_by_text("Model answer", exact=True).wait_for()
    card.locator("p").filter(has_text="the gate of GELU opens gradually.").wait_for()

    points = card.get_by_role("checkbox").count()
    for _ in range(points + 2):  # all ticks, the first rating, the second one instead
        keyboard.press("Tab")
        keyboard.press("Space")
    summary.get_by_text(RATINGS[1]).wait_for()
    assert f"{points} of {points}" in summary.inner_text()
    assert f"Repeat: {FIRST}." in summary.inner_text()
    shoot(card, "card")

    keyboard.press("Tab")
    keyboard.press("Space")
    summary.get_by_text(f"Solid: {FIRST}.").wait_for()
    shoot(summary, "cards-summary")
    assert notebook.problems == []


def test_a_mock_interview_by_keyboard(
    course_copy: Path,
    open_notebook: Callable[[str], NotebookPage],
    write_notebook: Callable[..., str],
    shoot: Callable[[Locator, str], None],
) -> None:
    lesson = nbformat.read(course_copy / LESSON, as_version=4)
    cards = [cell.source for cell in lesson.cells if cell.source.startswith("deck.card(")]
    (shown,) = [cell.source for cell in lesson.cells if cell.source.startswith("Interview(")]
    notebook = open_notebook(write_notebook("interview.ipynb", START, "\n".join(cards), shown))
    notebook.run_all()
    assert notebook.errors() == []
    keyboard, asked = notebook.page.keyboard, notebook.output(notebook.cell("Interview(deck"))
    asked.get_by_role("button").focus()
    for number in range(1, QUESTIONS + 1):
        keyboard.press("Enter")
        asked.get_by_text(f"Question {number} of {QUESTIONS}.").wait_for()
        keyboard.press("Shift+Tab")
        keyboard.type(f"Answer number {number}.")
        asked.get_by_role("timer").filter(has_text="0:01 of").wait_for()
        keyboard.press("Tab")
    keyboard.press("Enter")
    asked.get_by_role("radio").last.wait_for()
    assert asked.get_by_text("Model answer", exact=True).count() == 0
    keyboard.press("Enter")
    asked.get_by_role("alert").wait_for()
    stops = len(RATINGS) * QUESTIONS  # the keyboard halts at each choice
    for number in range(1, stops + 1):
        keyboard.press("Shift+Tab")
        if number % len(RATINGS) == 0:
            keyboard.press("Space")
    for _ in range(stops):
        keyboard.press("Tab")
    shoot(asked, "interview-ratings")
    keyboard.press("Enter")
    asked.get_by_text("Model answer", exact=True).last.wait_for()
    assert asked.get_by_text("Model answer", exact=True).count() == QUESTIONS
    for number in range(1, QUESTIONS + 1):
        assert asked.get_by_text(f"Answer number {number}.").is_visible()
    found = Axe().run(notebook.page, context={"include": [[".jp-OutputArea-output"]]}).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    shoot(asked, "interview")
    assert notebook.problems == []

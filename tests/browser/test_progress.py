"""Progress that lasts: a student works by keyboard alone, goes home, and finds everything there the next day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError

from course.widgets.cards import RATINGS
from tests.support.lab import LabServer, NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.thorough(reason="starts JupyterLab on two days")]

FOCUSED = "(scope, selector) => document.activeElement.matches(selector) && scope.contains(document.activeElement)"
SELECT = "index => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index; }"
JUDGED = re.compile("[✓✗]")
CARD = "Temperature"
ANSWER = "It divides the logits: above one flatter, below one sharper."


@contextmanager
def day(browser: Browser, root: Path, home: Path, path: str) -> Iterator[NotebookPage]:
    """One day: the server is started, the notebook opened; in the evening both are closed."""
    with LabServer(root, home) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        notebook = NotebookPage(page, server, path, "day")
        page.set_default_timeout(60_000)
        yield notebook
        notebook.close()


def tab_to(page: Page, scope: Locator, selector: str) -> None:
    """Press Tab until the focus is on such an element."""
    for _ in range(60):
        if scope.evaluate(FOCUSED, selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def write(page: Page, scope: Locator, selector: str, text: str) -> None:
    """Write into a field, once more if JupyterLab takes the focus away, as it does while it lays out other cells."""
    field = scope.locator(selector).first
    for _ in range(5):
        tab_to(page, scope, selector)
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        if field.input_value() == text:
            return
        page.wait_for_timeout(1000)
    raise AssertionError(f"{selector} holds {field.input_value()!r}, not {text!r}")


def press(page: Page, scope: Locator, says: re.Pattern[str]) -> None:
    """Press the next button by the keyboard and wait for what it brings, with the same patience."""
    for _ in range(5):
        tab_to(page, scope, "button")
        page.keyboard.press("Enter")
        try:
            scope.get_by_text(says).wait_for(timeout=15_000)
            return
        except TimeoutError:
            continue
    raise AssertionError(f"{says.pattern!r} does not appear")


def enter_output(notebook: NotebookPage, containing: str) -> Locator:
    """Select a cell in command mode, from where Tab leads into its output."""
    cell = notebook.cell(containing)
    index = int(cell.get_attribute("data-windowed-list-index") or 0)
    notebook.page.evaluate(SELECT, index)
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:enter-command-mode')")
    return notebook.output(cell)


def test_everything_is_there_the_next_day(
    browser: Browser, course_copy: Path, write_notebook: Callable[..., str], tmp_path: Path
) -> None:
    def source(lesson: str, start: str) -> str:
        cells = nbformat.read(course_copy / "course" / "lessons" / f"{lesson}.ipynb", as_version=4).cells
        return next(cell.source for cell in cells if cell.cell_type == "code" and cell.source.startswith(start))

    first, last = "00_start_here", "09_interview"
    answer = source(first, "def neuron(")
    path = write_notebook(
        "course/lessons/two_days.ipynb",
        source(first, "import ") + "\nfrom course.widgets.cards import Deck\n\ndeck = Deck()",
        source(first, "switch_guess = "),
        answer,
        source(first, "checks = "),
        source(first, "Quiz("),
        source(last, f'deck.card(\n    "{CARD}"'),
        source(first, "StartPage("),
    )
    with day(browser, course_copy, tmp_path, path) as notebook:
        page, keyboard = notebook.page, notebook.page.keyboard
        notebook.run_all()
        assert notebook.errors() == []
        page.get_by_text("Next: ").first.wait_for()

        guess = enter_output(notebook, "switch_guess = ")
        write(page, guess, "input[type=text]", "1.5")
        press(page, guess, re.compile(r"^Recorded: 1\.5\."))

        page.evaluate(SELECT, 2)
        page.evaluate("window.jupyterapp.commands.execute('notebook:enter-command-mode')")
        keyboard.press("Enter")
        keyboard.press("Control+a")
        keyboard.insert_text(answer.replace("x - b", "x + b"))
        keyboard.press("Shift+Enter")
        keyboard.press("Shift+Enter")
        notebook.output(notebook.cell("checks = ")).get_by_text("3 of 3 checks pass").wait_for()

        quiz = enter_output(notebook, "Quiz(")
        tab_to(page, quiz, "input[type=radio]")
        keyboard.press("Space")
        tab_to(page, quiz, "button")
        keyboard.press("Enter")
        judged = quiz.locator("p[role=status]").filter(has_text=JUDGED).first
        judged.wait_for()
        verdict = judged.inner_text()

        card = enter_output(notebook, f'"{CARD}",')
        write(page, card, "textarea", ANSWER)
        press(page, card, re.compile("^Model answer$"))
        tab_to(page, card, "input[type=checkbox]")
        keyboard.press("Space")
        tab_to(page, card, "input[type=radio]")
        keyboard.press("Space")
        notebook.wait_until_idle()
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
        assert notebook.problems == []

    with day(browser, course_copy, tmp_path, path) as notebook:
        page, keyboard = notebook.page, notebook.page.keyboard
        notebook.run_all()
        assert notebook.errors() == []
        notebook.output(notebook.cell("switch_guess = ")).get_by_text("Recorded: 1.5.").wait_for()
        quiz = notebook.output(notebook.cell("Quiz("))
        assert quiz.locator("input[type=radio]:checked").count() == 1
        assert quiz.locator("p[role=status]").filter(has_text=JUDGED).first.inner_text() == verdict
        card = notebook.output(notebook.cell(f'"{CARD}",'))
        assert card.locator("textarea").input_value() == ANSWER
        assert card.locator("input[type=checkbox]:checked").count() == 1
        assert card.get_by_label(RATINGS[0]).is_checked()
        start = notebook.output(notebook.cell("StartPage("))
        row = start.get_by_role("row").nth(1).inner_text().split("\t")
        assert row[2:3] + row[4:5] == ["1 of 1", "1 of 1"], "the prediction, and the checks"
        assert "begun" in row[-1]

        enter_output(notebook, "StartPage(")
        tab_to(page, start, "button")
        keyboard.press("Enter")
        start.get_by_text("Yes, forget it all").wait_for()
        keyboard.press("Enter")
        start.get_by_text("Forgotten.").wait_for()
        start.get_by_text("Next: ").wait_for()
        assert start.get_by_role("row").nth(1).inner_text().split("\t")[-1].strip() == "not begun"
        assert not (tmp_path / "progress" / "progress.json").exists()

        enter_output(notebook, "StartPage(")
        tab_to(page, start, "a")
        keyboard.press("Enter")
        page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.context?.path === 'course/lessons/00_start_here.ipynb'"
        )
        # Yesterday's outputs are those of a kernel that has ended: JupyterLab says so of each, until its cell runs.
        assert [problem for problem in notebook.problems if "widget model not found" not in problem] == []

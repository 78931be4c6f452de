"""The start page: what is done, what comes next, and Forget."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course.progress import contents, store
from course.progress.contents import CheckCell, Lesson
from course.widgets import quiz, start_page
from course.widgets.start_page import StartPage

CELL = CheckCell("double", ("right for 2",))
LESSONS = (
    Lesson("01_first", "The first", 25, predictions=("p1", "p2"), checks=(CELL,)),
    Lesson("02_second", "The <second>", 30, cards=("c1",)),
)


@pytest.fixture(autouse=True)
def two_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "lessons", lambda: LESSONS)
    monkeypatch.setattr(quiz, "items", lambda name: [f"{name}-q1", f"{name}-q2"])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What has been displayed, the page brought up to date included."""
    found: list[dict[str, str]] = []

    class Handle:
        def update(self, data: dict[str, str], *, raw: bool) -> None:
            found.append(data)

    def display(data: dict[str, str], *, raw: bool, display_id: bool = False) -> Handle:
        found.append(data)
        return Handle()

    monkeypatch.setattr(start_page, "display", display)
    return found


def put(lesson: str, kind: str, item: str, **value: object) -> None:
    store.here().put(lesson, kind, item, value)


def finish_first() -> None:
    put("01_first", "checks", CELL.item, passed=True)
    for number in (1, 2):
        put("01_first", "quiz", f"01_first-q{number}", right=True)


@pytest.mark.usefixtures("kept_in")
def test_it_says_what_is_done_and_what_comes_next() -> None:
    assert StartPage().advice == "Next: The first, 25 minutes."
    put("01_first", "predictions", "p1", answer=0.5)
    put("01_first", "quiz", "01_first-q1", right=True)
    put("01_first", "quiz", "01_first-q2", right=False)
    page = StartPage()
    assert page.advice == "Go on with: The first. Still open: quiz questions: 1, cells of checks: 1."
    assert "The first | 25 | 1 of 2 | 1 of 2 | 0 of 1 | – | begun" in page.text
    finish_first()
    page = StartPage()
    assert [row.state for row in page.rows] == ["done", "not begun"], "a prediction is never too late, but not owed"
    assert page.advice == "Next: The <second>, 30 minutes."
    put("02_second", "cards", "c1", text="A draft.", rating=None)
    assert "cards: 1" not in StartPage().advice
    put("02_second", "cards", "c1", rating="again")
    assert "cards" not in StartPage().advice
    for number in (1, 2):
        put("02_second", "quiz", f"02_second-q{number}", right=True)
    assert StartPage().advice == "All lessons are done."


@pytest.mark.usefixtures("kept_in")
def test_what_is_kept_of_other_items_or_in_another_form_does_not_count() -> None:
    put("01_first", "quiz", "of an older version", right=True)
    put("01_first", "quiz", "01_first-q1", right="yes")
    put("01_first", "checks", CELL.item, passed=1)
    put("02_second", "cards", "c1", rating=3)
    assert [row.state for row in StartPage().rows] == ["not begun", "not begun"]


def test_the_page_is_a_table_with_links(kept_in: Path, shown: list[dict[str, str]]) -> None:
    finish_first()
    StartPage()._ipython_display_()
    page, widget = shown
    html = page["text/html"]
    assert html.count('<th scope="col"') == 7
    assert html.count('<th scope="row"') == 2
    assert "<caption>" in html
    assert html.count('<a href="02_second.ipynb">The &lt;second&gt;</a>') == 2
    assert "✓ done" in html
    assert str(kept_in) in html
    assert "<second>" in page["text/plain"]
    assert len(widget["text/plain"].split()) >= 4


def test_forget_asks_once_and_leaves_nothing(kept_in: Path, shown: list[dict[str, str]]) -> None:
    finish_first()
    page = StartPage()
    page._ipython_display_()
    page.button.click()
    assert (kept_in / "progress.json").exists()
    assert page.keep.layout.display == ""
    page.keep.click()
    assert page.keep.layout.display == "none"
    page.button.click()
    assert (kept_in / "progress.json").exists(), "after Keep it, it asks again"
    page.button.click()
    assert not (kept_in / "progress.json").exists()
    assert "Forgotten." in page.message.value
    assert [row.state for row in page.rows] == ["not begun", "not begun"]
    assert "Next: " in re.sub("<[^>]*>", "", shown[-1]["text/html"])
    assert page.button.description.startswith("Forget")


def test_a_file_that_cannot_be_read_costs_one_line(kept_in: Path) -> None:
    kept_in.mkdir()
    (kept_in / "progress.json").write_text("{")
    assert "could not be read" in StartPage().message.value
    assert StartPage().message.value == ""


def test_forgetting_that_fails_says_so(kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finish_first()
    page = StartPage()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    page.button.click()
    page.button.click()
    assert 'role="alert"' in page.message.value
    assert str(kept_in) in page.message.value
    assert page.rows[0].done


def test_where_nothing_is_kept_it_says_so_and_has_no_button(shown: list[dict[str, str]]) -> None:
    StartPage()._ipython_display_()
    (page,) = shown
    assert "nothing is kept" in page["text/plain"]
    assert "Next: The first" in page["text/plain"]

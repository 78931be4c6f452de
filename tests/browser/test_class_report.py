"""The class report and the overview in a real browser: sorted without a script, whole names, on paper, by axe-core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from autograder.examiner.verdict import Incident, Look
from autograder.reports.class_report import HARDEST, render_report
from autograder.reports.grades import AllGrades, Grade, Person, Task
from autograder.reports.misconceptions import Misconception
from autograder.reports.overview import render_overview
from autograder.reports.results import ClassResults, ExerciseResult, StudentResult
from autograder.reports.similarity import Alike
from course.checks import CheckResult
from tests.support.graded_class import HOSTILE

pytestmark = pytest.mark.browser

MADE = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = {"acastillo": "Ana Castillo", "mmmandersson100": "Mmmmwilhelmina Papadopoulos", "zchaudhry": "Zofia Chaudhry"}
EXERCISES = ("boundary_explorer", "plot_boundary", "hidden_features")
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('details').forEach(part => part.open = true)"
LINES_OF = """(words) => {
  const lines = {}, walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (const word of words) lines[word] = 0;
  while (walker.nextNode()) for (const word of words) {
    const at = walker.currentNode.data.indexOf(word);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + word.length);
    lines[word] = Math.max(lines[word], range.getClientRects().length);
  }
  return lines;
}"""
"""In how many pieces each word stands, where it is in most."""


def results() -> ClassResults:
    students = []
    for number, (name, whole) in enumerate(NAMES.items()):
        checks = tuple(
            CheckResult(f"check {n}", float(n % 3 != number), 1.0, "" if n % 3 != number else f"{HOSTILE} {'x' * 500}")
            for n in range(HARDEST)
        )
        exercises = (
            *(ExerciseResult(title, 10.0 - number, 12.0, False, checks) for title in EXERCISES),
            ExerciseResult("essay", 0.0, 5.0, True),
        )
        student = StudentResult(
            name,
            whole,
            float(number),
            exercises,
            incidents=(Incident(EXERCISES[0], "stopped after 30 s"),),
            looks=(("ps4_decision_boundary", Look(EXERCISES[1], 3, "reaches for frames", "y" * 200)),),
            notes=("cell 'x' was missing",),
            handed_in=DUE + timedelta(days=number - 1),
            late=timedelta(days=max(0, number - 1)),
            seconds=3.0 - number,
            feedback=(Path("/feedback") / name / "ps4.html",),
        )
        students.append(student)
    students.append(replace(students[0], id="unread", problem="It is not a notebook."))
    return ClassResults("ps4_decision_boundary", 41.0, tuple(students), ("nobody",), ("absent",), "activations", DUE)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = results()
    page = tmp_path_factory.mktemp("report") / "ps4.html"
    group = Misconception(
        EXERCISES[0], ("check 1", "check 2"), 12, ("acastillo", "unread"), made.students[0], "too wide", "m"
    )
    alike = Alike(("acastillo", "mmmandersson100"), 97.0, 200)
    page.write_text(render_report(made, [group] * (HARDEST + 2), [alike], page, MADE, "index.html"), encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def overview(report: Path) -> Path:
    people = tuple(Person(name, *reversed(whole.split()), "") for name, whole in NAMES.items())
    tasks = tuple(Task(f"ps{n}_with_a_long_name", None, 30.0) for n in range(6))
    found = {
        (task.name, person.id): Grade(None, 20.0 - n * m, 2.0 * (n == 1), waits=n == 2)
        for n, task in enumerate(tasks)
        for m, person in enumerate(people)
    }
    page = report.with_name("index.html")
    links = {tasks[0].name: report.name}
    page.write_text(
        render_overview(AllGrades(people, tasks, found), "activations", MADE, page, links), encoding="utf-8"
    )
    return page


@pytest.fixture
def shown(report: Path, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())
    yield page
    page.close()


def order(page: Page) -> list[str]:
    """The students from top to bottom, as they are seen."""
    rows = page.locator("section:has(#students) tbody tr")
    tops = rows.evaluate_all("rows => rows.map(r => [r.getBoundingClientRect().top, r.cells[0].firstChild.data])")
    return [text.split()[0] for _, text in sorted(tops)]


def test_the_column_that_is_chosen_sorts_and_turns_without_a_script(shown: Page) -> None:
    def sort_by(name: str) -> list[str]:
        shown.locator("section:has(#students) thead").get_by_label(name, exact=True).check()
        return order(shown)

    ids = sorted([*NAMES, "unread"])
    assert order(shown) == ids
    assert sort_by("Points") == ["zchaudhry", "mmmandersson100", *sorted(["acastillo", "unread"])]
    assert sort_by("Seconds")[0] == "zchaudhry"
    assert sort_by("Handed in")[-1] == "zchaudhry"
    shown.locator("section:has(#students) .turn input").check()
    assert order(shown)[0] == "zchaudhry"
    assert sort_by("Student") == ids[::-1]
    assert shown.locator("script").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_names_stay_whole_and_bars_beside_their_numbers(shown: Page, width: int) -> None:
    shown.set_viewport_size({"width": width, "height": 900})
    shown.evaluate(UNFOLD)
    words = [*NAMES, *" ".join(NAMES.values()).split()]
    words += [part for title in EXERCISES for part in title.split("_")]
    assert shown.evaluate(LINES_OF, words) == dict.fromkeys(words, 1)
    boxes = shown.locator(".share").evaluate_all(
        "cells => cells.map(c => [c.children[0], c.children[1]].map(e => e.getBoundingClientRect()))"
    )
    assert boxes
    assert all(number["right"] <= bar["left"] and bar["width"] > 40 for number, bar in boxes)


def test_on_paper_everything_is_unfolded_and_black_on_white(shown: Page) -> None:
    folded = shown.locator("details:not([open]) td").first
    assert not folded.evaluate("cell => cell.checkVisibility()")
    shown.emulate_media(media="print", color_scheme="dark")
    assert folded.evaluate("cell => cell.checkVisibility()")
    assert shown.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.thorough(reason="looks at two pages in six windows; the other tests hold what stands in them")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_axe_finds_nothing_and_the_pages_are_as_wide_as_the_window(
    report: Path,
    overview: Path,
    browser: Browser,
    width: int,
    scheme: str,
    shoot: Callable[[Locator, str], None],
) -> None:
    # axe-core is a script, which the pages themselves forbid.
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    try:
        for file in (report, overview):
            page.goto(file.as_uri())
            page.evaluate(UNFOLD)
            shoot(page.locator("body"), f"{file.stem}-{width}-{scheme}")
            found = Axe().run(page).response["violations"]
            assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], file.name
            assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0, file.name
    finally:
        context.close()

"""The class report: what it says, that it is harmless, and that it can be read."""

from __future__ import annotations

import base64
import dataclasses
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograder.errors import UserError
from autograder.reports.class_report import catalogue, render_report, what_failed, write_report
from autograder.reports.results import ClassResults, ExerciseResult, StudentResult, read_results
from tests.support.graded_class import EXERCISES, HOSTILE, PS1, Class, verdict


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.goes_on = False  # after a place where a word may be broken
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.goes_on = tag == "wbr"

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if self.goes_on:
            self.texts[-1] += text
        else:
            self.texts.append(text)
        self.goes_on = False

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def results(graded: Class) -> ClassResults:
    return read_results(graded.course, PS1)


@pytest.fixture(scope="module")
def page(results: ClassResults) -> Page:
    return Page(render_report(results))


def test_names_students_scores_and_failures(page: Page) -> None:
    for text in ("ada", "30 of 30", "22.5 of 30", "It cannot be read.", "stopped after 30 s", "cell 'x' was missing"):
        assert text in page.texts
    assert "No score in the gradebook yet." in page.texts


def test_lines_to_look_at_are_listed_with_cell_line_and_code(results: ClassResults, page: Page) -> None:
    at = page.texts.index("Lines of code")
    row = ["cleo", PS1, "selu", "2", "reaches for frames of running code", HOSTILE]
    assert [text for text in page.texts[page.texts.index("Code", at) :] if text][1:7] == row
    without = tuple(dataclasses.replace(student, looks=()) for student in results.students)
    assert "Lines of code" not in Page(render_report(dataclasses.replace(results, students=without))).texts


def test_student_text_is_escaped(page: Page) -> None:
    assert HOSTILE in page.texts
    assert page.all("script") == []


def test_needs_nothing_from_elsewhere(page: Page) -> None:
    assert {"link", "iframe", "object", "style" * 2} & {name for name, _ in page.tags} == set()
    [policy] = [meta for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy["content"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    addresses = [value or "" for _, a in page.tags for key, value in a.items() if key in ("src", "href")]
    assert addresses
    beside = {"report.csv", "report.json"}
    assert all(a.startswith(("data:image/svg+xml;base64,", "#")) or a in beside for a in addresses)


def test_plots_have_a_text_alternative_with_their_numbers(page: Page) -> None:
    distribution, means = page.all("img")
    assert distribution["alt"] == (
        "Histogram of scores. Points and number of students: 0 to 2: 1; 22 to 24: 1; 24 to 26: 1; 28 to 30: 1."
    )
    assert "selu: 50 %" in str(means["alt"])
    for picture in (distribution, means):
        ElementTree.fromstring(base64.b64decode(str(picture["src"]).partition(",")[2]))


def test_every_table_has_caption_and_scoped_headers(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table"))
    assert page.all("th")
    assert all(header.get("scope") in ("col", "row") for header in page.all("th"))


def test_same_results_same_page(results: ClassResults) -> None:
    assert render_report(results) == render_report(results)


def test_class_without_checks(results: ClassResults) -> None:
    plain = tuple(
        dataclasses.replace(s, exercises=tuple(dataclasses.replace(e, checks=(), reason="") for e in s.exercises))
        for s in results.students
    )
    assert "they were graded by stock nbgrader" in render_report(dataclasses.replace(results, students=plain))


def test_large_class_stays_small_and_folds_easy_checks() -> None:
    checks = tuple(verdict("a", "Wrong.", "").checks)
    named = [dataclasses.replace(checks[n % 2], name=f"check {n}") for n in range(40)]
    exercise = ExerciseResult("a", 2.5, 5, False, tuple(named))
    students = tuple(StudentResult(f"s{n}", "", 0, (exercise,)) for n in range(1000))
    text = render_report(ClassResults("x", 5, students, ()))
    assert "28 easier checks" in text
    assert len(text) < 1_000_000


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        (("", "Wrong."), "right shape"),
        (("Wrong.", "Wrong."), "all 2 checks: Wrong."),
        (("Wrong.", "Worse."), "all 2 checks"),
    ],
)
def test_failures_in_short(messages: tuple[str, str], said: str) -> None:
    exercise = ExerciseResult("a", 0, 5, False, verdict("a", *messages).checks)
    assert what_failed(StudentResult("ada", "", 0, (exercise,))) == [("a", said)]


def test_many_failures_are_counted() -> None:
    failed, passed = verdict("a", "Wrong.", "").checks
    checks = (*[dataclasses.replace(failed, name=f"c{n}") for n in range(6)], passed)
    exercise = ExerciseResult("a", 0, 5, False, checks)
    assert what_failed(StudentResult("ada", "", 0, (exercise,))) == [("a", "c0; c1; c2; and 3 more of 7 checks")]


def test_written_at_once(graded: Class, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    assert write_report(graded.course, PS1, target) == target
    first = target.read_text(encoding="utf-8")

    def full(*args: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UserError, match=re.escape(f"{tmp_path / 'report.csv'} cannot be written: No space left on")):
        write_report(graded.course, PS1, target)
    assert target.read_text(encoding="utf-8") == first
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".html", ".json"]


def test_the_catalogue_comes_with_the_grader_and_another_course_has_none(graded: Class) -> None:
    assert not graded.course.answers.exists()
    assert {answer.exercise for answer in catalogue(graded.course, PS1)} == set(EXERCISES)
    assert catalogue(graded.course, "another") == []


def test_default_place(graded: Class) -> None:
    assert write_report(graded.course, PS1) == graded.course.root / "reports" / f"{PS1}.html"

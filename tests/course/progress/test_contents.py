"""What there is to do in each lesson: the file that is built, and what an id depends on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.progress import contents
from course.progress.contents import CheckCell, Lesson, check_cell, item_id, lesson_of
from tests.support.lessons import NAMES

LESSONS = (
    Lesson("a", "A", 5, predictions=("p1",), checks=(CheckCell("softmax", ()), CheckCell("selu", ("one", "two")))),
    Lesson("b", "B", 5, cards=("c1",), checks=(CheckCell("softmax", ("sums to 1",)),)),
)


def test_all_lessons_are_there_in_order() -> None:
    assert [lesson.name for lesson in contents.lessons()] == NAMES
    for lesson in contents.lessons():
        assert lesson.minutes > 0
        assert lesson.predictions
    items = [item for lesson in contents.lessons() for item in lesson.predictions + lesson.cards]
    assert len(set(items)) == len(items), "two questions with the same text share an answer"


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_other_texts_have_another_id(first: list[str], second: list[str]) -> None:
    same = "\0".join(first) == "\0".join(second)
    assert (item_id(*first) == item_id(*second)) == same


@pytest.fixture
def two_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "lessons", lambda: LESSONS)


@pytest.mark.usefixtures("two_lessons")
def test_the_lesson_of_a_question_is_found() -> None:
    assert [lesson_of(item) for item in ("p1", "c1", "of the student's own")] == ["a", "b", ""]


@pytest.mark.usefixtures("two_lessons")
def test_a_table_of_checks_is_known_by_its_title_and_names() -> None:
    def lesson(title: str, *names: str) -> str:
        return (check_cell(title, names) or [""])[0]

    assert lesson("selu", "one", "two") == "a"
    assert lesson("selu", "one", "two", "three, made in a loop") == "a"
    assert lesson("selu", "one") == "", "an assignment's, or another version's"
    assert lesson("gelu", "one", "two") == ""
    assert lesson("softmax", "sums to 1") == "b", "the one that says most"
    assert lesson("softmax", "is stable") == "a"

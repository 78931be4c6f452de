"""Quizzes: built from their sources, sealed, and right or wrong as the source says."""

from __future__ import annotations

import html
import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets import Widget

from autograder.publish.quizzes import QuizError, build_quizzes, seal
from course.checks import scoring
from course.progress import store
from course.widgets.quiz import Feedback, Quiz, unseal
from course.widgets.quiz import items as quiz_items
from tests.support.lessons import NAMES, ROOT

SOURCES = ROOT / "autograder" / "publish" / "quiz_sources"
BUILT = ROOT / "course" / "quizzes"


def source(name: str) -> list[dict]:  # type: ignore[type-arg]
    return tomllib.loads((SOURCES / f"{name}.toml").read_text(encoding="utf-8"))["question"]


def test_every_lesson_has_a_quiz_and_the_built_files_are_up_to_date(tmp_path: Path) -> None:
    built = build_quizzes(SOURCES, tmp_path)
    assert [path.stem for path in built] == NAMES
    assert sorted(path.name for path in BUILT.glob("*.json")) == [path.name for path in built]
    for path in built:
        assert (BUILT / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_each_choice_gets_its_own_verdict_and_feedback(name: str) -> None:
    quiz = Quiz(name)
    for question, entry in zip(quiz.questions, source(name), strict=True):
        assert sorted(question.choices) == sorted(choice["text"] for choice in entry["choice"])
        for choice in entry["choice"]:
            question.radio.value = choice["text"]
            question.button.click()
            start = "Right." if choice.get("correct") else "Not yet."
            assert question.result == f"{start} {choice['feedback']}"


@pytest.mark.parametrize("name", NAMES)
def test_keys_cannot_be_read_in_the_built_file(name: str) -> None:
    text = (BUILT / f"{name}.json").read_text(encoding="utf-8")
    assert "correct" not in text
    assert "feedback" not in text
    for entry in source(name):
        for choice in entry["choice"]:
            assert choice["feedback"] not in text
            assert json.dumps(choice["feedback"])[1:-1] not in text
    lengths = [len(match) for match in re.findall(r'"sealed": "([^"]+)"', text)]
    assert len(set(lengths)) <= 2  # padded: the length does not point at the right answer


@dataclass(frozen=True)
class Shown:
    """A question as a student sees it: the choices in order, and the place of the right one."""

    choices: tuple[str, ...]
    key: int


def shown() -> list[Shown]:
    """All questions of all quizzes."""
    found = []
    for name in NAMES:
        for question, entry in zip(Quiz(name).questions, source(name), strict=True):
            (right,) = [choice["text"] for choice in entry["choice"] if choice.get("correct")]
            found.append(Shown(question.choices, question.choices.index(right)))
    return found


def test_no_place_is_better_to_guess_than_another() -> None:
    """The right choice is in each of the four places about as often: within 2.5 standard deviations of a quarter."""
    questions = shown()
    assert {len(question.choices) for question in questions} == {4}
    places = Counter(question.key for question in questions)
    spread = (len(questions) * 1 / 4 * 3 / 4) ** 0.5
    for place in range(4):
        assert abs(places[place] - len(questions) / 4) < 2.5 * spread, places


def test_the_length_of_a_choice_says_nothing() -> None:
    """The right choice is the longest, or the shortest, no more often than chance, and about as long as the others."""
    questions = shown()
    lengths = [[len(choice) for choice in question.choices] for question in questions]
    keys = [row.pop(question.key) for row, question in zip(lengths, questions, strict=True)]
    assert sum(key > max(others) for key, others in zip(keys, lengths, strict=True)) <= len(questions) / 4
    assert sum(key < min(others) for key, others in zip(keys, lengths, strict=True)) <= len(questions) / 4
    ratio = fmean(key / fmean(others) for key, others in zip(keys, lengths, strict=True))
    assert 0.8 < ratio < 1.25


def test_no_question_is_asked_twice() -> None:
    entries = [entry for name in NAMES for entry in source(name)]
    assert len({entry["id"] for entry in entries}) == len(entries)
    assert len({entry["text"] for entry in entries}) == len(entries)
    keys = Counter(choice["text"] for entry in entries for choice in entry["choice"] if choice.get("correct"))
    assert keys.most_common(1)[0][1] == 1, keys.most_common(1)


def test_checking_without_a_choice_says_so() -> None:
    question = Quiz(NAMES[0]).questions[0]
    question.button.click()
    assert question.result == "Choose an answer first."


def test_the_tally_counts_the_answers_that_were_checked_last() -> None:
    quiz = Quiz(NAMES[0])
    keys = [next(choice["text"] for choice in entry["choice"] if choice.get("correct")) for entry in source(NAMES[0])]
    count = len(keys)

    def check(number: int, choice: str) -> None:
        quiz.questions[number].radio.value = choice
        quiz.questions[number].button.click()

    assert quiz.tally == f"0 of {count} right, {count} not checked yet."
    quiz.questions[0].button.click()  # nothing is chosen
    check(1, next(choice for choice in quiz.questions[1].choices if choice != keys[1]))
    assert quiz.tally == f"0 of {count} right, {count - 1} not checked yet."
    assert scoring.GOOD not in shown_tally(quiz)
    for number, key in enumerate(keys):
        check(number, key)
    assert quiz.tally == f"{count} of {count} right."
    assert scoring.GOOD in shown_tally(quiz)
    check(0, next(choice for choice in quiz.questions[0].choices if choice != keys[0]))
    assert quiz.tally == f"{count - 1} of {count} right."
    assert scoring.BAD in quiz.questions[0].widget.children[-1].value
    assert quiz.tally in shown_tally(quiz)
    assert 'role="status"' in shown_tally(quiz)


def shown_tally(quiz: Quiz) -> str:
    """What stands below the last question, as HTML."""
    return str(quiz.widget.children[-1].value)


def test_yesterdays_answers_are_there_today(kept_in: Path) -> None:
    first = Quiz(NAMES[0])
    wrong = next(choice["text"] for choice in source(NAMES[0])[1]["choice"] if not choice.get("correct"))
    first.questions[1].radio.value = wrong
    first.questions[1].button.click()
    today = Quiz(NAMES[0])
    assert today.questions[1].radio.value == wrong
    assert today.questions[1].result == first.questions[1].result
    assert first.questions[1].result in html.unescape(today.questions[1].widget.children[-1].value)
    assert [question.right for question in today.questions] == [None, False, *[None] * (len(today.questions) - 2)]
    assert today.tally == first.tally


def test_a_changed_question_does_not_bring_back_the_old_answer(kept_in: Path, tmp_path: Path) -> None:
    (tmp_path / "quiz.toml").write_text(GOOD)

    def again(before: str = "", after: str = "") -> str | None:
        (tmp_path / "quiz.toml").write_text(GOOD.replace(before, after) if before else GOOD)
        build_quizzes(tmp_path, tmp_path)
        return Quiz("quiz", tmp_path).questions[0].radio.value

    assert again() is None
    question = Quiz("quiz", tmp_path).questions[0]
    question.radio.value = "one"
    question.button.click()
    assert again() == "one"
    assert again('id = "a"', 'id = "b"') is None
    assert again('text = "two"', 'text = "three"') is None


@pytest.mark.parametrize("choice", [None, 1, ["one"], "none of them"])
def test_an_answer_that_can_be_none_is_passed_over(choice: object, kept_in: Path) -> None:
    (item, *_), question = quiz_items(NAMES[0]), Quiz(NAMES[0]).questions[0]
    store.here().put(NAMES[0], "quiz", item, {"choice": choice})
    assert Quiz(NAMES[0]).questions[0].right is question.right is None


def test_a_disk_that_is_full_costs_one_line(kept_in: Path) -> None:
    kept_in.write_text("in the way")
    question = Quiz(NAMES[0]).questions[0]
    assert "cannot be read" in question.widget.children[-1].value
    question.radio.value = question.choices[0]
    question.button.click()
    assert "cannot be kept" in question.widget.children[-1].value
    question.button.click()
    assert "cannot be kept" not in question.widget.children[-1].value


def test_choices_stand_without_a_label_of_their_own() -> None:
    """The question is above them."""
    assert {question.radio.description for question in Quiz(NAMES[0]).questions} == {""}


def test_an_unknown_quiz_lists_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"there is no quiz '99'; quizzes: .*02_classic_activations"):
        Quiz("99")


@given(st.text(), st.text(min_size=1), st.booleans(), st.text(max_size=600))
def test_unseal_is_the_inverse_of_seal(identifier: str, choice: str, correct: bool, feedback: str) -> None:
    sealed = seal(identifier, choice, correct=correct, feedback=feedback)
    assert unseal(identifier, choice, sealed) == Feedback(correct, feedback)


GOOD = """
[[question]]
id = "a"
text = "Which?"
[[question.choice]]
text = "one"
correct = true
feedback = "Yes."
[[question.choice]]
text = "two"
feedback = "No."
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[[question]]", "[[question"), "not valid TOML"),
        ((GOOD, ""), "no question; write each under"),
        (('id = "a"\n', ""), "question 1: id is missing"),
        (('text = "Which?"', 'text = ""'), "question 1: text is missing"),
        (('text = "Which?"', "text = 3"), "question 1: text is missing"),
        (('feedback = "No."', ""), r"question 1 \(a\), choice 'two': feedback is missing"),
        (("correct = true", ""), r"question 1 \(a\): 0 choices have correct = true"),
        (('feedback = "No."', 'feedback = "No."\ncorrect = true'), "2 choices have correct = true"),
        (("correct = true", 'correct = "yes"'), "correct must be true or false, not 'yes'"),
        (('text = "two"', 'text = "one"'), "two choices have the same text"),
        ((GOOD, GOOD + GOOD), "question 2: the id 'a' is used twice"),
        ((GOOD[GOOD.rindex("[[question.choice]]") :], ""), "at least two choices"),
    ],
)
def test_a_bad_source_is_explained_and_nothing_is_written(
    change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    (tmp_path / "a_good.toml").write_text(GOOD)
    (tmp_path / "bad.toml").write_text(GOOD.replace(*change))
    with pytest.raises(QuizError, match=f"^bad.toml.*{message}") as caught:
        build_quizzes(tmp_path, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_choices_stand_in_an_order_drawn_from_the_id(tmp_path: Path) -> None:
    """The order of the source does not matter, the id does."""
    orders = set()
    for number in range(20):
        text = GOOD.replace('"a"', f'"{number}"')
        head, one, two = text.split("[[question.choice]]")
        built = []
        for order in ((one, two), (two, one)):
            (tmp_path / "quiz.toml").write_text("[[question.choice]]".join((head, *order)))
            (path,) = build_quizzes(tmp_path, tmp_path / "out")
            built.append(path.read_bytes())
        assert built[0] == built[1]
        orders.add(tuple(choice["text"] for choice in json.loads(built[0])["questions"][0]["choices"]))
    assert orders == {("one", "two"), ("two", "one")}


def test_a_source_that_is_not_text_is_explained(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(QuizError, match=r"bad\.toml: not valid TOML"):
        build_quizzes(tmp_path, tmp_path / "out")


def test_a_quiz_opens_again_after_all_widgets_were_closed() -> None:
    Quiz(NAMES[0])
    Widget.close_all()
    assert Quiz(NAMES[0]).questions

"""The mock interview: three cards, a clock, a rating of one's own, and only then the model answers."""

from __future__ import annotations

import asyncio

import pytest

from course.widgets import interview
from course.widgets.cards import RATINGS, Card, Deck
from course.widgets.interview import NOT_WRITTEN, QUESTIONS, Interview

TITLES = ("A", "B", "C", "D")


class Clock:
    """Seconds that go on when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def last(cards: list[Card], count: int) -> list[Card]:
    return cards[: -count - 1 : -1]


def deck() -> Deck:
    made = Deck()
    for title in TITLES:
        made.card(title, f"Why {title} < 1?", f"Model of {title}.", [f"says {title}"])
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asked(clock: Clock) -> Interview:
    return Interview(deck().cards, last, clock)


def visible(part: interview.widgets.Widget) -> bool:
    return part.layout.display != "none"


def answer(asked: Interview, clock: Clock, *seconds: float) -> None:
    for number, spent in enumerate(seconds):
        asked.text.value = f"My answer {number} <b>"
        clock.now += spent
        asked.button.click()


def test_three_questions_are_asked_one_at_a_time(asked: Interview, clock: Clock) -> None:
    assert not visible(asked.text)
    asked.button.click()
    for number, title in enumerate("DCB", start=1):
        assert f"Question {number} of 3." in asked.question.value
        assert f"Why {title} &lt; 1?" in asked.question.value
        assert visible(asked.text)
        assert asked.text.value == ""
        assert not any(map(visible, asked.ratings))
        answer(asked, clock, 10 * number)
    assert asked.seconds == [10, 20, 30]
    assert asked.question.value.count("My answer 0 &lt;b&gt;") == 3, "what there is to rate"


def test_the_clock_goes_and_says_when_the_time_is_over(asked: Interview, clock: Clock) -> None:
    asked.button.click()
    assert "0:00 of 2:00" in asked.time.value
    clock.now += 65.9
    asked.tick()
    assert "1:05 of 2:00" in asked.time.value
    assert asked.message.value == ""
    clock.now += 60
    asked.tick()
    assert 'role="timer"' in asked.time.value
    assert 'role="status"' in asked.message.value
    said = asked.message.value
    asked.tick()
    assert asked.message.value == said
    answer(asked, clock, 1)
    assert "0:00 of 2:00" in asked.time.value
    assert asked.message.value == ""


def test_in_a_kernel_the_clock_goes_by_itself_until_the_last_answer(
    asked: Interview, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interview, "TICK_SECONDS", 0.001)

    async def interviewed() -> None:
        asked.button.click()
        clock.now += 7
        while "0:07" not in asked.time.value:
            await asyncio.sleep(0.001)
        answer(asked, clock, 1, 1, 1)
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.001)

    asyncio.run(interviewed())
    assert asked.time.value == ""


def test_the_model_answers_come_after_the_ratings(asked: Interview, clock: Clock) -> None:
    asked.button.click()
    answer(asked, clock, 5, 65, 5)
    assert all(map(visible, asked.ratings))
    assert [radio.description for radio in asked.ratings] == [f"I rate “{title}”" for title in "DCB"]
    for radio in asked.ratings[:-1]:
        radio.value = RATINGS[1]
    asked.button.click()
    assert 'role="alert"' in asked.message.value
    assert "Model of" not in asked.answers.value
    asked.ratings[-1].value = RATINGS[2]
    asked.button.click()
    assert asked.question.value == ""
    shown = asked.answers.value
    assert shown.index("Model of D.") < shown.index("Model of C.") < shown.index("Model of B.")
    assert "My answer 1 &lt;b&gt;" in shown
    assert "Time: 1:05." in shown
    assert shown.count(RATINGS[1]) == 2
    assert "<li>says B</li>" in shown
    assert not any(map(visible, asked.ratings))


def test_another_one_begins_anew(asked: Interview, clock: Clock) -> None:
    for _ in range(2):
        asked.button.click()
        assert asked.answers.value == ""
        answer(asked, clock, 1, 1, 1)
        assert [radio.value for radio in asked.ratings] == [None] * QUESTIONS
        for radio in asked.ratings:
            radio.value = RATINGS[0]
        asked.button.click()
        assert asked.answers.value.count("Model of") == QUESTIONS
    assert len(asked.seconds) == QUESTIONS


def test_an_answer_may_be_said_aloud(asked: Interview) -> None:
    asked.button.click()
    for _ in range(QUESTIONS):
        asked.button.click()
    for radio in asked.ratings:
        radio.value = RATINGS[0]
    asked.button.click()
    assert asked.answers.value.count(NOT_WRITTEN) == QUESTIONS


def test_cards_are_drawn_by_chance_and_none_twice() -> None:
    asked, drawn = Interview(deck().cards), set()
    for _ in range(40):
        asked.button.click()
        titles = [card.title for card in asked.asked]
        assert len(set(titles)) == QUESTIONS
        drawn.add(tuple(titles))
        for _ in range(QUESTIONS):
            asked.button.click()
        for radio in asked.ratings:
            radio.value = RATINGS[0]
        asked.button.click()
    assert len(drawn) > 5  # of 24


def test_without_enough_cards_it_says_what_to_run() -> None:
    made = Deck()
    asked = Interview(made.cards, last)
    asked.button.click()
    assert 'role="alert"' in asked.message.value
    assert "at least 3" in asked.message.value
    for title in TITLES:
        made.card(title, "Why?", "Because.", ["says so"])
    asked.button.click()
    assert "Question 1 of 3." in asked.question.value


def test_every_control_has_a_label_and_no_part_comes_or_goes(asked: Interview, clock: Clock) -> None:
    parts = asked.widget.children
    asked.button.click()
    answer(asked, clock, 1, 1, 1)
    assert asked.widget.children == parts, "the keyboard's focus would be lost"
    for control in (asked.text, asked.button, *asked.ratings):
        assert control.description.strip()


def test_without_a_kernel_the_text_says_what_it_is(asked: Interview) -> None:
    assert len(asked._repr_mimebundle_()["text/plain"].split()) >= 4

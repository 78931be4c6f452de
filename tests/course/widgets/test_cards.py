"""Interview cards: answering, comparing, rating, and what the summary makes of it."""

from __future__ import annotations

import asyncio
import html
from pathlib import Path

import pytest
from ipywidgets import Widget

from course.progress.kept import Kept
from course.widgets import cards
from course.widgets.cards import RATINGS, Card, Deck, paragraphs, spoken

AGAIN, PARTLY, SOLID = RATINGS


def make(deck: Deck, title: str = "First") -> Card:
    return deck.card(title, "Why?", "One `thing`.\n\nAnother.", ["says one thing", "says another"])


def answer(card: Card, text: str = "Because.", ticks: int = 0, rating: str | None = None) -> None:
    card.text.value = text
    card.button.click()
    for tick in card.ticks[:ticks]:
        tick.value = True
    card.radio.value = rating


def test_the_model_answer_is_shown_only_after_an_answer() -> None:
    card = make(Deck())
    assert card.columns not in card.widget.children
    answer(card, "My own words.")
    assert card.recorded == "My own words."
    shown = card.columns.value
    assert shown.index("Your answer") < shown.index("My own words.") < shown.index("Model answer")
    assert "<p>One <code>thing</code>.</p><p>Another.</p>" in shown
    assert [child for child in card.widget.children if child in (card.columns, *card.ticks, card.radio)] == [
        card.columns,
        *card.ticks,
        card.radio,
    ]


@pytest.mark.parametrize("typed", ["", "   \n"])
def test_an_empty_answer_is_refused_with_a_reason_and_the_card_stays_usable(typed: str) -> None:
    card = make(Deck())
    answer(card, typed)
    assert 'role="alert"' in card.message.value
    assert "no answer yet" in card.message.value
    assert card.columns not in card.widget.children
    answer(card, "Now there is one.")
    assert 'role="status"' in card.message.value
    assert card.columns in card.widget.children


def test_after_the_comparison_the_answer_follows_the_text() -> None:
    """Letters that reach the kernel after the click count too, and an answer can be improved."""
    card = make(Deck())
    answer(card, "First tr")
    card.text.value = "First try."
    assert card.recorded == "First try."
    card.text.value = "Second try."
    card.text.value = " "
    assert card.recorded == "Second try."
    assert "First try." not in card.columns.value
    assert len(card.widget.children) == len(set(card.widget.children))


def test_an_answer_cannot_smuggle_html() -> None:
    card = make(Deck())
    answer(card, "x < 0 <script>alert(1)</script>")
    assert "<script>" not in card.columns.value
    assert html.escape("x < 0 <script>") in card.columns.value


def test_running_a_cell_again_keeps_what_was_done() -> None:
    deck = Deck()
    answer(make(deck), "Mine.", ticks=1, rating=PARTLY)
    again = make(deck)
    assert deck.cards == {"First": again}
    assert (again.recorded, again.text.value, again.ticked, again.rating) == ("Mine.", "Mine.", 1, PARTLY)
    assert again.columns in again.widget.children
    draft = make(deck, "Second")
    draft.text.value = "Not yet compared."
    assert make(deck, "Second").text.value == "Not yet compared."
    assert deck.cards["Second"].recorded == ""


def test_the_summary_follows_and_says_which_to_repeat() -> None:
    deck = Deck()
    summary = deck.summary()
    cards = [make(deck, title) for title in ("A", "B", "C", "D", "E")]
    assert summary.advice == "Not answered yet: A; B; C; D; E."
    answer(cards[0], ticks=2, rating=SOLID)
    answer(cards[1], ticks=1, rating=SOLID)  # solid with a point missing is not solid
    answer(cards[2], "Two words.", ticks=0, rating=AGAIN)
    answer(cards[3])
    assert summary.advice == "Repeat: B; C. Solid: A. Not rated yet: D. Not answered yet: E."
    assert f"C | 2 | 0 of 2 | {AGAIN}" in summary.text
    assert summary.advice in summary.widget.value
    assert f">{AGAIN}</td>" in summary.widget.value
    cards[2].radio.value = PARTLY
    assert f"C | 2 | 0 of 2 | {PARTLY}" in summary.text
    assert summary.widget.value == deck.summary().widget.value


def test_every_control_has_a_label() -> None:
    card = make(Deck())
    for control in (card.text, card.button, *card.ticks, card.radio):
        assert control.description.strip()


def test_without_a_kernel_the_text_holds_question_answer_and_points() -> None:
    text = make(Deck())._repr_mimebundle_()["text/plain"]
    for part in ("First. Why?", "One `thing`.", "Another.", "- says one thing", "- says another"):
        assert part in text
    summary = Deck().summary()
    assert "card | your words | points | rating" in summary._repr_mimebundle_()["text/plain"]


def test_yesterdays_cards_go_on_today(kept_in: Path) -> None:
    first = make(Deck())
    answer(first, "My own words.", ticks=1, rating=PARTLY)
    deck = Deck()
    today = make(deck)
    assert (today.recorded, today.ticked, today.rating) == ("My own words.", 1, PARTLY)
    assert today.columns in today.widget.children
    assert deck.summary().advice == "Repeat: First."
    today.ticks[1].value = True
    today.radio.value = SOLID
    assert make(Deck()).solid


def test_a_draft_is_kept_when_the_typing_pauses(kept_in: Path) -> None:
    async def type_() -> bool:
        card = make(Deck())
        for text in ("D", "Dr", "Draft"):
            card.text.value = text
        held_back = not kept_in.exists()
        while not make(Deck()).text.value:
            await asyncio.sleep(0.01)
        return held_back

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cards, "KEEP_SECONDS", 0.05)
        assert asyncio.run(type_()), "each letter was written at once"
    draft = make(Deck())
    assert draft.text.value == "Draft"
    assert draft.recorded == ""
    assert draft.columns not in draft.widget.children


def test_a_changed_card_does_not_bring_back_the_old_answer(kept_in: Path) -> None:
    answer(make(Deck()), "Mine.")
    assert Deck().card("First", "Why?", "Reworded.", ["says one thing", "says another"]).recorded == "Mine."
    assert Deck().card("First", "Why?", "The same.", ["says one thing"]).recorded == ""
    assert Deck().card("First", "How?", "The same.", ["says one thing", "says another"]).recorded == ""


@pytest.mark.parametrize(
    "value",
    [{"text": 1, "recorded": ["a"], "ticked": "says one thing", "rating": []}, {"rating": "excellent", "ticked": [1]}],
)
def test_what_does_not_fit_is_passed_over(value: dict[str, object], kept_in: Path) -> None:
    Kept("cards", "Why?", "says one thing", "says another").keep(value)
    card = make(Deck())
    assert (card.text.value, card.recorded, card.ticked, card.rating) == ("", "", 0, None)


def test_a_file_that_cannot_be_read_costs_one_line(kept_in: Path) -> None:
    kept_in.mkdir()
    (kept_in / "progress.json").write_text("{")
    assert "could not be read" in make(Deck()).message.value
    assert make(Deck()).message.value == ""


def test_cards_open_again_after_all_widgets_were_closed() -> None:
    deck = Deck()
    answer(make(deck), "Mine.", ticks=2, rating=SOLID)
    Widget.close_all()
    again = make(deck)
    assert again.widget.children
    assert again.solid
    assert deck.summary().widget.value


def test_paragraphs_and_length() -> None:
    assert paragraphs("\n    One line\n    and its rest.\n\n    Two.\n    ") == ["One line and its rest.", "Two."]
    assert spoken("word " * 75) == "75 words, 30 s at 150 words a minute"

"""Lesson 09: its cards are complete and short enough to be said, and the numbers in the model answers are right."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from course.widgets.cards import WORDS_A_MINUTE, Card, Deck
from tests.support import lessons


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    deck = Deck()
    for cell in lessons.read("09_interview").cells:
        if cell.source.startswith("deck.card("):
            assert cell.metadata["jupyter"]["source_hidden"], "the model answer would be seen before the card is run"
            exec(cell.source, {"deck": deck})
    return deck.cards


def words(card: Card) -> int:
    return len(" ".join(card.model).split())


def test_there_are_seven_cards_with_a_checklist(cards: dict[str, Card]) -> None:
    assert len(cards) == 7
    for card in cards.values():
        assert card.question.strip()[-1] in "?."
        assert 4 <= len(card.points) <= 6


def test_an_answer_takes_little_more_than_a_minute_and_the_minute_takes_one(cards: dict[str, Card]) -> None:
    assert words(cards["One minute"]) <= WORDS_A_MINUTE
    for card in cards.values():
        assert words(card) <= 1.2 * WORDS_A_MINUTE, card.title


def said(value: float, digits: int) -> str:
    """A number as the answers write it."""
    return f"{value:.{digits}f}".replace("-", "−")


def test_the_numbers_in_the_answers_are_right(cards: dict[str, Card]) -> None:
    x = torch.linspace(-8, 8, 160_001, dtype=torch.float64)
    gelu, silu = F.gelu(x), F.silu(x)
    text = {title: " ".join(card.model) for title, card in cards.items()}
    first, second = text["GELU against ReLU"], text["GELU against Swish"]
    assert f"about {said(gelu.min().item(), 2)} near x = {said(x[gelu.argmin()].item(), 2)}" in first
    assert f"{said(silu.min().item(), 2)} against {said(gelu.min().item(), 2)}" in second
    assert f"up to {said((silu - gelu).abs().max().item(), 2)} away" in second
    assert f"within about {said((x * torch.sigmoid(1.7 * x) - gelu).abs().max().item(), 2)} of GELU" in second
    assert f"below {said(math.log(1 + 9 / math.e), 2)}" in text["Why CrossEntropyLoss takes logits"]

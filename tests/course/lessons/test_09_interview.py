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


def test_there_are_thirteen_cards_with_a_checklist(cards: dict[str, Card]) -> None:
    assert len(cards) == 13
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
    z = torch.tensor([2.0, 1.0, 0.5, -1.0])
    largest = [said((z / T).softmax(0).max().item(), 2) for T in (0.5, 1, 2)]
    assert "{} at T = 0.5, {} at T = 1 and {} at T = 2".format(*largest) in text["Temperature"]
    assert round(0.25**10, 6) == 1e-6
    assert "one millionth" in text["Vanishing gradients"]
    for f, limit in ((torch.sigmoid, 0.007), (torch.tanh, 0.0002)):
        five = torch.tensor(5.0, requires_grad=True)
        f(five).backward()
        assert five.grad is not None
        assert 0.8 * limit < five.grad.item() < limit
        assert f"below {limit}" in text["Why ReLU replaced sigmoid and tanh"]

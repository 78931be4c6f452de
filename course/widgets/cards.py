"""Interview cards: answer in your own words first, then compare with a model answer and rate yourself."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable, Sequence
from inspect import cleandoc
from typing import Any

import ipywidgets as widgets

from course.progress.kept import Kept
from course.widgets.markup import WIDE, alert, bundle, inline, remark, status

RATINGS = ("again: I missed the main idea", "partly: a point was missing or wrong", "solid: every point, in my words")
WORDS_A_MINUTE = 150  # the pace at which lengths are turned into seconds

KEEP_SECONDS = 1.0
"""How long typing pauses before a text is kept for later sessions."""

_FULL = {"width": "98%"}
_HEAD = ("card", "your words", "points", "rating")
_CELL = "text-align:left;padding:2px 14px 2px 0"


class Card:
    """A question, a place for an answer, and what shows once there is one. Make cards with `Deck.card`.

    What a student did with it is kept for later sessions: text, ticks and rating.

    Parameters
    ----------
    title, question : str
        `title` is what the summary calls the card.
    answer : str
        The model answer. An empty line separates paragraphs; other line breaks and indentation do not count.
    points : sequence of str
        What a good answer says, one line each.
    on_change : callable
        Called when the answer, a tick or the rating has changed.

    Attributes
    ----------
    recorded : str
        The answer, from the moment the button was pressed; "" before that.
    """

    def __init__(
        self, title: str, question: str, answer: str, points: Sequence[str], on_change: Callable[[], None]
    ) -> None:
        self.title, self.question = title, question
        self.model, self.points = paragraphs(answer), tuple(points)
        self.recorded = ""
        self._on_change = on_change
        self._kept = Kept("cards", question, *self.points)
        self._later: asyncio.TimerHandle | None = None
        self.text = widgets.Textarea(
            description="Your answer", placeholder="As you would say it, in whole sentences", rows=6,
            style={"description_width": "initial"}, layout=_FULL,
        )  # fmt: skip
        self.button = widgets.Button(description="Compare with the model answer", layout={"width": "260px"})
        self.message = widgets.HTML()
        self.columns = widgets.HTML(layout=_FULL)
        self.ticks = [widgets.Checkbox(description=point, indent=False, layout=_FULL) for point in self.points]
        self.radio = widgets.RadioButtons(options=RATINGS, value=None, description="I rate it", layout=WIDE)
        heading = widgets.HTMLMath(f"<b>{inline(title)}.</b> {inline(question)}", layout=WIDE)
        self._asking = (heading, self.text, self.button)
        self.widget = widgets.VBox([*self._asking, self.message])
        self._restore(self._kept.value())
        self.button.on_click(self._compare)
        self.text.observe(self._follow, "value")
        for control in (*self.ticks, self.radio):
            control.observe(self._choose, "value")

    @property
    def ticked(self) -> int:
        """How many points the student has found in their own answer."""
        return sum(tick.value for tick in self.ticks)

    @property
    def rating(self) -> str | None:
        """One of RATINGS, None before the student has chosen."""
        return self.radio.value

    @property
    def solid(self) -> bool:
        """Whether the card need not be repeated: rated solid, with every point ticked."""
        return self.rating == RATINGS[-1] and self.ticked == len(self.points)

    def keep_from(self, other: Card) -> None:
        """Take over what a student did with `other`, the same card made by an earlier run of its cell."""
        self.text.value = other.text.value
        if other.recorded:
            self._reveal(other.recorded)
        ticked = {tick.description for tick in other.ticks if tick.value}
        for tick in self.ticks:
            tick.value = tick.description in ticked
        self.radio.value = other.radio.value

    def _restore(self, value: dict[str, Any]) -> None:
        """Show what was done in an earlier session, as far as it fits."""
        text, recorded, ticked = (value.get(name) for name in ("text", "recorded", "ticked"))
        if isinstance(text, str):
            self.text.value = text
        if isinstance(recorded, str) and recorded:
            self._reveal(recorded)
        for tick in self.ticks:
            tick.value = isinstance(ticked, list) and tick.description in ticked
        if (rating := value.get("rating")) in RATINGS:
            self.radio.value = rating
        self._remark()

    def _keep(self) -> None:
        ticked = [tick.description for tick in self.ticks if tick.value]
        self._kept.keep(
            {"text": self.text.value, "recorded": self.recorded, "ticked": ticked, "rating": self.radio.value}
        )
        self._remark()

    def _keep_later(self) -> None:
        """Keep what is typed when the typing pauses: a network disk would lag behind the keys."""
        if self._later is not None:
            self._later.cancel()
        try:
            self._later = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._keep)
        except RuntimeError:  # no loop, so nobody types
            self._keep()

    def _remark(self) -> None:
        if note := self._kept.note():
            self.message.value += remark(note)

    def _choose(self, _: object) -> None:
        self._keep()
        self._on_change()

    def _compare(self, _: object) -> None:
        answer = self.text.value.strip()
        if not answer:
            self.message.value = alert("There is no answer yet. Write at least one sentence, then compare.")
            return
        self._reveal(answer)
        self._keep()
        self._on_change()

    def _follow(self, _: object) -> None:
        # The browser sends a click at once but may hold back the last letters typed before it.
        answer = self.text.value.strip()
        if self.recorded and answer:
            self._reveal(answer)
            self._on_change()
        self._keep_later()

    def _reveal(self, answer: str) -> None:
        self.recorded = answer
        self.columns.value = side_by_side(answer, self.model)
        if self.columns not in self.widget.children:  # setting them anew would take the keyboard's focus away
            self.widget.children = (*self._asking, self.columns, self.message, *self.ticks, self.radio)
        self.message.value = status("Tick each point that your answer makes, then rate it.")

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        parts = [f"{self.title}. {self.question}", "Model answer:", *self.model, "A good answer says:"]
        return bundle(self.widget, "\n\n".join([*parts, "\n".join(f"- {point}" for point in self.points)]))


class Deck:
    """The cards of a lesson, by title, and a summary of how they went."""

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}
        self._summaries: list[Summary] = []

    def card(self, title: str, question: str, answer: str, points: Sequence[str]) -> Card:
        """Make a card; see `Card`. Display it as the last line of a cell.

        Where there is a card with this title, from an earlier run of the cell, the new one keeps what was done with it.
        """
        card = Card(title, question, answer, points, self._refresh)
        if title in self.cards:
            card.keep_from(self.cards[title])
        self.cards[title] = card
        self._refresh()
        return card

    def summary(self) -> Summary:
        """Return the ratings of all cards, and which to repeat; it follows every later change."""
        summary = Summary(self.cards)
        self._summaries.append(summary)
        return summary

    def _refresh(self) -> None:
        for summary in self._summaries:
            summary.refresh()


class Summary:
    """A table of the cards with their ratings, and a line that says which to repeat."""

    def __init__(self, cards: dict[str, Card]) -> None:
        self._cards = cards
        self.widget = widgets.HTML(layout=WIDE)
        self.refresh()

    @property
    def advice(self) -> str:
        """One line: what to repeat, and what has not been answered or rated yet."""
        cards = self._cards.values()
        groups = {
            "Repeat": [card.title for card in cards if card.rating and not card.solid],
            "Solid": [card.title for card in cards if card.solid],
            "Not rated yet": [card.title for card in cards if card.recorded and not card.rating],
            "Not answered yet": [card.title for card in cards if not card.recorded],
        }
        return " ".join(f"{name}: {'; '.join(titles)}." for name, titles in groups.items() if titles)

    @property
    def text(self) -> str:
        """The table and the advice as plain text."""
        rows = [" | ".join(cells) for cells in (_HEAD, *self._rows())]
        return "\n".join([*rows, "", self.advice])

    def refresh(self) -> None:
        """Show the cards as they are now."""
        rows = _table_row("th", _HEAD) + "".join(_table_row("td", row) for row in self._rows())
        self.widget.value = f"<table>{rows}</table>{status(self.advice)}"

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                card.title,
                str(len(card.recorded.split())),
                f"{card.ticked} of {len(card.points)}",
                card.rating or "none yet",
            )
            for card in self._cards.values()
        ]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle(self.widget, self.text)


def _table_row(tag: str, texts: Sequence[str]) -> str:
    cells = "".join(f'<{tag} style="{_CELL}">{html.escape(text)}</{tag}>' for text in texts)
    return f"<tr>{cells}</tr>"


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of `text`, each as one line without indentation."""
    blocks = cleandoc(text).split("\n\n")
    return [" ".join(block.split()) for block in blocks if block.strip()]


def spoken(text: str) -> str:
    """Return how long `text` is, in words and in seconds at WORDS_A_MINUTE."""
    words = len(text.split())
    return f"{words} words, {60 * words / WORDS_A_MINUTE:.0f} s at {WORDS_A_MINUTE} words a minute"


def side_by_side(answer: str, model: Sequence[str]) -> str:
    """Return both answers as HTML: two columns, on a narrow page one below the other."""
    yours = f'<p style="white-space:pre-wrap">{html.escape(answer)}</p>'
    theirs = "".join(f"<p>{inline(block)}</p>" for block in model)
    columns = (
        ("Your answer", "#595959", spoken(answer), yours),
        ("Model answer", "#0072B2", spoken(" ".join(model)), theirs),
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:24px;line-height:1.45">'
        + "".join(
            f'<div style="flex:1 1 300px;border-left:3px solid {colour};padding-left:12px">'
            f"<b>{name}</b> ({length}){text}</div>"
            for name, colour, length, text in columns
        )
        + "</div>"
    )

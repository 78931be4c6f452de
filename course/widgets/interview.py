"""A mock interview: three cards drawn, a clock for each, a rating of one's own, and only then the model answers."""

from __future__ import annotations

import asyncio
import html
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from course.widgets.cards import RATINGS, Card, side_by_side
from course.widgets.markup import WIDE, alert, bundle, inline, status

QUESTIONS = 3
ANSWER_SECONDS = 120
"""How long an answer may take."""

TICK_SECONDS = 1.0

NOT_WRITTEN = "(not written down)"

_START = "Start a mock interview"
_NEXT = ("Next question",) * (QUESTIONS - 1) + ("Rate my answers",)
_ANSWERS = "Show the model answers"


class Interview:
    """Asks questions of a deck, one at a time, with a clock. Display it as the last line of a cell.

    Parameters
    ----------
    cards : Mapping of str to Card
        Those to draw from, by title: `deck.cards`.
    draw : callable, optional
        Chooses the questions, as `random.sample` does.
    clock : callable, optional
        Seconds that go on by themselves.

    Attributes
    ----------
    asked : list of Card
        The cards of this interview.
    seconds : list of float
        How long each answer took.
    """

    def __init__(
        self,
        cards: Mapping[str, Card],
        draw: Callable[[list[Card], int], list[Card]] = random.sample,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cards, self._draw, self._clock = cards, draw, clock
        self.asked: list[Card] = []
        self.seconds: list[float] = []
        self._answers: list[str] = []
        self._since: float | None = None
        self._ticking: asyncio.Task[None] | None = None
        self.question = widgets.HTMLMath(layout=WIDE)
        self.time = widgets.HTML()
        self.text = widgets.Textarea(
            description="Your answer", placeholder="Say it aloud, or write it", rows=6,
            style={"description_width": "initial"}, layout={"width": "98%"},
        )  # fmt: skip
        self.ratings = [
            widgets.RadioButtons(options=RATINGS, value=None, layout={"width": "auto"}) for _ in range(QUESTIONS)
        ]
        self.button = widgets.Button(description=_START, layout={"width": "260px"})
        self.message = widgets.HTML()
        self.answers = widgets.HTMLMath(layout={"width": "98%"})
        self.button.on_click(self._press)
        # All parts are there from the start, since the keyboard's focus would be lost if some came and went.
        self.widget = widgets.VBox(
            [self.question, self.time, self.text, *self.ratings, self.button, self.message, self.answers]
        )
        self._show()

    def tick(self) -> None:
        """Show the time as it is now."""
        if self._since is None:
            self.time.value = ""
            return
        spent = self._clock() - self._since
        self.time.value = f'<p role="timer">{_minutes(spent)} of {_minutes(ANSWER_SECONDS)}</p>'
        if spent >= ANSWER_SECONDS and not self.message.value:
            self.message.value = status("The time is over. Finish your sentence, then go on.")

    def _press(self, _: object) -> None:
        if self.button.description in _NEXT:
            self._end_question()
        elif self.button.description == _ANSWERS:
            self._reveal()
        else:
            self._begin()

    def _begin(self) -> None:
        if len(self._cards) < QUESTIONS:
            self.message.value = alert(
                f"Run the cells of at least {QUESTIONS} cards first: the questions come from them."
            )
            return
        self.asked = self._draw(list(self._cards.values()), QUESTIONS)
        self.seconds, self._answers = [], []
        self.answers.value = ""
        for radio, card in zip(self.ratings, self.asked, strict=True):
            radio.description, radio.value = f"I rate “{card.title}”", None
        self._ask()

    def _ask(self) -> None:
        self.text.value, self.message.value = "", ""
        self._since = self._clock()
        self._show()
        if self._ticking is None or self._ticking.done():
            try:
                self._ticking = asyncio.get_running_loop().create_task(self._keep_time())
            except RuntimeError:  # no loop, so nobody looks at the clock
                self.tick()

    async def _keep_time(self) -> None:
        while self._since is not None:
            self.tick()
            await asyncio.sleep(TICK_SECONDS)

    def _end_question(self) -> None:
        assert self._since is not None
        self.seconds.append(self._clock() - self._since)
        self._answers.append(self.text.value.strip())
        if len(self.seconds) < QUESTIONS:
            self._ask()
            return
        self._since = None
        self.message.value = status(
            "Rate each answer now. The ratings are above the button; the model answers come after them."
        )
        self._show()

    def _reveal(self) -> None:
        if any(radio.value is None for radio in self.ratings):
            self.message.value = alert("Rate every answer first. The model answers come after that.")
            return
        rated = [str(radio.value) for radio in self.ratings]
        self.answers.value = "".join(map(_compared, self.asked, self._answers, self.seconds, rated))
        self.message.value = status("Below is each answer beside the model answer. Would you rate it the same now?")
        self._show()

    def _show(self) -> None:
        """Show the parts that belong to where the interview stands."""
        asking = self._since is not None
        rating = not asking and len(self.seconds) == QUESTIONS and not self.answers.value
        for part, visible in ((self.text, asking), *((radio, rating) for radio in self.ratings)):
            part.layout.display = "" if visible else "none"
        if asking:
            card = self.asked[len(self.seconds)]
            heading = f"Question {len(self.seconds) + 1} of {QUESTIONS}."
            self.question.value = f'<div role="status"><b>{heading}</b> {inline(card.question)}</div>'
            self.button.description = _NEXT[len(self.seconds)]
        else:
            self.question.value = "".join(map(_given, self.asked, self._answers)) if rating else ""
            self.button.description = _ANSWERS if rating else _START
        self.tick()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle(
            self.widget,
            f"Mock interview: {QUESTIONS} cards are drawn, each answer has {_minutes(ANSWER_SECONDS)} minutes; rate "
            "your answers, then see the model answers.",
        )


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _given(card: Card, answer: str) -> str:
    words = html.escape(answer or NOT_WRITTEN)
    return f'<p style="white-space:pre-wrap"><b>{inline(card.title)}.</b> {inline(card.question)}\n{words}</p>'


def _compared(card: Card, answer: str, seconds: float, rated: str) -> str:
    points = "".join(f"<li>{inline(point)}</li>" for point in card.points)
    return (
        f"<p><b>{inline(card.question)}</b><br>Your rating: {html.escape(rated)}. Time: {_minutes(seconds)}.</p>"
        + side_by_side(answer or NOT_WRITTEN, card.model)
        + f"<p>A good answer says:</p><ul>{points}</ul>"
    )

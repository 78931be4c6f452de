"""The start page: what is done in each lesson, what comes next, and a button that forgets it all."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ipywidgets as widgets
from IPython.display import DisplayHandle, display

from course.checks.scoring import GOOD
from course.progress import contents, store
from course.progress.contents import Lesson
from course.progress.store import Items, Value
from course.widgets import quiz
from course.widgets.markup import WIDE, alert, bundle, inline, remark, status

_CELL = "text-align:left;padding:2px 14px 2px 0"
_HEADS = ("Lesson", "Minutes", "Predictions", "Quiz", "Checks", "Cards", "State")
_OPEN = ("quiz questions", "cells of checks", "cards")

_WHAT_IS_KEPT = (
    "Predictions, quiz answers, ratings of cards and checks that passed are kept on this machine, in {}. Nothing of it "
    "leaves the machine or is part of what you submit."
)
_NOTHING_KEPT = "Here nothing is kept between sessions."


@dataclass(frozen=True)
class Tally:
    """How many things of one kind a lesson has, and how many are done."""

    done: int
    of: int

    def __str__(self) -> str:
        return f"{self.done} of {self.of}" if self.of else "–"


@dataclass(frozen=True)
class Row:
    """A lesson, and how far a student is with it."""

    lesson: Lesson
    predictions: Tally
    quiz: Tally
    checks: Tally
    cards: Tally

    @property
    def done(self) -> bool:
        """Whether nothing is left to do. A prediction is not asked for: it can only be made before a result is seen."""
        return all(tally.done == tally.of for tally in (self.quiz, self.checks, self.cards))

    @property
    def begun(self) -> bool:
        """Whether anything has been done."""
        return any(tally.done for tally in (self.predictions, self.quiz, self.checks, self.cards))

    @property
    def state(self) -> str:
        """In a word."""
        return "done" if self.done else "begun" if self.begun else "not begun"

    @property
    def still_open(self) -> str:
        """What is left to do, in words."""
        tallies = zip((self.quiz, self.checks, self.cards), _OPEN, strict=True)
        return ", ".join(f"{what}: {tally.of - tally.done}" for tally, what in tallies if tally.done < tally.of)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table, after the lesson's name."""
        return (str(self.lesson.minutes), *map(str, (self.predictions, self.quiz, self.checks, self.cards)), self.state)


class StartPage:
    """What is done and what comes next. Display it as the last line of a cell; run that again to bring it up to date.

    Attributes
    ----------
    rows : list of Row
        The lessons, as they stood when the page was made, or when Forget was pressed.
    """

    def __init__(self) -> None:
        self._store = store.here()
        self._shown: DisplayHandle | None = None
        self.button = widgets.Button(description="Forget my progress", layout={"width": "200px"})
        self.keep = widgets.Button(description="Keep it", layout={"width": "200px", "display": "none"})
        self.message = widgets.HTML(layout=WIDE)
        self.button.on_click(self._forget)
        self.keep.on_click(self._keep)
        self._sure = False
        self.widget = widgets.VBox([widgets.HBox([self.button, self.keep]), self.message])
        self._look()

    @property
    def next(self) -> Row | None:
        """The lesson to go on with: the first that is not done. None if all are."""
        return next((row for row in self.rows if not row.done), None)

    @property
    def advice(self) -> str:
        """What comes next, as plain text."""
        return self._advice(lambda lesson: lesson.title)

    @property
    def text(self) -> str:
        """The page as plain text."""
        rows = [" | ".join((row.lesson.title, *row.cells)) for row in self.rows]
        return "\n".join([self.advice, "", " | ".join(_HEADS), *rows, "", self._kept_where()])

    def _advice(self, name: Callable[[Lesson], str]) -> str:
        row = self.next
        if row is None:
            return "All lessons are done."
        if not row.begun:
            return f"Next: {name(row.lesson)}, {row.lesson.minutes} minutes."
        return f"Go on with: {name(row.lesson)}. Still open: {row.still_open}."

    def _look(self) -> None:
        """Read what is kept; show it, if the page is shown."""
        items = self._store.items()
        self.rows = [row_of(lesson, items) for lesson in contents.lessons()]
        if note := self._store.note():
            self.message.value += remark(note)
        if self._shown is not None:
            self._shown.update(self._page(), raw=True)

    def _kept_where(self) -> str:
        return _WHAT_IS_KEPT.format(self._store.folder) if self._store.keeps else _NOTHING_KEPT

    def _page(self) -> dict[str, str]:
        """Return the page. It is no widget: JupyterLab follows a link to another lesson here, and not in one."""
        head = "".join(_cell("th", head, ' scope="col"') for head in _HEADS)
        body = "".join(
            f'<tr><th scope="row" style="{_CELL};font-weight:normal">{_link(row.lesson)}</th>'
            f"{''.join(_cell('td', text) for text in row.cells[:-1])}{_state(row)}</tr>"
            for row in self.rows
        )
        page = (
            f"<p>{self._advice(_link)}</p><table><caption>Your progress</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{html.escape(self._kept_where())}</p>"
        )
        return {"text/html": page, "text/plain": self.text}

    def _forget(self, _: object) -> None:
        if self._sure:
            self._ask_again(False)
            self._store.forget()
            note = self._store.note()
            done = "Forgotten. Cells that have run show their answers until you run them again."
            self.message.value = alert(note) if note else status(done)
            self._look()
        else:
            self._ask_again(True)
            self.message.value = status(
                "This deletes all that is kept of your predictions, quizzes, cards and checks. Your notebooks stay as "
                "they are. Press the button once more to delete it, or “Keep it”."
            )

    def _keep(self, _: object) -> None:
        self._ask_again(False)
        self.message.value = status("Nothing has been deleted.")

    def _ask_again(self, sure: bool) -> None:
        self._sure = sure
        self.button.description = "Yes, forget it all" if sure else "Forget my progress"
        self.keep.layout.display = "" if sure else "none"

    def _ipython_display_(self) -> None:
        self._shown = display(self._page(), raw=True, display_id=True)
        if self._store.keeps:
            display(bundle(self.widget, "Forget my progress: a button, where a kernel runs."), raw=True)


def row_of(lesson: Lesson, items: Items) -> Row:
    """Return how far a student is with a lesson, by what was kept."""
    kept = items.get(lesson.name, {})

    def tally(kind: str, wanted: Sequence[str], done: Callable[[Value], bool]) -> Tally:
        values = kept.get(kind, {})
        return Tally(sum(done(values.get(item, {})) for item in wanted), len(wanted))

    return Row(
        lesson,
        tally("predictions", lesson.predictions, lambda value: "answer" in value),
        tally("quiz", quiz.items(lesson.name), lambda value: value.get("right") is True),
        tally("checks", [cell.item for cell in lesson.checks], lambda value: value.get("passed") is True),
        tally("cards", lesson.cards, lambda value: isinstance(value.get("rating"), str)),
    )


def _link(lesson: Lesson) -> str:
    return f'<a href="{lesson.name}.ipynb">{inline(lesson.title)}</a>'


def _state(row: Row) -> str:
    return _cell("td", f"✓ {row.state}" if row.done else row.state, looks=GOOD if row.done else _CELL)


def _cell(tag: str, text: str, more: str = "", *, looks: str = _CELL) -> str:
    return f'<{tag}{more} style="{looks}">{html.escape(text)}</{tag}>'

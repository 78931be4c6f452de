"""Quizzes: radio buttons, a check button, and feedback for each choice.

The verdict and feedback of a choice are stored sealed: combined with a key stream that is made from the
question's id and the choice's text. This hides the answers from a glance at the file, no more. A reader
of this module can open them; a quiz is not graded, so that is enough.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from course.progress.contents import item_id
from course.progress.kept import Kept
from course.widgets.markup import WIDE, bundle, inline, remark, status, verdict

FOLDER = Path(__file__).parents[1] / "quizzes"


@dataclass(frozen=True)
class Feedback:
    """What a choice is worth and what to say about it."""

    correct: bool
    feedback: str


def key_stream(question_id: str, choice: str, length: int) -> bytes:
    """Return `length` bytes that depend on the question's id and the choice's text."""
    return hashlib.shake_256(f"{question_id}\0{choice}".encode()).digest(length)


def unseal(question_id: str, choice: str, sealed: str) -> Feedback:
    """Return the verdict in `sealed` (base64 text), as `autograder.publish.quizzes` wrote it."""
    hidden = b64decode(sealed)
    key = key_stream(question_id, choice, len(hidden))
    fields = json.loads(bytes(a ^ b for a, b in zip(hidden, key, strict=True)))
    return Feedback(bool(fields["correct"]), str(fields["feedback"]))


class Question:
    """One question as a widget.

    Parameters
    ----------
    number : int
        Shown before the text.
    data : dict
        `id`, `text` (may hold LaTeX between dollar signs), and `choices`: a list of `text` and `sealed`.
    lesson : str
        Whose quiz it is.
    on_check : callable
        Called when an answer has been checked.

    Attributes
    ----------
    right : bool or None
        Whether the answer that was checked last is right; None before the first.
    """

    def __init__(self, number: int, data: dict[str, Any], lesson: str, on_check: Callable[[], None]) -> None:
        self._kept = Kept("quiz", *_texts(data), lesson=lesson)
        self._id: str = data["id"]
        self._sealed = {choice["text"]: choice["sealed"] for choice in data["choices"]}
        self.text = f"{number}. {data['text']}"
        self.radio = widgets.RadioButtons(options=list(self._sealed), value=None, layout=WIDE)
        self.button = widgets.Button(description=f"Check answer {number}")
        self.result = ""
        self.right: bool | None = None
        self._on_check = on_check
        self._announcement = widgets.HTMLMath(layout=WIDE)
        self.button.on_click(self._check)
        text = widgets.HTMLMath(f"<b>{number}.</b> {inline(data['text'])}", layout=WIDE)
        self.widget = widgets.VBox(
            [text, self.radio, self.button, self._announcement], layout=widgets.Layout(margin="0 0 14px 0")
        )
        choice = self._kept.value().get("choice")
        if isinstance(choice, str) and choice in self._sealed:  # chosen in an earlier session
            self.radio.value = choice
            self._judge(choice)
        elif note := self._kept.note():
            self._announcement.value = remark(note)

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers, in the order shown."""
        return tuple(self._sealed)

    def _check(self, _: object) -> None:
        if self.radio.value is None:
            self.result = "Choose an answer first."
            self._announcement.value = status(self.result)
            return
        right = self._judge(self.radio.value)
        self._kept.keep({"choice": self.radio.value, "right": right})
        self._announcement.value += remark(self._kept.note())
        self._on_check()

    def _judge(self, choice: str) -> bool:
        """Show what there is to say about a choice, and return whether it is right."""
        found = unseal(self._id, choice, self._sealed[choice])
        self.result = f"{'Right.' if found.correct else 'Not yet.'} {found.feedback}"
        self._announcement.value = verdict(self.result, found.correct)
        self.right = found.correct
        return found.correct


class Quiz:
    """The quiz of a lesson. Display it as the last line of a cell.

    Parameters
    ----------
    name : str
        Name of the lesson, as in `course/quizzes/NAME.json`.

    Raises
    ------
    ValueError
        If there is no such quiz; the message lists those there are.
    """

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        path = folder / f"{name}.json"
        if not path.is_file():
            known = ", ".join(sorted(p.stem for p in folder.glob("*.json"))) or "none"
            raise ValueError(f"there is no quiz {name!r}; quizzes: {known}")
        self.questions = [
            Question(number, entry, name, self._count) for number, entry in enumerate(_entries(path), start=1)
        ]
        self._tally = widgets.HTML(layout=WIDE)
        self._count()
        self.widget = widgets.VBox([*(question.widget for question in self.questions), self._tally])

    @property
    def tally(self) -> str:
        """How many answers are right so far."""
        checked = [question.right for question in self.questions if question.right is not None]
        left = len(self.questions) - len(checked)
        return f"{sum(checked)} of {len(self.questions)} right{f', {left} not checked yet' if left else ''}."

    def _count(self) -> None:
        done = all(question.right for question in self.questions)
        self._tally.value = verdict(self.tally, True) if done else status(self.tally)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        blocks = ["\n".join([q.text, *(f"   ( ) {choice}" for choice in q.choices)]) for q in self.questions]
        return bundle(self.widget, "\n\n".join(blocks))


def items(name: str) -> list[str]:
    """Return the ids that the answers to a lesson's quiz are kept under; none where there is no quiz."""
    path = FOLDER / f"{name}.json"
    return [item_id(*_texts(entry)) for entry in _entries(path)] if path.is_file() else []


def _entries(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["questions"])


def _texts(entry: dict[str, Any]) -> list[str]:
    """Return all that an answer to a question depends on."""
    return [entry["id"], entry["text"], *sorted(choice["text"] for choice in entry["choices"])]

"""Predict, then run: a student's guess is recorded and shown beside the result."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from course.progress.follow import follow_checks
from course.progress.kept import Kept
from course.widgets.markup import WIDE, alert, bundle, inline, remark, status, typeset, verdict

follow_checks()  # each lesson imports this before it has checks

_SET_APART = {"border_left": "4px solid #0072B2", "padding": "2px 12px"}
"""How what asks for something differs from what a run puts out, in both themes."""


class Prediction:
    """A question with a place for an answer, which is kept for later sessions. Display it as the last line of a cell.

    Parameters
    ----------
    question : str
        What to predict. May hold LaTeX between dollar signs.
    choices : sequence of str, optional
        Answers to choose from. Without them the answer is a number.

    Attributes
    ----------
    answer : str, float or None
        What was recorded, None before that.
    """

    def __init__(self, question: str, choices: Sequence[str] | None = None) -> None:
        self.question = question
        self.answer: str | float | None = None
        self._comparisons: list[Comparison] = []
        self._kept = Kept("predictions", question)
        self.field: Any = _number_field() if choices is None else _choice_field(choices)
        self.button = widgets.Button(description="Record my prediction", layout=widgets.Layout(width="190px"))
        self.message = widgets.HTML()
        self.button.on_click(self._record)
        text = widgets.HTMLMath(f"<b>Predict.</b> {inline(question)}", layout=WIDE)
        self.widget = widgets.VBox([text, self.field, self.button, self.message], layout=_SET_APART)
        self._restore(self._kept.value().get("answer"))

    def compare(self, result: str | float, tolerance: float = 0.0) -> Comparison:
        """Show the recorded answer beside `result`; a number agrees within `tolerance`.

        It works at any time: without an answer it says so, and it follows an answer that comes later.
        """
        comparison = Comparison(self, result, tolerance)
        self._comparisons.append(comparison)
        return comparison

    def _record(self, _: object) -> None:
        try:
            self.answer = _read(self.field)
        except ValueError as problem:
            self.message.value = alert(str(problem))
            return
        self._kept.keep({"answer": self.answer})
        self._show(self.answer)
        for comparison in self._comparisons:
            comparison.refresh()

    def _restore(self, answer: object) -> None:
        """Show what was recorded in an earlier session, if it can be an answer to this question."""
        fits = _fits(self.field, answer)
        if fits is not None:
            self.answer = fits
            self.field.value = fits if isinstance(fits, str) else f"{fits:.15g}"
            self._show(fits)
        else:
            self.message.value = remark(self._kept.note())

    def _show(self, answer: str | float) -> None:
        recorded = status(f"Recorded: {_in_words(answer)}. Now go on to the cells below.")
        self.message.value = recorded + remark(self._kept.note())

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle(self.widget, f"Predict. {self.question}")


class Comparison:
    """A prediction and the result, side by side."""

    def __init__(self, prediction: Prediction, result: str | float, tolerance: float) -> None:
        self._prediction, self._result, self._tolerance = prediction, result, tolerance
        self.widget = widgets.HTML()
        self.refresh()

    @property
    def text(self) -> str:
        """Both in one line of plain text."""
        answer = self._prediction.answer
        result = f"The run gives: {_in_words(self._result)}."
        if answer is None:
            return f"You recorded no prediction. {result}"
        verdict = "They agree." if self._agrees(answer) else "They differ: find out why before you go on."
        return f"You predicted: {_in_words(answer)}. {result} {verdict}"

    def refresh(self) -> None:
        """Show the answer as it is now."""
        answer = self._prediction.answer
        self.widget.value = status(self.text) if answer is None else verdict(self.text, self._agrees(answer))

    def _agrees(self, answer: str | float) -> bool:
        if isinstance(answer, str) or isinstance(self._result, str):
            return answer == self._result
        return math.isclose(answer, self._result, rel_tol=1e-12, abs_tol=self._tolerance)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle(self.widget, self.text)


def _number_field() -> widgets.Widget:
    return widgets.Text(description="a number", placeholder="for example 0.5")


def _choice_field(choices: Sequence[str]) -> widgets.Widget:
    return widgets.RadioButtons(options=list(choices), value=None, description="one of", layout=WIDE)


def _read(field: Any) -> str | float:
    if isinstance(field, widgets.RadioButtons):
        if field.value is None:
            raise ValueError("Choose one of the answers first.")
        return str(field.value)
    try:
        number = float(field.value.strip().replace(",", "."))
    except ValueError:
        raise ValueError(f"{field.value!r} is not a number. Type for example 0.5.") from None
    if not math.isfinite(number):
        raise ValueError("The prediction must be a finite number. Type for example 0.5.")
    return number


def _fits(field: Any, answer: object) -> str | float | None:
    """Return an answer that was kept, None if it can be none."""
    if isinstance(field, widgets.RadioButtons):
        return answer if isinstance(answer, str) and answer in field.options else None
    if isinstance(answer, int | float) and not isinstance(answer, bool) and abs(answer) <= sys.float_info.max:
        return float(answer)
    return None


def _in_words(value: str | float) -> str:
    return value if isinstance(value, str) else typeset(f"{value:.6g}")

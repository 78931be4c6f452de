"""Predict, then run: recording, comparing, and what happens when nobody answers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from ipywidgets import Widget

from course.progress.kept import Kept
from course.widgets.markup import typeset
from course.widgets.predict import Prediction


def test_without_an_answer_the_result_is_still_shown() -> None:
    comparison = Prediction("How many?").compare(0.25)
    assert comparison.text == "You recorded no prediction. The run gives: 0.25."


@pytest.mark.parametrize(("typed", "recorded"), [("0.25", 0.25), (" 1e-3 ", 0.001), ("0,5", 0.5), ("-2", -2.0)])
def test_a_number_is_recorded_and_shown_beside_the_result(typed: str, recorded: float) -> None:
    prediction = Prediction("How many?")
    prediction.field.value = typed
    prediction.button.click()
    assert prediction.answer == recorded
    text = prediction.compare(0.25).text
    assert typeset(f"You predicted: {recorded:g}.") in text
    assert ("They agree." in text) == (recorded == 0.25)


def test_a_prediction_is_set_apart_from_what_a_run_puts_out() -> None:
    prediction = Prediction("How many?")
    assert "solid" in prediction.widget.layout.border_left
    assert prediction.compare(1.0).widget.layout.border_left is None


def test_an_answer_that_comes_late_updates_the_comparison() -> None:
    prediction = Prediction("Which?", choices=["a", "b"])
    comparison = prediction.compare("b")
    prediction.field.value = "b"
    prediction.button.click()
    assert comparison.text == "You predicted: b. The run gives: b. They agree."
    assert comparison.text in comparison.widget.value


def test_numbers_agree_within_the_tolerance() -> None:
    prediction = Prediction("How many?")
    prediction.field.value = "0.3"
    prediction.button.click()
    assert "They agree." in prediction.compare(0.25, tolerance=0.06).text
    assert "They differ" in prediction.compare(0.25, tolerance=0.04).text


@pytest.mark.parametrize("typed", ["", "a lot", "nan", "inf", "1/4"])
def test_nonsense_is_refused_with_a_reason_and_the_field_stays_usable(typed: str) -> None:
    prediction = Prediction("How many?")
    prediction.field.value = typed
    prediction.button.click()
    assert prediction.answer is None
    assert 'role="alert"' in prediction.message.value
    assert "number" in prediction.message.value
    prediction.field.value = "2"
    prediction.button.click()
    assert prediction.answer == 2.0


def test_choosing_nothing_is_refused() -> None:
    prediction = Prediction("Which?", choices=["a", "b"])
    prediction.button.click()
    assert prediction.answer is None
    assert "Choose one" in prediction.message.value


def test_display_has_the_question_as_text() -> None:
    assert "How many?" in Prediction("How many?")._repr_mimebundle_()["text/plain"]


def test_a_question_cannot_smuggle_html() -> None:
    widget = Prediction("Is a<b and `x` < 3?").widget.children[0]
    assert "a&lt;b and <code>x</code> &lt; 3" in widget.value


def record(prediction: Prediction, answer: str) -> None:
    prediction.field.value = answer
    prediction.button.click()


def test_yesterdays_prediction_is_there_today(kept_in: Path) -> None:
    record(Prediction("How many?"), "0,125")
    record(Prediction("Which?", choices=["a", "b"]), "b")
    today = Prediction("How many?")
    assert (today.answer, today.field.value) == (0.125, "0.125")
    assert "Recorded: 0.125." in today.message.value
    assert "They agree." in today.compare(0.125).text
    assert Prediction("Which?", choices=["a", "b"]).field.value == "b"
    record(today, "3")
    assert Prediction("How many?").answer == 3.0


def test_a_changed_question_does_not_bring_back_the_old_answer(kept_in: Path) -> None:
    record(Prediction("How many?"), "1")
    record(Prediction("Which?", choices=["a", "b"]), "b")
    assert Prediction("How many, now?").answer is None
    assert Prediction("Which?", choices=["a", "c"]).answer is None
    assert Prediction("Which?").answer is None, "a number is asked for"
    assert Prediction("How many?", choices=["1"]).answer is None


@pytest.mark.parametrize("answer", [True, None, "1", [1.0], math.nan, math.inf, 10**400])
def test_an_answer_that_can_be_none_is_passed_over(answer: object, kept_in: Path) -> None:
    Kept("predictions", "How many?").keep({"answer": answer})
    assert Prediction("How many?").answer is None


def test_a_file_that_cannot_be_read_costs_one_line(kept_in: Path) -> None:
    kept_in.mkdir()
    (kept_in / "progress.json").write_text("{")
    first, second = Prediction("How many?"), Prediction("Which?", choices=["a"])
    assert "could not be read" in first.message.value
    assert second.message.value == ""
    (kept_in / "progress.json").mkdir()
    record(first, "1")
    assert "Recorded: 1." in first.message.value
    assert "it is no file" in first.message.value


@pytest.mark.parametrize("choices", [None, ["a", "b"]])
def test_a_prediction_opens_again_after_all_widgets_were_closed(choices: list[str] | None) -> None:
    Prediction("Which?", choices)
    Widget.close_all()
    assert Prediction("Which?", choices).widget.children

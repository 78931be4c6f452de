"""Predict, then run: recording, comparing, and what happens when nobody answers."""

from __future__ import annotations

import pytest
from ipywidgets import Widget

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


@pytest.mark.parametrize("choices", [None, ["a", "b"]])
def test_a_prediction_opens_again_after_all_widgets_were_closed(choices: list[str] | None) -> None:
    Prediction("Which?", choices)
    Widget.close_all()
    assert Prediction("Which?", choices).widget.children

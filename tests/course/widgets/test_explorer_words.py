"""The text below an explorer follows its dropdown; what is no explorer comes back as it is."""

from __future__ import annotations

import ipywidgets as widgets
import pytest

from course.widgets.explorer_words import with_words


def test_the_words_follow_the_dropdown_and_are_announced():
    dropdown = widgets.Dropdown(options=["tanh", "ReLU"], description="Activation:")
    explorer = widgets.VBox([widgets.HBox([dropdown])])
    shown = with_words(explorer, {"tanh": "bends <smoothly>", "ReLU": "has corners"}.__getitem__)
    assert shown.children[0] is explorer
    text = shown.children[1]
    assert 'role="status"' in text.value
    assert "tanh is chosen. bends &lt;smoothly&gt;" in text.value
    dropdown.value = "ReLU"
    assert "ReLU is chosen. has corners" in text.value


def test_a_choice_that_is_no_activation_is_told():
    dropdown = widgets.Dropdown(options=["swishy"], description="activation")
    assert "not the name of an activation" in with_words(dropdown, {}.__getitem__).children[1].value


@pytest.mark.parametrize("thing", [None, "text", widgets.Dropdown(options=["a"], description="data")])
def test_what_has_no_activation_dropdown_comes_back_as_it_is(thing):
    assert with_words(thing, str) is thing

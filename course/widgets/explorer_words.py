"""Puts the state of a student's explorer into words below it, for those who read a picture instead of looking at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from course.checks.beside.explorers import descendants, is_activation_dropdown
from course.widgets.markup import WIDE, inline


def with_words(explorer: Any, words: Callable[[str], str]) -> Any:
    """Return an explorer with a text below it that follows its activation dropdown.

    Parameters
    ----------
    explorer : Any
        What a student's `boundary_explorer` returned. If it is no widget, or has no dropdown called "activation", it
        comes back as it is.
    words : Callable[[str], str]
        What there is to see for the name of an activation, as text.
    """
    found = [part for part in descendants(explorer) if isinstance(part, widgets.Dropdown)]
    dropdown = next((part for part in found if is_activation_dropdown(part.description)), None)
    if dropdown is None:
        return explorer
    text = widgets.HTML(layout=WIDE)

    def show(_: Any = None) -> None:
        choice = str(dropdown.label)
        try:
            said = f"{choice} is chosen. {words(choice)}"
        except KeyError:
            said = f"{choice} is chosen, which is not the name of an activation here."
        text.value = (
            f'<p role="status" class="explorer-words" style="max-width:760px;line-height:1.4">'
            f"<b>In words.</b> {inline(said)}</p>"
        )

    dropdown.observe(show, "value")
    show()
    return widgets.VBox([explorer, text])

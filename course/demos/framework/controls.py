"""The controls of the demos: a label takes the room its text needs, and widths are in CSS pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets as widgets

# Plain data, of which each widget makes a model of its own: a shared one would end with `Widget.close_all()`.
_ROW = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "0 16px"}
_SNUG = {"description_width": "initial"}
_A_LETTER = 0.9
"""Its width at most, on average over a label, where that of a zero is 1."""
_TRACK_PX = 230
"""What a track is to have at least, with the number beside it."""


def slider(
    label: str, value: float, low: float, high: float, step: float, *, width: int, shown: str = ".2f"
) -> widgets.FloatSlider:
    """Return a slider from `low` to `high`; `shown` is the format of the number beside it."""
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=label, readout_format=shown, style=_SNUG,
        layout={"width": f"{width}px"},
    )  # fmt: skip


def count_slider(label: str, value: int, low: int, high: int, *, width: int) -> widgets.IntSlider:
    """Return a slider for the whole numbers from `low` to `high`."""
    return widgets.IntSlider(
        value=value, min=low, max=high, description=label, style=_SNUG, layout={"width": f"{width}px"}
    )


def number(label: str, value: float, step: float, *, width: int) -> widgets.FloatText:
    """Return a field for any number, with arrows that go by `step`."""
    return widgets.FloatText(value=value, step=step, description=label, style=_SNUG, layout={"width": f"{width}px"})


def menu(
    label: str, options: Sequence[Any], value: Any = None, *, width: int, aligned: bool = False
) -> widgets.Dropdown:
    """Return a menu.

    Parameters
    ----------
    label : str
    options : sequence of (str, object), or of str
        What it shows, with the value it stands for if that is another.
    value : object, optional
        The one that is chosen; without it the first.
    width : int
    aligned : bool
        Give the label the same room as in other aligned menus, whatever its text needs.
    """
    return widgets.Dropdown(
        options=options, description=label, style={} if aligned else _SNUG, layout={"width": f"{width}px"},
        **_chosen(value),
    )  # fmt: skip


def buttons(label: str, options: Sequence[Any], value: Any = None) -> widgets.ToggleButtons:
    """Return buttons of which one is pressed; see `menu`."""
    return widgets.ToggleButtons(options=options, description=label, style=_SNUG, **_chosen(value))


def tick(label: str, value: bool, *, margin: str | None = None) -> widgets.Checkbox:
    """Return a box to tick; `margin` is CSS."""
    return widgets.Checkbox(value=value, description=label, indent=False, layout={"width": "auto", "margin": margin})


def row(controls: Iterable[widgets.Widget]) -> widgets.HBox:
    """Return the controls beside each other, in as many lines as the page needs."""
    return widgets.HBox(list(controls), layout=_ROW)


def line_up(sliders: Sequence[widgets.Widget]) -> None:
    """Give sliders the room of the one that needs most, so that their tracks stand below each other."""
    if len(sliders) < 2:
        return
    label = f"{2 + _A_LETTER * max(len(slider.description) for slider in sliders):.1f}ch"
    widths = [slider.layout.width for slider in sliders]
    for slider in sliders:
        slider.style.description_width = label
        slider.layout.width = f"max({', '.join(dict.fromkeys(widths))}, {label} + {_TRACK_PX}px)"


def _chosen(value: Any) -> dict[str, Any]:
    return {} if value is None else {"value": value}  # without a value the widget chooses its first option

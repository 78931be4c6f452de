"""The state of a demo's controls, as the page can read it off its own side of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

SLIDERS = (widgets.FloatSlider, widgets.IntSlider)

_WITHIN = 0.01  # steps by which the page's value of a slider may differ from the kernel's, whose roundings differ


@dataclass(frozen=True)
class State:
    """Values of controls.

    Attributes
    ----------
    values : mapping of str to object
        What the page's models have, by their ids: the value, or the number of the chosen option.
    key : frozenset
        The same for two states that differ by roundings only.
    """

    values: Mapping[str, Any]
    key: frozenset[tuple[str, Any]]

    def after(self, slider: Any, value: float) -> State:
        """Return the state once a slider has been moved to a value."""
        name = slider.model_id
        key = self.key - {_entry(slider, self.values[name])} | {_entry(slider, value)}
        return State({**self.values, name: value}, key)


def state_of(controls: Iterable[Any]) -> State:
    """Return the state of controls."""
    values, key = {}, []
    for control in controls:
        trait = "index" if control.has_trait("index") else "value"
        values[control.model_id] = value = control.get_state([trait])[trait]
        key.append(_entry(control, value))
    return State(values, frozenset(key))


def _entry(control: Any, value: Any) -> tuple[str, Any]:
    if isinstance(control, SLIDERS):
        return control.model_id, round(value / control.step / _WITHIN)
    return control.model_id, repr(value)

"""Modules that take long to import; they are there before a notebook's first cell, and cost it no time."""

from __future__ import annotations

_SLOW_IMPORTS = {
    "ipywidgets": "ipywidgets",
    "matplotlib": "matplotlib.pyplot",
    "optim": "torch._dynamo",  # the first step of an optimizer imports it, in two seconds
    "sklearn": "sklearn.datasets",
}
"""Modules by the word with which a notebook asks for them."""


def slow_imports(text: str) -> tuple[str, ...]:
    """Return the modules worth importing before code runs: those that its text names."""
    return tuple(module for word, module in _SLOW_IMPORTS.items() if word in text)

"""Moves a student's widget, and notes what it shows each time, as plain data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython import display as ipython_display
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets.widgets import interaction
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from torch import nn

from course.checks.beside.contours import CHEAP_FIGURES, Array, close_figures_but, contours_as_data
from course.checks.scoring import describe

FIELD = torch.tensor(np.mgrid[-3:3:121j, -3:3:121j].T, dtype=torch.float32)
"""Points of the plane, shape (121, 121, 2), over which `_draw_on_field` draws; data of explorers lie inside."""


def moved_explorer(
    make: Callable[[Any], Any], data: Any, moves: int | None = None, others: Sequence[Any] = ()
) -> dict[str, Any]:
    """Make an explorer, choose one activation after the other in its dropdown, and return what it showed each time.

    While this runs, a simple function replaces the notebook's `plot_boundary`, so that the explorer is
    judged by itself; contours that it draws without `plot_boundary` count as well.

    Parameters
    ----------
    make : Callable[[Any], Any]
        The student's `boundary_explorer`
    data : Any
        For the explorer.
    moves : int, optional
        How many; without it all other options, then the first choice again.
    others : Sequence[Any], optional
        Data of further explorers, made before the first one is moved.

    Returns
    -------
    dict
        `returned`: class name of what came back; `is_widget`; `dropdowns`: description and options of each
        dropdown in it; `pictures`: after it was made, and after each move (without an activation dropdown none).
        A picture has `choice`; `contours`, the last filled ones drawn since the picture before, or None;
        `error`, what an output widget or the dropdown would report, or "";
        `stale`, whether an output widget that was written to before was written to again without being cleared;
        `layers`, the filled contour sets in the same axes; `axes`, those in the same figure; `foreign`, whether
        these axes belong to one of the others, or making those changed what this one shows; `visible`, whether the
        widget got anything new to show.
    """
    before = plt.get_fignums()
    try:
        with plt.rc_context(CHEAP_FIGURES), _watched(_namespace_of(make)) as watch, _shown_at_once(before):
            widget = make(data)
            dropdowns = [part for part in descendants(widget) if isinstance(part, widgets.Dropdown)]
            report = {
                "returned": type(widget).__name__,
                "is_widget": isinstance(widget, widgets.Widget),
                "dropdowns": [{"description": d.description, "options": list(d._options_labels)} for d in dropdowns],
                "pictures": [],
            }
            named = [dropdown for dropdown in dropdowns if is_activation_dropdown(dropdown.description)]
            if named:
                report["pictures"] = _pictures(make, named[0], widget, moves, others, watch)
            return report
    finally:
        close_figures_but(before)


def _pictures(
    make: Callable[[Any], Any],
    dropdown: widgets.Dropdown,
    widget: widgets.Widget,
    moves: int | None,
    others: Sequence[Any],
    watch: _Watch,
) -> list[dict[str, Any]]:
    pictures = [watch.picture(dropdown, widget, [])]
    kept = [make(other) for other in others]  # an explorer nobody refers to might be collected
    foreign, shared = watch.take_axes(), watch.touched(widget)
    order = np.roll(np.arange(len(dropdown.options)), -(dropdown.index or 0) - 1)
    for index in order[:moves]:
        watch.begin(widget)
        try:
            dropdown.index = int(index)
        except Exception as error:
            watch.error = describe(error)
        picture = watch.picture(dropdown, widget, foreign)
        pictures.append(picture | {"foreign": picture.get("foreign", False) or shared})
    del kept
    return pictures


def is_activation_dropdown(description: str) -> bool:
    """Tell whether a dropdown with this description is the one that chooses the activation."""
    return description.strip(" :").lower() == "activation"


class _Watch:
    """Sees what is drawn and where it is shown, from one picture to the next."""

    def __init__(self) -> None:
        self.drawn: list[ContourSet] = []
        self.entered: list[widgets.Output] = []
        self.cleared = False
        """Whether an output was cleared, or a picture in it replaced."""
        self.error = ""
        self._entered_before: list[widgets.Output] = []
        self._shown_before: list[Any] = []

    def begin(self, widget: Any) -> None:
        """Forget what was drawn so far, but not which outputs it was drawn into."""
        self._entered_before += self.entered
        self.drawn.clear()
        self.entered.clear()
        self.cleared = False
        self.error = ""
        self._shown_before = _contents(descendants(widget))

    def take_axes(self) -> list[Axes]:
        """Return the axes drawn into since the last picture."""
        return [contours.axes for contours in self.drawn]

    def touched(self, widget: Any) -> bool:
        """Tell whether a part of the widget was written to, or holds something new, since the last picture."""
        tree = list(descendants(widget))
        return any(part is output for part in tree for output in self.entered) or _contents(tree) != self._shown_before

    def picture(self, dropdown: widgets.Dropdown, widget: Any, foreign: Sequence[Axes]) -> dict[str, Any]:
        """Return the last filled contours and where they stand; then begin anew."""
        picture: dict[str, Any] = {"choice": dropdown.label, "contours": None, "error": self.error}
        filled = [contours for contours in self.drawn if contours.filled]
        if filled:
            ax = filled[-1].axes
            same = [c for c in (ax.collections if ax else []) if isinstance(c, ContourSet) and c.filled]
            picture |= {
                "contours": contours_as_data(filled[-1]),
                "layers": len(same),
                "axes": len(ax.figure.axes) if ax and ax.figure else 0,
                "foreign": any(ax is other for other in foreign),
            } | self._shown(list(descendants(widget)), ax)
        self.begin(widget)
        return picture

    def _shown(self, tree: Sequence[widgets.Widget], ax: Axes | None) -> dict[str, bool]:
        """Tell whether the widget got a new picture, and whether the old ones stay above it.

        It got one if it shows the figure itself, was written to, or holds something new. The old ones stay if an output
        is written to again and was not cleared.
        """
        canvas = ax.figure.canvas if ax and ax.figure else None
        replaced = any(part is canvas for part in tree) or _contents(tree) != self._shown_before
        written = [output for output in self.entered if any(part is output for part in tree)]
        again = any(output is old for output in written for old in self._entered_before)
        return {"visible": bool(written) or replaced, "stale": again and not replaced and not self.cleared}


def _contents(tree: Iterable[widgets.Widget]) -> list[Any]:
    """Return what the parts of a widget that can hold a picture hold."""
    return [
        part.outputs if isinstance(part, widgets.Output) else part.value
        for part in tree
        if isinstance(part, widgets.Output | widgets.Image | widgets.HTML)
    ]


def descendants(widget: Any) -> Iterator[widgets.Widget]:
    """Yield a widget and all that it contains, whatever the layout."""
    waiting, seen = [widget], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, widgets.Widget) and id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting += getattr(part, "children", ())


@contextmanager
def _watched(namespace: dict[str, Any]) -> Iterator[_Watch]:
    """Watch contours being drawn and output widgets being written to, and stand in for `plot_boundary`."""
    watch = _Watch()
    contourf, enter, leave = Axes.contourf, widgets.Output.__enter__, widgets.Output.__exit__

    def seen_contourf(ax: Axes, *args: Any, **kwargs: Any) -> Any:
        contours = contourf(ax, *args, **kwargs)
        watch.drawn.append(contours)
        return contours

    def seen_enter(output: widgets.Output) -> Any:
        watch.entered.append(output)
        return enter(output)

    def seen_exit(output: widgets.Output, kind: Any, error: Any, trace: Any) -> bool:
        leave(output, None, None, None)
        if isinstance(error, Exception):  # an output widget of a notebook shows an error and goes on
            watch.error = describe(error)
        return isinstance(error, Exception)

    with (
        mock.patch.object(Axes, "contourf", seen_contourf),
        mock.patch.object(widgets.Output, "__enter__", seen_enter),
        mock.patch.object(widgets.Output, "__exit__", seen_exit),
        mock.patch.dict(namespace, {"plot_boundary": _draw_on_field}),
        _clearing_seen(namespace, watch),
    ):
        yield watch


@contextmanager
def _clearing_seen(namespace: dict[str, Any], watch: _Watch) -> Iterator[None]:
    """Note when an output is cleared, in one of the ways there are.

    They are IPython's function (which `Output.clear_output` calls), a new value of `outputs`, and an update of what was
    displayed.
    """
    clear: Any = ipython_display.clear_output
    publisher: Any = None
    if InteractiveShell.initialized():
        publisher = InteractiveShell.instance().display_pub

    def seen_clear(*args: Any, **kwargs: Any) -> None:
        watch.cleared = True
        clear(*args, **kwargs)

    def seen_set(output: widgets.Output, name: str, value: Any) -> None:
        watch.cleared |= name == "outputs"
        object.__setattr__(output, name, value)

    names = {name: seen_clear for name, value in namespace.items() if value is clear}
    places = (ipython_display, interaction, sys.modules[widgets.Output.__module__])
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(namespace, names))
        for place in places:
            stack.enter_context(mock.patch.object(place, "clear_output", seen_clear))
        stack.enter_context(mock.patch.object(widgets.Output, "__setattr__", seen_set))
        if publisher is not None:
            publish = publisher.publish

            def seen_publish(*args: Any, **kwargs: Any) -> None:
                watch.cleared |= bool(kwargs.get("update"))
                publish(*args, **kwargs)

            stack.enter_context(mock.patch.object(publisher, "publish", seen_publish))
        yield


@contextmanager
def _shown_at_once(kept: Sequence[int]) -> Iterator[None]:
    """Let pyplot close what it shows, as it does in a notebook without `%matplotlib widget`, and draw no pixels."""
    if "ipympl" in plt.get_backend().lower() or "nbagg" in plt.get_backend().lower():
        yield
        return

    def show(*args: Any, **kwargs: Any) -> None:
        close_figures_but(kept)

    with mock.patch.object(plt, "show", show), mock.patch.object(interaction, "show_inline_matplotlib_plots", show):
        yield


def _draw_on_field(model: nn.Module, X: Array, y: Any, ax: Axes) -> ContourSet:
    """Stand in for `plot_boundary` while the explorer is tested."""
    with torch.no_grad():
        z = model(FIELD)[..., 0]
    return ax.contourf(FIELD[..., 0], FIELD[..., 1], z, levels=[-1e4, -1, 0, 1, 1e4])


def _namespace_of(make: Any) -> dict[str, Any]:
    """Return the variables of the notebook in which a function, or a class, was written."""
    for function in (make, make.__init__, type(make).__call__):
        namespace = getattr(function, "__globals__", None)
        if isinstance(namespace, dict):
            return namespace
    return vars(sys.modules["__main__"])

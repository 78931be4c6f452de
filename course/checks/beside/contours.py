"""What test cells ask of figures, widgets and networks beside the student's code: it all comes back as plain data."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import contextmanager
from typing import Any
from unittest import mock

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from ipywidgets.widgets import interaction
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba_array
from matplotlib.contour import ContourSet
from numpy.typing import NDArray
from torch import nn

from course.checks import describe

Array = NDArray[np.float64]

CHEAP_FIGURES: Any = {"figure.dpi": 30, "figure.max_open_warning": 0}
"""Nobody looks at the pictures of a test, and drawing many pixels takes most of its time."""

FIELD = torch.tensor(np.mgrid[-3:3:121j, -3:3:121j].T, dtype=torch.float32)
"""Points of the plane, shape (121, 121, 2), over which `_draw_on_field` draws; data of explorers lie inside."""


# Networks ----------------------------------------------------------------------------------------------


def network_state(model: nn.Module) -> dict[str, Any]:
    """Return what a function that only looks at a network leaves as it was.

    Returns
    -------
    dict
        ``layers``: name and class of each module; ``training``: mode of each module; ``hooks``: how many there are;
        ``trainable``: ``requires_grad`` of each parameter; ``gradients``: names of parameters that hold one;
        ``values``: parameters and buffers by name.
    """
    modules = dict(model.named_modules())
    return {
        "layers": {name: type(module).__name__ for name, module in modules.items()},
        "training": {name: bool(module.training) for name, module in modules.items()},
        "hooks": sum(len(hooks) for module in modules.values() for hooks in _hooks(module)),
        "trainable": {name: bool(p.requires_grad) for name, p in model.named_parameters()},
        "gradients": [name for name, p in model.named_parameters() if p.grad is not None],
        "values": {name: value.detach().clone() for name, value in model.state_dict().items()},
    }


def _hooks(module: nn.Module) -> tuple[Sized, ...]:
    return module._forward_hooks, module._forward_pre_hooks, module._backward_hooks


def state_after_call(function: Callable[..., Any], model: nn.Module, X: Array) -> dict[str, Any]:
    """Return `network_state` of a copy of the model after ``function(model, X)``, and the copy of X it was given."""
    model, X = copy.deepcopy(model), X.copy()
    function(model, X)
    return network_state(model) | {"X": X}


# Figures -----------------------------------------------------------------------------------------------


def drawn_boundary(plot: Callable[..., Any], model: nn.Module, X: Array, y: Any) -> dict[str, Any]:
    """Call ``plot(model, X, y, ax)`` with axes that are not pyplot's current ones, and return what it drew.

    Returns
    -------
    dict
        ``returned``: class name of what came back; ``contours``: `contours_as_data` of it, None if it is no contour
        set; ``in_axes``: whether it stands in the axes it was given; ``points``: `points_as_data` of these axes;
        ``view``: their limits (left, right, bottom, top); ``state``: `network_state` after the call, of the copy of
        the model that was used.
    """
    before, model = plt.get_fignums(), copy.deepcopy(model)
    try:
        with plt.rc_context(CHEAP_FIGURES):
            ax = plt.figure().add_subplot()
            plt.figure()  # what is drawn by plt without a thought lands here
            contours = plot(model, X, y, ax)
            drawn = isinstance(contours, ContourSet)
            return {
                "returned": type(contours).__name__,
                "contours": contours_as_data(contours) if drawn else None,
                "in_axes": drawn and contours in ax.collections,
                "points": points_as_data(ax),
                "view": [*sorted(ax.get_xlim()), *sorted(ax.get_ylim())],
                "state": network_state(model),
            }
    finally:
        _close_figures_but(before)


def contours_as_data(contours: ContourSet) -> dict[str, Any]:
    """Return a contour set as plain data.

    Returns
    -------
    dict
        ``filled``; ``levels``: ascending; ``extend``: "neither", "min", "max" or "both"; ``bands``: for each band
        between two levels (and below and above all, as far as it extends) the rings around it, arrays of shape (n, 2).
        A place is in a band if it lies within an odd number of its rings.
    """
    return {
        "filled": bool(contours.filled),
        "levels": [float(level) for level in contours.levels],
        "extend": str(contours.extend),
        "bands": [[np.array(ring, dtype=float) for ring in rings] for rings in contours.allsegs],
    }


def points_as_data(ax: Axes) -> tuple[Array, Array]:
    """Return positions (n, 2) and colours (n, 4; red, green, blue, alpha) of all markers in the axes, lowest first."""
    places, colours = [np.empty((0, 2))], [np.empty((0, 4))]
    for collection in ax.collections:
        if isinstance(collection, PathCollection):
            collection.update_scalarmappable()
            offsets: Array = np.ma.filled(np.ma.asarray(collection.get_offsets(), dtype=float), np.nan)
            places.append(offsets)
            colours.append(_repeated(collection.get_facecolor(), collection.get_edgecolor(), len(offsets)))
    for line in ax.lines:
        if line.get_marker() not in ("None", None, "", " "):
            xy = np.asarray(line.get_xydata(), dtype=float)
            places.append(xy)
            colours.append(_repeated(line.get_markerfacecolor(), line.get_markeredgecolor(), len(xy)))
    return np.concatenate(places), np.concatenate(colours)


def _repeated(face: Any, edge: Any, count: int) -> Array:
    """Return a colour for each of ``count`` markers: that of the face, or of the edge where faces are empty."""
    colours = to_rgba_array(face)
    if not len(colours) or not colours[:, 3].any():
        colours = to_rgba_array(edge)
    return np.resize(colours, (count, 4)) if len(colours) else np.zeros((count, 4))


def _close_figures_but(numbers: Sequence[int]) -> None:
    """Close pyplot's figures except these, or they would all be shown below the test cell."""
    for number in set(plt.get_fignums()) - set(numbers):
        plt.close(number)


# Explorers ---------------------------------------------------------------------------------------------


def moved_explorer(
    make: Callable[[Any], Any], data: Any, moves: int | None = None, others: Sequence[Any] = ()
) -> dict[str, Any]:
    """Make an explorer, choose one activation after the other in its dropdown, and return what it showed each time.

    While this runs, a simple function stands in the place of the notebook's ``plot_boundary``, so that the explorer is
    judged by itself; contours that it draws without ``plot_boundary`` count as well.

    Parameters
    ----------
    make : the student's ``boundary_explorer``
    data : for the explorer
    moves : how many; without it all other options, then the first choice again
    others : data of further explorers, made before the first one is moved

    Returns
    -------
    dict
        ``returned``: class name of what came back; ``is_widget``; ``dropdowns``: description and options of each
        dropdown in it; ``pictures``: after it was made, and after each move (without an activation dropdown none).
        A picture has ``choice``; ``contours``, the last filled ones drawn since the picture before, or None;
        ``error``, what an output widget or the dropdown would report, or "";
        ``layers``, the filled contour sets in the same axes; ``axes``, those in the same figure; ``foreign``, whether
        these axes belong to one of the others; ``visible``, whether the widget got anything new to show.
    """
    before = plt.get_fignums()
    try:
        with plt.rc_context(CHEAP_FIGURES), _watched(_namespace_of(make)) as watch, _shown_at_once(before):
            widget = make(data)
            tree = list(_descendants(widget))
            dropdowns = [part for part in tree if isinstance(part, widgets.Dropdown)]
            report = {
                "returned": type(widget).__name__,
                "is_widget": isinstance(widget, widgets.Widget),
                "dropdowns": [{"description": d.description, "options": list(d._options_labels)} for d in dropdowns],
                "pictures": [],
            }
            named = [dropdown for dropdown in dropdowns if is_activation_dropdown(dropdown.description)]
            if named:
                report["pictures"] = _pictures(make, named[0], tree, moves, others, watch)
            return report
    finally:
        _close_figures_but(before)


def _pictures(
    make: Callable[[Any], Any],
    dropdown: widgets.Dropdown,
    tree: Sequence[widgets.Widget],
    moves: int | None,
    others: Sequence[Any],
    watch: _Watch,
) -> list[dict[str, Any]]:
    pictures = [watch.picture(dropdown, tree, [])]
    kept = [make(other) for other in others]  # an explorer nobody refers to might be collected
    foreign = watch.take_axes()
    order = np.roll(np.arange(len(dropdown.options)), -(dropdown.index or 0) - 1)
    for index in order[:moves]:
        watch.begin(tree)
        try:
            dropdown.index = int(index)
        except Exception as error:
            watch.error = describe(error)
        pictures.append(watch.picture(dropdown, tree, foreign))
    del kept
    return pictures


def is_activation_dropdown(description: str) -> bool:
    """Whether a dropdown with this description is the one that chooses the activation."""
    return description.strip(" :").lower() == "activation"


class _Watch:
    """Sees what is drawn and where it is shown, from one picture to the next."""

    def __init__(self) -> None:
        self.drawn: list[ContourSet] = []
        self.entered: list[widgets.Output] = []
        self.error = ""
        self._shown_before: list[Any] = []

    def begin(self, tree: Sequence[widgets.Widget]) -> None:
        """Forget what was drawn so far."""
        self.drawn.clear()
        self.entered.clear()
        self.error = ""
        self._shown_before = _contents(tree)

    def take_axes(self) -> list[Axes]:
        """Return the axes drawn into since the last picture."""
        return [contours.axes for contours in self.drawn]

    def picture(
        self, dropdown: widgets.Dropdown, tree: Sequence[widgets.Widget], foreign: Sequence[Axes]
    ) -> dict[str, Any]:
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
                "visible": self._visible(tree, ax),
            }
        self.begin(tree)
        return picture

    def _visible(self, tree: Sequence[widgets.Widget], ax: Axes | None) -> bool:
        """Whether the widget shows the figure itself, was written to, or holds something new."""
        canvas = ax.figure.canvas if ax and ax.figure else None
        written = any(part is output for part in tree for output in self.entered)
        return written or any(part is canvas for part in tree) or _contents(tree) != self._shown_before


def _contents(tree: Sequence[widgets.Widget]) -> list[Any]:
    """Return what the parts of a widget that can hold a picture hold."""
    return [
        part.outputs if isinstance(part, widgets.Output) else part.value
        for part in tree
        if isinstance(part, widgets.Output | widgets.Image | widgets.HTML)
    ]


def _descendants(widget: Any) -> Iterator[widgets.Widget]:
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
    """Watch contours being drawn and output widgets being written to, and stand in for ``plot_boundary``."""
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
    ):
        yield watch


@contextmanager
def _shown_at_once(kept: Sequence[int]) -> Iterator[None]:
    """Let pyplot close what it shows, as it does in a notebook without ``%matplotlib widget``, and draw no pixels."""
    if "ipympl" in plt.get_backend().lower() or "nbagg" in plt.get_backend().lower():
        yield
        return

    def show(*args: Any, **kwargs: Any) -> None:
        _close_figures_but(kept)

    with mock.patch.object(plt, "show", show), mock.patch.object(interaction, "show_inline_matplotlib_plots", show):
        yield


def _draw_on_field(model: nn.Module, X: Array, y: Any, ax: Axes) -> ContourSet:
    """Stand in for ``plot_boundary`` while the explorer is tested."""
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

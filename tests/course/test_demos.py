"""What every demo must do: each control moves it, bad input leaves it usable, and it can be read without a kernel."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.collections import Collection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.testing.compare import compare_images

from course import style
from course.demos import all_demos
from course.demos.framework.base import Demo
from course.demos.framework.state import SLIDERS
from course.demos.framework.stills import DPI, FOLDER, write_stills
from tests.support.page import StubPage

DEMOS = all_demos()
every_demo = pytest.mark.parametrize("name", sorted(DEMOS))


@pytest.fixture(autouse=True)
def _widgets_closed() -> Iterator[None]:
    """Close all widgets after each test, as a student may to get rid of those of a page: a demo opens all the same."""
    yield
    widgets.Widget.close_all()


def artist_data(demo: Demo) -> bytes:
    """The data of every visible artist and the axes' limits, as bytes to compare."""
    parts: list[Any] = []
    for axes in demo.canvas.figure.axes:
        parts += [axes.get_xlim(), axes.get_ylim()]
        for artist in axes.get_children():
            if not artist.get_visible():
                continue
            if isinstance(artist, Line2D):
                parts.append(np.asarray(artist.get_xydata(), dtype=float))
            elif isinstance(artist, Polygon):
                parts.append(artist.get_xy())
            elif isinstance(artist, AxesImage | Collection):
                parts.append(np.ma.filled(np.ma.asarray(artist.get_array(), dtype=float), np.nan))
    return b"".join(np.asarray(part, dtype=float).tobytes() for part in parts)


def other_values(control: Any) -> Iterator[Any]:
    """Values to move a control to: both ends and the middle of a slider, each option, another number."""
    if isinstance(control, widgets.Checkbox | widgets.ToggleButton):
        yield not control.value
        yield control.value
    elif isinstance(control, widgets.FloatSlider | widgets.IntSlider):
        span = control.max - control.min
        yield from (control.min, control.max, type(control.value)(control.min + span / 3))
    elif isinstance(control, widgets.Dropdown | widgets.RadioButtons | widgets.ToggleButtons):
        yield from (option[1] if isinstance(option, tuple) else option for option in control.options)
    elif isinstance(control, widgets.FloatText | widgets.IntText):
        yield from (control.value - 1, control.value + 1)
    else:
        raise NotImplementedError(f"say here how to move a {type(control).__name__}")


def test_demos_are_found() -> None:
    assert {"activation_explorer", "zigzag"} <= set(DEMOS)


@every_demo
def test_every_control_moves_the_picture_and_the_readout(name: str) -> None:
    demo = DEMOS[name]()
    for label, control in demo.controls.items():
        start = control.value
        picture, words = {artist_data(demo)}, {demo.readout + demo.alt_text}
        for value in list(other_values(control)):
            control.value = value
            assert demo.error == "", label
            picture.add(artist_data(demo))
            words.add(demo.readout + demo.alt_text)
        assert len(picture) > 1, f"{label}: no artist changed"
        assert len(words) > 1, f"{label}: neither readout nor alt text changed"
        control.value = start


@every_demo
def test_a_move_costs_one_picture_and_no_new_artist(name: str) -> None:
    demo = DEMOS[name]()
    page = StubPage.of(demo)
    artists = {id(a) for axes in demo.canvas.figure.axes for a in axes.get_children()}
    slider = next(c for c in demo.controls.values() if isinstance(c, widgets.FloatSlider | widgets.IntSlider))
    before = page.pictures
    slider.value = slider.max
    assert page.pictures == before + 1
    assert {id(a) for axes in demo.canvas.figure.axes for a in axes.get_children()} == artists


@every_demo
def test_what_the_page_gets_adds_up_to_the_figure(name: str) -> None:
    """Changes laid over each other are what is drawn when all of the figure is drawn anew."""
    demo = DEMOS[name]()
    page = StubPage.of(demo)
    for control in demo.controls.values():
        if isinstance(control, SLIDERS):
            for value in (control.min, control.max):
                control.value = value
    shown = page.picture
    demo.canvas.invalidate()
    demo.canvas.refresh()
    np.testing.assert_array_equal(shown, page.picture)


@every_demo
def test_what_is_shown_has_labels_the_palette_a_picture_and_text(name: str) -> None:
    demo = DEMOS[name]()
    for control in demo.controls.values():
        assert control.description.strip()
    allowed = {*style.PALETTE, style.GREY, style.PALE}
    for axes in demo.canvas.figure.axes:
        assert {line.get_color() for line in axes.lines} <= allowed
    data, metadata = demo._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == demo.widget.model_id
    assert demo.readout in data["text/plain"]
    assert metadata["image/png"]["alt"] == demo.alt_text
    assert len(demo.alt_text.split()) >= 10


@every_demo
def test_numbers_are_never_broken_and_sentences_may_be(name: str) -> None:
    demo = DEMOS[name]()
    readout = re.search(
        r'<pre [^>]*class="demo-readout"[^>]*white-space:pre;[^>]*>(.*)</pre>', words_of(demo), re.DOTALL
    )
    assert readout is not None
    for line in readout[1].splitlines():
        assert line.endswith(".") is False, "a sentence is cut off where the page is narrow"
        assert ("pre-wrap" in line) == line.endswith(".</span>")
    shown = html.unescape(re.sub("<[^>]+>", "", readout[1]))
    assert shown == demo.readout.replace("`", "")


def words_of(demo: Demo) -> str:
    """What stands below the figure, as HTML."""
    return str(demo.words.value)


def test_stills_are_up_to_date(tmp_path: Path) -> None:
    """Compared with a tolerance: another FreeType shifts letters by a fraction of a pixel."""
    written = write_stills(tmp_path)
    assert sorted(p.name for p in written) == sorted(p.name for p in FOLDER.glob("*.png"))
    for path in written:
        difference = compare_images(str(FOLDER / path.name), str(path), tol=8)
        assert difference is None, f"run python -m course.demos.framework.stills\n{difference}"


def test_a_still_is_the_same_bytes_each_time() -> None:
    kind = DEMOS["activation_explorer"]
    assert kind().png(DPI) == kind().png(DPI)

"""A demo in Notebook 7, which takes arrow keys for itself, on a narrow page, and in the dark theme."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.support.lab import START_SECONDS, LabServer

pytestmark = pytest.mark.browser

IDLE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"

UNBROKEN = """lines => {
    const readout = document.querySelector(".demo-readout"), height = parseFloat(getComputedStyle(readout).lineHeight);
    const scrolls = readout.scrollWidth > readout.clientWidth && readout.clientWidth <= 160;
    return scrolls && Math.round(readout.scrollHeight / height) === lines;
}"""
"""Whether the readout scrolls sideways, in as many lines as before."""
BESIDE = """() => {
    const [figure, words] = [".demo-figure", ".demo-readout"].map(part => document.querySelector(part));
    return figure.getBoundingClientRect().right < words.getBoundingClientRect().left;
}"""
"""Whether the words stand to the right of the figure."""


def test_sliders_have_names_and_keep_their_keys_readouts_their_lines_figures_follow_the_theme(
    window: BrowserContext, lab_server: LabServer, write_notebook: Callable[..., str]
) -> None:
    path = write_notebook("notebook7.ipynb", "from course.demos.one_neuron import OneNeuron\nOneNeuron()")
    page = window.new_page()
    page.set_default_timeout(START_SECONDS * 1000)
    page.goto(f"{lab_server.url}/notebooks/{path}")
    page.wait_for_function(IDLE)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    handle = page.get_by_role("slider", name="weight w", exact=True)
    handle.click()  # as by mouse; from then on the keys are the slider's
    shown = page.locator(".widget-slider", has=handle).locator(".widget-readout")
    seen = [shown.inner_text()]
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"):
        page.keyboard.press(key)
        seen.append(shown.inner_text())
    moves = [number(after) - number(before) for before, after in itertools.pairwise(seen)]
    assert [move > 0 for move in moves] == [False, True, True, False, True, False, False, True]
    assert 0.0 not in moves
    names = [one.get_attribute("aria-label") for one in page.locator(".demo .noUi-handle").all()]
    assert all(names)
    assert len(set(names)) == len(names)

    # Where there is room, the words stand beside the figure. Where there is none, numbers are scrolled: none is broken.
    readout = page.locator(".demo-readout")
    lines = len(readout.inner_text().splitlines())
    page.locator(".demo").evaluate("demo => { demo.style.width = '1500px'; }")
    page.wait_for_function(BESIDE)
    page.locator(".demo").evaluate("demo => { demo.style.width = '160px'; }")
    # Awaited: while the words follow the last key, the element is a new one.
    page.wait_for_function(UNBROKEN, arg=lines)
    # The figure follows the theme.
    look = "() => getComputedStyle(document.querySelector('canvas.demo-figure')).filter"
    assert page.evaluate(look) == "none"
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert "invert" in page.evaluate(look)
    page.close()


def number(text: str) -> float:
    return float(text.replace("−", "-"))

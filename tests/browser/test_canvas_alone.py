"""The canvas of a demo in a page without a kernel: as a saved page has it, and after the kernel was restarted."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from course.demos.framework.canvas import PixelCanvas
from course.demos.framework.wire import pack

pytestmark = pytest.mark.browser

CELLS = """<div class="jp-Notebook">
<div class="jp-Cell jp-MarkdownCell"><div class="jp-RenderedMarkdown">
<img src="http://localhost/images/one.png" width="50" height="50"></div></div>
<div class="jp-Cell"><div class="demo" id="here"></div></div></div>"""
START = """async source => {
    const widget = (await import('data:text/javascript,' + encodeURIComponent(source))).default();
    const off = () => {};
    window.slider = {
        comm_live: true, attributes: {value: 0, step: 1}, on: (_, moved) => { window.moved = moved; }, off,
        get: key => ({value: window.at, step: 1, _model_name: 'FloatSliderModel'})[key],
    };
    window.at = 0;
    const model = {
        get: key => ({label: 'a figure', css_width: 8, stills: ['one']})[key], send: off, off,
        on: (_, receive) => { window.receive = receive; },
        widget_manager: {get_model: async () => window.slider},
    };
    widget.initialize({model});
    widget.render({model, el: document.getElementById('here')});
}"""
TELL = """([message, text]) => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    window.receive(message, [new DataView(bytes.buffer)]);
}"""
FIRST_PIXEL = "[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 1, 1).data]"
MOVE = "to => { window.at = to; window.moved(); }"


def tell(page: Page, message: dict[str, object], colour: Sequence[int]) -> None:
    """Give the page what a kernel would send: a picture of 8 by 4 pixels of one colour."""
    pixels = np.full((4, 8), np.array([*colour, 255], dtype=np.uint8).view(np.uint32)[0])
    packed = bytes(pack(pixels, np.ones(pixels.shape, dtype=np.bool_)))
    page.evaluate(TELL, [message, base64.b64encode(packed).decode()])


def test_the_still_is_open_until_a_picture_comes_and_a_dead_slider_moves_none(window: BrowserContext) -> None:
    page = window.new_page()
    page.set_content(CELLS)
    page.evaluate(START, str(PixelCanvas._esm))
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
    picture, canvas = page.locator("img"), page.locator("canvas")
    expect(canvas).to_be_hidden()
    expect(picture).to_be_visible()
    assert page.locator(".demo-still").count() == 0

    tell(page, {"still": [8, 4]}, (255, 255, 255))
    red, green = (200, 0, 0), (0, 200, 0)
    tell(page, {"now": 1, "state": {"slider": 0}, "drop": []}, red)
    tell(page, {"ahead": 2, "state": {"slider": 1}, "drop": []}, green)
    expect(canvas).to_be_visible()
    expect(picture).to_be_hidden()
    expect(canvas).to_have_attribute("data-kept", "2")

    page.evaluate(MOVE, 1)
    page.wait_for_function(f"{FIRST_PIXEL}[1] === 200")
    page.evaluate("window.slider.comm_live = false")  # what JupyterLab does when a kernel restarts
    page.evaluate(MOVE, 0)
    page.wait_for_timeout(300)
    assert page.evaluate(FIRST_PIXEL) == [*green, 255]
    page.close()

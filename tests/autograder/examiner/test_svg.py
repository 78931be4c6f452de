"""Of a student's drawing only shapes and text are left."""

from __future__ import annotations

import io
import re

import matplotlib.pyplot as plt
import pytest
from defusedxml.ElementTree import fromstring

from autograder.examiner.svg import MAX_ELEMENTS, MAX_SVG_BYTES, BadDrawing, clean_svg
from tests.autograder.examiner.drawn import svg

ATTACKS = {
    "onload": "<g onload='alert(1)'/>",
    "script": "<script>alert(1)</script>",
    "script by address": "<script href='https://example.org/a.js'/>",
    "page in it": "<foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml' src='alert(1)'/></foreignObject>",
    "other namespace": "<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>",
    "animated address": "<a><animate attributeName='href' values='javascript:alert(1)'/><text>x</text></a>",
    "set": "<set attributeName='onmouseover' to='alert(1)'/>",
    "link": "<a href='javascript:alert(1)'><text>x</text></a>",
    "old link": "<a xmlns:x='http://www.w3.org/1999/xlink' x:href='javascript:alert(1)'><text>x</text></a>",
    "picture": "<image href='https://example.org/a.png'/>",
    "use": "<use href='https://example.org/a.svg#x'/>",
    "use of data": "<use href='data:image/svg+xml,&lt;svg onload=alert(1)/&gt;#x'/>",
    "fill": "<path fill='url(https://example.org/a.svg#x)'/>",
    "fill that is escaped": "<path style='fill: u\\72l(https://example.org)'/>",
    "style sheet": "<style>@import url(https://example.org/a.css);</style>",
    "style": "<path style='background: url(https://example.org/a.png)'/>",
    "image set": "<path style='background: image-set(\"https://example.org/a.png\" 1x)'/>",
    "filter": "<filter id='f'><feImage href='https://example.org/a.png'/></filter>",
    "base": "<g xml:base='https://example.org/'/>",
}


def no_picture(address: str) -> str:
    raise ValueError(address)


def clean(content: bytes) -> str:
    return clean_svg(content, no_picture).decode()


@pytest.mark.parametrize("inside", ATTACKS.values(), ids=ATTACKS)
def test_attack_is_gone(inside: str) -> None:
    cleaned = clean(svg(inside + "<circle r='3'/>"))
    assert '<circle r="3"' in cleaned
    assert not re.search(r"alert|example\.org|<script|<iframe|\bon\w+=", cleaned)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg", "not a drawing"),
        (b"<html><body/></html>", "not a drawing"),
        (svg("<g>" * 200 + "</g>" * 200), "too many parts"),
        (svg("<g/>" * (MAX_ELEMENTS + 1)), "too many parts"),
        (svg("<!--" + "x" * MAX_SVG_BYTES + "-->"), "larger than 4 MiB"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("<text>&a;</text>"), "not a drawing"),
        (b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("<text>&a;</text>"), "not a drawing"),
        (svg("<g " + "\x01" + "/>"), "not a drawing"),
    ],
    ids=["cut off", "HTML", "deep", "many", "large", "entity", "file", "control character"],
)
def test_what_cannot_be_read_says_so(content: bytes, said: str) -> None:
    with pytest.raises(BadDrawing, match=said):
        clean(content)


def test_a_figure_keeps_its_lines_labels_and_pictures() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="#123456", label="my line")
    left.legend()
    right.imshow([[0, 1], [1, 0]])
    file = io.BytesIO()
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format="svg")
    plt.close(figure)
    cleaned = clean_svg(file.getvalue(), lambda address: f"data:image/png;base64,{len(address)}")
    root = fromstring(cleaned)
    before = fromstring(file.getvalue())
    kept = [len(list(tree.iter("{http://www.w3.org/2000/svg}path"))) for tree in (before, root)]
    assert kept[0] == kept[1] > 10
    assert b"my line" in cleaned
    assert b"#123456" in cleaned
    assert b"data:image/png;base64," in cleaned
    assert b"clip-path" in cleaned


def test_a_drawing_as_html_has_it_is_a_file_of_its_own() -> None:
    assert clean(b"<svg width='5'><text>a</text></svg>") == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="5"><text>a</text></svg>'
    )

"""Nothing that students write may run in the browser of those who read it."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import strip_files_prefix

from autograder.examiner.pictures import MAX_TEXT_TOGETHER, Pictures
from autograder.examiner.sanitise import (
    MAX_FORMULA_MARKS,
    MAX_MARKDOWN_CHARACTERS,
    MAX_SOURCE_CHARACTERS,
    bound_sources,
    sanitise_cell,
    sanitise_markdown,
    sanitise_outputs,
)
from tests.autograder.examiner.drawn import gif, png, svg

HARMLESS_TAGS = set(
    "p a em strong del code pre div span h1 h2 h3 h4 h5 h6 ul ol li blockquote table thead tbody tr th td hr br img "
    "dl dt dd input".split()
)
HARMLESS_SCHEMES = ("http:", "https:", "mailto:", "attachment:")
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[\w+/]+={0,2}", re.ASCII)


class Active(HTMLParser):
    """Collects what in a page could run or fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HARMLESS_TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "src"):
                target = re.sub(r"[\t\n\r]", "", (value or "").strip("".join(map(chr, range(33))))).lower()
                scheme = re.match(r"[a-z][a-z0-9+.-]*:", target)
                if name == "src" and tag == "img" and PICTURE.fullmatch(value or ""):
                    continue
                if scheme and scheme[0] not in HARMLESS_SCHEMES:
                    self.found.append(f"{tag} {name}={value}")
                if name == "src":
                    self.found.append(f"{tag} {name}={value}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)

    def handle_pi(self, data: str) -> None:
        self.found.append(data)


def rendered(markdown: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
    """Return what nbgrader's feedback makes of Markdown."""
    renderer = IPythonRenderer(escape=False, attachments=attachments or {})
    return strip_files_prefix(MarkdownWithMath(renderer=renderer).render(markdown))


def page_of(markdown: str) -> str:
    """Return what nbgrader's feedback makes of a student's Markdown cell."""
    cell = nbformat.v4.new_markdown_cell(markdown)
    sanitise_cell(cell, Pictures())
    return rendered(cell.source, cell.get("attachments"))


ATTACKS = {
    "script": "<script>alert(1)</script>",
    "handler": '<img src=x onerror="alert(1)">',
    "iframe": "<iframe src=https://example.org></iframe>",
    "svg": "<svg/onload=alert(1)>",
    "comment": "<!-- --><script>alert(1)</script>",
    "tag over two lines": "<img\nsrc=x\nonerror=alert(1)>",
    "in a formula": "$<script>alert(1)</script>$",
    "in a formula block": "\\begin{align}<script>alert(1)</script>\\end{align}",
    "in a heading": "# <script>alert(1)</script>",
    "in a table": "|a|\n|-|\n|<script>alert(1)</script>|",
    "in a mermaid block": "```mermaid\n<img src=x onerror=alert(1)>\n```",
    "link": "[x](javascript:alert(1))",
    "link in upper case": "[x](JaVaScRiPt:alert(1))",
    "link in angle brackets": "[x](<javascript:alert(1)>)",
    "link in angle brackets with a space": "[x](< javascript:alert(1)>)",
    "link with an entity": "[x](javascript&colon;alert(1))",
    "link with a number": "[x](&#106;avascript:alert(1))",
    "link with an entity in an entity": "[x](&amp;#106;avascript:alert(1))",
    "link with a backslash": "[x](javascript\\:alert(1))",
    "link with a tab": "[x](java\tscript:alert(1))",
    "link with a control character": "[x](\x01javascript:alert(1))",
    "bracket, control character, parenthesis": "[x]\x01(javascript:alert(1))",
    "link on the next line": "[x](\njavascript:alert(1))",
    "link on the next line of a quotation": "> [x](\n> javascript:alert(1))",
    "definition": "[x]\n\n[x]: javascript:alert(1)",
    "definition on the next line": "[x]\n\n[x]:\njavascript:alert(1)",
    "definition on the next line of a quotation": "> [x]:\n> javascript:alert(1)\n\n[x]",
    "definition in a list": "- [x]:\n  javascript:alert(1)\n\n[x]",
    "prefix that nbconvert strips": "[x](files/javascript:alert(1))",
    "prefix with a slash that nbconvert strips": "[x](/files/javascript:alert(1))",
    "autolink": "<javascript:alert(1)>",
    "data": "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "vbscript": "[x](vbscript:msgbox)",
    "title": "[x](https://example.org '\"onmouseover=alert(1) a=\"')",
    "image that logs the reader out": "![x](/hub/logout)",
    "image that nbconvert makes absolute": "![x](files//hub/logout.png)",
    "image from elsewhere": "![x](https://example.org/track.png)",
    "image with two marks": "!![x](https://example.org/track.png)",
    "image by a definition": "![x][y]\n\n[y]: https://example.org/track.png",
    "image upwards": "![x](../../hub/logout.png)",
    "image with a link in its text": "![[a](b)](https://example.org/track.png)",
    "image of no such attachment": "![x](attachment:none.png)",
    "image of a page": "![x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "image of a script": "![x](javascript:alert(1))",
    "image with a handler in its title": "![x](a.png '\" onerror=alert(1) a=\"')",
    "image with a handler in its words": '![x" onerror=alert(1) a="](https://example.org/a.png)',
    "srcset": "<img srcset='https://example.org/a.png 2x' src=a.png>",
    "style that covers the page": "<div style='position:fixed;inset:0;background:url(https://example.org)'>x</div>",
    "style sheet": "<style>@import url(https://example.org/a.css)</style>",
    "meta refresh": "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "base": "<base href=https://example.org/>",
    "form": "<form action=https://example.org><button formaction=javascript:alert(1)>x</button></form>",
    "object": "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "video": "<video src=https://example.org/a.mp4 autoplay></video>",
    "picture element": "<picture><source srcset=https://example.org/a.png><img src=a.png></picture>",
    "math element": "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_attack_becomes_text(attack: str) -> None:
    assert Active(rendered(sanitise_markdown(attack))).found == []
    assert Active(page_of(attack)).found == []


def test_the_detector_sees_what_nbconvert_lets_through() -> None:
    lets_through = [
        name for name, attack in ATTACKS.items() if "attachment" not in attack and Active(rendered(attack)).found
    ]
    assert {"script", "handler", "link on the next line of a quotation", "prefix that nbconvert strips"} <= {
        *lets_through
    }


PIECES = st.sampled_from(
    [
        *"[x] ( ) [ ] ]( ]: ! ![ < > </ & ; : \\ ` ``` $ $$ \\\\[ \\begin{a} \\end{a} # * _ ~~ | - + 1.".split(),
        *"javascript: javascript script: data:text/html, https://example.org files/ /files/ attachment: a.png".split(),
        *"&colon; &#58; &#x3a; &lt; &amp; script img svg onerror= src= \" ' alert(1)".split(),
        *["\n", "\n> ", "\n- ", "\n    ", " ", "\t", "\r", "\x00", "\x0b", "\u2028", "\xa0"],
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES | st.characters(codec="utf-8"), max_size=14).map("".join))
@example("![x](attachment:a.png)")
def test_nothing_active_survives(text: str) -> None:
    assert Active(rendered(sanitise_markdown(text))).found == []
    assert Active(page_of(text)).found == []


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_only_spaces_are_put_in(text: str) -> None:
    printable = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)
    assert sanitise_markdown(text).replace(" ", "") == printable.replace(" ", "")


@pytest.mark.parametrize(
    "honest",
    [
        "For $x < 0$ and $\\lambda \\ge 1$ the slope is *below* **1**.",
        "[the paper](https://arxiv.org/abs/1706.02515 'Klambauer') and [mail](mailto:ada@example.org)",
        "[above](#recap), [a file](notes/plan.md)\n\n[1]: https://example.org/a?b=1&c=2",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n\n> said",
        "```python\nif x > 0:\n    y = f[0](x)\n```",
    ],
)
def test_honest_text_stays(honest: str) -> None:
    assert sanitise_markdown(honest) == honest


def test_formula_keeps_its_meaning_and_code_stays_readable() -> None:
    assert rendered(sanitise_markdown("$a<b$ and `a<b`")) == "<p>$a&lt; b$ and <code>a&lt; b</code></p>\n"


def test_long_text_is_cut() -> None:
    clean = sanitise_markdown("a" * (MAX_MARKDOWN_CHARACTERS + 1))
    assert clean.count("a" * MAX_MARKDOWN_CHARACTERS) == 1
    assert clean.endswith(f"[text cut: a cell keeps {MAX_MARKDOWN_CHARACTERS} characters]\n")


def test_long_notebook_is_cut() -> None:
    long = "x" * (MAX_SOURCE_CHARACTERS - 10)
    cells = [nbformat.v4.new_code_cell(long), nbformat.v4.new_code_cell("1234567890 + 1"), *plain_cells("after")]
    bound_sources(cells)
    assert [cell.source.partition("\n") for cell in cells] == [
        (long, "", ""),
        ("1234567890", "\n", f"# [cut: a page keeps {MAX_SOURCE_CHARACTERS} characters of a notebook]"),
        ("", "\n", f"[cut: a page keeps {MAX_SOURCE_CHARACTERS} characters of a notebook]"),
    ]


def plain_cells(*sources: str) -> list[nbformat.NotebookNode]:
    return [nbformat.v4.new_markdown_cell(source) for source in sources]


def test_formulas_without_end_do_not_stop_the_renderer() -> None:
    clean = sanitise_markdown("\\\\[ " * (MAX_FORMULA_MARKS + 1) + "\\begin{a}")
    assert "\\\\[" not in clean
    assert "\\begin" not in clean


def test_raw_cell_becomes_text() -> None:
    cell = nbformat.v4.new_raw_cell("<script>alert(1)</script>")
    sanitise_cell(cell, Pictures())
    assert (cell.cell_type, cell.source) == ("markdown", "< script>alert(1)< /script>")


def displayed(data: dict[str, object], kind: str = "display_data", **metadata: object) -> nbformat.NotebookNode:
    [output] = sanitise_outputs([nbformat.v4.new_output(kind, data, metadata=metadata)], Pictures())
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])]))
    return output


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_image_stays_and_loses_what_is_no_base64() -> None:
    picture = encoded(png(3, 2))
    output = displayed({"image/png": picture[:8] + '"><' + picture[8:] + "\n"})
    assert output.data == {"image/png": picture}
    assert output.metadata == {}


def test_a_picture_for_small_pixels_keeps_its_size() -> None:
    size = {"width": 320, "height": 240}
    told = {**size, "onload": "alert(1)", "unconfined": True}
    for metadata in ({"image/png": told}, told):
        output = displayed({"image/png": encoded(png(3, 2))}, **metadata)
        assert output.metadata == {"image/png": size}
    assert displayed({"image/png": encoded(png(3, 2))}, **{"image/png": {"width": '1"'}}).metadata == {}


@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
def test_a_picture_that_is_left_out_says_so(kind: str) -> None:
    said = "[picture left out: it is damaged, or no PNG, JPEG, GIF, WebP or SVG picture]"
    data: dict[str, object] = {"image/png": "Tm90", "text/plain": "<Figure size 640x480 with 1 Axes>"}
    assert displayed(data, kind).data == {"text/plain": f"{said}\n<Figure size 640x480 with 1 Axes>"}
    assert displayed({**data, "text/plain": "<IPython.core.display.Image object>"}, kind).data == {"text/plain": said}
    said = "[picture left out: the cell's pictures are too large]"
    assert displayed({"image/png": ""}, kind).data == {"text/plain": said}


def test_of_two_pictures_one_that_can_be_seen_is_taken() -> None:
    good = encoded(png(3, 2))
    assert displayed({"image/svg+xml": "<svg", "image/png": good}).data == {"image/png": good}
    assert list(displayed({"image/svg+xml": svg("").decode(), "image/png": good}).data) == ["image/svg+xml"]


def test_animation_is_shown_as_html() -> None:
    moving = encoded(gif(4, 4))
    output = displayed({"image/gif": moving, "text/plain": "<IPython.core.display.Image object>"})
    assert output.data == {"text/html": f'<img alt="" src="data:image/gif;base64,{moving}">'}


@pytest.mark.parametrize(
    ("mime", "content", "shown"),
    [
        ("text/markdown", "**bold** $a<b$", {"text/html": "<p><strong>bold</strong> $a&lt;b$</p>\n"}),
        ("text/html", "<b onclick=alert(1)>bold</b>", {"text/html": "<b>bold</b>"}),
        ("text/latex", "$\\frac{1}{2}$", {"text/latex": "$\\frac{1}{2}$"}),
        ("application/json", {"a": [1]}, {"text/plain": '{\n  "a": [\n    1\n  ]\n}'}),
    ],
)
def test_what_is_displayed_is_shown(mime: str, content: object, shown: dict[str, str]) -> None:
    assert displayed({mime: content, "text/plain": "<IPython.core.display.X object>"}).data == shown


@pytest.mark.parametrize(
    ("mime", "content", "name"),
    [
        ("application/javascript", "alert(1)", "JavaScript"),
        ("application/pdf", "JVBERi0=", "a PDF document"),
        ("application/vnd.jupyter.widget-view+json", {"model_id": "1"}, "an interactive widget"),
        ("application/vnd.plotly.v1+json", {"data": []}, "application/vnd.plotly.v1+json"),
        ("text/html", "<script>alert(1)</script>", "HTML without text or pictures"),
    ],
)
def test_what_cannot_be_shown_leaves_a_sentence(mime: str, content: object, name: str) -> None:
    said = f"[{name} left out: it cannot be shown here]"
    assert displayed({mime: content}).data == {"text/plain": said}
    assert displayed({mime: content, "text/plain": "Slider(1)"}).data == {"text/plain": f"{said}\nSlider(1)"}


def test_a_number_stays_what_nbgrader_reads() -> None:
    data = {"text/plain": "3.5", "text/html": "<table><tr><td>3.5 of 4</td></tr></table>"}
    assert displayed(data, "execute_result").data["text/plain"] == "3.5"


HEAVY = {
    "a printed text": {"output_type": "stream", "name": "stdout", "text": "x" * 900_000},
    "printed marks": {"output_type": "stream", "name": "stdout", "text": "<&>" * 300_000},
    "printed colours": {"output_type": "stream", "name": "stderr", "text": "\x1b[31mx\x1b[0m" * 90_000},
    "an error": {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["x" * 900_000]},
    "plain text": {"output_type": "execute_result", "data": {"text/plain": "'" * 900_000}},
    "HTML": {"output_type": "display_data", "data": {"text/html": "<b>x</b>" * 40_000}},
    "JSON": {"output_type": "display_data", "data": {"application/json": ["x" * 10] * 60_000}},
}


@pytest.mark.parametrize("kind", HEAVY)
def test_texts_of_a_page_are_bounded_together(kind: str) -> None:
    """By what they become: `&lt;`, an element for a change of colour. Points are there all the same."""
    pictures, output = Pictures(), nbformat.from_dict({"metadata": {}, **HEAVY[kind]})
    together = sanitise_outputs([output] * 60, pictures)
    points = nbformat.from_dict({"output_type": "execute_result", "data": {"text/plain": "1.5"}, "metadata": {}})
    assert sanitise_outputs([points], pictures)[0].data["text/plain"] == "1.5"
    text = json.dumps(together)
    assert len(text) < 2 * MAX_TEXT_TOGETHER
    assert text.count("<") + text.count("\\u001b") < MAX_TEXT_TOGETHER / 10
    assert "[text cut" in text or "the rest is cut" in text

"""Nothing that students write may run in the browser of those who read it."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import strip_files_prefix
from PIL import Image

from autograder.examiner.sanitise import (
    MAX_FORMULA_MARKS,
    MAX_IMAGE_PIXELS,
    MAX_MARKDOWN_CHARACTERS,
    sanitise_cell,
    sanitise_markdown,
    sanitise_outputs,
)

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
                if scheme and scheme[0] not in HARMLESS_SCHEMES:
                    self.found.append(f"{tag} {name}={value}")
                if name == "src" and (scheme or target.startswith("/") or ".." in target):
                    self.found.append(f"{tag} {name}={value}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)

    def handle_pi(self, data: str) -> None:
        self.found.append(data)


def rendered(markdown: str) -> str:
    """Return what nbgrader's feedback makes of Markdown."""
    return strip_files_prefix(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(markdown))


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
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_attack_becomes_text(attack: str) -> None:
    assert Active(rendered(sanitise_markdown(attack))).found == []


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
        "![my plot](figures/plot-1.png)",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n\n> said",
        "```python\nif x > 0:\n    y = f[0](x)\n```",
    ],
)
def test_honest_text_stays(honest: str) -> None:
    assert sanitise_markdown(honest) == honest


def test_formula_keeps_its_meaning_and_code_stays_readable() -> None:
    assert rendered(sanitise_markdown("$a<b$ and `a<b`")) == "<p>$a&lt; b$ and <code>a&lt; b</code></p>\n"


def test_attachment_is_shown() -> None:
    cell = nbformat.v4.new_markdown_cell("![mine](attachment:a.png)")
    cell.attachments = {"a.png": {"image/png": png(2, 2), "text/html": "<script>alert(1)</script>"}}
    sanitise_cell(cell)
    assert cell.source == "![mine](attachment:a.png)"
    assert list(cell.attachments["a.png"]) == ["image/png"]


def test_long_text_is_cut() -> None:
    clean = sanitise_markdown("a" * (MAX_MARKDOWN_CHARACTERS + 1))
    assert clean.count("a" * MAX_MARKDOWN_CHARACTERS) == 1
    assert clean.endswith(f"[text cut: a cell keeps {MAX_MARKDOWN_CHARACTERS} characters]\n")


def test_formulas_without_end_do_not_stop_the_renderer() -> None:
    clean = sanitise_markdown("\\\\[ " * (MAX_FORMULA_MARKS + 1) + "\\begin{a}")
    assert "\\\\[" not in clean
    assert "\\begin" not in clean


def test_raw_cell_becomes_text() -> None:
    cell = nbformat.v4.new_raw_cell("<script>alert(1)</script>")
    sanitise_cell(cell)
    assert (cell.cell_type, cell.source) == ("markdown", "< script>alert(1)< /script>")


def png(width: int, height: int) -> str:
    file = io.BytesIO()
    Image.fromarray(np.zeros((height, width), dtype=np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def display(**data: object) -> list[nbformat.NotebookNode]:
    return sanitise_outputs(
        [nbformat.v4.new_output("display_data", {key.replace("_", "/"): value for key, value in data.items()})]
    )


def test_image_stays_and_loses_what_is_no_base64() -> None:
    picture = png(3, 2)
    [output] = display(image_png=picture[:8] + '"><' + picture[8:] + "\n")
    assert output.data == {"image/png": picture}
    assert output.metadata == {}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("not an image", "[image left out: not a PNG image]"),
        ("A" * 4_000_000, "[image left out: larger than 2 MiB]"),
        (png(MAX_IMAGE_PIXELS // 4000 + 1, 4000), f"[image left out: {MAX_IMAGE_PIXELS // 4000 + 1} x 4000 pixels]"),
    ],
    ids=["no image", "bytes", "pixels"],
)
def test_bad_image_is_named(data: str, said: str) -> None:
    [output] = display(image_png=data)
    assert output.data == {"text/plain": said}


@pytest.mark.parametrize(
    "data",
    [
        {"text_html": "<script>alert(1)</script><b>bold</b>"},
        {"text_html": "<b onclick=alert(1)>bold</b>"},
    ],
)
def test_html_becomes_plain_text(data: dict[str, object]) -> None:
    [output] = display(**data)
    assert output.data == {"text/plain": "bold"}


@pytest.mark.parametrize(
    "kind", ["application/javascript", "image/svg+xml", "application/vnd.jupyter.widget-view+json", "text/latex"]
)
def test_other_kinds_are_left_out(kind: str) -> None:
    assert sanitise_outputs([nbformat.v4.new_output("display_data", {kind: "alert(1)"})]) == []

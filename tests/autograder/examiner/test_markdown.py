"""However a picture is put into Markdown, the pages of nbconvert show it, and nothing else gets in that way."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from urllib.parse import quote

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.examiner.markdown import MAX_PICTURES
from autograder.examiner.pictures import Pictures
from autograder.examiner.sanitise import sanitise_cell, show_given_pictures
from tests.autograder.examiner.drawn import ATTACHED, BESIDE, DOT, FILES, drawn

TEXT = base64.b64encode(DOT).decode()
BIG = "A" * 100_000


class Images(HTMLParser):
    """The addresses of the images of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs).get("src") or "")


def page_of(cell: nbformat.NotebookNode) -> str:
    """Return what Formgrader and nbgrader's feedback make of a Markdown cell."""
    renderer = IPythonRenderer(escape=False, attachments=cell.get("attachments", {}))
    return MarkdownWithMath(renderer=renderer).render(cell.source)


def cell_of(text: str, attachments: dict[str, object] | None = None) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_markdown_cell(text)
    if attachments is not None:
        cell.attachments = nbformat.from_dict(attachments)
    return cell


def shown(text: str, attachments: dict[str, object] | None = None) -> nbformat.NotebookNode:
    cell = cell_of(text, attachments)
    sanitise_cell(cell, Pictures(FILES))
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    return cell


@pytest.mark.parametrize(("text", "name"), ATTACHED.values(), ids=ATTACHED)
def test_attachment_is_shown(text: str, name: str) -> None:
    cell = shown(f"Before.\n\n{text}\n\nAfter.", {name: {"image/png": TEXT}})
    assert Images(page_of(cell)).found == [f"data:image/png;base64,{TEXT}"]
    assert "Before." in page_of(cell)
    assert "After." in page_of(cell)
    assert "left out" not in cell.source


@pytest.mark.parametrize(
    "text",
    BESIDE,
)
def test_file_is_shown(text: str) -> None:
    assert Images(page_of(shown(text))).found == [f"data:image/png;base64,{TEXT}"]


@pytest.mark.parametrize(
    "text",
    [
        f"![x](data:image/png;base64,{TEXT})",
        f'![x](data:image/png;base64,{TEXT} "title")',
        f"![x](data:image/png;charset=utf-8;base64,{quote(TEXT, safe='')})",
        f"![x][i]\n\n[i]: data:image/png;base64,{TEXT}\n\nAverylongwordthatisnopartofthepicturethatstandsbeforeit",
        f'<img src="data:image/png;base64,\n  {TEXT[:60]}\n  {TEXT[60:]}">',
        f"<img src=data:image/png;base64,{TEXT}>",
    ],
)
def test_data_address_is_shown(text: str) -> None:
    cell = shown(text)
    assert Images(page_of(cell)).found == [f"data:image/png;base64,{TEXT}"]
    assert len(cell.source) < 200


def test_base64_in_lines_and_under_a_wrong_type() -> None:
    lines = [TEXT[i : i + 76] + "\n" for i in range(0, len(TEXT), 76)]
    for data in ({"image/jpeg": "".join(lines)}, {"text/plain": "shot", "image/png": lines}):
        cell = cell_of("![x](attachment:a.png)", {"a.png": data})
        sanitise_cell(cell, Pictures())
        assert Images(page_of(cell)).found == [f"data:image/png;base64,{TEXT}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("![x](attachment:none.png)", "[picture none.png left out: there is no such picture in the submission]"),
        ("![x](none.png)", "[picture none.png left out: there is no such picture in the submission]"),
        ("![x](notes.txt)", "[picture notes.txt left out: it is damaged, or no PNG, JPEG, GIF, WebP or SVG picture]"),
        ("![my plot](https://example.org/a.png)", "[picture left out: it lies on another server]"),
        ("<img src='//example.org/a.png'>", "[picture left out: it lies on another server]"),
        ("![x](data:image/png;base64,AAAA)", "[picture left out: it is damaged"),
        ("![x](data:text/html;base64,PHNjcmlwdD4=)", "left out: "),
        ("<img>", "left out: "),
    ],
)
def test_what_cannot_be_shown_leaves_a_sentence(text: str, said: str) -> None:
    cell = shown(text)
    assert Images(page_of(cell)).found == []
    assert said in page_of(cell)


def test_a_remote_picture_can_still_be_opened() -> None:
    assert '<a href="https://example.org/a.png">my plot</a>' in page_of(shown("![my plot](https://example.org/a.png)"))


@pytest.mark.parametrize(
    "text", ["`![x](shot.png)`", "```markdown\n![x](none.png)\n```", "    ![x](none.png)", "\\![x](none.png)"]
)
def test_code_stays_code(text: str) -> None:
    cell = shown(text)
    assert "left out" not in cell.source
    assert "none" in cell.source or "shot" in cell.source


def test_the_same_picture_is_kept_once_and_others_go() -> None:
    cell = shown("![a](shot.png) ![b](attachment:b.png)", {"b.png": {"image/png": TEXT}, "c.png": {"image/png": TEXT}})
    assert list(cell.attachments) == ["picture-1.png"]
    assert Images(page_of(cell)).found == [f"data:image/png;base64,{TEXT}"] * 2


def test_drawings_and_photographs() -> None:
    cell = shown("![a](drawing.svg)\n![b](photo.jpg)")
    assert [address[:26] for address in Images(page_of(cell)).found] == [
        "data:image/svg+xml;base64,",
        "data:image/jpeg;base64,/9j",
    ]


def test_pictures_of_one_cell_are_counted() -> None:
    cell = shown("![x](shot.png)\n\n" * (MAX_PICTURES + 50))
    assert len(Images(page_of(cell)).found) == MAX_PICTURES


PIECES = st.sampled_from(
    [
        *"![ [ ] ]( ( ) < > <img src= ' \" ` ``` \\ ! # > | - * _ ~ : = alt=".split(),
        *"attachment:a.png shot.png data:image/png;base64,AAAA held-picture:0 https://example.org/a.png".split(),
        f"data:image/png;base64,{TEXT}",
        *"[x]: javascript:alert(1) data:text/html, onerror=alert(1) <svg/onload=alert(1)> srcset=".split(),
        *["\n", "\n\n", "\r", "\r\n", " ", "    ", "\t", "\x00", "\u2028", "%20", "&#106;"],
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES | st.characters(codec="utf-8"), max_size=16).map("".join))
@example("![a][b]\r[b]: attachment:a.png")
@example("![![x](shot.png)](shot.png)")
@example("![x](attachment:none.png)(javascript:alert(1))")
def test_no_image_but_those_of_the_submission(text: str) -> None:
    cell = cell_of(text, {"a.png": {"image/png": TEXT}})
    sanitise_cell(cell, Pictures(FILES))
    known = {f"data:image/png;base64,{TEXT}", *(drawn(content) for content in FILES.values())}
    assert set(Images(page_of(cell)).found) <= known


def test_cells_of_the_assignment_keep_all_else() -> None:
    text = (
        '<div style="color: red">![x](https://example.org/a.png)</div>\n\n![y](attachment:my%20a.png)\n\n'
        '<p><img width="3" src="shot.png" style="float: right"></p>\n\n`![z](none.png)` ![z](none.png) ![t](notes.txt)'
    )
    cell = cell_of(text, {"my a.png": {"image/png": TEXT}})
    show_given_pictures(cell, Pictures(FILES))
    address = f"data:image/png;base64,{TEXT}"
    assert cell.source == text.replace("attachment:my%20a.png", "attachment:picture-1.png").replace(
        'src="shot.png"', f'src="{address}"'
    )
    assert Images(page_of(cell)).found == [address, address, "none.png", "notes.txt"]


def test_an_attachment_that_an_assignment_lacks_does_not_end_the_page() -> None:
    cell = cell_of("![x](attachment:none.png)")
    show_given_pictures(cell, Pictures())
    assert "picture none.png left out" in page_of(cell)


def test_a_long_address_costs_no_time() -> None:
    text = "![x](data:image/png;base64," + BIG * 50 + ")" + "![" * 5000 + "<img " * 3000 + "`" * 5000
    assert "left out" in shown(text).source


def test_words_are_only_words() -> None:
    cell = shown('![a`b*c](shot.png "d") ![<b onclick=alert(1)>](shot.png) ![x&quot; onload=alert(1)](shot.png)')
    assert re.findall(r"!\[([^]]*)\]", cell.source) == ["a b c", "b onclick=alert(1)", "x onload=alert(1)"]

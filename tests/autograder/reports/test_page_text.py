"""What stands on a page shows formulas, code and outputs, and nothing that runs, fetches or tells of this machine."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.page_text import (
    LARGEST_KEPT,
    LONGEST_FORMULA,
    code_of,
    formula,
    harmless,
    markdown,
    outputs,
    picture_address,
)
from course.handing_in.notebook_parts import new_display, new_error, new_result, new_stream
from tests.support.graded_class import PICTURE, ROOT


class Tags(HTMLParser):
    """Tags and attributes of a piece of HTML, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(str(page))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def runs_or_fetches(page: str) -> list[Any]:
    """Return what of a page could."""
    tags = Tags(page)
    bad: list[Any] = [name for name in tags.names if name in ("script", "iframe", "object", "embed", "form", "link")]
    for name, value in tags.attributes:
        fetched = name in ("src", "poster", "background", "srcset") and not value.startswith("data:")
        if fetched or name.startswith("on") or (name in ("href", "xlink:href") and "script" in value.lower()):
            bad.append((name, value))
    return bad


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\frac{1}{n}", "<mfrac>"),
        (r"\arg\max_i z_i", "<mo>arg</mo>"),
        (r"\operatorname*{arg\,max}_i z_i", "<mo>arg&nbsp;max</mo>"),
        (r"\begin{cases} 0 & x < 0 \\ x & x \ge 0 \end{cases}", "<mtable>"),
    ],
)
def test_a_formula_is_mathml(latex: str, mathml: str) -> None:
    assert mathml in formula(latex)
    assert 'display="inline"' in formula(latex)
    assert 'display="block"' in formula(latex, block=True)


@pytest.mark.parametrize("latex", [r"\mystery{x}", r"\text{<script>}", r"\left(" * 9, "x" * (LONGEST_FORMULA + 1), ""])
def test_what_cannot_be_converted_stays_as_it_was_typed(latex: str) -> None:
    assert Tags(formula(latex)).names == ["code"]
    assert Tags(formula(latex)).text == f"${latex}$"
    assert Tags(formula(latex, block=True)).text == f"$${latex}$$"


def test_no_formula_is_a_link() -> None:
    assert "script" not in formula(r"\href{javascript:alert(1)}{x}")


@given(st.text(alphabet="\\{}[]^_&$<>\"'= xfracsqrtbeginleftright", max_size=60))
def test_any_formula_gives_something_harmless(latex: str) -> None:
    assert [name for name in Tags(formula(latex)).names if not re.fullmatch(r"code|span|m[a-z]+", name)] == []
    assert runs_or_fetches(formula(latex)) == []


@pytest.mark.parametrize("name", ["align", "align*", "equation", "gather", "eqnarray"])
def test_environments_are_shown_without_numbers(name: str) -> None:
    page = markdown(f"\\begin{{{name}}} a = b \\end{{{name}}}")
    assert '<math display="block">' in page
    assert "(1)" not in page


def test_markdown_has_formulas_headings_below_the_pages_own_and_coloured_code() -> None:
    page = markdown(
        "# Title\n\n#### Deep\n\nso $x<1$\n\n$$y$$\n\n```python\ndef f(): ...\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    assert "<h3>Title</h3>" in page
    assert "<h3>Deep</h3>" in page
    assert "<mo>&lt;</mo>" in page
    assert '<span class="formula"><math display="block">' in page
    assert '<span class="k">def</span> f(): ...' in page
    assert "<td>1</td>" in page


def test_pictures_of_a_cell_lie_in_the_page_and_no_others_are_shown() -> None:
    held = {"a.png": {"image/png": PICTURE}, "b.png": {"image/png": PICTURE}}
    text = "![mine](attachment:a.png) ![moved](attachment:b.png) ![gone](attachment:c.png) ![far](https://x.org/d.png)"
    page = markdown(text, held, {"b.png": "[above]"})
    assert Tags(page).names.count("img") == 1
    assert f'<img src="data:image/png;base64,{PICTURE}" alt="mine">' in page
    for words in ("[above]", "[picture: gone]", "[picture: far]"):
        assert words in page


def test_texts_with_large_pictures_are_not_kept() -> None:
    small, large = ({"a.png": {"image/png": "A" * size}} for size in (8, LARGEST_KEPT))
    for pictures, kept in ((small, True), (large, False)):
        first, again = (markdown("![kept or not](attachment:a.png)", pictures) for _ in range(2))
        assert first == again
        assert (first is again) is kept


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))",
    "<a href='java&#115;cript:x'>y</a>",
    "<iframe src=//x></iframe>", "<svg><script>x</script></svg>", "<math><mi xlink:href='javascript:x'>y</mi></math>",
    "<style>body{display:none}</style>", "<form action=x><input></form>", "<div style='background:url(//x)'>y</div>",
    "<img src='data:text/html,<script>x</script>'>", "<math><mtext><img src=x onerror=y></mtext></math>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_runs_or_fetches(text: str) -> None:
    for page in (markdown(text), harmless(text), outputs([new_display({"text/html": text})])):
        assert runs_or_fetches(page) == []
        assert "display:none" not in page
        assert "url(" not in page


@given(
    st.lists(
        st.sampled_from([*HOSTILE, "$x$", "`a`", "<", ">", "*", "\n", "![", "](", "<!--", "-->", "$$"]), max_size=8
    )
)
def test_nor_do_pieces_together(pieces: list[str]) -> None:
    assert runs_or_fetches(markdown("".join(pieces))) == []


@given(st.text(max_size=200))
def test_code_keeps_every_letter(source: str) -> None:
    assert Tags(f"<pre>{code_of(source)}</pre>").text == source.strip("\n").replace("\r\n", "\n").replace("\r", "\n")


def test_printed_text_and_warnings_tell_no_path() -> None:
    warned = "/opt/site/numpy/core.py:12: RuntimeWarning: overflow\n/tmp/ipykernel_7/3.py:1: UserWarning: mine\n"
    printed = 'a <b>\n  File "/usr/lib/pip/main.py", line 7, in main\n'
    page = outputs([new_stream("stdout", printed), new_stream("stderr", warned)])
    assert Tags(page).text.splitlines() == [
        "a <b>",
        '  File "…/main.py", line 7, in main',
        "RuntimeWarning: overflow",
        "UserWarning: mine",
    ]


def test_a_traceback_keeps_the_students_frames_alone() -> None:
    frames = [
        "\x1b[31mValueError\x1b[39m Traceback (most recent call last)",
        "Cell \x1b[32mIn[3]\x1b[39m, line 2\n----> 2 f(x)",
        "File /opt/site/torch/nn/modules.py:12, in Module.forward(self)\n     12 secret()",
        "File \x1b[32m~/env/lib/x.py:3\x1b[39m, in g()",
        "File <string>:1",
        "ValueError: bad",
    ]
    text = Tags(outputs([new_error("ValueError", "bad", frames)])).text
    assert "----> 2 f(x)" in text
    assert "File <string>:1" in text
    assert text.rstrip().endswith("ValueError: bad")
    assert not re.search(r"/opt|~/env|secret|\x1b", text)
    assert Tags(outputs([new_error("ValueError", "bad", [])])).text == "ValueError: bad"


def test_the_richest_form_of_an_output_is_shown() -> None:
    pictures = new_display(
        {"image/png": PICTURE, "text/plain": "<Figure>"}, {"image/png": {"alt": 'a "b"', "width": 40}}
    )
    assert outputs([pictures]) == (
        f'<img class="paper" src="data:image/png;base64,{PICTURE}" alt="a &#34;b&#34;" width="40">'
    )
    assert "<td>1</td>" in outputs([new_result({"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "t"})])
    assert "<math" in outputs([new_result({"text/latex": "$x$", "text/plain": "t"})])
    assert outputs([new_result({"text/plain": "7"})]) == '<pre class="output">7</pre>'
    assert outputs([new_stream("stdout", "\n")]) == ""


def test_a_drawing_is_shown_as_a_picture_in_which_nothing_runs() -> None:
    drawing = new_display({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>"})
    assert str(outputs([drawing])).startswith('<img class="paper" src="data:image/svg+xml;base64,')
    assert picture_address({"text/plain": "none"}) is None


@pytest.mark.parametrize("notebook", sorted((ROOT / "source").glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_every_formula_of_the_assignments_is_mathml(notebook: Path) -> None:
    cells = [cell for cell in json.loads(notebook.read_bytes())["cells"] if cell["cell_type"] == "markdown"]
    pages = [markdown("".join(cell["source"])) for cell in cells]
    assert any("<math" in page for page in pages)
    assert [page for page in pages if 'class="tex"' in page or "<mi>\\" in page] == []

"""HTML that a cell displays is shown, and can neither run, nor fetch, nor leave its place."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.examiner.pictures import MAX_TEXT_TOGETHER, Pictures
from autograder.examiner.rich import MAX_HTML_CHARACTERS, clean_html, html_of_markdown
from tests.autograder.examiner.drawn import png, svg

PICTURE = f"data:image/png;base64,{base64.b64encode(png(3, 2)).decode()}"
FILM = b"\0\0\0\x20ftypisom" + bytes(100)
VIDEO = f"data:video/mp4;base64,{base64.b64encode(FILM).decode()}"
STYLES = ("color", "background-color", "text-align", "vertical-align", "font-weight", "font-style", "text-decoration")
EMBEDDED = re.compile(r"data:(?:image/(?:png|jpeg|gif|webp|svg\+xml)|video/(?:mp4|webm));base64,[\w+/]+=*", re.ASCII)


class Active(HTMLParser):
    """What in a page could run, fetch or leave its place."""

    TAGS = frozenset("script style iframe object embed form input button base meta link svg math textarea".split())

    ATTRIBUTES = frozenset("srcset srcdoc formaction background poster ping id name".split())

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.TAGS:
            self.found.append(tag)
        for name, value in attrs:
            value = value or ""
            if name.startswith("on") or name in (
                "srcset",
                "srcdoc",
                "formaction",
                "background",
                "poster",
                "ping",
                "id",
                "name",
            ):
                self.found.append(f"{tag} {name}={value}")
            if name == "class" and value != "dataframe":
                self.found.append(f"{tag} {name}={value}")
            if name == "src" and not EMBEDDED.fullmatch(value):
                self.found.append(f"{tag} {name}={value}")
            if name == "href" and re.match(r"[\s\x00-\x1f]*(?!https?:|mailto:)[\w.+-]+:|[\s\x00-\x1f]*//", value):
                self.found.append(f"{tag} {name}={value}")
            if name == "style":
                for declaration in value.split(";"):
                    style, _, set_to = declaration.partition(":")
                    if style.strip() not in (*STYLES, "white-space") or "url" in set_to or "\\" in set_to:
                        self.found.append(f"{tag} {name}={value}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)


ATTACKS = {
    "script": "<script>alert(1)</script>",
    "handler": "<b onclick=alert(1)>x</b>",
    "svg": "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "svg without end": "<svg onload=alert(1)><style><img src=x onerror=alert(1)>",
    "link": "<a href=javascript:alert(1)>x</a>",
    "link with a tab": "<a href='java\tscript:alert(1)'>x</a>",
    "link to a page": "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "picture from elsewhere": "<img src=https://example.org/a.png>",
    "picture of a page": "<img src='data:text/html;base64,PHNjcmlwdD4='>",
    "srcset": "<img srcset=https://example.org/a.png src=a.png>",
    "lazy picture": "<img loading=lazy src=//example.org/a.png>",
    "background": "<table background=https://example.org/a.png><td>x",
    "style that covers the page": "<p style='position:fixed;top:0;left:0;width:100%;height:100%'>x</p>",
    "style that fetches": "<p style='background-color:url(https://example.org);color:red'>x</p>",
    "style with an escape": "<p style='c\\6flor:red;background:u\\72l(//example.org)'>x</p>",
    "class of the page": "<p class='navbar-fixed-top'>x</p>",
    "id of the page": "<p id=submission>x</p><form id=a name=cookie>",
    "style sheet": "<style>body{display:none}</style>x",
    "import": "<style>@import 'https://example.org/a.css';</style>x",
    "link to a style sheet": "<link rel=stylesheet href=https://example.org/a.css>x",
    "meta": "<meta http-equiv=refresh content='0;url=https://example.org'>x",
    "base": "<base href=https://example.org>x",
    "form": "<form action=https://example.org><input name=a><button>x</button></form>",
    "iframe": "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "object": "<object data=https://example.org></object>",
    "video from elsewhere": "<video poster=https://example.org/a.png src=https://example.org/a.mp4></video>",
    "video that is none": "<video><source src='data:video/mp4;base64,PHNjcmlwdD4='></video>",
    "mutation": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "noscript": "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "textarea": "<textarea></textarea><img src=x onerror=alert(1)>",
    "comment": "<!--><img src=x onerror=alert(1)>-->",
    "styled cell": "<style>#a{position:fixed;background:url(//example.org)}</style><table><td id=a>x",
    "style that ends": '<style>#a{color:red"onclick="alert(1)}</style><table><td id=a>x',
    "template": "<template><img src=x onerror=alert(1)></template>",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_attack_does_nothing(attack: str) -> None:
    assert Active(clean_html(attack, Pictures())).found == []
    assert Active(html_of_markdown(attack, [], Pictures())).found == []


PIECES = st.sampled_from(
    [
        *"<b <img <td <table> <svg </svg> <style> </style> <script> </script> <video> <source <!-- --> >".split(),
        *"/ = ' \" ; : & # id=a onclick=alert(1) src= href= style= class=btn javascript: data:text/html,".split(),
        *"https://example.org url( ) \\ position:fixed #a{color:red} held-picture:0 &#58; &lt; ]]>".split(),
        *"<![CDATA[ <math> <mtext> <title> frames[0]=".split(),
        *[PICTURE, VIDEO, "\n", " ", "\x00", "\x0c"],
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES | st.characters(codec="utf-8"), max_size=16).map("".join))
def test_nothing_active_survives(text: str) -> None:
    assert Active(clean_html(text, Pictures())).found == []


def test_a_table_of_pandas_keeps_numbers_and_colours() -> None:
    page = clean_html(
        '<style type="text/css">\n#T_1_row0_col0, #T_1_row1_col0 {\n  background-color: #3b4cc0;\n'
        "  color: #f1f1f1;\n}\n"
        "#T_1_row0_col0 { width: 10em; background: linear-gradient(90deg, red 5%, transparent 5%) }\n</style>\n"
        '<table id="T_1" class="dataframe" border="1"><thead><tr style="text-align: right;"><th class="blank level0">'
        '</th></tr></thead><tbody><tr><td id="T_1_row0_col0" class="data row0 col0" >1.5</td>'
        '<td id="T_1_row1_col0">2.5</td></tr></tbody></table>',
        Pictures(),
    )
    assert '<td style="background-color: #3b4cc0; color: #f1f1f1">2.5</td>' in page
    assert ">1.5</td>" in page
    assert '<table class="dataframe" border="1">' in page
    assert '<tr style="text-align: right">' in page


def test_pictures_stay_and_drawings_become_pictures() -> None:
    drawing = svg("<g/>").decode()
    text = f'<p>a</p><img width="30" src="{PICTURE}">{drawing}<img src="my%20plot.png">'
    page = clean_html(text, Pictures({"my plot.png": png(3, 2)}))
    assert page.count(f'src="{PICTURE}"') == 2
    assert 'width="30"' in page
    assert 'src="data:image/svg+xml;base64,' in page


def test_video_stays_and_does_not_start_by_itself() -> None:
    source = f'<source type="video/mp4" src="{VIDEO}">No video.</video>'
    page = clean_html(f'<video width="640" controls autoplay loop>{source}', Pictures())
    assert page == f'<video width="640" controls="" loop="">{source}'


def test_of_another_animation_the_first_frame_is_shown() -> None:
    lines = PICTURE[:50] + "\\\n" + PICTURE[50:]
    player = f'<div class="animation"><img id="a"></div><script>frames[0] = "{lines}"\nframes[1] = "{lines}"\n</script>'
    assert clean_html(player, Pictures()) == (
        f'<img src="{PICTURE}"><p><em>[an animation: this is its first frame]</em></p>'
    )


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            "<img src=https://example.org/a.png>",
            "[picture https://example.org/a.png left out: it lies on",
        ),
        ("<img src=none.png>", "[picture none.png left out: there is no such file in the submission]"),
        ("<video src=film.mp4></video>", "[video film.mp4 left out: there is no such file in the submission]"),
        ('<img src="data:image/png;base64,AAAA">', "[picture left out: it is damaged"),
    ],
)
def test_what_is_left_out_is_named(page: str, said: str) -> None:
    cleaned = clean_html(page, Pictures())
    assert said in cleaned
    assert "<img" not in cleaned


@pytest.mark.parametrize("page", ["", "<script>alert(1)</script>", "<div><p> \n</p></div>", "<iframe src=a></iframe>"])
def test_nothing_to_see_is_nothing(page: str) -> None:
    assert clean_html(page, Pictures()) == ""


def test_long_html_is_cut_and_says_so() -> None:
    page = clean_html("<table>" + "<tr><td>1</td></tr>" * 40_000, Pictures())
    assert len(page) < MAX_HTML_CHARACTERS + 1000
    assert "the rest is cut: it has 760007 characters" in page


def test_costly_html_costs_no_time() -> None:
    for piece in ("<svg", "<style", "<style>#a{", "<td id=a ", "<img ", "frames[0]=", "<b>" * 3):
        clean_html(piece * (MAX_HTML_CHARACTERS // len(piece) // 4), Pictures())
    clean_html("data:image/png;base64," * 100_000 + "A" * 5_000_000, Pictures())


def test_text_counts_as_pictures_do() -> None:
    pictures = Pictures()
    pages = [clean_html("x" * MAX_HTML_CHARACTERS, pictures) for _ in range(200)]
    assert sum(map(len, pages)) < MAX_TEXT_TOGETHER + 200 * 300


DEEP = {
    "one kind": "<div>" * 300,
    "two kinds": "<ul><li>" * 300,
    "what the next ends, in what stays open": "<div><p>" * 300,
    "ends of what is not open": "<div></b></p></i>" * 300,
    "ends in the wrong order": "<b><div></b>" * 300,
    "in capitals, with attributes": "<DIV class=a\n>" * 300,
}


@pytest.mark.parametrize("kind", DEEP)
def test_elements_too_deep_in_each_other_are_left_out_and_say_so(kind: str) -> None:
    page = clean_html(f"{DEEP[kind]}words", Pictures())
    assert "left out: its elements lie in each other, more than 200 levels deep" in page
    assert "words" not in page


def test_many_elements_beside_each_other_are_kept() -> None:
    rows = "<tr><td>a<br>b<td><p>c<p>d" * 1000 + "</tr>" + "<tr><td><b>x</b></td></tr>" * 1000
    lists = "<ul>" + "<li>a<ul><li>b</ul>" * 500 + "</ul>"
    page = clean_html(f"<div>{'<div>' * 150}<table>{rows}</table>{lists}{'</div>' * 150}words</div>", Pictures())
    assert page.count("<b>x</b>") == 1000
    assert "words" in page


@pytest.mark.parametrize("between", [" ", "/", "='' ", "=''"])
def test_an_element_with_very_many_attributes_is_left_out_and_says_so(between: str) -> None:
    page = clean_html(f"<p {between.join(f'a{n}' for n in range(3000))}>words", Pictures())
    assert "left out: one of its elements has more than 2000 attributes" in page
    assert "words" not in page


def test_a_long_value_is_one_attribute() -> None:
    assert "words" in clean_html(f'<p title="{"a b " * 3000}">words</p>', Pictures())

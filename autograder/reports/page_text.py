"""Turns what stands in notebooks into HTML for a page that runs nothing: Markdown, formulas, code, outputs.

Whatever the text came from, nh3 has the last word on it: text, tables, pictures that lie in the page, and MathML.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import nh3
from defusedxml.ElementTree import fromstring
from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import token
from pygments.lexers import PythonLexer

LONGEST_FORMULA = 2000
"""Characters; what is longer stays as it was typed."""
LARGEST_KEPT = 300_000
"""Characters of the pictures of one text that is kept for the next page; an assignment's own are smaller."""
_WIDE = 30
"""Characters of a formula that may be wider than a phone; it can then be reached by keyboard, to be scrolled."""

_MATHML = frozenset(
    "math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace "
    "msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics".split()
)
_MATHML_ATTRIBUTES = frozenset(
    "display displaystyle scriptlevel stretchy fence form separator accent accentunder lspace rspace minsize maxsize "
    "symmetric largeop movablelimits width height depth voffset linethickness mathvariant mathcolor mathbackground "
    "columnalign rowspacing columnspacing columnlines rowlines notation".split()
)
_TAGS = nh3.ALLOWED_TAGS - {"h1", "h2"} | {"font", "video", "source"} | _MATHML
_ATTRIBUTES: dict[str, set[str]] = {
    **{tag: set(_MATHML_ATTRIBUTES) for tag in _MATHML},
    "*": {"style"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "video": {"src", "controls", "loop", "width", "height"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "ol": {"start"},
    "details": {"open"},
    "font": {"color"},
    "span": {"class", "tabindex"},
    "code": {"class"},
}
_STYLES = {"color", "background-color", "text-align", "font-weight", "font-style", "text-decoration", "white-space"}
_LIES_IN_THE_PAGE = re.compile(r"data:(?:image|video)/[\w.+-]+[;,]", re.IGNORECASE)
_UNKNOWN = re.compile(r"<m[ion]>\\")
"""What the converter makes of a command that it does not know."""
_COMMANDS = {r"\arg": r"\operatorname{arg}"}
"""Commands of LaTeX that the converter does not know."""
_COMMAND = re.compile(r"\\[A-Za-z]+")
_OPERATOR = re.compile(r"\\operatorname\*?\{([^{}]*)\}")
"""The converter knows it without a star and with plain letters."""
_SPACE = re.compile(r"\\[,;:! ]|~")
_NO_BREAK = "\N{NO-BREAK SPACE}"
_NUMBERED = re.compile(r"\\(begin|end)\{(?:align|gather|multline|eqnarray)\*?\}")
"""JupyterLab shows these without numbers, and the converter knows one of them."""
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
_LIBRARY_FRAME = re.compile(r"\s*File (?!<)[^\n]{1,1000}?(?:,|:\d)")
_PLACE_OF_WARNING = re.compile(r"^(?:[A-Za-z]:\\|~?/)[^\n:]{1,1000}:\d+: (?=\w*Warning\b)", re.MULTILINE)
_FOLDER = re.compile(r"""(?<=\bFile ["'])(?:[A-Za-z]:\\|~?/)[^"'\n]{1,1000}[/\\]""")
"""Of a file that a traceback names."""
_CLASSES = (
    (token.Comment, "c"),
    (token.Keyword, "k"),
    (token.Operator.Word, "k"),
    (token.String, "s"),
    (token.Number, "n"),
)


def harmless(text: str) -> Markup:
    """Return HTML without what could run, fetch, or leave its place."""
    return Markup(
        nh3.clean(
            text,
            tags=set(_TAGS),
            clean_content_tags={"script", "style", "title", "textarea", "select", "template", "noscript", "iframe"},
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https", "mailto", "data"},
            filter_style_properties=_STYLES,
            attribute_filter=_attribute,
        )
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the value that an attribute may have, or None."""
    if name == "src":
        return value if _LIES_IN_THE_PAGE.match(value) else None
    if name == "href":
        return value if re.match(r"https?://|mailto:", value, re.IGNORECASE) else None
    if name == "tabindex":
        return value if value == "0" else None
    if name == "class":
        return value if value in ("formula", "wide", "tex", *(letter for _, letter in _CLASSES)) else None
    return value


# Formulas ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def formula(latex: str, *, block: bool = False) -> str:
    """Return a formula as MathML, or as it was typed if it cannot be converted."""
    latex = latex.strip()
    mark = "$$" if block else "$"
    typed = f'<code class="tex">{html.escape(f"{mark}{latex}{mark}")}</code>'
    if not latex or len(latex) > LONGEST_FORMULA:
        return typed
    try:
        known = _COMMAND.sub(lambda match: _COMMANDS.get(match[0], match[0]), latex)
        known = _OPERATOR.sub(lambda match: f"\\operatorname{{{_SPACE.sub(_NO_BREAK, match[1])}}}", known)
        mathml: str = convert(_NUMBERED.sub(r"\\\1{align*}", known), display="block" if block else "inline")
        fromstring(mathml)
    except (Exception, RecursionError):  # the converter raises what it comes across in its own code
        return typed
    if _UNKNOWN.search(mathml):
        return typed
    clean = str(harmless(mathml))
    reached = ' tabindex="0"' if len(latex) > _WIDE else ""
    if block:
        return f'<span class="formula"{reached}>{clean}</span>'
    return f'<span class="wide"{reached}>{clean}</span>' if reached else clean


# Markdown ----------------------------------------------------------------------------------------------


class _Renderer(IPythonRenderer):
    """Writes formulas as MathML, headings of one level, and pictures that belong to the cell."""

    def __init__(self, attachments: dict[str, dict[str, str]], elsewhere: Mapping[str, str]) -> None:
        super().__init__(escape=False, attachments=attachments)
        self._elsewhere = elsewhere

    def block_math(self, body: str) -> str:
        return formula(body, block=True)

    def inline_math(self, body: str) -> str:
        return formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        if name.rstrip("*") in ("equation", "displaymath", "math"):
            return formula(body, block=True)
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return f"<h3>{text}</h3>\n"  # those above are the page's own, and no level may be left out

    def block_code(self, code: str, info: str | None = None) -> str:
        python = (info or "").strip().lower() in ("python", "py", "python3")
        return f"<pre>{code_of(code) if python else html.escape(code)}</pre>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        name = url.removeprefix("attachment:")
        if name in self._elsewhere and name != url:
            return f"<em>{html.escape(self._elsewhere[name])}</em>"
        if name != url and name in self.attachments:
            url = picture_address(self.attachments[name]) or ""
        if not _LIES_IN_THE_PAGE.match(url):
            return f"<em>[picture: {text}]</em>"
        return f'<img src="{html.escape(url)}" alt="{html.escape(html.unescape(text))}">'


def markdown(
    text: str, attachments: Mapping[str, Mapping[str, str]] | None = None, elsewhere: Mapping[str, str] | None = None
) -> Markup:
    """Return Markdown as harmless HTML.

    Parameters
    ----------
    text : str
        As it stands in a cell or a comment.
    attachments : Mapping[str, Mapping[str, str]], optional
        Pictures of the cell, by name.
    elsewhere : Mapping[str, str], optional
        Words in place of pictures, by name, that are shown in another place.
    """
    pictures = tuple((name, tuple(bundle.items())) for name, bundle in (attachments or {}).items())
    size = sum(len(content) for _, bundle in pictures for _, content in bundle)
    make = _markdown if size < LARGEST_KEPT else _markdown.__wrapped__
    return make(text, pictures, tuple((elsewhere or {}).items()))


@lru_cache(maxsize=256)  # the assignment's own texts are the same for every student
def _markdown(
    text: str, pictures: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], elsewhere: tuple[tuple[str, str], ...]
) -> Markup:
    renderer = _Renderer({name: dict(bundle) for name, bundle in pictures}, dict(elsewhere))
    return harmless(MarkdownWithMath(renderer=renderer).render(text))


# Code and outputs --------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def code_of(source: str) -> Markup:
    """Return Python code with keywords, strings, numbers and comments marked; all else needs no tag."""
    tokens = PythonLexer(stripnl=False, ensurenl=False).get_tokens(source.strip("\n"))
    parts = []
    for letter, group in groupby(tokens, key=lambda found: _class_of(found[0])):
        written = html.escape("".join(text for _, text in group), quote=False)
        parts.append(f'<span class="{letter}">{written}</span>' if letter else written)
    return Markup("".join(parts))


def _class_of(kind: Any) -> str:
    return next((letter for family, letter in _CLASSES if kind in family), "")


def outputs(found: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the outputs of a cell."""
    return Markup("\n").join(filter(None, map(_output, found)))


def _output(output: Mapping[str, Any]) -> Markup:
    if output["output_type"] == "stream":
        return _text(_FOLDER.sub("…/", _PLACE_OF_WARNING.sub("", output["text"])))
    if output["output_type"] == "error":
        return _text("\n".join(_traceback(output)), "output error")
    data, metadata = output.get("data", {}), output.get("metadata", {})
    if address := picture_address(data):
        return picture(address, metadata)
    if "text/html" in data:
        return Markup('<div class="paper" tabindex="0" role="group" aria-label="Output">{}</div>').format(
            harmless(_joined(data["text/html"]))
        )
    for kind in ("text/markdown", "text/latex"):
        if kind in data:
            return Markup('<div class="output">{}</div>').format(markdown(_joined(data[kind])))
    return _text(_joined(data.get("text/plain", "")))


def _text(text: str, kind: str = "output") -> Markup:
    text = strip_ansi(text).strip("\n")
    return Markup('<pre class="{}">{}</pre>').format(kind, text) if text.strip() else Markup("")


def _traceback(output: Mapping[str, Any]) -> list[str]:
    """Return the traceback without the frames that lie in files of this machine."""
    lines = [strip_ansi(line) for line in output.get("traceback", [])]
    kept = [_FOLDER.sub("…/", line) for line in lines if not _LIBRARY_FRAME.match(line)]
    return kept or [": ".join(part for part in (output["ename"], output["evalue"]) if part)]


def picture(address: str, metadata: Mapping[str, Any]) -> Markup:
    """Return the picture of an output with the words and the size that are kept with it."""
    told: Mapping[str, Any] = next(
        (metadata[kind] for kind in _PICTURES if isinstance(metadata.get(kind), Mapping)), {}
    )
    alt = told.get("alt") or "Picture that this cell shows"
    width = Markup(' width="{}"').format(told["width"]) if isinstance(told.get("width"), int) else ""
    return Markup('<img class="paper" src="{}" alt="{}"{}>').format(address, alt, width)


def picture_address(data: Mapping[str, Any]) -> str | None:
    """Return the picture of an output or an attachment as an address that holds it, or None."""
    for kind in _PICTURES:
        if kind in data:
            content = _joined(data[kind])
            if kind == "image/svg+xml" and content.lstrip().startswith("<"):
                content = base64.b64encode(content.encode()).decode()
            return f"data:{kind};base64,{''.join(content.split())}"
    return None


def _joined(value: Any) -> str:
    return value if isinstance(value, str) else "".join(map(str, value))

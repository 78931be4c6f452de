"""Makes HTML that a cell displays harmless: tables, text, pictures and videos, nothing that runs, fetches or floats."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

import nh3
import tinycss2
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.examiner.markdown import held, plain_words, without_addresses
from autograder.examiner.pictures import NoPicture, Pictures, content_of

MAX_HTML_CHARACTERS = 400_000
"""Of one output, pictures aside: a table of some thousand rows."""
_MAX_PROBLEMS = 5
_MAX_LEVELS = 200
"""Of elements within elements; nh3 takes quadratic time for many more."""
_MAX_ATTRIBUTES = 2_000
"""Of one element; nh3 takes quadratic time for many more."""
_QUOTED = r""""[^"]*"|'[^']*'"""
_TAG = re.compile(rf"""<[a-zA-Z](?:[^<>"']|{_QUOTED})*""")

_TAGS = nh3.ALLOWED_TAGS - {"area", "map", "nav", "header", "footer", "article", "aside"} | {"font", "video", "source"}
_SIZE = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_WIDTH = re.compile(r"[1-9]\d{0,3}(?:px)?|[1-9]\d?%|100%", re.ASCII)
_WORD = re.compile(r"[\w -]{0,40}", re.ASCII)
_LINK = re.compile(r"https?://[^\s<>\\]{1,2000}|mailto:[\w.+@-]+|\#[\w.~%-]*|[\w.~%+?=-][\w./~%+?=#-]*", re.IGNORECASE)
_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "a": {"href": _LINK},
    "td": {"colspan": _SIZE, "rowspan": _SIZE, "align": _WORD, "id": _ID},
    "th": {"colspan": _SIZE, "rowspan": _SIZE, "align": _WORD, "scope": _WORD, "id": _ID},
    "tr": {"align": _WORD, "id": _ID},
    "table": {"border": _SIZE, "class": re.compile("dataframe")},
    "ol": {"start": _SIZE},
    "font": {"color": re.compile(r"[#\w]{1,30}", re.ASCII)},
    "details": {"open": _WORD},
    "img": {"alt": re.compile(r".{0,500}", re.DOTALL), "width": _WIDTH, "height": _SIZE},
    "video": {"controls": _WORD, "loop": _WORD, "width": _SIZE, "height": _SIZE},
    "source": {"type": re.compile(r"video/\w+")},
}
_STYLES = frozenset(
    "color background-color text-align vertical-align font-weight font-style text-decoration white-space".split()
)
_STYLE_VALUE = re.compile(r"[\w#%.,() /-]{1,100}", re.ASCII)
_CALLED = re.compile(r"(\w*)\(", re.ASCII)
_COLOURS = {"rgb", "rgba", "hsl", "hsla"}

_FRAME = re.compile(r"frames\[0\]\s*=\s*[\"'](held-picture:\d+)")
_CELL = re.compile(r'<(td|th|tr)((?: [a-z]+="[^"]*")*?) id="([^"]*)"((?: [a-z]+="[^"]*")*?)>')
_NO_SOURCE = re.compile(r'<(img|source)((?: (?!src=)[a-z]+="[^"<>]*")*)>')
_ANY_TAG = re.compile(r"<[^<>]*+>")
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,20})")
_ENDS_BY_ITSELF = frozenset(
    "area base br col dd dt embed hr img input li link meta p source td th tr track wbr".split()
)
"""Elements without content, and those that the next of their kind ends."""


def html_of_markdown(text: str, addresses: list[str], pictures: Pictures) -> str:
    """Return harmless HTML of Markdown that a cell displays; empty if there is nothing to see in it.

    Parameters
    ----------
    text : str
        Markdown of bounded length, without `data:` addresses.
    addresses : list[str]
        These, as `without_addresses` gives them.
    pictures : Pictures
        The submission's.
    """
    return _Cleaner(addresses, pictures).clean(MarkdownWithMath(renderer=_Renderer(escape=False)).render(text))


def clean_html(text: str, pictures: Pictures) -> str:
    """Return harmless HTML of what a cell displays; empty if there is nothing to see in it."""
    if "frames[0]" in text:  # a player of matplotlib's: its pictures are JavaScript's strings
        text = text.replace("\\\n", "")
    text, addresses = without_addresses(text)
    kept = pictures.text(text, MAX_HTML_CHARACTERS)
    cut = _sentence(f"the rest is cut: it has {len(text)} characters") if len(kept) < len(text) else ""
    text = kept
    if frame := _FRAME.search(text):
        text = f'<img src="{frame[1]}">{_sentence("an animation: this is its first frame")}'
    return _Cleaner(addresses, pictures).clean(text) + cut


class _Renderer(IPythonRenderer):
    """Leaves addresses of pictures as they are; nbconvert's refuses attachments, of which an output has none."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return str(super(IPythonRenderer, self).image(text, url, title))


class _Cleaner:
    """Cleans one text, and says what it had to leave out."""

    def __init__(self, addresses: list[str], pictures: Pictures) -> None:
        self._addresses = addresses
        self._pictures = pictures
        self._problems: dict[str, None] = {}
        self._styles: dict[str, str] = {}

    def clean(self, text: str) -> str:
        text = self._with_drawings_as_pictures(text)
        if _levels(text) > _MAX_LEVELS:
            return _sentence(f"left out: its elements lie in each other, more than {_MAX_LEVELS} levels deep")
        if any(_attributes(tag[0]) > _MAX_ATTRIBUTES for tag in _TAG.finditer(text)):
            return _sentence(f"left out: one of its elements has more than {_MAX_ATTRIBUTES} attributes")
        self._styles = dict(_styles_by_id(text))
        text = nh3.clean(
            text,
            tags=set(_TAGS),
            clean_content_tags={"script", "style", "title", "textarea", "select", "template", "noscript", "iframe"},
            attributes={"*": {"style"}, **{tag: {*known, "src"} for tag, known in _ATTRIBUTES.items()}},
            url_schemes={"http", "https", "mailto", "data", "attachment", "held-picture", "file"},
            attribute_filter=self._attribute,
        )
        text = _CELL.sub(self._styled, text)
        text = _NO_SOURCE.sub("", text)
        problems = "".join(_sentence(problem) for problem in list(self._problems)[:_MAX_PROBLEMS])
        seen = "<img" in text or "<video" in text or _ANY_TAG.sub("", text).strip()
        return text + problems if problems or seen else ""

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        """Return the value that an attribute may have, or None."""
        if name == "style":
            return _harmless_style(value) or None
        if name == "src":
            return self._source(tag, value.strip())
        known = _ATTRIBUTES.get(tag, {}).get(name)
        return value if known is not None and known.fullmatch(value) else None

    def _source(self, tag: str, target: str) -> str | None:
        try:
            if tag == "source":
                return self._pictures.video(self._content(target))
            if tag == "video" and target:
                return self._pictures.video(self._content(target))
            if tag == "img" and target:
                return self._pictures.from_bytes(self._content(target)).address
        except NoPicture as problem:
            what = "video" if tag in ("video", "source") else "picture"
            name = "" if held(target, self._addresses) else plain_words(target[-80:])
            self._problems[f"{what} {name + ' ' if name else ''}left out: {problem}"] = None
        return None

    def _content(self, target: str) -> bytes:
        if (address := held(target, self._addresses)) is not None:
            return content_of(address)
        if re.match(r"(?:https?:)?//", target, re.IGNORECASE):
            raise NoPicture("it lies on another server")
        content = self._pictures.file(target)
        if content is None:
            raise NoPicture("there is no such file in the submission")
        return content

    def _with_drawings_as_pictures(self, text: str) -> str:
        """Return HTML with each drawing in it (`<svg>`) as the picture that it is."""
        parts, place, low = [], 0, text.lower()
        while (start := low.find("<svg", place)) >= 0 and (end := low.find("</svg>", start)) >= 0:
            end += len("</svg>")
            number = len(self._addresses)
            self._addresses.append(f"data:image/svg+xml,{quote(text[start:end], errors='replace')}")
            parts += [text[place:start], f'<img src="held-picture:{number}">']
            place = end
        return "".join([*parts, text[place:]])

    def _styled(self, match: re.Match[str]) -> str:
        style = self._styles.get(match[3], "")
        return f"<{match[1]}{match[2]}{match[4]}{f' style={chr(34)}{style}{chr(34)}' if style else ''}>"


def _levels(text: str) -> int:
    """Return how deep elements of HTML can lie in each other, at most: whatever is open, in whatever order."""
    is_open: Counter[str] = Counter()
    levels = deepest = 0
    for end, name in _TAG_NAME.findall(text):
        name = name.lower()
        if name in _ENDS_BY_ITSELF:
            continue
        if not end:
            is_open[name] += 1
            levels += 1
            deepest = max(deepest, levels)
        elif is_open[name]:
            is_open[name] -= 1
            levels -= 1
    return deepest


def _attributes(tag: str) -> int:
    """Return how many attributes a tag has, at most; what stands in quotes is the value of one."""
    return len(re.split(r"[\s/]+", re.sub(_QUOTED, " ", tag)))


def _styles_by_id(text: str) -> Iterator[tuple[str, str]]:
    """Yield what the text's own style sheets say of single elements: by it pandas colours the cells of a table."""
    low, place = text.lower(), 0
    while (start := low.find("<style", place)) >= 0 and (end := low.find("</style", start)) >= 0:
        place = end
        for rule in tinycss2.parse_stylesheet(text[text.find(">", start) + 1 : end], True, True):
            if rule.type == "qualified-rule" and (style := _harmless_style(tinycss2.serialize(rule.content))):
                for selector in tinycss2.serialize(rule.prelude).split(","):
                    yield selector.strip().removeprefix("#"), style


def _harmless_style(text: str) -> str:
    """Return those declarations that change the looks of a piece of text in its place."""
    kept = []
    for declaration in tinycss2.parse_declaration_list(text, True, True):
        if declaration.type != "declaration" or declaration.lower_name not in _STYLES:
            continue
        value = tinycss2.serialize(declaration.value).strip()
        if _STYLE_VALUE.fullmatch(value) and {name.lower() for name in _CALLED.findall(value)} <= _COLOURS:
            kept.append(f"{declaration.lower_name}: {value}")
    return "; ".join(kept)


def _sentence(words: str) -> str:
    return f"<p><em>[{html.escape(words)}]</em></p>"

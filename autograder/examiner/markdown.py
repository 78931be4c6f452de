"""Finds the pictures in Markdown, however people write them, and gives each the one form that every renderer shows."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.helpers import parseLinkDestination, parseLinkTitle

from autograder.examiner.pictures import NoPicture, Picture, Pictures, spellings

Attachments = dict[str, dict[str, str]]

MAX_PICTURES = 100
"""Pictures of one cell that are looked for."""

_MAX_ALTERNATIVE = 2000
_MAX_NAME = 80
_HELD = "held-picture:"
"""Stands in a text for the `data:` address of this number, so that texts stay short."""

_ADDRESS = re.compile(
    r"data:(?:image|video)/[\w.+-]+(?:;[\w.+-]+(?:=[^,;\s]{0,80})?)*+,"
    # Base64 may go on in the next line.
    r"(?:[\w+/=%!$&*.;:@~-]++|[ \t]*+\n[ \t]*+(?=[A-Za-z0-9+/]{40}|[A-Za-z0-9+/]++={0,2}[\"'>)]))*+",
    re.ASCII | re.IGNORECASE,
)
_START = re.compile(r"`++|\\[\\`!\[]|!\[|<img(?=[\s/>])", re.IGNORECASE)
_TAG = re.compile(
    r"""<img(?:[\s/]++[^\s"'>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?+)*+[\s/]*+>""", re.IGNORECASE
)
_BRACKET = re.compile(r"\n[ \t]*\n|\\.|[\[\]]", re.DOTALL)
_ANYTHING = re.compile(r"\(([^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)*+)\)")
_SPACE = re.compile(r"[ \t]*\n?[ \t]*")
_UNSAFE_IN_WORDS = re.compile(r"[^\w\s.,;:()'/+=%#?-]")
_REMOTE = re.compile(r"(?:https?:)?//[^\s<>\\()\[\]\"'`]{1,500}", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def without_addresses(text: str) -> tuple[str, list[str]]:
    """Return a text with a short word for each `data:` address of a picture or video in it, and these addresses."""
    found: list[str] = []

    def word(match: re.Match[str]) -> str:
        found.append(match[0])
        return f"{_HELD}{len(found) - 1}"

    return _ADDRESS.sub(word, text), found


def held(target: str, addresses: list[str]) -> str | None:
    """Return the `data:` address for which a word stands, or None if it stands for none."""
    number = target.removeprefix(_HELD)
    return addresses[int(number)] if number != target and number.isdecimal() and int(number) < len(addresses) else None


def with_addresses(text: str, addresses: list[str], most: int | None = None) -> str:
    """Return the text with these addresses, or their first `most` characters, in place of the words for them."""

    def address(match: re.Match[str]) -> str:
        whole = held(match[0], addresses)
        return match[0] if whole is None else whole[:most]

    return re.sub(rf"{_HELD}\d+", address, text)


class _Image(HTMLParser):
    """The attributes of one `<img>` tag."""

    def __init__(self, tag: str) -> None:
        super().__init__()
        self.attributes: dict[str, str] = {}
        self.feed(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes = {name: value or "" for name, value in attrs}


class MarkdownPictures:
    """The pictures of one cell's Markdown.

    Parameters
    ----------
    attachments : Mapping[str, Any]
        What the cell holds, by name.
    pictures : Pictures
        The submission's.
    trusted : bool, optional
        For cells of the assignment: what is no picture of a file or an attachment stays as it is.
    """

    def __init__(self, attachments: Mapping[str, Any], pictures: Pictures, *, trusted: bool = False) -> None:
        self._given = attachments if isinstance(attachments, Mapping) else {}
        self._pictures = pictures
        self._trusted = trusted
        self._addresses: list[str] = []
        self.attachments: Attachments = {}
        """What the cell is to hold instead."""

    def shown(self, text: str, addresses: list[str]) -> str:
        """Return the text with each picture as `![words](attachment:name)`, or a sentence in its place.

        Parameters
        ----------
        text : str
            Markdown without `data:` addresses.
        addresses : list[str]
            These, as `without_addresses` gives them.
        """
        self._addresses = addresses
        if "![" not in text and not re.search("<img", text, re.IGNORECASE):
            return text
        definitions, code = _definitions_and_code(text)
        parts, done, place, found = [], 0, 0, 0
        while (start := _START.search(text, place)) and found < MAX_PICTURES:
            place = start.end()
            if any(begin <= start.start() < end for begin, end in code):
                continue
            if start[0].startswith("`"):  # code, if it is closed
                place = _end_of_code(text, place, start[0])
                continue
            if start[0].startswith("\\"):
                continue
            found += 1
            seen = self._tag(text, start.start()) if start[0][0] == "<" else self._image(text, place, definitions)
            if seen is not None:
                shown, end = seen
                parts += [text[done : start.start()], shown]
                done = place = end
        return "".join([*parts, text[done:]])

    def _tag(self, text: str, start: int) -> tuple[str, int] | None:
        """Return what is to stand in place of an `<img>` and where it ends."""
        match = _TAG.match(text, start)
        if match is None:
            return None
        told = _Image(match[0]).attributes
        shown = self._replacement(told.get("src", "").strip(), told.get("alt") or told.get("title", ""), match[0])
        return shown, match.end()

    def _image(self, text: str, start: int, definitions: Mapping[str, str]) -> tuple[str, int] | None:
        """Return what is to stand in place of `![…` and where it ends, or None if it is no image."""
        end = _end_of_brackets(text, start)
        if end is None:
            return None
        words = text[start : end - 1]
        if text.startswith("(", end):
            found = _target(text, end + 1)
            if found is None and (match := _ANYTHING.match(text, end)):
                found = match[1].strip().strip("<>"), match.end()  # `(my shot.png)`, if there is such a file
                if self._found(found[0]) is None:
                    return None
            if found is not None:
                return self._replacement(found[0], words, text[start - 2 : found[1]]), found[1]
        label = words
        if text.startswith("[", end) and (close := _end_of_brackets(text, end + 1)):
            label, end = text[end + 1 : close - 1] or words, close
        target = definitions.get(normalizeReference(label))
        return None if target is None else (self._replacement(target, words, text[start - 2 : end]), end)

    def _replacement(self, target: str, words: str, original: str) -> str:
        words = plain_words(words)
        if _REMOTE.match(target):
            if self._trusted:
                return original
            link = f"[{words or 'picture'}]({target}) " if _REMOTE.fullmatch(target) else ""
            return f"{link}{_sentence('it lies on another server')}"
        try:
            picture = self._found(target)
        except NoPicture as problem:
            if self._trusted and not target.lower().startswith("attachment:"):
                return original
            return _sentence(str(problem), target, self._addresses)
        if picture is None:
            if self._trusted and not target.lower().startswith("attachment:"):
                return original
            return _sentence("there is no such picture in the submission", target, self._addresses)
        if self._trusted and original.startswith("<"):
            return re.sub(
                r"""(\ssrc\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+)""",
                lambda match: f'{match[1]}"{picture.address}"',
                original,
                count=1,
                flags=re.IGNORECASE,
            )
        return f"![{words}](attachment:{self._attached(picture)})" + (" *[its first frame]*" if picture.still else "")

    def _found(self, target: str) -> Picture | None:
        """Return the picture that an address means, or None if there is none; raises NoPicture."""
        if (address := held(target, self._addresses)) is not None:
            return self._pictures.from_address(address)
        if target.lower().startswith("attachment:"):
            bundle = _by_name(self._given, target[len("attachment:") :])
            return None if bundle is None else self._of_bundle(bundle)
        content = self._pictures.file(target)
        return None if content is None else self._pictures.from_bytes(content)

    def _of_bundle(self, bundle: Any) -> Picture:
        """Return the first picture of an attachment; the type it claims to have does not matter."""
        problem = NoPicture("it is not a picture")
        for content in bundle.values() if isinstance(bundle, Mapping) else []:
            try:
                return self._pictures.from_text(content)
            except NoPicture as error:
                problem = error
        raise problem

    def _attached(self, picture: Picture) -> str:
        bundle = {picture.mime: picture.text}
        for name, other in self.attachments.items():
            if other == bundle:
                return name
        name = f"picture-{len(self.attachments) + 1}.{picture.mime.partition('/')[2].partition('+')[0]}"
        self.attachments[name] = bundle
        return name


def plain_words(text: str) -> str:
    """Return text of which no renderer makes anything but text."""
    words = _UNSAFE_IN_WORDS.sub(" ", html.unescape(text[:_MAX_ALTERNATIVE]))
    return " ".join(words.split())[:300]


def _sentence(problem: str, target: str = "", addresses: list[str] | None = None) -> str:
    name = "" if held(target, addresses or []) else plain_words(target.removeprefix("attachment:")[-_MAX_NAME:])
    return f"*[picture {name + ' ' if name else ''}left out: {problem}]*"


def _definitions_and_code(text: str) -> tuple[dict[str, str], list[tuple[int, int]]]:
    """Return the targets that a text defines, by label, and where it has blocks of code."""
    parser = MarkdownIt("commonmark").disable("inline")
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    told: dict[str, Any] = {}
    text = text.replace("\r\n", " \n").replace("\r", "\n")  # as the parser does, but no place moves
    blocks = parser.parse(text, told)
    lines = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    code = [
        (lines[block.map[0]], lines[min(block.map[1], len(lines) - 1)])
        for block in blocks
        if block.type in ("fence", "code_block") and block.map and block.map[0] < len(lines)
    ]
    return {label: found["href"] for label, found in told.get("references", {}).items()}, code


def _end_of_code(text: str, start: int, marks: str) -> int:
    """Return where code that these backticks open before `start` is behind its end, or `start` if it has none."""
    blank = _BLANK_LINE.search(text, start)
    closing = re.compile(f"(?<!`){marks}(?!`)").search(text, start, blank.start() if blank else len(text))
    return closing.end() if closing else start


def _end_of_brackets(text: str, start: int) -> int | None:
    """Return where the bracket that was opened before `start` is behind its end, or None."""
    depth = 1
    for match in _BRACKET.finditer(text, start, start + _MAX_ALTERNATIVE):
        if match[0].startswith("\n"):
            return None
        depth += {"[": 1, "]": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return None


def _target(text: str, start: int) -> tuple[str, int] | None:
    """Return the address in the parentheses that were opened before `start`, and where they end."""
    space = _SPACE.match(text, start)
    found = parseLinkDestination(text, space.end() if space else start, len(text))
    if not found.ok:
        return None
    space = _SPACE.match(text, found.pos)
    end = space.end() if space else found.pos
    if end > found.pos:
        title = parseLinkTitle(text, end, min(len(text), end + _MAX_ALTERNATIVE))
        if title.ok:
            space = _SPACE.match(text, title.pos)
            end = space.end() if space else title.pos
    return (found.str, end + 1) if text.startswith(")", end) else None


def _by_name(attachments: Mapping[str, Any], name: str) -> Any:
    """Return the attachment of this name, however it is written."""
    for spelling in spellings(name):
        for key, bundle in attachments.items():
            if spelling in spellings(key):
                return bundle
    return None

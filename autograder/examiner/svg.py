"""Makes a student's SVG drawing harmless: shapes and text stay, all that could run or fetch something goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_SVG_BYTES = 4 * 1024**2
MAX_ELEMENTS = 100_000
_MAX_DEPTH = 100

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ELEMENTS = frozenset(
    "svg g defs symbol use switch path rect circle ellipse line polyline polygon text tspan textPath title desc "
    "clipPath mask linearGradient radialGradient stop pattern marker image".split()
)
_RENAMED = {"a": "g"}
_LOCAL = re.compile(r"#[\w.:-]+", re.ASCII)
_LOCAL_URL = re.compile(r"""url\(\s*["']?#[\w.:-]+["']?\s*\)""", re.ASCII | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

ElementTree.register_namespace("", _SVG.strip("{}"))
ElementTree.register_namespace("xlink", _XLINK.strip("{}"))


class BadDrawing(Exception):
    """It is no drawing that can be shown; the message says why."""


def clean_svg(content: bytes, picture: Callable[[str], str]) -> bytes:
    """Return a drawing of known elements that refers to nothing outside itself.

    Parameters
    ----------
    content : bytes
        The file.
    picture : Callable[[str], str]
        Returns a `data:` address of a harmless picture for one that the drawing holds, or raises an exception.

    Raises
    ------
    BadDrawing
        If it cannot be read.
    """
    if len(content) > MAX_SVG_BYTES:
        raise BadDrawing(f"the drawing is larger than {MAX_SVG_BYTES // 1024**2} MiB")
    try:
        root = fromstring(content, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadDrawing("it is not a drawing (SVG) that can be read") from None
    if root.tag == "svg":  # HTML needs no namespace, a file does
        for element in root.iter():
            if isinstance(element.tag, str) and not element.tag.startswith("{"):
                element.tag = _SVG + element.tag
    if root.tag != f"{_SVG}svg":
        raise BadDrawing("it is not a drawing (SVG) that can be read")
    left = [MAX_ELEMENTS]
    clean = _clean(root, picture, left, 0)
    assert clean is not None
    return ElementTree.tostring(clean, encoding="utf-8")


def _clean(
    element: ElementTree.Element, picture: Callable[[str], str], left: list[int], depth: int
) -> ElementTree.Element | None:
    """Return a copy of an element that is known, with what is known in it; None for any other."""
    left[0] -= 1
    if left[0] < 0 or depth > _MAX_DEPTH:
        raise BadDrawing("the drawing has too many parts")
    if not isinstance(element.tag, str) or not element.tag.startswith(_SVG):
        return None
    name = element.tag.removeprefix(_SVG)
    name = _RENAMED.get(name, name)
    if name not in _ELEMENTS:
        return None
    copy = ElementTree.Element(_SVG + name)
    copy.text, copy.tail = element.text, element.tail
    for key, value in element.attrib.items():
        if (kept := _attribute(name, key, value, picture)) is not None:
            copy.set(key, kept)
    for child in element:
        kept_child = _clean(child, picture, left, depth + 1)
        if kept_child is not None:
            copy.append(kept_child)
    return copy


def _attribute(element: str, key: str, value: str, picture: Callable[[str], str]) -> str | None:
    """Return the harmless value of an attribute, or None."""
    value = value.strip()
    if key in ("href", f"{_XLINK}href"):
        if element == "image":
            try:
                return picture(value)
            except Exception:
                return None
        return value if _LOCAL.fullmatch(value) else None
    if key == f"{_XML}space":
        return value
    if not _ATTRIBUTE.fullmatch(key) or key.lower().startswith("on") or _CONTROL.search(value):
        return None
    plain = _LOCAL_URL.sub("", value)
    if "\\" in plain or "@" in plain or re.search(r"url|image|script|expression", plain, re.IGNORECASE):
        return None
    return value

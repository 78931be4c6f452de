"""Pictures of a submission, from wherever they come: checked, bounded, scaled down where they are too large.

A picture that is fine stays as it is, byte for byte. It is decoded once, so that what a browser cannot show leaves a
sentence and no empty frame.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import posixpath
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, unquote_to_bytes

from PIL import Image, ImageOps

from autograder.examiner.svg import BadDrawing, clean_svg

MIB = 1024**2

MAX_PICTURE_BYTES = 8 * MIB
"""A picture larger than this is scaled down."""
MAX_BYTES_TOGETHER = 24 * MIB
"""Of all pictures of a submission; no picture gets more than half of what is left, so there is always some left."""
MAX_TEXT_TOGETHER = 4 * MIB
"""Characters of the texts that a submission's code displays; what makes an element of a page counts for several."""
MAX_PICTURE_PIXELS = 4096 * 4096
"""A picture of more pixels is scaled down."""
MAX_PIXELS_READ = 50_000_000
"""More are not decoded; a screen of 8K has 33 million."""
MAX_PIXELS_TOGETHER = 400_000_000
"""Decoded for one submission."""
MAX_VIDEO_BYTES = MAX_PICTURE_BYTES

_KEPT = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_DRAWN_ANEW = ("BMP", "AVIF")
_SCALED_SIDE = 2560
_LONGEST_NAME = 1000
_LEAST_SIDE = 48
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_TEXT = (b"zTXt", b"iTXt")
"""Chunks that a decoder unpacks, all of them, before it looks at the picture."""

_SHORT = 200
_ELEMENT = 20
"""Characters that count for an element of a page: programs that read a page take long for each."""

_DATA_ADDRESS = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+(?:=[^,;]{0,80})?)*),", re.ASCII | re.IGNORECASE)


class NoPicture(Exception):
    """A picture cannot be shown; the message says why, for the student."""


@dataclass(frozen=True)
class Picture:
    """A picture that any browser shows, and nothing else."""

    mime: str
    content: bytes
    still: bool = False
    """Whether it is the first frame of an animation that was too large."""

    @property
    def text(self) -> str:
        """Its content as a notebook holds it."""
        return base64.b64encode(self.content).decode()

    @property
    def address(self) -> str:
        """An address that holds all of it (a data URL)."""
        return f"data:{self.mime};base64,{self.text}"


class Pictures:
    """Makes the pictures of one submission fit to be shown, all of them within one limit.

    Parameters
    ----------
    files : Mapping[str, bytes], optional
        What lies beside the notebook, by relative path.
    made : Callable[[str], bytes | None], optional
        Reads a file that the notebook's own code has written, by relative path.
    """

    def __init__(
        self, files: Mapping[str, bytes] | None = None, made: Callable[[str], bytes | None] = lambda _name: None
    ) -> None:
        self._files = files or {}
        self._made = made
        self._bytes_left = MAX_BYTES_TOGETHER
        self._pixels_left = MAX_PIXELS_TOGETHER
        self._text_left = MAX_TEXT_TOGETHER
        self._known: dict[bytes, Picture] = {}

    def from_text(self, text: object) -> Picture:
        """Return the picture that base64 stands for; line breaks in it do not matter.

        Raises
        ------
        NoPicture
            If it cannot be shown.
        """
        if isinstance(text, list):
            text = "".join(part for part in text if isinstance(part, str))
        if not isinstance(text, str):
            raise NoPicture("it is not a picture")
        return self.from_bytes(_from_base64(text))

    def from_address(self, address: str) -> Picture:
        """Return the picture of a `data:` address; raises as `from_text`."""
        return self.from_bytes(content_of(address))

    def from_bytes(self, content: bytes) -> Picture:
        """Return the picture of a file's content, scaled down if it is too large; raises as `from_text`."""
        digest = hashlib.sha256(content).digest()
        picture = self._known.get(digest)
        if picture is None or len(picture.content) > self._most_bytes():
            picture = self._known[digest] = self._read(content)
        self._bytes_left -= len(picture.content)  # each time: a page holds it as often as it is shown
        return picture

    def text(self, text: str, most: int | None = None) -> str:
        """Return so much of a text that is shown beside the pictures as their limit has room for, at most `most`.

        A short one is kept in any case: it may be the points of a test cell.
        """
        text = text[:most]
        while len(text) > _SHORT and (weight := _weight(text)) > self._text_left:
            text = text[: max(_SHORT, min(len(text) - 1, len(text) * max(self._text_left, 0) // weight))]
        self._text_left -= _weight(text)
        return text

    def video(self, content: bytes) -> str:
        """Return the `data:` address of a video; raises as `from_text`."""
        mime = _video_type(content)
        if not mime:
            raise NoPicture("it is not a video that a browser shows")
        if len(content) > min(MAX_VIDEO_BYTES, self._bytes_left):
            raise NoPicture(f"the video is larger than {min(MAX_VIDEO_BYTES, self._bytes_left) / MIB:.2g} MiB")
        self._bytes_left -= len(content)
        return f"data:{mime};base64,{base64.b64encode(content).decode()}"

    def file(self, target: str) -> bytes | None:
        """Return the content of the file that a relative address means, or None if there is none.

        The path on a student's own machine is known by the file's name alone, if only one file has it.
        """
        if "\0" in target or len(target) > _LONGEST_NAME:
            return None
        files = {spelling: name for name in self._files for spelling in spellings(name)[-1:]}
        names = [*spellings(target), *spellings(re.split(r"[?#]", target)[0])]
        for name in filter(None, dict.fromkeys(names)):
            if name in files:
                return self._files[files[name]]
            if (content := self._made(name)) is not None:
                return content
        last = names[-1].rpartition("/")[2].casefold()
        same = [name for spelling, name in files.items() if spelling.rpartition("/")[2].casefold() == last]
        return self._files[same[0]] if len(same) == 1 else None

    def _most_bytes(self) -> int:
        return min(MAX_PICTURE_BYTES, self._bytes_left // 2)

    def _read(self, content: bytes) -> Picture:
        if content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return self._read_drawing(content)
        content = _without_compressed_text(content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what a decoder finds odd
                return self._decode(content)
        except NoPicture:
            raise
        except Exception:  # decoders raise nearly every kind of exception for what is broken
            raise NoPicture("it is damaged, or no PNG, JPEG, GIF, WebP or SVG picture") from None

    def _read_drawing(self, content: bytes) -> Picture:
        try:
            clean = clean_svg(content, lambda address: self.from_address(address).address)
        except BadDrawing as error:
            raise NoPicture(str(error)) from None
        if len(clean) > self._most_bytes():
            raise NoPicture(f"the drawing is larger than {self._most_bytes() / MIB:.2g} MiB")
        return Picture("image/svg+xml", clean)

    def _decode(self, content: bytes) -> Picture:
        with Image.open(io.BytesIO(content), formats=[*_KEPT, *_DRAWN_ANEW]) as image:
            mime = _KEPT.get(image.format or "")
            width, height = image.size
            image.draft("RGB", (4096, 4096))  # a photograph's decoder can leave pixels out
            pixels = image.size[0] * image.size[1]
            if pixels > min(MAX_PIXELS_READ, self._pixels_left):
                raise NoPicture(f"it has {width} x {height} pixels")
            self._pixels_left -= pixels
            image.load()
            if mime and width * height <= MAX_PICTURE_PIXELS and len(content) <= self._most_bytes():
                return Picture(mime, content)
            moves = bool(getattr(image, "is_animated", False))
            mime, content = _scaled(image, self._most_bytes())
            return Picture(mime, content, still=moves)


def content_of(address: str) -> bytes:
    """Return what a `data:` address holds.

    Raises
    ------
    NoPicture
        If it is no such address.
    """
    match = _DATA_ADDRESS.match(address)
    if match is None:
        raise NoPicture("its address holds no picture")
    rest = address[match.end() :]
    if "base64" in match[2].lower().split(";"):
        return _from_base64(unquote(rest) if "%" in rest else rest)
    return unquote_to_bytes(rest)


def _weight(text: str) -> int:
    """Return how much of a page a text becomes: some characters are written out, tags and colours make elements."""
    elements = text.count("<") + text.count("\x1b")
    return len(text) + _ELEMENT * elements + 4 * sum(map(text.count, "&\"'"))


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        raise NoPicture("it is cut off") from None


def spellings(name: str) -> list[str]:
    """Return a name of a file or an attachment in the forms in which names are compared, the likeliest first.

    People and editors write `%20` or a space, umlauts in either normal form, `./` before it, or backslashes.
    """
    plain = [unicodedata.normalize("NFC", form) for form in (name, unquote(name))]
    paths = [posixpath.normpath(form.strip().replace("\\", "/")).removeprefix("./") for form in plain]
    return list(dict.fromkeys([*plain, *paths]))


def _video_type(content: bytes) -> str:
    if content[4:8] == b"ftyp":
        return "video/mp4"
    return "video/webm" if content.startswith(b"\x1a\x45\xdf\xa3") else ""


def _without_compressed_text(content: bytes) -> bytes:
    """Return a PNG without the texts that its decoder would unpack, and without what follows its end."""
    if not content.startswith(_PNG_START):
        return content
    kept, place = [_PNG_START], len(_PNG_START)
    while place < len(content):
        end = place + 12 + int.from_bytes(content[place : place + 4])
        kind = content[place + 4 : place + 8]
        if kind not in _PNG_TEXT:
            kept.append(content[place:end])
        if kind == b"IEND":
            break
        place = end
    return b"".join(kept)


def _scaled(image: Image.Image, most_bytes: int) -> tuple[str, bytes]:
    """Return media type and content of a picture of at most this size."""
    sharp = image.format != "JPEG"  # a photograph as PNG is several times as large
    image = ImageOps.exif_transpose(image)
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    image = image.convert("RGBA" if clear else "RGB")
    side = min(_SCALED_SIDE, max(image.size))
    least = min(_LEAST_SIDE, side)
    while side >= least:
        image.thumbnail((side, side), reducing_gap=2.0)
        for kind in ("PNG", "JPEG") if sharp else ("JPEG",):
            content = _encoded(image, kind)
            if len(content) <= most_bytes:
                return _KEPT[kind], content
        side = side * 7 // 10
    raise NoPicture("the pictures of this notebook together are too large")


def _encoded(image: Image.Image, kind: str) -> bytes:
    if kind == "JPEG" and image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    file = io.BytesIO()
    image.save(file, kind, **({"quality": 85} if kind == "JPEG" else {}))
    return file.getvalue()

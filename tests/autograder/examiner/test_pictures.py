"""Pictures of a submission are checked, keep within one limit, and are scaled down rather than left out."""

from __future__ import annotations

import base64
import io
import struct
import unicodedata
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from autograder.examiner import pictures as module
from autograder.examiner.pictures import (
    MAX_BYTES_TOGETHER,
    MAX_PICTURE_BYTES,
    MAX_PICTURE_PIXELS,
    NoPicture,
    Pictures,
    content_of,
    spellings,
)
from tests.autograder.examiner.drawn import gif, jpeg, png, svg

MIB = 1024**2


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("!I", len(content)) + kind + content + struct.pack("!I", zlib.crc32(kind + content))


def with_chunks(picture: bytes, *chunks: bytes) -> bytes:
    """Return a PNG with chunks behind its header."""
    return picture[:33] + b"".join(chunks) + picture[33:]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (png(3, 2), "image/png"),
        (jpeg(3, 2), "image/jpeg"),
        (gif(3, 2), "image/gif"),
        (with_chunks(png(3, 2), chunk(b"tEXt", b"Software\0Matplotlib")), "image/png"),
        (png(1024, 1024, noise=True), "image/png"),
    ],
    ids=["png", "jpeg", "gif", "png with text", "3 MiB"],
)
def test_a_good_picture_stays_as_it_is(content: bytes, mime: str) -> None:
    picture = Pictures().from_bytes(content)
    assert (picture.mime, picture.content) == (mime, content)


def test_other_kinds_become_png() -> None:
    file = io.BytesIO()
    Image.new("RGB", (7, 5)).save(file, "BMP")
    picture = Pictures().from_bytes(file.getvalue())
    assert (picture.mime, opened(picture.content).size) == ("image/png", (7, 5))


def test_large_pictures_are_scaled_down() -> None:
    shot = png(3000, 1200, noise=True)
    assert len(shot) > MAX_PICTURE_BYTES
    picture = Pictures().from_bytes(shot)
    assert len(picture.content) <= MAX_PICTURE_BYTES
    assert opened(picture.content).size[0] >= 1000
    wide = Pictures().from_bytes(png(MAX_PICTURE_PIXELS // 4000 + 1, 4000))
    assert max(opened(wide.content).size) == 2560


def test_a_clear_picture_stays_clear() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (5000, 5000), (0, 0, 0, 0)).save(file, "PNG")
    picture = Pictures().from_bytes(file.getvalue())
    assert opened(picture.content).getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_large_animation_shows_its_first_frame() -> None:
    picture = Pictures().from_bytes(gif(4200, 4000))
    assert picture.still
    assert picture.mime == "image/png"


def test_all_together_keep_within_the_limit_and_none_is_lost() -> None:
    pictures = Pictures()
    together = 0
    for number in range(12):
        content = png(1100, 1100 + number, noise=True)
        picture = pictures.from_bytes(content)
        together += len(picture.content)
    assert together <= MAX_BYTES_TOGETHER


def test_a_picture_shown_again_counts_again() -> None:
    pictures, shot = Pictures(), png(1500, 1500, noise=True)
    sizes = [len(pictures.from_bytes(shot).content) for _ in range(10)]
    assert sum(sizes) <= MAX_BYTES_TOGETHER


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged"),
        (b"no picture", "damaged"),
        (png(30, 30, noise=True)[:-500], "damaged"),
        (png(9000, 9000), "9000 x 9000 pixels"),
        (b"<svg", "not a drawing"),
        (b"<html>", "not a drawing"),
    ],
    ids=["empty", "text", "cut off", "pixels", "drawing", "page"],
)
def test_what_cannot_be_shown_says_so(content: bytes, said: str) -> None:
    with pytest.raises(NoPicture, match=said):
        Pictures().from_bytes(content)


def test_decoded_pixels_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PIXELS_TOGETHER", 2500)
    pictures = Pictures()
    for shade in range(2):
        pictures.from_bytes(with_chunks(png(30, 30), chunk(b"tEXt", bytes([65 + shade]))))
    with pytest.raises(NoPicture, match="30 x 30 pixels"):
        pictures.from_bytes(png(30, 30))


def test_compressed_text_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(900_000), 9)
    texts = [chunk(b"zTXt", b"a\0\0" + bomb), chunk(b"iTXt", b"a\0\1\0\0\0" + bomb)] * 40
    picture = Pictures().from_bytes(with_chunks(png(3, 2), *texts) + b"<script>")
    assert picture.content == png(3, 2)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 120), st.sampled_from([png(5, 4), gif(5, 4), jpeg(5, 4), svg("<g/>")]))
@example(b"\xff\xff\xff\xff", 33, png(5, 4))
def test_damage_is_no_other_exception(noise: bytes, place: int, picture: bytes) -> None:
    damaged = picture[:place] + noise + picture[place + len(noise) :]
    try:
        found = Pictures().from_bytes(damaged)
    except NoPicture:
        return
    assert found.mime.startswith("image/")


@pytest.mark.parametrize(
    ("address", "content"),
    [
        ("data:image/png;base64,QUJD", b"ABC"),
        ("DATA:image/png;charset=utf-8;BASE64,QU%4AD", b"ABC"),
        ("data:image/svg+xml;utf8,%3Csvg/%3E", b"<svg/>"),
        ("data:,a%20b", b"a b"),
    ],
)
def test_data_addresses(address: str, content: bytes) -> None:
    assert content_of(address) == content


@pytest.mark.parametrize("address", ["data:image/png", "https://example.org/a.png", "data:image/png;base64,QUJDR"])
def test_no_data_address(address: str) -> None:
    with pytest.raises(NoPicture):
        content_of(address)


def test_files_are_found_however_they_are_written() -> None:
    decomposed = unicodedata.normalize("NFD", "bilder/plöt.png")
    pictures = Pictures({decomposed: b"1", "a/same.png": b"2", "b/same.png": b"3", "50%.png": b"4"})
    for target in (
        "bilder/plöt.png",
        "./bilder/pl%C3%B6t.png",
        "bilder\\plöt.png",
        "/home/ada/PLÖT.png?x#y",
        decomposed,
    ):
        assert pictures.file(target) == b"1"
    assert pictures.file("a/same.png") == b"2"
    assert pictures.file("50%.png") == b"4"
    assert pictures.file("same.png") is None
    assert pictures.file("none.png") is None
    assert pictures.file("a\0b") is None


def test_files_that_the_notebook_wrote_are_found_too() -> None:
    asked = []

    def made(name: str) -> bytes | None:
        asked.append(name)
        return b"1" if name == "my plot.png" else None

    assert Pictures({}, made).file("./my%20plot.png") == b"1"
    assert Pictures({"my plot.png": b"2"}, made).file("my plot.png") == b"2"


@given(st.text(max_size=40))
def test_spellings_hold_the_name_itself(name: str) -> None:
    assert unicodedata.normalize("NFC", name) in spellings(name)


def test_videos() -> None:
    film = b"\0\0\0\x20ftypisom" + bytes(100)
    assert Pictures().video(film) == f"data:video/mp4;base64,{base64.b64encode(film).decode()}"
    with pytest.raises(NoPicture, match="not a video"):
        Pictures().video(b"<script>alert(1)</script>")
    with pytest.raises(NoPicture, match="larger than 8 MiB"):
        Pictures().video(film + bytes(9 * MIB))

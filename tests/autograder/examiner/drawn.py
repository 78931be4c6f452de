"""Pictures to hand in, and how people put them into their texts."""

from __future__ import annotations

import base64
import io
import random

from PIL import Image


def png(width: int, height: int, *, noise: bool = False) -> bytes:
    """Return a PNG; one of noise cannot be packed."""
    size = width, height
    image = (
        Image.frombytes("RGB", size, random.Random(0).randbytes(3 * width * height)) if noise else Image.new("L", size)
    )
    return _saved(image, "PNG", compress_level=1)


def jpeg(width: int, height: int) -> bytes:
    """Return a JPEG."""
    return _saved(Image.new("RGB", (width, height), "red"), "JPEG")


def gif(width: int, height: int, frames: int = 3) -> bytes:
    """Return an animation."""
    images = [Image.new("RGB", (width, height), (number, 0, 0)) for number in range(frames)]
    return _saved(images[0], "GIF", save_all=True, append_images=images[1:])


def svg(inside: str) -> bytes:
    """Return a drawing."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">{inside}</svg>'.encode()


def drawn(content: bytes) -> str:
    """Return the address of a picture that is shown as it is."""
    kind = {b"\x89": "png", b"\xff": "jpeg", b"<": "svg+xml"}.get(content[:1], "")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


DOT = png(3, 2)
FILES = {
    "shot.png": DOT,
    "my shot.png": DOT,
    "img/shot 2.png": DOT,
    "skärm.png": DOT,
    "drawing.svg": svg("<circle r='3'/>"),
    "photo.JPG": jpeg(4, 4),
    "notes.txt": b"no picture",
}
"""Handed in beside a notebook."""

ATTACHED = {
    "as JupyterLab pastes": ("![image.png](attachment:3f0c-a1.png)", "3f0c-a1.png"),
    "%20 for a space": ("![shot](attachment:Bildschirmfoto%202026.png)", "Bildschirmfoto 2026.png"),
    "%20 in both": ("![shot](attachment:Bildschirmfoto%202026.png)", "Bildschirmfoto%202026.png"),
    "a plain space": ("![shot](attachment:Bildschirmfoto 2026.png)", "Bildschirmfoto 2026.png"),
    "umlaut": ("![shot](attachment:skärm.png)", "skärm.png"),
    "umlaut in the other normal form": ("![shot](attachment:ska\u0308rm.png)", "skärm.png"),
    "umlaut as percents": ("![shot](attachment:sk%C3%A4rm.png)", "skärm.png"),
    "angle brackets": ("![shot](<attachment:My plot.png>)", "My plot.png"),
    "title": ('![x](attachment:image.png "my plot")', "image.png"),
    "title in single quotes on the next line": ("![x](attachment:image.png\n'my plot')", "image.png"),
    "brackets in the words": ("![plot [a]](attachment:image.png)", "image.png"),
    "formula in the words": ("![plot $f(x)$ of *all*](attachment:image.png)", "image.png"),
    "parentheses in the name": ("![x](attachment:image%20(1).png)", "image (1).png"),
    "no words": ("![](attachment:image.png)", "image.png"),
    "space before the address": ("![x]( attachment:image.png )", "image.png"),
    "definition": ("![x][shot]\n\n[shot]: attachment:image.png", "image.png"),
    "definition with a title": ('![x][shot]\n\n[shot]: attachment:image.png "t"', "image.png"),
    "definition in angle brackets": ("![x][Shot]\n\n[shot]: <attachment:my image.png>", "my image.png"),
    "collapsed definition": ("![shot][]\n\n[shot]: attachment:image.png", "image.png"),
    "shortcut": ("![shot]\n\n[shot]: attachment:image.png", "image.png"),
    "tag": ('<img src="attachment:image.png" width=400>', "image.png"),
    "tag without quotes": ("<img src=attachment:image.png>", "image.png"),
    "tag in capitals over two lines": ("<IMG alt='a > b'\n SRC='attachment:image.png' />", "image.png"),
    "tag with a space": ('<img width="50%" src="attachment:my%20image.png"/>', "my image.png"),
    "tag in a paragraph": ('<p align="center"><img src="attachment:a.png"></p>', "a.png"),
    "table": ("| a |\n|---|\n| ![x](attachment:a.png) |", "a.png"),
    "list": ("- one\n- ![x](attachment:a.png)", "a.png"),
    "quotation": ("> ![x](attachment:a.png)", "a.png"),
    "heading": ("# ![x](attachment:a.png)", "a.png"),
    "link around it": ("[![x](attachment:a.png)](https://example.org)", "a.png"),
    "after an odd backtick": ("the ` key\n\n![x](attachment:a.png)\n\nand ` again", "a.png"),
    "capital scheme": ("![x](Attachment:a.png)", "a.png"),
}
"""How people show the picture that is attached to a cell, and its name there."""

BESIDE = [
    "![x](shot.png)",
    "![x](<my shot.png>)",
    "![x](my%20shot.png)",
    "![x](my shot.png)",
    "![x](./img/shot%202.png)",
    "![x](img\\shot 2.png)",
    "![x](sk%C3%A4rm.png)",
    "![x](C:\\Users\\ada\\Desktop\\shot.png)",
    "![x](file:///home/ada/hw/shot.png)",
    "![x](../hw1/shot.png?raw=true)",
    '<img src="img/shot 2.png" alt="mine">',
    "![x][y]\n\n[y]: shot.png",
]
"""How people show a picture that they hand in beside a notebook."""

"""Makes what a student displays harmless in other people's browsers: text and images only.

`autograded/` and `feedback/` are opened with the rights of the instructor or of the student who reads the
feedback, so nothing in them may run.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
from collections.abc import Iterable

import nbformat
import nh3
from nbformat import NotebookNode
from PIL import Image

from autograder.notebook_parts import new_display, new_error, new_result, new_stream

IMAGE_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG"}
MAX_IMAGE_BYTES = 2 * 1024**2
MAX_IMAGE_PIXELS = 4096 * 4096

MAX_MARKDOWN_CHARACTERS = 20_000
"""Text kept of one cell: several pages. Renderers take quadratic time for some texts."""
MAX_FORMULA_MARKS = 400
"""Beginnings of formulas in one cell; nbconvert looks for the end of each through the whole text."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_SAFE_TARGET = r"https?://[^\s<>\\]{1,2000}|mailto:[\w.+@-]+|\#[\w.~%-]*|[\w./~%+?=-][\w./~%+?=#-]*"
_NAME = re.compile(r"[\w.-]+", re.ASCII)
_IMAGE = re.compile(r"!(?=\[(?:[^\[\]\n]*\]\((?P<target>[\w./:-]*)\))?)", re.ASCII)
_IMAGE_FILE = re.compile(r"(?:[\w-]+/)*[\w-]+\.(?:png|jpg|jpeg|gif)", re.ASCII | re.IGNORECASE)
_FORMULA_MARK = re.compile(r"\\\\(?=[\[(])|\\(?=begin\{)")


def sanitise_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs of a cell as streams, errors, plain text and images of sane size."""
    return [clean for output in outputs for clean in [_sanitise_output(output)] if clean is not None]


def _sanitise_output(output: NotebookNode) -> NotebookNode | None:
    if output.output_type == "stream":
        return new_stream("stderr" if output.name == "stderr" else "stdout", str(output.text))
    if output.output_type == "error":
        return new_error(str(output.ename), str(output.evalue), [str(line) for line in output.traceback])
    data = _sanitise_data(dict(output.data))
    if not data:
        return None
    return new_result(data) if output.output_type == "execute_result" else new_display(data)


def _sanitise_data(data: dict[str, object]) -> dict[str, str]:
    clean: dict[str, str] = {}
    for mime, kind in IMAGE_TYPES.items():
        if mime in data:
            problem = _image_problem(data[mime], kind)
            if problem:
                clean.setdefault("text/plain", f"[image left out: {problem}]")
            else:
                # Encoded anew: a decoder skips what is not base64, a page might not.
                clean[mime] = base64.b64encode(base64.b64decode(str(data[mime]))).decode()
    if isinstance(data.get("text/plain"), str):
        clean["text/plain"] = str(data["text/plain"])
    elif "text/html" in data and not clean:
        clean["text/plain"] = html.unescape(nh3.clean(str(data["text/html"]), tags=set()))
    return clean


def _image_problem(encoded: object, kind: str) -> str:
    """Return why an image is not shown, or nothing; looks at its header only, so a bomb stays packed."""
    if not isinstance(encoded, str) or len(encoded) > MAX_IMAGE_BYTES * 4 // 3 + 4:
        return f"larger than {MAX_IMAGE_BYTES // 1024**2} MiB"
    try:
        raw = base64.b64decode(encoded, validate=False)
        with Image.open(io.BytesIO(raw), formats=[kind]) as image:
            width, height = image.size
    except (binascii.Error, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return f"not a {kind} image"
    if width * height > MAX_IMAGE_PIXELS:
        return f"{width} x {height} pixels"
    return ""


def sanitise_cell(cell: NotebookNode) -> None:
    """Make a cell of the student's harmless in place: its Markdown, its raw text, its attachments, its outputs."""
    if cell.cell_type == "raw":
        # nbconvert copies raw cells into the page as they are.
        cell.cell_type = "markdown"
    if cell.cell_type == "markdown":
        attachments = {
            name: clean for name, data in cell.pop("attachments", {}).items() if (clean := _sanitise_data(dict(data)))
        }
        if attachments:
            cell.attachments = nbformat.from_dict(attachments)
        cell.source = sanitise_markdown(cell.source, attachments)
    elif cell.cell_type == "code":
        cell.outputs = sanitise_outputs(cell.outputs)


def sanitise_markdown(text: str, attachments: Iterable[str] = ()) -> str:
    """Return Markdown without raw HTML, without links that could run something, and without remote images.

    What is not known to be harmless is taken apart by a space, at the two places that every renderer needs
    in one piece: the `<` of a tag and the `](` or `]:` before a link's target. Filtering instead would
    have to agree with every renderer on where code, formulas, quotations and entities begin; a space more
    changes no formula. Only spaces are put in and nothing is taken out, so nothing new can close up.

    Parameters
    ----------
    text : str
        Markdown as a student wrote it.
    attachments : Iterable[str], optional
        Names of the images that belong to the cell; nbconvert refuses a notebook that names another.
    """
    text = _CONTROL.sub("", text)
    if len(text) > MAX_MARKDOWN_CHARACTERS:
        text = f"{text[:MAX_MARKDOWN_CHARACTERS]}\n\n[text cut: a cell keeps {MAX_MARKDOWN_CHARACTERS} characters]\n"
    if len(_FORMULA_MARK.findall(text)) > MAX_FORMULA_MARKS:
        text = _FORMULA_MARK.sub(r"\g<0> ", text)

    names = [f"attachment:{name}" for name in attachments if _NAME.fullmatch(name)]

    def image(match: re.Match[str]) -> str:
        target = match["target"] or ""
        return "!" if target in names or _IMAGE_FILE.fullmatch(target) else "! "

    # What is no longer an image is a link, and is judged as one.
    text = _TAG.sub("< ", _IMAGE.sub(image, text))
    safe = "|".join([_SAFE_TARGET, *map(re.escape, names)])
    return re.sub(rf"\](?=[(:])(?!\([ \t]*(?:{safe})(?:[ \t)]|$)|:[ \t]*(?:{safe})(?:[ \t]|$))", "] ", text, flags=re.M)

"""Makes what a student displays harmless for the browsers of others: text and images only.

`autograded/` and `feedback/` are opened with the rights of the instructor or of the student who reads the
feedback, so nothing in them may run.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import re

import nbformat
import nh3
from nbformat import NotebookNode
from PIL import Image

IMAGE_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG"}
MAX_IMAGE_BYTES = 2 * 1024**2
MAX_IMAGE_PIXELS = 4096 * 4096

_SAFE_SCHEMES = {"http", "https", "mailto"}
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK_TARGET = re.compile(r"(\]\(\s*|\]:\s*)([^\s)]+)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")


def sanitise_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs of a cell as streams, errors, plain text and images of sane size."""
    return [clean for output in outputs for clean in [_sanitise_output(output)] if clean is not None]


def _sanitise_output(output: NotebookNode) -> NotebookNode | None:
    if output.output_type == "stream":
        name = "stderr" if output.name == "stderr" else "stdout"
        return nbformat.v4.new_output("stream", name=name, text=str(output.text))
    if output.output_type == "error":
        return nbformat.v4.new_output(
            "error",
            ename=str(output.ename),
            evalue=str(output.evalue),
            traceback=[str(line) for line in output.traceback],
        )
    data = _sanitise_data(dict(output.data))
    if not data:
        return None
    if output.output_type == "execute_result":
        return nbformat.v4.new_output("execute_result", data=data, execution_count=output.get("execution_count"))
    return nbformat.v4.new_output("display_data", data=data)


def _sanitise_data(data: dict[str, object]) -> dict[str, str]:
    clean: dict[str, str] = {}
    for mime, kind in IMAGE_TYPES.items():
        if mime in data:
            problem = _image_problem(data[mime], kind)
            if problem:
                clean.setdefault("text/plain", f"[image left out: {problem}]")
            else:
                clean[mime] = str(data[mime])
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
        cell.source = sanitise_markdown(cell.source)
        attachments = {
            name: clean for name, data in cell.pop("attachments", {}).items() if (clean := _sanitise_data(dict(data)))
        }
        if attachments:
            cell.attachments = nbformat.from_dict(attachments)
    elif cell.cell_type == "code":
        cell.outputs = sanitise_outputs(cell.outputs)


def sanitise_markdown(text: str) -> str:
    """Return Markdown without raw HTML and without links that could run something.

    Tags are shown as text rather than filtered: a filter would have to agree with every renderer on where
    code and formulas begin, and a ``<`` in a formula would not survive it.
    """
    return _LINK_TARGET.sub(_safe_target, _TAG.sub("&lt;", text))


def _safe_target(match: re.Match[str]) -> str:
    target = re.sub(r"[\x00-\x20\\<>]", "", html.unescape(html.unescape(match[2])))
    scheme = _SCHEME.match(target)
    if scheme is None and ":" not in re.split(r"[/?#]", target, maxsplit=1)[0]:
        return match[0]
    if scheme is not None and (scheme[1].lower() in _SAFE_SCHEMES or target.lower().startswith("attachment:")):
        return match[0]
    return f"{match[1]}#removed"

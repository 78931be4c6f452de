"""Makes what a student displays harmless in other people's browsers: text and images only.

`autograded/` and `feedback/` are opened with the rights of the instructor or of the student who reads the
feedback, so nothing in them may run.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable
from typing import Any

import nbformat
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from autograder.examiner.markdown import MarkdownPictures, with_addresses, without_addresses
from autograder.examiner.pictures import MAX_TEXT_TOGETHER, MIB, NoPicture, Picture, Pictures
from autograder.examiner.rich import clean_html, html_of_markdown
from course.handing_in.notebook_parts import new_display, new_error, new_result, new_stream

MAX_MARKDOWN_CHARACTERS = 20_000
"""Text kept of one cell: several pages. Renderers take quadratic time for some texts."""
MAX_SOURCE_CHARACTERS = 400_000
"""Text and code kept of one notebook; highlighted, a page has twenty times as much."""
MAX_FORMULA_MARKS = 400
"""Beginnings of formulas in one cell; nbconvert looks for the end of each through the whole text."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_SAFE_TARGET = r"https?://[^\s<>\\]{1,2000}|mailto:[\w.+@-]+|\#[\w.~%-]*|[\w./~%+?=-][\w./~%+?=#-]*"
_NAME = re.compile(r"[\w.-]+", re.ASCII)
_IMAGE = re.compile(r"!(?=\[(?:[^\[\]\n]*\]\((?P<target>[\w./:-]*)\))?)", re.ASCII)
_FORMULA_MARK = re.compile(r"\\\\(?=[\[(])|\\(?=begin\{)")

_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp")
"""In the order in which one of them is chosen."""
_SHOWN_AS_THEY_ARE = ("image/svg+xml", "image/png", "image/jpeg")
"""The pictures of an output that nbconvert's pages have a place for; others are shown as HTML."""
_OBJECT = re.compile(r"<[\w.]+(?: object)?(?: at 0x[0-9a-f]+)?>", re.ASCII)
"""What `display` says of an object whose own form follows."""
_SHOWN_OF_ADDRESS = 20
_SIDE = range(1, 10_000)
_WIDGET = "application/vnd.jupyter.widget-view+json"
_NAMES = {
    _WIDGET: "an interactive widget",
    "application/javascript": "JavaScript",
    "application/pdf": "a PDF document",
    "text/html": "HTML without text or pictures",
}


def sanitise_outputs(outputs: list[NotebookNode], pictures: Pictures) -> list[NotebookNode]:
    """Return the outputs of a cell as streams, errors, text, pictures and harmless HTML.

    Parameters
    ----------
    outputs : list[NotebookNode]
        As the room gave them.
    pictures : Pictures
        The submission's, by which all pictures together keep within a limit.
    """
    return [clean for output in outputs for clean in [_sanitise_output(output, pictures)] if clean is not None]


def _sanitise_output(output: NotebookNode, pictures: Pictures) -> NotebookNode | None:
    if output.output_type == "stream":
        return new_stream("stderr" if output.name == "stderr" else "stdout", _kept(str(output.text), pictures))
    if output.output_type == "error":
        return new_error(
            str(output.ename), str(output.evalue), [_kept(str(line), pictures) for line in output.traceback]
        )
    data, metadata = _sanitise_data(dict(output.data), output.get("metadata", {}), pictures)
    if not data:
        return None
    new = new_result if output.output_type == "execute_result" else new_display
    return new(data, metadata)


def _sanitise_data(
    data: dict[str, Any], metadata: dict[str, Any], pictures: Pictures
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what is shown of an output: its richest form that is harmless, and its plain text."""
    plain = data.get("text/plain")
    plain = plain if isinstance(plain, str) else ""
    clean, size, problems = _picture(data, metadata, pictures)
    if not clean:
        clean = _rich_text(data, pictures)
    said: list[str] = []
    if not clean and "application/json" in data:
        plain = _cut(json.dumps(data["application/json"], indent=2, ensure_ascii=False))
    elif not clean:
        said = [f"[{problem}]" for problem in problems or _left_out(data)]
    if (clean or said) and _OBJECT.fullmatch(plain):
        plain = ""
    plain = "\n".join([*said, *([_kept(plain, pictures)] if plain else [])])
    return {**clean, **({"text/plain": plain} if plain else {})}, size if clean else {}


def _left_out(data: dict[str, Any]) -> list[str]:
    """Return a sentence that names what an output has beside its plain text, if it has anything."""
    names = [name for mime, name in _NAMES.items() if mime in data]
    names += [mime[:80] for mime in data if mime != "text/plain" and mime not in _NAMES]
    return [f"{name} left out: it cannot be shown here" for name in names[:1]]


def _picture(
    data: dict[str, Any], metadata: dict[str, Any], pictures: Pictures
) -> tuple[dict[str, str], dict[str, Any], list[str]]:
    """Return the picture of an output with its metadata, or why there is none to be seen."""
    problems = []
    for mime in _PICTURES:
        if mime not in data or ("text/html" in data and _WIDGET not in data):
            continue
        try:
            picture = _read_picture(data[mime], mime, pictures)
        except NoPicture as problem:
            problems.append(f"picture left out: {problem}")
        else:
            return *_as_output(picture, metadata.get(mime, metadata)), []
    return {}, {}, problems


def _read_picture(content: Any, mime: str, pictures: Pictures) -> Picture:
    if content == "":
        raise NoPicture("the cell's pictures are too large")
    if mime == "image/svg+xml" and isinstance(content, str):
        return pictures.from_bytes(content.encode("utf-8", "replace"))
    return pictures.from_text(content)


def _as_output(picture: Picture, metadata: Any) -> tuple[dict[str, str], dict[str, Any]]:
    if picture.mime not in _SHOWN_AS_THEY_ARE or picture.still:
        said = "<p><em>[an animation: this is its first frame]</em></p>" if picture.still else ""
        return {"text/html": f'<img alt="" src="{picture.address}">{said}'}, {}
    content = picture.content.decode() if picture.mime == "image/svg+xml" else picture.text
    told = metadata if isinstance(metadata, dict) else {}
    size = {key: told[key] for key in ("width", "height") if type(told.get(key)) is int and told[key] in _SIDE}
    return {picture.mime: content}, ({picture.mime: size} if size else {})


def _rich_text(data: dict[str, Any], pictures: Pictures) -> dict[str, str]:
    """Return what there is of HTML, Markdown or a formula."""
    if isinstance(text := data.get("text/html"), str) and (clean := clean_html(text, pictures)):
        return {"text/html": clean}
    if isinstance(text := data.get("text/markdown"), str):
        text, addresses = without_addresses(text)
        if clean := html_of_markdown(_kept(_bounded(text), pictures), addresses, pictures):
            return {"text/html": clean}
    if isinstance(text := data.get("text/latex"), str):
        return {"text/latex": _kept(_bounded(text), pictures)}
    return {}


def sanitise_cell(cell: NotebookNode, pictures: Pictures) -> None:
    """Make a cell of the student's harmless in place: its Markdown, its raw text, its attachments, its outputs."""
    if cell.cell_type == "raw":
        # nbconvert copies raw cells into the page as they are.
        cell.cell_type = "markdown"
    if cell.cell_type == "markdown":
        shown = MarkdownPictures(cell.pop("attachments", {}), pictures)
        text, addresses = without_addresses(cell.source)
        text = with_addresses(shown.shown(_bounded(text), addresses), addresses, _SHOWN_OF_ADDRESS)
        cell.source = _harmless(text, shown.attachments)
        if shown.attachments:
            cell.attachments = nbformat.from_dict(shown.attachments)
    elif cell.cell_type == "code":
        cell.outputs = sanitise_outputs(cell.outputs, pictures)


def keep_given_text(cell: NotebookNode, pictures: Pictures) -> None:
    """Leave the text of an untouched answer as it is, and check the pictures that belong to it.

    nbgrader knows by the text that nobody has written anything. Where a picture is not there, it is made harmless like
    any other, for nbconvert would refuse the notebook.
    """
    attachments = {}
    for name, bundle in cell.get("attachments", {}).items():
        for content in bundle.values():
            with contextlib.suppress(NoPicture):
                picture = pictures.from_text(content)
                attachments[name] = {picture.mime: picture.text}
    try:
        MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=attachments)).render(cell.source)
    except InvalidNotebook:
        sanitise_cell(cell, pictures)
        return
    cell.pop("attachments", None)
    if attachments:
        cell.attachments = nbformat.from_dict(attachments)


def show_given_pictures(cell: NotebookNode, pictures: Pictures) -> None:
    """Put the pictures that a Markdown cell of the assignment shows into the cell; all else in it stays as it is.

    Feedback is one file, and nbconvert refuses a notebook with an attachment that is not there.
    """
    text, addresses = without_addresses(cell.source)
    shown = MarkdownPictures(cell.pop("attachments", {}), pictures, trusted=True)
    cell.source = with_addresses(shown.shown(text, addresses), addresses)
    if shown.attachments:
        cell.attachments = nbformat.from_dict(shown.attachments)


def _bounded(text: str) -> str:
    """Return Markdown of bounded length, in which a renderer finds few beginnings of formulas."""
    text = _CONTROL.sub("", text)
    if len(text) > MAX_MARKDOWN_CHARACTERS:
        text = f"{_cut(text)}\n"
    if len(_FORMULA_MARK.findall(text)) > MAX_FORMULA_MARKS:
        text = _FORMULA_MARK.sub(r"\g<0> ", text)
    return text


def _kept(text: str, pictures: Pictures) -> str:
    """Return so much of a text as the page has room for."""
    kept = pictures.text(text)
    return kept if len(kept) == len(text) else f"{kept}\n[text cut: a page keeps {MAX_TEXT_TOGETHER // MIB} MiB of it]"


def _cut(text: str) -> str:
    note = f"\n\n[text cut: a cell keeps {MAX_MARKDOWN_CHARACTERS} characters]"
    return text if len(text) <= MAX_MARKDOWN_CHARACTERS else text[:MAX_MARKDOWN_CHARACTERS] + note


def bound_sources(cells: Iterable[NotebookNode]) -> None:
    """Cut what a student wrote where it is too long for a page; code loses nothing that has not been run."""
    left = MAX_SOURCE_CHARACTERS
    for cell in cells:
        if len(cell.source) > left:
            note = f"[cut: a page keeps {MAX_SOURCE_CHARACTERS} characters of a notebook]"
            cell.source = f"{cell.source[:left]}\n{'# ' if cell.cell_type == 'code' else ''}{note}"
        left = max(0, left - len(cell.source))


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
        Names of the images that belong to the cell, the only ones that are shown; nbconvert refuses a notebook that
        names another.
    """
    return _harmless(_bounded(text), attachments)


def _harmless(text: str, attachments: Iterable[str]) -> str:
    names = [f"attachment:{name}" for name in attachments if _NAME.fullmatch(name)]

    def image(match: re.Match[str]) -> str:
        target = match["target"] or ""
        return "!" if target in names else "! "

    # What is no longer an image is a link, and is judged as one.
    text = _TAG.sub("< ", _IMAGE.sub(image, text))
    safe = "|".join([_SAFE_TARGET, *map(re.escape, names)])
    return re.sub(rf"\](?=[(:])(?!\([ \t]*(?:{safe})(?:[ \t)]|$)|:[ \t]*(?:{safe})(?:[ \t]|$))", "] ", text, flags=re.M)

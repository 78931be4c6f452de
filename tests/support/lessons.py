"""The lessons as data: text twins read into notebooks, and what the tests ask of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "course" / "lessons"
TWINS = sorted(LESSONS.glob("[0-9]*.py"))
NAMES = [twin.stem for twin in TWINS]

_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_FENCED = re.compile(r"```.*?```", re.DOTALL)


def read(name: str) -> nbformat.NotebookNode:
    return jupytext.read(LESSONS / f"{name}.py")


def number(name: str) -> str:
    """Number of a lesson as others refer to it: "05", "06a"."""
    return name.partition("_")[0]


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def taught(notebook: nbformat.NotebookNode) -> list[str]:
    """Section ids on the cells, in order."""
    return [tag.removeprefix("section:") for cell in notebook.cells for tag in tags(cell) if tag.startswith("section:")]


def sections() -> dict[str, list[tuple[str, str]]]:
    """Section ids to the cells that teach them: number of the lesson, and the last heading up to the cell's end."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in NAMES:
        heading = ""
        for cell in read(name).cells:
            _, heading = [(0, heading), *headings(nbformat.v4.new_notebook(cells=[cell]))][-1]
            for tag in tags(cell):
                if tag.startswith("section:"):
                    found.setdefault(tag.removeprefix("section:"), []).append((number(name), heading))
    return found


def headings(notebook: nbformat.NotebookNode) -> list[tuple[int, str]]:
    """Level and text of each Markdown heading."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for line in _FENCED.sub("", cell.source).splitlines():
                if match := re.match(r"(#{1,6})\s+(.*)", line):
                    found.append((len(match[1]), match[2]))
    return found


def images(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Alt text and target of each Markdown image."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [(" ".join(match["alt"].split()), match["target"]) for match in _IMAGE.finditer(text)]


def prose_words(source: str) -> int:
    """Words of running text in a Markdown cell: no headings, tables, images, formulas or lists of links."""
    text = _IMAGE.sub("", source)
    text = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("#", "|"))]
    return len(" ".join(lines).split())


def shows_something(cell: nbformat.NotebookNode) -> bool:
    """Whether a code cell leaves something to see: it prints, shows a table, or its last line is an expression."""
    if cell.cell_type != "code" or not cell.source.strip():
        return False
    last = cell.source.rstrip().splitlines()[-1]
    return (
        "print(" in cell.source
        or ".show()" in cell.source
        or not re.match(r"\s|import |from |def |class |\w+ *=[^=]", last)
    )


_WIDTH = re.compile(r"(.?[<>^=])|[+\- ]?z?#?\d")  # of a format's beginning: aligned, or as wide as a number says
_WIDE_PERCENT = re.compile(r"%[-+ 0#]*[1-9]\d*(\.\d+)?[a-z]")
_PADDING = {"ljust", "rjust", "center", "zfill", "expandtabs"}


def layout(source: str) -> Iterator[str]:
    """What in a code cell lays a table out as text: padding, runs of spaces, a line of numbers for each turn."""
    for node in ast.walk(ast.parse(source)):
        percent = (
            isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _WIDE_PERCENT.search(ast.unparse(node))
        )
        if percent or (isinstance(node, ast.FormattedValue) and _WIDTH.match(_form(node))):
            yield f"a width: {ast.unparse(node)}"
        elif isinstance(node, ast.Attribute) and node.attr in _PADDING:
            yield f"padding: {ast.unparse(node)}"
        elif isinstance(node, ast.For | ast.While):
            for call in _prints(node):
                numbers = [part for part in ast.walk(call) if isinstance(part, ast.FormattedValue) and _form(part)]
                yield from (f"printed in a loop: {ast.unparse(part)}" for part in numbers)
        elif isinstance(node, ast.Call):
            texts = [part.value for call in _prints(node, itself=True) for part in ast.walk(call)
                     if isinstance(part, ast.Constant) and isinstance(part.value, str)]  # fmt: skip
            yield from (f"spaces: {text!r}" for text in texts if re.search(r"  |\t", text))


def _form(part: ast.FormattedValue) -> str:
    """Return the format of a part of an f-string; a width that is computed counts as a digit."""
    form = part.format_spec.values if isinstance(part.format_spec, ast.JoinedStr) else []
    return "".join(str(piece.value) if isinstance(piece, ast.Constant) else "0" for piece in form)


def _prints(within: ast.AST, *, itself: bool = False) -> Iterator[ast.Call]:
    for node in [within] if itself else ast.walk(within):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node

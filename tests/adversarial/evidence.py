"""What shows that an attack has succeeded, the same for every grader."""

from __future__ import annotations

import base64
import html.parser
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbconvert import HTMLExporter
from nbformat import NotebookNode

from tests.adversarial.world import PLANTED, SECRETS

MAX_PIXELS = 10**8
"""A picture of more, unpacked, fills a browser's memory."""


@dataclass(frozen=True)
class Outcome:
    """What a grader made of a submission, and of the honest one after it."""

    points: float
    notebook: NotebookNode | None
    """As the instructor sees it; None if there is none."""
    honest_unchanged: bool
    effects: list[str] = field(default_factory=list)
    """`World.effects`, and what else happened to the grader."""


def evidence(outcome: Outcome, deserved: float) -> list[str]:
    """Return in what ways an attack has succeeded; empty if it has not.

    Parameters
    ----------
    deserved : float
        Points that the submission would get without the attack.
    """
    found = list(outcome.effects)
    if outcome.points > deserved + 1e-6:
        found.insert(0, f"{outcome.points:g} points where {deserved:g} are deserved")
    if not outcome.honest_unchanged:
        found.append("changed the grade of the next student")
    if outcome.notebook is not None:
        shown = "\n".join(_shown(outcome.notebook))
        found += said(shown)
        found += _dangers(outcome.notebook)
    return found


def said(shown: str) -> list[str]:
    """Return what an attack has read, or says that it could do where nothing outside would show it."""
    found = [f"read {name}" for secret, name in SECRETS.items() if secret in shown]
    return found + list(dict.fromkeys(re.findall(r"^.+ has worked$", shown, re.MULTILINE)))


def _shown(notebook: NotebookNode) -> Iterator[str]:
    """Yield the text of all outputs."""
    for output in _outputs(notebook):
        yield str(output.get("text", ""))
        yield str(output.get("evalue", ""))
        yield "\n".join(output.get("traceback", []))
        yield from map(str, output.get("data", {}).values())


def _outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def _dangers(notebook: NotebookNode) -> list[str]:
    """Return what would run in the browser of whoever opens the notebook, or fill its memory."""
    found = []
    sources = [cell.source for cell in notebook.cells if cell.cell_type != "code"]
    if PLANTED in "".join([*_shown(notebook), *sources, str(notebook.metadata.get("widgets", ""))]):
        page = _Page()
        page.feed(HTMLExporter(template_name="classic").from_notebook_node(notebook)[0])
        if page.runs:
            found.append("ran a script in the reader's browser")
    pictures = [output.get("data", {}).get("image/png") for output in _outputs(notebook)]
    if any(picture and _pixels(picture) > MAX_PIXELS for picture in pictures):
        found.append("showed a picture that fills the reader's memory")
    return found


def _pixels(picture: str) -> int:
    """Return how large a PNG says it is; what is no PNG fills nobody's memory."""
    if not picture.startswith("iVBORw0KGgo"):
        return 0
    width, height = struct.unpack(">II", base64.b64decode(picture[:64])[16:24])
    return int(width * height)


_FETCHED = frozenset("src srcset srcdoc data style action formaction content poster background".split())
_DRAWING = "data:image/svg+xml;base64,"


def _drawing(address: str) -> str:
    """Return the text of a drawing that an address holds."""
    if not address.startswith(_DRAWING):
        return ""
    return base64.b64decode(address[len(_DRAWING) :], validate=False).decode(errors="replace")


class _Page(html.parser.HTMLParser):
    """Looks for what a browser would run, or fetch from the attacker."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = False
        self._in_script = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_script = tag in ("script", "style")
        for name, value in attributes:
            value = (value or "").strip()
            value = value if value.startswith(_DRAWING) else value.lower()
            runs = name.startswith("on") or name in _FETCHED or value.startswith("javascript:")
            self.runs |= runs and (PLANTED in value or PLANTED in _drawing(value))

    def handle_data(self, data: str) -> None:
        self.runs |= self._in_script and PLANTED in data

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

"""The page about bare machines: one section for each, written anew by each run and kept by the others'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.pages import mark

MARK = mark("bare_machine")
HEAD = f"""{MARK}
# Bare machines

A minimal Debian from debootstrap, in which the steps of the container image run, and then, as an ordinary user,
`git clone`, `make demo` and `make test`. "As a container" gives it a container's rights and a `/proc` like a
container's, in which no sandbox of namespaces can be made; "as a machine" does not.
"""
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|.)")
_LINE_LENGTH = 110


@dataclass(frozen=True)
class Outcome:
    """How one step went.

    Attributes
    ----------
    name : str
        What it does.
    seconds : float | None
        How long it took; None if it was not run.
    status : int | None
        Its exit status; None if it was not run.
    said : str
        The last line it printed, or why it was not run.
    """

    name: str
    seconds: float | None
    status: int | None
    said: str


def last_line(output: str) -> str:
    """Return the last line that says something: no colours, what a bar overwrote left out, not too long."""
    clean = _ESCAPES.sub("", output)
    lines = [line.rsplit("\r", 1)[-1].strip() for line in clean.replace("\r\n", "\n").splitlines(keepends=False)]
    line = next((line for line in reversed(lines) if line), "")
    return line if len(line) <= _LINE_LENGTH else line[: _LINE_LENGTH - 1] + "…"


def section(title: str, facts: str, outcomes: Sequence[Outcome]) -> str:
    """Return the section of one machine.

    Parameters
    ----------
    title : str
        Which machine, as a heading.
    facts : str
        One line about it.
    outcomes : Sequence[Outcome]
        Its steps in order.
    """
    rows = ["| step | seconds | exit status | last line |", "|---|---:|---:|---|"]
    for each in outcomes:
        seconds = "" if each.seconds is None else f"{each.seconds:.0f}"
        status = "not run" if each.status is None else str(each.status)
        rows.append(f"| {_cell(each.name)} | {seconds} | {status} | {_cell(each.said)} |")
    return "\n".join([f"## {title}", "", facts, "", *rows, ""])


def merge(page: str, new: str) -> str:
    """Put a section into the page: in the place of the one with its heading, else at the end."""
    title = new.partition("\n")[0]
    parts = re.split(r"(?m)^(?=## )", page)[1:] if page else []
    sections = {part.partition("\n")[0]: part.strip() + "\n" for part in parts}
    sections[title] = new.strip() + "\n"
    return "\n".join([HEAD, *sections.values()])


def _cell(text: str) -> str:
    """Make text harmless in a table of Markdown."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")

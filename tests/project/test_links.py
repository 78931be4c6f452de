"""Links within the repository lead somewhere: those of all pages and lessons, as GitHub shows them."""

from __future__ import annotations

import functools
import itertools
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
PAGES = [name for name in TRACKED if name.endswith((".md", ".ipynb")) and not name.startswith(("tests/", "source/"))]
PARSER = MarkdownIt("commonmark").enable("table")


def markdown(path: Path) -> str:
    """Return the Markdown of a page or of a notebook."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@functools.cache
def tokens(path: Path) -> list[Token]:
    return PARSER.parse(markdown(path))


def links(path: Path) -> Iterator[str]:
    """Yield where the links and pictures of a page lead."""
    for token in tokens(path):
        for part in token.children or []:
            target = part.attrGet("href") or part.attrGet("src")
            if target:
                yield unquote(str(target))


@functools.cache
def headings(path: Path) -> set[str]:
    """Return the names by which GitHub knows the headings of a page."""
    parsed, seen, found = tokens(path), Counter[str](), set()
    for before, token in itertools.pairwise(parsed):
        if before.type == "heading_open":
            words = "".join(part.content for part in token.children or [] if part.type in ("text", "code_inline"))
            name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return found


def broken(path: Path) -> list[str]:
    """Return the links of a page that lead nowhere."""
    found = []
    for link in links(path):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, heading = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (heading and heading not in headings(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    assert broken(ROOT / name) == []


def test_pages_and_lessons_are_looked_at() -> None:
    assert {"README.md", "docs/messages.md", "course/lessons/00_start_here.ipynb"} <= set(PAGES)
    assert sum(len([*links(ROOT / name)]) for name in PAGES) > 150


def test_what_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`, three!\n\n## Twice\n\n## Twice\n\n[a](#one-two-three) [b](#twice-1) [c](page.md#twice)\n\n"
        "| [d](gone.md) | ![e](no.png) |\n|---|---|\n| [f](#twice-2) | [g](https://example.org/x) `[h](no.md)` |\n"
    )
    assert broken(page) == ["gone.md", "no.png", "#twice-2"]

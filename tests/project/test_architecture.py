"""docs/architecture.md names what is there: every path, every name to look for, every folder."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
FOLDERS, ROWS, GLOSSARY = (
    PROSE.split(f"## {title}\n")[1].split("\n## ")[0] for title in ("Folders", "To change X, look in Y", "Glossary")
)

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
MADE_LATER = {"submitted/", "autograded/"}
"""nbgrader's folders, which appear with the first submission."""

PLACES = re.findall(r"\[`([^`]+)`\]\(([^)]+)\)(?:: `([^`]+)`)?", ROWS)
"""Path, where the link leads, and what to look for there."""


def test_every_path_exists() -> None:
    named = {word for word in re.findall(r"`([^`\s]+)`", PROSE) if "/" in word or re.search(r"\.(py|md|json)$", word)}
    assert len(named) > 60
    known = {path.name for path in map(Path, TRACKED)}
    assert [name for name in named - MADE_LATER if not (ROOT / name).exists() and name not in known] == []


def test_the_picture_names_modules_that_are_there() -> None:
    (picture,) = re.findall(r"```mermaid\n(.*?)```", TEXT, flags=re.DOTALL)
    modules = re.findall(r"\b(?:batch|examiner|room|reports)/[\w/]+(?:\.py)?", picture)
    assert len(modules) > 10
    assert [name for name in modules if not (ROOT / "autograder" / name).exists()] == ["reports/ASSIGNMENT"]


@pytest.mark.parametrize(("path", "link", "sought"), PLACES, ids=lambda value: value[-30:])
def test_what_is_to_be_changed_is_where_the_page_says(path: str, link: str, sought: str) -> None:
    assert link == f"../{path}"
    place = ROOT / path
    assert place.is_dir() or (sought and sought in place.read_text(encoding="utf-8"))


def test_ten_things_to_change_and_ten_words() -> None:
    assert len(re.findall(r"^\| \*\*", ROWS, flags=re.MULTILINE)) == 10
    words = re.findall(r"^\| (?!word|---)([^|]+) \|", GLOSSARY, flags=re.MULTILINE)
    assert len(words) == 10
    code = "".join((ROOT / name).read_text(encoding="utf-8") for name in TRACKED if name.endswith(".py"))
    classes = re.findall(r"\(`(\w+)`\)", GLOSSARY)
    assert [name for name in classes if f"class {name}" not in code] == []


def test_every_folder_has_its_line() -> None:
    """Folders of code two deep, and packages deeper: a new one is described where readers look for it."""
    lines = {name.rstrip("/") for row in re.findall(r"^\| (`.*?) \|", FOLDERS, flags=re.MULTILINE)
             for name in re.findall(r"`([^`]+)`", row)}  # fmt: skip
    wanted = set()
    for name in TRACKED:
        parts = PurePosixPath(name).parts[:-1]
        wanted.add(parts[:1])
        if parts[:1] in (("autograder",), ("course",)):
            wanted |= {parts[:2]} | ({parts} if name.endswith("__init__.py") else set())
        elif parts[:1] in (("docs",), ("tests",)):
            wanted.add(parts[:2])
    missing = {"/".join(parts) for parts in wanted if parts} - lines
    assert missing == {"tests"}
